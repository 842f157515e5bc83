"""Among which tasks and instances all that match a search are, as indexes tell it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, bindparam, literal, literal_column, select

from core.instance.fields import REACHED
from core.instance.sources import by_process, keys_of_instances, referring
from core.search.conditions import test_of
from core.search.kind import TENANT, Kind, Tests
from core.search.sources import Further, Source
from core.storage.statements import any_of
from core.tables.joined import candidates, holdings, instances, processes, tasks
from core.task.fields import TASK_FIELDS, managed_by
from core.types import TaskState

#: as the conditions of indexes say it
NOBODY = literal_column("''", Text)


def _tasks(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(tasks.c.key).where(tasks.c.tenant_key == TENANT, *conditions)


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


def _tasks_of(instance_keys: Select[Any]) -> Select[Any]:
    return select(tasks.c.key).where(tasks.c.instance_key.in_(instance_keys))


TASKS: Mapping[str, Source] = {
    "key": lambda op, name, more: [select(tasks.c.key).where(test_of(tasks.c.key, op, name))],
    "assignee": lambda op, name, more: [_tasks(test_of(tasks.c.assignee, op, name), *more.conditions)],
    "instance_key": lambda op, name, more: [select(tasks.c.key).where(test_of(tasks.c.instance_key, op, name))],
    "belongs_to": lambda op, name, more: [_tasks_of(referring(op, name))],
    "candidate_user": _candidate("user"),
    "candidate_group": _candidate("group"),
    "process_id": by_process(tasks.c.key, tasks.c.process_key, processes, processes.c.key),
    "visible_to": _open_to,
    "open_to": _open_to,
    "concerns": _concerns,
    "creator": lambda op, name, more: [_tasks_of(keys_of_instances(test_of(instances.c.creator, op, name)))],
}


def passed_on(name: str) -> list[Select[Any]]:
    """The holdings that concern somebody as `concerns` has it."""
    user = bindparam(f"{name}_user", type_=Text)
    supervised = select(tasks.c.instance_key).where(
        tasks.c.tenant_key == TENANT, tasks.c.supervisor == user, tasks.c.supervisor != NOBODY
    )
    keys, of_tenant = select(holdings.c.key), holdings.c.tenant_key == TENANT
    return [
        keys.where(of_tenant, holdings.c.holder == user),
        keys.where(of_tenant, holdings.c.assigned_by == user, holdings.c.assigned_by != NOBODY),
        keys.where(holdings.c.instance_key.in_(supervised)),
        keys.where(holdings.c.instance_key.in_(managed_by(f"{name}_key"))),
    ]


#: fields by which a search of its own finds what is few; the others have an index that serves as it is
_ASKED_FIRST = frozenset(
    {"candidate_user", "candidate_group", "process_id", "visible_to", "open_to", "concerns", "creator"}
)


def _reached(tests: Tests) -> Sequence[ColumnElement[bool]]:
    """Without tasks that are only planned, if nobody asks for states by name."""
    return () if any(name == "state" and op in ("eq", "in") for name, op in tests) else (REACHED,)


PLANNED_TASK = Kind(
    "planned task",
    tasks,
    TASK_FIELDS,
    few=frozenset({"key", "uid", "instance_key"}),
    unordered=frozenset({"candidate_user", "candidate_group", "process_id"}),
    in_order=frozenset({"key", "number", "instance_number"}),
    sources=TASKS,
    asked_first=_ASKED_FIRST,
    narrowing=frozenset({"state", "ended_at"}),
    nobodys=("assignee", "missing"),
    common={"state": frozenset({TaskState.CREATED.value, TaskState.COMPLETED.value})},
    common_order=tasks.c.created_at,
)
TASK = replace(PLANNED_TASK, name="task", base=_reached)
