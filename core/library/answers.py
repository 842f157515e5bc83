"""Answering queries about libraries, documents, drafts and what belongs to tasks."""

from collections.abc import Mapping

from core.library.decisions import split_path
from core.library.queries import (
    Coworkers,
    DocumentAt,
    Documents,
    DocumentView,
    FolderAt,
    FoldersByKey,
    Libraries,
    LibrariesOf,
    LibraryByName,
    LibraryDocuments,
    LibraryMembers,
)
from core.people.queries import (
    Members,
)
from core.rejections import NotFound
from core.search.reader import Reader, answers, by_name, of_own_tenant
from core.storage.rows import load_any
from core.storage.statements import table_of
from core.tables.instance import Instance
from core.tables.library import Document, Folder, Library, LibraryMember
from core.tables.people import Group, Membership, User
from core.tables.task import Task
from core.types import AssigneeKind

tasks, instances = table_of(Task), table_of(Instance)


# Libraries and groups


@answers(Libraries)
def libraries(query: Libraries, r: Reader) -> tuple[Library, ...]:
    return by_name(load_any(r.connection, Library, "tenant_key", [r.principal.tenant_key]))


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
    return Members(tuple(users.values()), by_name(groups), tuple(users[key] for key in managers if key in users))


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
    return by_name(of_own_tenant(r, load_any(r.connection, Library, "key", keys)))


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
    rows = of_own_tenant(r, load_any(r.connection, Folder, "key", query.keys))
    owners = {x.key: x for x in load_any(r.connection, Library, "key", {f.library_key for f in rows})}
    return {f.key: (f, owners[f.library_key]) for f in rows}


def document_views(r: Reader, rows: list[Document]) -> dict[int, DocumentView]:
    owners = {x.key: x for x in load_any(r.connection, Library, "key", {d.library_key for d in rows})}
    folders = {x.key: x for x in load_any(r.connection, Folder, "key", {d.folder_key for d in rows})}
    return {d.key: DocumentView(d, folders[d.folder_key], owners[d.library_key]) for d in rows}


@answers(DocumentAt)
def document_at(query: DocumentAt, r: Reader) -> DocumentView:
    if query.number:
        document = r.one(Document, "number", query.number, "document")
        return document_views(r, [document])[document.key]
    folder, library = folder_at(FolderAt(query.library, query.path), r)
    for document in load_any(r.connection, Document, "name_folded", [query.name.strip().casefold()]):
        if document.folder_key == folder.key:
            return DocumentView(document, folder, library)
    raise NotFound("document", query.name)


@answers(Documents)
def documents(query: Documents, r: Reader) -> tuple[DocumentView, ...]:
    views = document_views(r, of_own_tenant(r, load_any(r.connection, Document, "key", query.keys)))
    return tuple(views[key] for key in query.keys if key in views)


@answers(LibraryDocuments)
def library_documents(query: LibraryDocuments, r: Reader) -> tuple[DocumentView, ...]:
    rows = of_own_tenant(r, load_any(r.connection, Document, "library_key", [query.library_key]))
    return tuple(sorted(document_views(r, rows).values(), key=lambda v: (v.folder.path_folded, v.document.name_folded)))


# Drafts


# Tasks
