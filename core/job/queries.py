"""Jobs and timers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.search.query import Query
from core.tables.job import Timer
from core.tables.task import Task


@dataclass(frozen=True)
class JobsWaiting(Query[int]):
    """How many jobs of a type could be activated at `now`, counted up to one."""

    type: str
    now: int


@dataclass(frozen=True, slots=True)
class Pending:
    """What the listeners of a task decide about. `changes` is what would be different behind the transition, by column,
    `label` what whoever asked for it called it, None if nobody did. `denied` is why the last transition was taken
    back, None if it was not."""

    task: Task
    changes: Mapping[str, Any]
    label: str | None
    denied: str | None


@dataclass(frozen=True)
class PendingOf(Query[Pending]):
    task_key: int


@dataclass(frozen=True)
class NextTimers(Query[tuple[Timer, ...]]):
    """Those that are due first, of all tenants."""

    limit: int = 100
