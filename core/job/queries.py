"""Jobs and timers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.job.fields import JobSort, JobWhere
from core.search.query import FIRST_PAGE, Page, PageRequest, Query
from core.tables.instance import Instance
from core.tables.job import Job, Timer
from core.tables.task import Task
from core.turn.known import KnownDefinition


@dataclass(frozen=True)
class JobView:
    job: Job
    instance: Instance
    known: KnownDefinition


@dataclass(frozen=True)
class SearchJobs(Query[Page[JobView]]):
    """Those that are not done yet."""

    where: tuple[JobWhere, ...] = ()
    sort: tuple[JobSort, ...] = ()
    page: PageRequest = FIRST_PAGE


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
