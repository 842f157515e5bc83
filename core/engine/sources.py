"""Among which rows all that match a search are, as indexes tell it: one select for each alternative, of keys.

A condition with alternatives (mine, or nobody's and I am a candidate) has no index of its own, so whoever has a few
tasks among many would have all of them looked at. The search asks these selects first, and goes on with the keys if
they are few. They may tell more than match, never less.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Text, bindparam, literal, literal_column, select

from core.engine.conditions import test_of
from core.engine.fields import (
    candidates,
    definitions,
    holdings,
    holdings_of,
    instances,
    managed_by,
    processes,
    tasks,
)
from core.engine.relation_fields import involvements
from core.storage.statements import any_of

_TENANT = bindparam("tenant", type_=BigInteger)
#: as the conditions of indexes say it
NOBODY = literal_column("''", Text)
NONE = literal_column("0", BigInteger)


@dataclass(frozen=True, slots=True)
class Further:
    """What else is asked of the rows: conditions on columns of their table; that nobody has them."""

    conditions: Sequence[ColumnElement[bool]] = ()
    nobodys: bool = False


#: (operator, name of the parameter, what else) -> selects of keys
Source = Callable[[str, str, Further], list[Select[Any]]]


def _tasks(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(tasks.c.key).where(tasks.c.tenant_key == _TENANT, *conditions)


def _candidates(kind: str, named: ColumnElement[bool]) -> Select[Any]:
    return select(candidates.c.task_key).where(candidates.c.kind == literal(kind, Text), named)


def _open_to(op: str, name: str, more: Further) -> list[Select[Any]]:
    user = bindparam(f"{name}_user", type_=Text)
    candidacies = [
        _candidates("user", candidates.c.name == user),
        _candidates("group", any_of(candidates.c.name, f"{name}_groups")),
    ]
    return candidacies if more.nobodys else [_tasks(tasks.c.assignee == user, *more.conditions), *candidacies]


def _candidate(kind: str) -> Source:
    return lambda op, name, more: [_candidates(kind, test_of(candidates.c.name, op, name))]


def _concerns(op: str, name: str, more: Further) -> list[Select[Any]]:
    user = bindparam(f"{name}_user", type_=Text)
    return [
        _tasks(tasks.c.assignee == user, *more.conditions),
        _tasks(tasks.c.assigned_by == user, tasks.c.assigned_by != NOBODY),
        _tasks(tasks.c.supervisor == user, tasks.c.supervisor != NOBODY),
        _tasks_of(managed_by(f"{name}_key")),
    ]


# what finds a few by itself goes without the tenant, whose indexes would be preferred


def _tasks_of(instance_keys: Select[Any]) -> Select[Any]:
    return select(tasks.c.key).where(tasks.c.instance_key.in_(instance_keys))


def _instances(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(instances.c.key).where(*conditions)


def _by_process(key: ColumnElement[Any], process_key: ColumnElement[Any], table: Any, own_key: Any) -> Source:
    def find(op: str, name: str, more: Further) -> list[Select[Any]]:
        its = select(own_key).where(table.c.tenant_key == _TENANT, test_of(table.c.process_id, op, name))
        return [select(key).where(process_key.in_(its))]

    return find


def _referring(op: str, name: str) -> Select[Any]:
    return _instances(test_of(instances.c.reference_key, op, name), instances.c.reference_key != NONE)


TASKS: Mapping[str, Source] = {
    "key": lambda op, name, more: [select(tasks.c.key).where(test_of(tasks.c.key, op, name))],
    "assignee": lambda op, name, more: [_tasks(test_of(tasks.c.assignee, op, name), *more.conditions)],
    "instance_key": lambda op, name, more: [select(tasks.c.key).where(test_of(tasks.c.instance_key, op, name))],
    "belongs_to": lambda op, name, more: [_tasks_of(_referring(op, name))],
    "candidate_user": _candidate("user"),
    "candidate_group": _candidate("group"),
    "process_id": _by_process(tasks.c.key, tasks.c.process_key, processes, processes.c.key),
    "visible_to": _open_to,
    "open_to": _open_to,
    "concerns": _concerns,
    "creator": lambda op, name, more: [_tasks_of(_instances(test_of(instances.c.creator, op, name)))],
}
INSTANCES: Mapping[str, Source] = {
    "key": lambda op, name, more: [_instances(test_of(instances.c.key, op, name))],
    "creator": lambda op, name, more: [_instances(test_of(instances.c.creator, op, name))],
    "reference_key": lambda op, name, more: [_referring(op, name)],
    "process_id": _by_process(instances.c.key, instances.c.process_key, definitions, definitions.c.process_key),
    "participant": lambda op, name, more: list(holdings_of(name, "instance_key")),
    "involved": lambda op, name, more: [
        select(involvements.c.entity_key).where(any_of(involvements.c.member_key, name))
    ],
}
SOURCES: Mapping[str, Mapping[str, Source]] = {"task": TASKS, "planned task": TASKS, "instance": INSTANCES}
#: fields by which a search of its own finds what is few; the others have an index that serves as it is
ASKED_FIRST = frozenset(
    {"candidate_user", "candidate_group", "process_id", "visible_to", "open_to", "concerns", "creator", "participant"}
)


def sources(where: Sequence[tuple[Any, str]], kind: str, more: Further, prefix: str = "v") -> list[Select[Any]]:
    """The selects for the first condition that has any; none if all rows have to be looked at."""
    known = SOURCES.get(kind, {})
    for n, (name, op) in enumerate(where):
        if op == "any":
            found = [_any_source(test, known, more, f"{prefix}{n}_{m}_") for m, test in enumerate(name)]
            if found and all(found):
                return [arm for arms in found for arm in arms]
        elif name in ASKED_FIRST and name in known and op in ("eq", "in", "is"):
            return known[name](op, f"{prefix}{n}", more)
    return []


def _any_source(
    where: Sequence[tuple[Any, str]], known: Mapping[str, Source], more: Further, prefix: str
) -> list[Select[Any]]:
    for n, (name, op) in enumerate(where):
        if name in known and op in ("eq", "in", "is"):
            return known[name](op, f"{prefix}{n}", more)
    return []


def passed_on(name: str) -> list[Select[Any]]:
    """The holdings that concern somebody as `concerns` has it."""
    user = bindparam(f"{name}_user", type_=Text)
    supervised = select(tasks.c.instance_key).where(
        tasks.c.tenant_key == _TENANT, tasks.c.supervisor == user, tasks.c.supervisor != NOBODY
    )
    keys, of_tenant = select(holdings.c.key), holdings.c.tenant_key == _TENANT
    return [
        keys.where(of_tenant, holdings.c.holder == user),
        keys.where(of_tenant, holdings.c.assigned_by == user, holdings.c.assigned_by != NOBODY),
        keys.where(holdings.c.instance_key.in_(supervised)),
        keys.where(holdings.c.instance_key.in_(managed_by(f"{name}_key"))),
    ]
