"""Reading running processes."""

from collections.abc import Mapping
from typing import Any

from core.instance.fields import COMMENT, ELEMENT, EVENT, VARIABLE
from core.instance.queries import (
    CommentsOf,
    ElementByKey,
    ElementView,
    EventByKey,
    EventView,
    InstanceByKey,
    InstanceByNumber,
    InstanceByUid,
    InstancesByKey,
    InstancesOfDocument,
    InstanceView,
    InvolvedIn,
    ScopesOf,
    SearchComments,
    SearchElements,
    SearchEvents,
    SearchInstances,
    SearchVariables,
    VariableByKey,
    Variables,
    VariableView,
)
from core.instance.sources import INSTANCE
from core.instance.standing import standing, standing_elements
from core.rejections import NotFound
from core.search.query import Page
from core.search.reader import Reader, answers, of_own_tenant
from core.search.search import page_of, search
from core.storage.record import load
from core.storage.rows import load_any
from core.tables.event import Event
from core.tables.instance import Comment, ElementInstance, Instance, Involvement, Variable
from core.tables.task import Task
from core.turn.known import load_definitions


@answers(InstancesOfDocument)
def instances_of_document(query: InstancesOfDocument, r: Reader) -> tuple[Instance, ...]:
    rows = of_own_tenant(r, load_any(r.connection, Instance, "document_key", [query.document_key]))
    return tuple(sorted(rows, key=lambda i: i.key))


@answers(InstanceByNumber)
def instance_by_number(query: InstanceByNumber, r: Reader) -> InstanceView:
    instance = r.one(Instance, "number", query.number, "instance")
    return InstanceView(instance, r.known(instance.definition_key))


@answers(InstanceByUid)
def instance_by_uid(query: InstanceByUid, r: Reader) -> InstanceView:
    instance = r.one(Instance, "uid", query.uid, "instance")
    return InstanceView(instance, r.known(instance.definition_key))


@answers(InstancesByKey)
def instances_by_key(query: InstancesByKey, r: Reader) -> Mapping[int, InstanceView]:
    rows = load_any(r.connection, Instance, "key", query.keys)
    load_definitions(r.connection, r.definitions, {i.definition_key for i in rows})
    return {i.key: InstanceView(i, r.definitions[i.definition_key]) for i in rows}


@answers(CommentsOf)
def comments_of(query: CommentsOf, r: Reader) -> tuple[Comment, ...]:
    rows = load_any(r.connection, Comment, "instance_key", [query.instance_key])
    return tuple(sorted((c for c in rows if c.task_key == 0 and c.deleted_at is None), key=lambda c: c.key))


@answers(InstanceByKey)
def instance_by_key(query: InstanceByKey, r: Reader) -> InstanceView:
    instance = r.one(Instance, "key", query.key, "instance")
    return InstanceView(instance, r.known(instance.definition_key), bool(standing(r, (instance,))))


@answers(SearchInstances)
def search_instances(query: SearchInstances, r: Reader) -> Page[InstanceView]:
    page = search(r, INSTANCE, query)
    rows = [load(Instance, row) for row in page.rows]
    load_definitions(r.connection, r.definitions, {i.definition_key for i in rows})
    still = standing(r, rows)
    views = tuple(InstanceView(i, r.definitions[i.definition_key], i.key in still) for i in rows)
    return Page(views, page.total, page.capped, page.start, page.end)


@answers(Variables)
def variables(query: Variables, r: Reader) -> Mapping[str, Any]:
    rows = load_any(r.connection, Variable, "instance_key", [query.instance_key])
    chain = [query.instance_key]
    if query.scope_key not in (0, query.instance_key):
        elements = load_any(r.connection, ElementInstance, "instance_key", [query.instance_key])
        chain = chain_of({e.key: e.scope_key for e in elements}, query.scope_key)
    seen: dict[str, Any] = {}
    for key in reversed(chain):
        seen.update((v.name, v.parsed) for v in rows if v.scope_key == key)
    return seen


def chain_of(scopes: Mapping[int, int], key: int) -> list[int]:
    """A scope and those around it, the innermost first."""
    chain = [key]
    while scopes.get(chain[-1]):
        chain.append(scopes[chain[-1]])
    return chain


@answers(SearchComments)
def search_comments(query: SearchComments, r: Reader) -> Page[Comment]:
    return page_of(r, COMMENT, Comment, query)


@answers(InvolvedIn)
def involved_in(query: InvolvedIn, r: Reader) -> tuple[Involvement, ...]:
    rows = load_any(r.connection, Involvement, "entity_key", [query.entity_key])
    return tuple(sorted((row for row in rows if row.role == query.role), key=lambda row: row.key))


def _instances(r: Reader, keys: set[int]) -> dict[int, InstanceView]:
    rows = [i for i in load_any(r.connection, Instance, "key", keys) if i.tenant_key == r.principal.tenant_key]
    load_definitions(r.connection, r.definitions, {i.definition_key for i in rows})
    return {i.key: InstanceView(i, r.definitions[i.definition_key]) for i in rows}


@answers(SearchElements)
def search_elements(query: SearchElements, r: Reader) -> Page[ElementView]:
    page = search(r, ELEMENT, query)
    rows = [load(ElementInstance, row) for row in page.rows]
    return Page(_element_views(r, rows), page.total, page.capped, page.start, page.end)


@answers(ElementByKey)
def element_by_key(query: ElementByKey, r: Reader) -> ElementView:
    for view in _element_views(r, load_any(r.connection, ElementInstance, "key", [query.key])):
        return view
    raise NotFound("element", query.key)


def _element_views(r: Reader, rows: list[ElementInstance]) -> tuple[ElementView, ...]:
    instances = _instances(r, {row.instance_key for row in rows})
    still, own = standing_elements(r, rows, [view.instance for view in instances.values()])
    return tuple(
        ElementView(row, instances[row.instance_key], row.key in still, own.get(row.key, 0))
        for row in rows
        if row.instance_key in instances
    )


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
    page = search(r, VARIABLE, query)
    rows = [load(Variable, row) for row in page.rows]
    instances = _instances(r, {row.instance_key for row in rows})
    views = tuple(VariableView(row, instances[row.instance_key]) for row in rows if row.instance_key in instances)
    return Page(views, page.total, page.capped, page.start, page.end)


@answers(SearchEvents)
def search_events(query: SearchEvents, r: Reader) -> Page[EventView]:
    page = search(r, EVENT, query)
    views = _event_views(r, [load(Event, row) for row in page.rows])
    return Page(views, page.total, page.capped, page.start, page.end)


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
