"""Whatever the types let a search ask is answered by both databases: no name and no operator is one too many."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, get_args, get_origin

import pytest
from sqlalchemy import BigInteger, BindParameter, Integer
from sqlalchemy.sql.visitors import iterate
from sqlalchemy.types import NullType

from core.decision import fields as decision
from core.decision.queries import SearchDecisionInstances, SearchDecisions, SearchRequirements
from core.directory import fields as directory
from core.directory.queries import SearchAssociates, SearchEntries, SearchGrants
from core.incident import fields as incident
from core.incident.queries import SearchIncidents
from core.instance import fields as instance
from core.instance.queries import SearchComments, SearchElements, SearchEvents, SearchInstances, SearchVariables
from core.instance.sources import INSTANCE
from core.job import fields as job
from core.job.queries import SearchJobs
from core.message import fields as message
from core.message.queries import SearchCorrelations, SearchEventSubscriptions
from core.outbox import fields as outbox
from core.outbox.queries import SearchDeliveries, SearchSubscriptions
from core.people import fields as people
from core.people.queries import SearchGroups, SearchUsers
from core.process import fields as process
from core.process.queries import SearchActivities, SearchDefinitions
from core.registry import fields as registry
from core.registry.queries import SearchReferences
from core.search import field as binds
from core.search.field import Field
from core.search.kind import Kind
from core.search.query import Comparison, Condition, Is, Isnt, Page, Query, Sort, Where, either
from core.task.queries import SearchNumbered, SearchTasks
from core.task.sources import PLANNED_TASK, TASK
from tests.unit.conftest import Living

Search = type[Query[Page[Any]]]

KINDS: dict[Search, Kind] = {
    **{SearchTasks: TASK, SearchNumbered: PLANNED_TASK, SearchInstances: INSTANCE},
    **{SearchElements: instance.ELEMENT, SearchVariables: instance.VARIABLE, SearchEvents: instance.EVENT},
    **{SearchComments: instance.COMMENT, SearchActivities: process.ACTIVITY, SearchDefinitions: process.DEFINITION},
    **{SearchUsers: people.USER, SearchGroups: people.GROUP, SearchReferences: registry.REFERENCE},
    **{SearchEntries: directory.ENTRY, SearchAssociates: directory.ASSOCIATE, SearchGrants: directory.GRANT},
    **{SearchSubscriptions: outbox.SUBSCRIPTION, SearchDeliveries: outbox.DELIVERY},
    **{SearchDecisions: decision.DECISION, SearchRequirements: decision.REQUIREMENTS},
    **{SearchDecisionInstances: decision.INSTANCE, SearchIncidents: incident.INCIDENT, SearchJobs: job.JOB},
    **{SearchEventSubscriptions: message.SUBSCRIPTION, SearchCorrelations: message.CORRELATION},
}
#: what the value of something that is no comparison is made of
VALUES = {
    binds.by_nothing: None,
    binds.by_values: [1],
    binds.by_text: "x",
    binds.by_user_and_groups: ("ann", ["staff"]),
    binds.by_user_and_key: ("ann", 1),
}


def mistakes() -> tuple[object, ...]:
    """The types know them: an ignore that nothing needs is an error of mypy."""
    return (
        SearchTasks((Where("asignee", "eq", "ann"),)),  # type: ignore[arg-type]
        SearchTasks((Where("assignee", "is", "ann"),)),  # type: ignore[arg-type]
        SearchTasks((Where("visible_to", "eq", ("ann", [])),)),  # type: ignore[arg-type]
        SearchTasks((Is("assignee", "ann"),)),  # type: ignore[arg-type]
        SearchTasks((Isnt("visible_to", ("ann", [])),)),  # type: ignore[arg-type]
        SearchTasks((either((Where("parent_key", "eq", 1),)),)),  # type: ignore[arg-type]
        SearchTasks(sort=(Sort("candidate_user"),)),  # type: ignore[arg-type]
        SearchInstances((Where("priority", "eq", 1),)),  # type: ignore[arg-type]
    )


def names(type: Any) -> set[str]:
    """Those of all literals in it."""
    return {text for part in get_args(type) for text in ([part] if isinstance(part, str) else names(part))}


def allowed(search: Search, member: str) -> dict[Any, set[str]]:
    """Class of condition, or Sort -> names that it may have in `where`, or in `sort`."""
    (type,) = (f.type for f in fields(search) if f.name == member)  # type: ignore[arg-type]
    each = get_args(type)[0]
    parts = [each] if get_origin(each) is Sort else get_args(each)
    return {get_origin(part): names(part) for part in parts}


def parameter(test: Any, name: str = "v") -> Any:
    return next((p.type for p in iterate(test) if isinstance(p, BindParameter) and p.key == name), None)


def value_of(field: Field, op: str) -> Any:
    if field.bind in VALUES:
        return VALUES[field.bind]
    is_number = isinstance(parameter(field.test("eq", "v")), Integer | BigInteger)
    is_number = is_number and op not in ("igt", "igte", "ilt", "ilte")
    value: Any = {"exists": True, "like": "x*", "ilike": "x*", "notilike": "x*"}.get(op, 1 if is_number else "x")
    value = [value] if op in ("in", "notin") else value
    return ("name", value) if field.bind is binds.by_name_and_value else value


def test_what_is_searched_is_told_here() -> None:
    assert set(KINDS) == {cls for cls in Query.__subclasses__() if cls.__name__.startswith("Search")}


@pytest.mark.parametrize("search", KINDS, ids=lambda search: search.__name__)
def test_each_name_has_a_field_and_each_field_a_name(search: Search) -> None:
    kind = KINDS[search]
    where, sort = allowed(search, "where"), allowed(search, "sort")
    compared, facts = where[Where], where.get(Is, set()) | where.get(Isnt, set())
    assert not compared & facts
    assert compared | facts == set(kind.fields)
    assert sort[Sort] == {name for name in compared if kind.fields[name].sort is not None}
    untyped = [n for n, f in kind.fields.items() if f.sort is not None and isinstance(f.sort.type, NullType)]
    assert not untyped, "their cursors and lists would be read as something else"
    told = {*kind.few, *kind.unordered, *kind.in_order, *kind.asked_first, *kind.narrowing, *kind.sources, *kind.common}
    assert told <= set(kind.fields) | {"number"}


def conditions(search: Search) -> Iterator[Condition]:
    """Of each field all that can be said of it, in one."""
    kind, where = KINDS[search], allowed(search, "where")
    for name in where[Where]:
        field = kind.fields[name]
        comparisons = (Where(name, op, value_of(field, op)) for op in get_args(Comparison))
        yield either(*((comparison,) for comparison in comparisons))
    for cls in (Is, Isnt):
        yield from (cls(name, value_of(kind.fields[name], cls.op)) for name in where.get(cls, set()))


@pytest.mark.parametrize("search", KINDS, ids=lambda search: search.__name__)
def test_all_that_can_be_asked_is_answered(living: Living, search: Search) -> None:
    for condition in conditions(search):
        assert living.run(living.engine.ask(search(where=(condition,)), living.who)).total >= 0, condition  # type: ignore[call-arg]
    for name in allowed(search, "sort")[Sort]:
        for dictionary in (False, True):
            order = (Sort(name, dictionary=dictionary),)
            assert living.run(living.engine.ask(search(sort=order), living.who)).total >= 0, order  # type: ignore[call-arg]
