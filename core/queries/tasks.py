"""Tasks and instances."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from core.search.query import FIRST_PAGE, Page, PageRequest, Query, Sort, Where
from core.tables.event import Event
from core.tables.task import Task
from core.turn.known import KnownDefinition


class TaskView(NamedTuple):
    task: Task
    known: KnownDefinition


@dataclass(frozen=True)
class SearchTasks(Query[Page[TaskView]]):
    """Fields: see core.engine.fields.TASK_FIELDS. `planned`: also those of elements that no token has reached."""

    where: tuple[Where, ...] = ()
    sort: tuple[Sort, ...] = ()
    page: PageRequest = FIRST_PAGE
    planned: bool = False


@dataclass(frozen=True)
class TaskByKey(Query[TaskView]):
    key: int


@dataclass(frozen=True)
class TaskByNumber(Query[TaskView]):
    """Planned or not."""

    number: int


@dataclass(frozen=True)
class TaskByUid(Query[TaskView]):
    uid: str


@dataclass(frozen=True)
class TasksOf(Query[Mapping[int, tuple[Task, ...]]]):
    """The tasks of these instances (by key) in the order in which they were made, without planned ones."""

    instance_keys: tuple[int, ...]


@dataclass(frozen=True)
class History(Query[tuple[Event, ...]]):
    """What happened to a task, to its instance, and to the assignees of its activity since the task was made."""

    task_key: int
