"""TODO core.task.answers"""

from sqlalchemy import BigInteger, Text, bindparam, case, func, literal, select

from core.library.answers import _views, tasks
from core.people.answers import _users
from core.search.reader import Reader, answers
from core.storage.cache import cached
from core.storage.rows import load_any
from core.storage.statements import Statement
from core.tables.instance import Comment, Instance
from core.tables.library import Document
from core.tables.process import Process
from core.tables.task import Attachment
from core.task.queries import DetailTasks, TaskDetail, TaskDetails, Workload, Workloads
from core.types import ENDED_TASK_STATES, TaskState


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
