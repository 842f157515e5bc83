"""TODO core.process.queries"""

from dataclasses import dataclass

from core.search.query import Query
from core.tables.library import Library
from core.tables.process import Draft, Process


@dataclass(frozen=True)
class ProcessView:
    """A process that is built step by step; `library` is None for one that belongs to none."""

    process: Process
    draft: Draft
    library: Library | None


@dataclass(frozen=True)
class ProcessStatistics:
    """Counts of instances; times are milliseconds, `average` over the completed ones."""

    open: int
    completed: int
    overdue: int
    average: int
    open_in_range: int
    submitted_in_range: int
    completed_in_range: int


@dataclass(frozen=True)
class Drafted(Query[tuple[ProcessView, ...]]):
    """The drafted processes of a library, of all (0) or those with these keys, without the deleted ones; by name."""

    library_key: int = 0
    keys: tuple[int, ...] | None = None


@dataclass(frozen=True)
class DraftedByNumber(Query[ProcessView]):
    number: int


@dataclass(frozen=True)
class Statistics(Query[ProcessStatistics]):
    """Of the instances of a process. An instance is overdue if one of its open tasks is."""

    process_key: int
    at: int
    since: int | None = None
    until: int | None = None
