"""Answers about versions of processes, elements of instances, and variables."""

from sqlalchemy import bindparam, select

from core.engine.execution_fields import ELEMENT, EVENT, VARIABLE
from core.engine.reads import chain_of
from core.queries.executions import (
    ElementByKey,
    ElementView,
    EventByKey,
    EventView,
    ScopesOf,
    SearchElements,
    SearchEvents,
    SearchVariables,
    VariableByKey,
    VariableView,
)
from core.queries.jobs import JobsWaiting, NextTimers, Pending, PendingOf
from core.queries.tasks import InstanceView
from core.rejections import NotFound
from core.search.query import Page
from core.search.reader import Reader, answers
from core.search.search import search
from core.storage.cache import cached
from core.storage.record import load
from core.storage.rows import load_any
from core.storage.statements import Statement, table_of
from core.tables.event import Event
from core.tables.instance import ElementInstance, Instance, Variable
from core.tables.job import Job, Timer
from core.tables.task import Task
from core.turn.known import load_definitions


def _instances(r: Reader, keys: set[int]) -> dict[int, InstanceView]:
    rows = [i for i in load_any(r.connection, Instance, "key", keys) if i.tenant_key == r.principal.tenant_key]
    load_definitions(r.connection, r.definitions, {i.definition_key for i in rows})
    return {i.key: InstanceView(i, r.definitions[i.definition_key]) for i in rows}


@answers(SearchElements)
def search_elements(query: SearchElements, r: Reader) -> Page[ElementView]:
    found = search(r, ELEMENT, query)
    rows = [load(ElementInstance, row) for row in found.rows]
    instances = _instances(r, {row.instance_key for row in rows})
    views = tuple(ElementView(row, instances[row.instance_key]) for row in rows if row.instance_key in instances)
    return Page(views, found.total, found.capped, found.start, found.end)


@answers(ElementByKey)
def element_by_key(query: ElementByKey, r: Reader) -> ElementView:
    for row in load_any(r.connection, ElementInstance, "key", [query.key]):
        instance = _instances(r, {row.instance_key}).get(row.instance_key)
        if instance is not None:
            return ElementView(row, instance)
    raise NotFound("element", query.key)


@answers(ScopesOf)
def scopes_of(query: ScopesOf, r: Reader) -> tuple[int, ...]:
    for row in load_any(r.connection, ElementInstance, "key", [query.key]):
        scopes = {
            e.key: e.scope_key for e in load_any(r.connection, ElementInstance, "instance_key", [row.instance_key])
        }
        return tuple(chain_of(scopes, query.key))
    return ()


@answers(SearchVariables)
def search_variables(query: SearchVariables, r: Reader) -> Page[VariableView]:
    found = search(r, VARIABLE, query)
    rows = [load(Variable, row) for row in found.rows]
    instances = _instances(r, {row.instance_key for row in rows})
    views = tuple(VariableView(row, instances[row.instance_key]) for row in rows if row.instance_key in instances)
    return Page(views, found.total, found.capped, found.start, found.end)


@answers(SearchEvents)
def search_events(query: SearchEvents, r: Reader) -> Page[EventView]:
    found = search(r, EVENT, query)
    views = _event_views(r, [load(Event, row) for row in found.rows])
    return Page(views, found.total, found.capped, found.start, found.end)


def _event_views(r: Reader, events: list[Event]) -> tuple[EventView, ...]:
    instances = _instances(r, {event.instance_key for event in events if event.instance_key})
    about = {event.entity_key for event in events if event.entity == "task"}
    tasks = {task.key: task for task in load_any(r.connection, Task, "key", about)}
    return tuple(EventView(e, instances.get(e.instance_key), tasks.get(e.entity_key)) for e in events)


@answers(EventByKey)
def event_by_key(query: EventByKey, r: Reader) -> EventView:
    return _event_views(r, [r.one(Event, "key", query.key, "event")])[0]


@answers(VariableByKey)
def variable_by_key(query: VariableByKey, r: Reader) -> VariableView:
    row = r.one(Variable, "key", query.key, "variable")
    instance = _instances(r, {row.instance_key}).get(row.instance_key)
    if instance is None:
        raise NotFound("variable", query.key)
    return VariableView(row, instance)


@cached(maxsize=1)
def _waiting() -> Statement:
    jobs = table_of(Job)
    mine = (jobs.c.tenant_key == bindparam("tenant"), jobs.c.type == bindparam("type"), jobs.c.retries > 0)
    return Statement(select(jobs.c.key).where(*mine, jobs.c.available_at <= bindparam("now")).limit(1))


@answers(JobsWaiting)
def jobs_waiting(query: JobsWaiting, r: Reader) -> int:
    params = {"tenant": r.principal.tenant_key, "type": query.type, "now": query.now}
    return len(r.connection.fetch(_waiting(), params))


@answers(PendingOf)
def pending_of(query: PendingOf, r: Reader) -> Pending:
    task = r.one(Task, "key", query.task_key, "task")
    waits = task.pending
    changes = {**waits.get("changes", {}), **waits.get("corrections", {})}
    if "assignee" in waits:
        changes.setdefault("assignee", waits["assignee"])
    return Pending(task, changes, waits.get("action"), waits.get("denied"))


@cached(maxsize=1)
def _timers() -> Statement:
    timers = table_of(Timer)
    return Statement(select(*timers.columns).order_by(timers.c.due_at).limit(bindparam("limit")))


@answers(NextTimers)
def next_timers(query: NextTimers, r: Reader) -> tuple[Timer, ...]:
    return tuple(load(Timer, row) for row in r.connection.fetch(_timers(), {"limit": query.limit}))
