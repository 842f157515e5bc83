"""Tasks and instances."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from core.search.query import FIRST_PAGE, Page, PageRequest, Query, Sort, Where
from core.tables.event import Event
from core.tables.instance import Comment, Instance
from core.tables.task import Task
from core.turn.known import KnownDefinition


class TaskView(NamedTuple):
    task: Task
    known: KnownDefinition


@dataclass(frozen=True)
class InstanceView:
    instance: Instance
    known: KnownDefinition


@dataclass(frozen=True)
class SearchTasks(Query[Page[TaskView]]):
    """Fields: see core.engine.fields.TASK_FIELDS. `planned`: also those of elements that no token has reached."""

    where: tuple[Where, ...] = ()
    sort: tuple[Sort, ...] = ()
    page: PageRequest = FIRST_PAGE
    planned: bool = False


@dataclass(frozen=True)
class SearchInstances(Query[Page[InstanceView]]):
    """Fields: see core.engine.fields.INSTANCE_FIELDS."""

    where: tuple[Where, ...] = ()
    sort: tuple[Sort, ...] = ()
    page: PageRequest = FIRST_PAGE


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
class InstanceByNumber(Query[InstanceView]):
    number: int


@dataclass(frozen=True)
class InstanceByKey(Query[InstanceView]):
    key: int


@dataclass(frozen=True)
class InstanceByUid(Query[InstanceView]):
    uid: str


@dataclass(frozen=True)
class TasksOf(Query[Mapping[int, tuple[Task, ...]]]):
    """The tasks of these instances (by key) in the order in which they were made, without planned ones."""

    instance_keys: tuple[int, ...]


@dataclass(frozen=True)
class InstancesByKey(Query[Mapping[int, InstanceView]]):
    keys: tuple[int, ...]


@dataclass(frozen=True)
class CommentsOf(Query[tuple[Comment, ...]]):
    """What was said about an instance as a whole, the oldest first."""

    instance_key: int


@dataclass(frozen=True)
class Variables(Query[Mapping[str, Any]]):
    """The variables of an instance's root scope, or those that are seen from the scope with `scope_key`."""

    instance_key: int
    scope_key: int = 0


@dataclass(frozen=True)
class History(Query[tuple[Event, ...]]):
    """What happened to a task, to its instance, and to the assignees of its activity since the task was made."""

    task_key: int
