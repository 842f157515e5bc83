"""Reading user tasks."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import BigInteger, Text, and_, bindparam, case, func, literal, or_, select

from core.library.answers import document_views, tasks
from core.library.queries import DocumentView
from core.people.answers import named_users
from core.rejections import NotFound
from core.search.query import Page
from core.search.reader import Reader, answers
from core.search.search import search
from core.storage.cache import cached
from core.storage.record import load, load_all
from core.storage.rows import load_any
from core.storage.statements import Statement, table_of
from core.tables.event import Event
from core.tables.instance import Comment, Instance
from core.tables.library import Document
from core.tables.process import Process
from core.tables.task import Attachment, Task
from core.task.queries import (
    DetailsOf,
    History,
    SearchTasks,
    TaskByKey,
    TaskByNumber,
    TaskByUid,
    TaskDetail,
    TaskDetails,
    TasksOf,
    TaskView,
    Workload,
    Workloads,
)
from core.task.sources import PLANNED_TASK, TASK
from core.turn.known import load_definitions
from core.types import ENDED_TASK_STATES, TaskState


def _by_task(attachments: Iterable[Attachment]) -> dict[int, list[Attachment]]:
    """In the order in which they were put to the tasks."""
    of_tasks: dict[int, list[Attachment]] = {}
    for attachment in sorted(attachments, key=lambda row: row.key):
        of_tasks.setdefault(attachment.task_key, []).append(attachment)
    return of_tasks


def _people(
    rows: Iterable[Task], attachments: Iterable[Attachment], documents: Iterable[DocumentView]
) -> Iterator[str | None]:
    """Whoever has to do with a task, put something to it, or has a document of it."""
    for task in rows:
        yield from (task.assignee, task.assigned_by, task.supervisor, task.redirected_from)
    yield from (attachment.username for attachment in attachments)
    yield from (view.document.checked_out_by for view in documents)


@answers(DetailsOf)
def details_of(query: DetailsOf, r: Reader) -> TaskDetails:
    """Every kind of row is loaded once for all tasks, by what the loads before it brought."""
    connection = r.connection
    instances = {i.key: i for i in load_any(connection, Instance, "key", {t.instance_key for t in query.tasks})}
    rows = [task for task in query.tasks if task.instance_key in instances]
    task_keys = [task.key for task in rows]
    processes = {p.key: p for p in load_any(connection, Process, "key", {t.process_key for t in rows})}
    comments = {c.task_key: c for c in load_any(connection, Comment, "task_key", task_keys)}
    attachments = load_any(connection, Attachment, "task_key", task_keys)
    document_keys = {i.document_key for i in instances.values()} | {a.document_key for a in attachments}
    documents = document_views(r, load_any(connection, Document, "key", document_keys - {0}))
    users = named_users(r, _people(rows, attachments, documents.values()))
    attached = _by_task(attachments)

    def detail(task: Task) -> TaskDetail:
        instance = instances[task.instance_key]
        return TaskDetail(
            task=task,
            instance=instance,
            process=processes[task.process_key],
            document=documents.get(instance.document_key),
            comment=comments.get(task.key),
            attachments=tuple(
                (a, documents[a.document_key]) for a in attached.get(task.key, ()) if a.document_key in documents
            ),
        )

    return TaskDetails(tuple(detail(task) for task in rows), users)


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


@answers(TaskByKey)
def task_by_key(query: TaskByKey, r: Reader) -> TaskView:
    return _seen(r, r.one(Task, "key", query.key, "task"), query.key)


def _seen(r: Reader, task: Task, id: Any) -> TaskView:
    if task.state == TaskState.PLANNED:
        raise NotFound("task", id)
    return TaskView(task, r.known(task.definition_key))


@answers(TaskByNumber)
def task_by_number(query: TaskByNumber, r: Reader) -> TaskView:
    task = r.one(Task, "number", query.number, "task")
    return TaskView(task, r.known(task.definition_key))


@answers(TaskByUid)
def task_by_uid(query: TaskByUid, r: Reader) -> TaskView:
    return _seen(r, r.one(Task, "uid", query.uid, "task"), query.uid)


@answers(TasksOf)
def tasks_of(query: TasksOf, r: Reader) -> Mapping[int, tuple[Task, ...]]:
    tasks: dict[int, list[Task]] = {key: [] for key in query.instance_keys}
    for task in load_any(r.connection, Task, "instance_key", query.instance_keys):
        if task.state != TaskState.PLANNED:
            tasks[task.instance_key].append(task)
    return {key: tuple(sorted(rows, key=lambda t: t.key)) for key, rows in tasks.items()}


@answers(SearchTasks)
def search_tasks(query: SearchTasks, r: Reader) -> Page[TaskView]:
    kind = PLANNED_TASK if query.planned else TASK
    page = search(r, kind, query)
    tasks = load_all(Task, page.rows)
    load_definitions(r.connection, r.definitions, {t.definition_key for t in tasks})
    views = tuple(TaskView(t, r.definitions[t.definition_key]) for t in tasks)
    return Page(views, page.total, page.capped, page.start, page.end)


@cached(maxsize=1)
def _history() -> Statement:
    events = table_of(Event)
    return Statement(
        select(*events.columns)
        .where(
            or_(
                events.c.instance_key == bindparam("instance"),
                and_(events.c.entity_key == bindparam("activity"), events.c.key > bindparam("since")),
            )
        )
        .order_by(events.c.key)
    )


@answers(History)
def history(query: History, r: Reader) -> tuple[Event, ...]:
    task = r.one(Task, "key", query.task_key, "task")
    params = {"instance": task.instance_key, "activity": task.activity_key, "since": task.key}
    events = [load(Event, row) for row in r.connection.fetch(_history(), params)]
    return tuple(e for e in events if e.entity != "task" or e.entity_key == task.key)
