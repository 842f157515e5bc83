"""Answering queries about libraries, documents, drafts and what belongs to tasks."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Text, bindparam, case, func, literal, select

from core.engine.libraries import split_path
from core.people.answers import _users
from core.people.queries import (
    Members,
)
from core.queries.library import (
    Coworkers,
    DetailTasks,
    DocumentAt,
    Documents,
    DocumentView,
    Drafted,
    DraftedByNumber,
    FolderAt,
    FoldersByKey,
    InstancesOfDocument,
    Libraries,
    LibrariesOf,
    LibraryByName,
    LibraryDocuments,
    LibraryMembers,
    ProcessStatistics,
    ProcessView,
    Statistics,
    TaskDetail,
    TaskDetails,
    Workload,
    Workloads,
)
from core.rejections import NotFound
from core.search.reader import Reader, _by_name, _mine, answers
from core.storage.cache import cached
from core.storage.rows import load_any
from core.storage.statements import Statement, table_of
from core.tables.instance import Comment, Instance
from core.tables.library import Document, Folder, Library, LibraryMember
from core.tables.people import Group, Membership, User
from core.tables.process import Draft, Process
from core.tables.task import Attachment, Task
from core.types import ENDED_TASK_STATES, AssigneeKind, InstanceState, ProcessStatus, TaskState

tasks, instances = table_of(Task), table_of(Instance)


# Libraries and groups


@answers(Libraries)
def libraries(query: Libraries, r: Reader) -> tuple[Library, ...]:
    return _by_name(load_any(r.connection, Library, "tenant_key", [r.principal.tenant_key]))


def _library(r: Reader, name: str) -> Library:
    return r.one(Library, "name_folded", name.strip().casefold(), "library")


@answers(LibraryByName)
def library_by_name(query: LibraryByName, r: Reader) -> Library:
    return _library(r, query.name)


@answers(LibraryMembers)
def library_members(query: LibraryMembers, r: Reader) -> Members:
    rows = load_any(r.connection, LibraryMember, "library_key", [query.library_key])
    users = {u.key: u for u in load_any(r.connection, User, "key", [m.member_key for m in rows if m.kind == "user"])}
    groups = load_any(r.connection, Group, "key", [m.member_key for m in rows if m.kind == "group"])
    managers = {m.member_key for m in rows if m.manager}
    return Members(tuple(users.values()), _by_name(groups), tuple(users[key] for key in managers if key in users))


def _library_keys(r: Reader, user_key: int) -> set[int]:
    groups = [m.group_key for m in load_any(r.connection, Membership, "user_key", [user_key])]
    rows = load_any(r.connection, LibraryMember, "member_key", [user_key, *groups])
    return {row.library_key for row in rows}


@answers(LibrariesOf)
def libraries_of(query: LibrariesOf, r: Reader) -> tuple[Library, ...]:
    if query.managed:
        rows = load_any(r.connection, LibraryMember, "member_key", [query.user_key])
        keys = {row.library_key for row in rows if row.manager}
    else:
        keys = _library_keys(r, query.user_key)
    return _by_name(_mine(r, load_any(r.connection, Library, "key", keys)))


@answers(Coworkers)
def coworkers(query: Coworkers, r: Reader) -> tuple[User, ...]:
    rows = load_any(r.connection, LibraryMember, "library_key", _library_keys(r, query.user_key))
    keys = {row.member_key for row in rows if row.kind == AssigneeKind.USER}
    groups = [row.member_key for row in rows if row.kind == AssigneeKind.GROUP]
    keys |= {m.user_key for m in load_any(r.connection, Membership, "group_key", groups)}
    return tuple(load_any(r.connection, User, "key", keys))


# Users


# Folders and documents


@answers(FolderAt)
def folder_at(query: FolderAt, r: Reader) -> tuple[Folder, Library]:
    if query.number:
        folder = r.one(Folder, "number", query.number, "folder")
        return folder, r.one(Library, "key", folder.library_key, "library")
    library = _library(r, query.library)
    path = "/".join(split_path(query.path))
    for folder in load_any(r.connection, Folder, "library_key", [library.key]):
        if folder.path_folded == path.casefold():
            return folder, library
    raise NotFound("folder", f"{query.library}/{path}")


@answers(FoldersByKey)
def folders_by_key(query: FoldersByKey, r: Reader) -> Mapping[int, tuple[Folder, Library]]:
    rows = _mine(r, load_any(r.connection, Folder, "key", query.keys))
    owners = {x.key: x for x in load_any(r.connection, Library, "key", {f.library_key for f in rows})}
    return {f.key: (f, owners[f.library_key]) for f in rows}


def _views(r: Reader, rows: list[Document]) -> dict[int, DocumentView]:
    owners = {x.key: x for x in load_any(r.connection, Library, "key", {d.library_key for d in rows})}
    folders = {x.key: x for x in load_any(r.connection, Folder, "key", {d.folder_key for d in rows})}
    return {d.key: DocumentView(d, folders[d.folder_key], owners[d.library_key]) for d in rows}


@answers(DocumentAt)
def document_at(query: DocumentAt, r: Reader) -> DocumentView:
    if query.number:
        document = r.one(Document, "number", query.number, "document")
        return _views(r, [document])[document.key]
    folder, library = folder_at(FolderAt(query.library, query.path), r)
    for document in load_any(r.connection, Document, "name_folded", [query.name.strip().casefold()]):
        if document.folder_key == folder.key:
            return DocumentView(document, folder, library)
    raise NotFound("document", query.name)


@answers(Documents)
def documents(query: Documents, r: Reader) -> tuple[DocumentView, ...]:
    found = _views(r, _mine(r, load_any(r.connection, Document, "key", query.keys)))
    return tuple(found[key] for key in query.keys if key in found)


@answers(LibraryDocuments)
def library_documents(query: LibraryDocuments, r: Reader) -> tuple[DocumentView, ...]:
    rows = _mine(r, load_any(r.connection, Document, "library_key", [query.library_key]))
    return tuple(sorted(_views(r, rows).values(), key=lambda v: (v.folder.path_folded, v.document.name_folded)))


# Drafts


def _drafted(r: Reader, processes: list[Process]) -> tuple[ProcessView, ...]:
    alive = [p for p in _mine(r, processes) if p.status != ProcessStatus.DELETED]
    drafts = {d.process_key: d for d in load_any(r.connection, Draft, "process_key", [p.key for p in alive])}
    owners = {x.key: x for x in load_any(r.connection, Library, "key", {p.library_key for p in alive})}
    views = [ProcessView(p, drafts[p.key], owners.get(p.library_key)) for p in alive if p.key in drafts]
    return tuple(sorted(views, key=lambda v: (v.library.name_folded if v.library else "", v.process.name.casefold())))


@answers(Drafted)
def drafted(query: Drafted, r: Reader) -> tuple[ProcessView, ...]:
    if query.keys is not None:
        return _drafted(r, load_any(r.connection, Process, "key", query.keys))
    if query.library_key:
        return _drafted(r, load_any(r.connection, Process, "library_key", [query.library_key]))
    return _drafted(r, load_any(r.connection, Process, "tenant_key", [r.principal.tenant_key]))


@answers(DraftedByNumber)
def drafted_by_number(query: DraftedByNumber, r: Reader) -> ProcessView:
    views = _drafted(r, [r.one(Process, "number", query.number, "process")])
    if not views:
        raise NotFound("process", query.number)
    return views[0]


# Tasks


@answers(InstancesOfDocument)
def instances_of_document(query: InstancesOfDocument, r: Reader) -> tuple[Instance, ...]:
    rows = _mine(r, load_any(r.connection, Instance, "document_key", [query.document_key]))
    return tuple(sorted(rows, key=lambda i: i.key))


@answers(DetailTasks)
def detail_tasks(query: DetailTasks, r: Reader) -> TaskDetails:
    connection = r.connection
    owners = {i.key: i for i in load_any(connection, Instance, "key", {t.instance_key for t in query.tasks})}
    rows = [t for t in query.tasks if t.instance_key in owners]
    keys = [t.key for t in rows]
    processes = {p.key: p for p in load_any(connection, Process, "key", {t.process_key for t in rows})}
    comments = {c.task_key: c for c in load_any(connection, Comment, "task_key", keys)}
    attached: dict[int, list[Attachment]] = {}
    for attachment in load_any(connection, Attachment, "task_key", keys):
        attached.setdefault(attachment.task_key, []).append(attachment)
    document_keys = {i.document_key for i in owners.values() if i.document_key}
    document_keys |= {a.document_key for several in attached.values() for a in several}
    views = _views(r, load_any(connection, Document, "key", document_keys))
    details = tuple(
        TaskDetail(
            t,
            owners[t.instance_key],
            processes[t.process_key],
            views.get(owners[t.instance_key].document_key),
            comments.get(t.key),
            tuple(
                (a, views[a.document_key])
                for a in sorted(attached.get(t.key, ()), key=lambda a: a.key)
                if a.document_key in views
            ),
        )
        for t in rows
    )
    names = [n for t in rows for n in (t.assignee, t.assigned_by, t.supervisor, t.redirected_from)]
    names += [v.document.checked_out_by for v in views.values()]
    names += [a.username for several in attached.values() for a in several]
    return TaskDetails(details, _users(r, names))


@cached(maxsize=1)
def _workloads() -> Statement:
    at = bindparam("at", type_=BigInteger)
    overdue = func.sum(case((tasks.c.due_at < at, 1), else_=0))
    closed = [s.value for s in (*ENDED_TASK_STATES, TaskState.PLANNED)]
    return Statement(
        select(tasks.c.assignee, func.count(), overdue)
        .where(
            tasks.c.tenant_key == bindparam("tenant", type_=BigInteger),
            tasks.c.assignee.is_not(None),
            tasks.c.state.not_in([literal(s, Text) for s in closed]),
        )
        .group_by(tasks.c.assignee)
    )


@answers(Workloads)
def workloads(query: Workloads, r: Reader) -> tuple[Workload, ...]:
    rows = r.connection.fetch(_workloads(), {"tenant": r.principal.tenant_key, "at": query.at})
    return tuple(Workload(name, int(due), int(overdue)) for name, due, overdue in rows)


@cached(maxsize=1)
def _statistics() -> Statement:
    at, since, until = (bindparam(name, type_=BigInteger) for name in ("at", "since", "until"))
    active = instances.c.state == literal(InstanceState.ACTIVE.value, Text)
    completed = instances.c.state == literal(InstanceState.COMPLETED.value, Text)
    late = (
        select(literal(1))
        .where(
            tasks.c.instance_key == instances.c.key,
            tasks.c.state == literal(TaskState.CREATED.value, Text),
            tasks.c.due_at < at,
        )
        .exists()
    )
    submitted = instances.c.created_at.between(since, until)

    def count(*conditions: Any) -> Any:
        condition = conditions[0]
        for further in conditions[1:]:
            condition = condition & further
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    span = case((completed, instances.c.ended_at - instances.c.created_at), else_=None)
    return Statement(
        select(
            count(active),
            count(completed),
            count(active, late),
            func.coalesce(func.avg(span), 0),
            count(active, submitted),
            count(submitted),
            count(completed, instances.c.ended_at.between(since, until)),
        ).where(
            instances.c.tenant_key == bindparam("tenant", type_=BigInteger),
            instances.c.process_key == bindparam("process", type_=BigInteger),
        )
    )


@answers(Statistics)
def statistics(query: Statistics, r: Reader) -> ProcessStatistics:
    params = {
        "tenant": r.principal.tenant_key,
        "process": query.process_key,
        "at": query.at,
        "since": query.since if query.since is not None else 0,
        "until": query.until if query.until is not None else 2**62,
    }
    return ProcessStatistics(*(int(value) for value in r.connection.fetch(_statistics(), params)[0]))
