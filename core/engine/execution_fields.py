"""The fields by which versions of processes, element instances, variables and events are searched."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, Text, and_, case, exists, literal, select

from core.search.conditions import test_of
from core.search.field import Field, plain
from core.search.kind import TENANT, Kind
from core.tables.joined import definitions, elements, events, instances, tasks, variables


def _of_instance(column: ColumnElement[Any]) -> Field:
    """A column of the instance that an element belongs to."""
    mine = select(column).where(instances.c.key == elements.c.instance_key).scalar_subquery()
    found = select(literal(1)).select_from(instances).where(instances.c.key == elements.c.instance_key)
    return Field(lambda op, name: exists(found.where(test_of(column, op, name)).correlate(elements)), mine)


def _process_id(instance_key: ColumnElement[Any]) -> Field:
    """Of the instance with this key."""
    joined = instances.join(definitions, definitions.c.key == instances.c.definition_key)
    mine = select(definitions.c.process_id).select_from(joined).where(instances.c.key == instance_key)
    found = select(literal(1)).select_from(joined).where(instances.c.key == instance_key)
    return Field(
        lambda op, name: exists(
            found.where(test_of(definitions.c.process_id, op, name)).correlate(elements, variables)
        ),
        mine.scalar_subquery(),
    )


def _of_tenant() -> ColumnElement[bool]:
    """Elements belong to the tenant of their instance."""
    mine = and_(instances.c.key == elements.c.instance_key, instances.c.tenant_key == TENANT)
    return exists(select(literal(1)).select_from(instances).where(mine).correlate(elements))


ELEMENT_FIELDS: Mapping[str, Field] = {
    **{
        name: plain(elements.c[name])
        for name in ("key", "instance_key", "scope_key", "element_id", "kind", "name", "state", "created_at")
    },
    "ended_at": plain(elements.c.ended_at, nullable=True),
    "definition_key": _of_instance(instances.c.definition_key),
    "process_id": _process_id(elements.c.instance_key),
}


def _entity(kind: str) -> Field:
    """The key of what an event is about, if that is of a kind."""
    return plain(case((events.c.entity == literal(kind, Text), events.c.entity_key)), nullable=True)


def _of_event(value: ColumnElement[Any]) -> Field:
    return plain(value, nullable=True)


EVENT_FIELDS: Mapping[str, Field] = {
    **{name: plain(events.c[name]) for name in ("key", "at", "kind", "entity", "entity_key", "instance_key", "actor")},
    "task_key": _entity("task"),
    "job_key": _entity("job"),
    "resource_key": _entity("resource"),
    "element_instance_key": _of_event(
        select(tasks.c.element_instance_key).where(tasks.c.key == events.c.entity_key).scalar_subquery()
    ),
    "definition_key": _of_event(
        select(instances.c.definition_key).where(instances.c.key == events.c.instance_key).scalar_subquery()
    ),
    "process_id": _of_event(
        select(definitions.c.process_id)
        .select_from(instances.join(definitions, definitions.c.key == instances.c.definition_key))
        .where(instances.c.key == events.c.instance_key)
        .scalar_subquery()
    ),
    "by_user": plain(
        case((events.c.actor_key == literal(0, BigInteger), literal(0, Integer)), else_=literal(1, Integer))
    ),
}

VARIABLE_FIELDS: Mapping[str, Field] = {
    **{name: plain(variables.c[name]) for name in ("key", "instance_key", "scope_key", "name", "value")},
    "process_id": _process_id(variables.c.instance_key),
}

ELEMENT = Kind(
    "element",
    elements,
    ELEMENT_FIELDS,
    tenancy=_of_tenant(),
    few=frozenset({"key", "instance_key", "scope_key"}),
    unordered=frozenset({"process_id"}),
)
EVENT = Kind(
    "event",
    events,
    EVENT_FIELDS,
    few=frozenset({"key", "instance_key", "entity_key"}),
    unordered=frozenset({"process_id"}),
)
VARIABLE = Kind(
    "variable",
    variables,
    VARIABLE_FIELDS,
    few=frozenset({"key", "instance_key", "scope_key"}),
    unordered=frozenset({"process_id"}),
)
