"""User tasks, and what happened to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from core.library.queries import DocumentView
from core.search.query import FIRST_PAGE, Page, PageRequest, Query
from core.tables.event import Event
from core.tables.instance import Comment, Instance
from core.tables.people import User
from core.tables.process import Process
from core.tables.task import Attachment, Holding, Task
from core.task.fields import TaskSort, TaskWhere
from core.turn.known import KnownDefinition


@dataclass(frozen=True)
class TaskDetail:
    """What a task refers to. `document` is None for a task that is about none."""

    task: Task
    instance: Instance
    process: Process
    document: DocumentView | None
    comment: Comment | None
    attachments: tuple[tuple[Attachment, DocumentView], ...]


@dataclass(frozen=True)
class TaskDetails:
    """Details in the order of the tasks, and the users they name, by name."""

    details: tuple[TaskDetail, ...]
    users: Mapping[str, User]


@dataclass(frozen=True)
class Workload:
    """How many open tasks an assignee has: all that have begun, and those of them whose due date has passed."""

    assignee: str
    due: int
    overdue: int


@dataclass(frozen=True)
class DetailsOf(Query[TaskDetails]):
    """Of these tasks, without those whose instance is gone. All in one query, for a list needs the same of each."""

    tasks: tuple[Task, ...]


@dataclass(frozen=True)
class Workloads(Query[tuple[Workload, ...]]):
    """Of everybody who has an open task, at a moment; counted where the tasks are, not one by one."""

    at: int


class TaskView(NamedTuple):
    task: Task
    known: KnownDefinition


@dataclass(frozen=True)
class SearchTasks(Query[Page[TaskView]]):
    """`planned`: also those of elements that no token has reached."""

    where: tuple[TaskWhere, ...] = ()
    sort: tuple[TaskSort, ...] = ()
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

    where: tuple[TaskWhere, ...] = ()
    sort: tuple[TaskSort, ...] = ()
    page: PageRequest = FIRST_PAGE
    passed: bool = False
