"""Who had a task, and what it went by meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from core.search.query import FIRST_PAGE, Page, PageRequest, Query, Sort, Where
from core.tables.task import Holding, Task
from core.turn.known import KnownDefinition


class Held(NamedTuple):
    """A task and one of its holdings, which may be the last one, open or not."""

    task: Task
    holding: Holding


class NumberedTask(NamedTuple):
    """A task as it goes by a number, or, with the holding that was `passed` on, as it went by it: its number, holder
    and dates are those of that time."""

    task: Task
    known: KnownDefinition
    passed: Holding | None


@dataclass(frozen=True)
class HoldingsOf(Query[Mapping[int, tuple[Held, ...]]]):
    """All holdings of the tasks of these instances (by key), by their ordinals."""

    instance_keys: tuple[int, ...]


@dataclass(frozen=True)
class TaskByHolding(Query[NumberedTask]):
    """By the number that a holding of it goes or went by; planned or not, but not what was removed."""

    number: int


@dataclass(frozen=True)
class SearchNumbered(Query[Page[NumberedTask]]):
    """Tasks by all of the numbers that they went by, planned ones, too, without those that were removed. Fields as of
    SearchTasks, but for those that only the last holding has. `passed`: only by numbers that are given up."""

    where: tuple[Where, ...] = ()
    sort: tuple[Sort, ...] = ()
    page: PageRequest = FIRST_PAGE
    passed: bool = False
