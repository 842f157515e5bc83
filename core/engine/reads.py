"""Answering queries. Each runs on one connection, in one thread, and sees every acknowledged write."""

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import and_, bindparam, or_, select

from core.engine.sources import PLANNED_TASK, TASK
from core.queries.credentials import ClientById, SettingValue
from core.queries.tasks import History, SearchTasks, TaskByKey, TaskByNumber, TaskByUid, TasksOf, TaskView
from core.rejections import NotFound
from core.search.query import Page
from core.search.reader import Reader, answers
from core.search.search import search
from core.storage.cache import cached
from core.storage.record import load, load_all
from core.storage.rows import load_any
from core.storage.statements import Statement, table_of
from core.tables.event import Event
from core.tables.identity import OAuthClient, Setting
from core.tables.task import Task
from core.turn.known import load_definitions
from core.types import TaskState

T = TypeVar("T")
Out = TypeVar("Out")


# Tasks and instances


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
    found: dict[int, list[Task]] = {key: [] for key in query.instance_keys}
    for task in load_any(r.connection, Task, "instance_key", query.instance_keys):
        if task.state != TaskState.PLANNED:
            found[task.instance_key].append(task)
    return {key: tuple(sorted(rows, key=lambda t: t.key)) for key, rows in found.items()}


@answers(SearchTasks)
def search_tasks(query: SearchTasks, r: Reader) -> Page[TaskView]:
    kind = PLANNED_TASK if query.planned else TASK
    found = search(r, kind, query)
    tasks = load_all(Task, found.rows)
    load_definitions(r.connection, r.definitions, {t.definition_key for t in tasks})
    views = tuple(TaskView(t, r.definitions[t.definition_key]) for t in tasks)
    return Page(views, found.total, found.capped, found.start, found.end)


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


@answers(ClientById)
def client_by_id(query: ClientById, r: Reader) -> OAuthClient:
    return r.one(OAuthClient, "client_id", query.client_id, "client", tenant=False)


@answers(SettingValue)
def setting_value(query: SettingValue, r: Reader) -> str:
    rows = load_any(r.connection, Setting, "name", [query.name])
    return rows[0].value if rows else ""
