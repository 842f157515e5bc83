"""Jobs and timers."""

from dataclasses import dataclass

from core.queries.base import Query
from core.storage.records import Timer


@dataclass(frozen=True)
class JobsWaiting(Query[int]):
    """How many jobs of a type could be activated at `now`, counted up to one."""

    type: str
    now: int


@dataclass(frozen=True)
class NextTimers(Query[tuple[Timer, ...]]):
    """Those that are due first, of all tenants."""

    limit: int = 100
