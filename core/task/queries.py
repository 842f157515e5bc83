"""TODO core.task.queries"""

from collections.abc import Mapping
from dataclasses import dataclass

from core.library.queries import DocumentView
from core.search.query import Query
from core.tables.instance import Comment, Instance
from core.tables.people import User
from core.tables.process import Process
from core.tables.task import Attachment, Task


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
    """Open tasks of one assignee: all that have begun, and those of them whose due date has passed."""

    assignee: str
    due: int
    overdue: int


@dataclass(frozen=True)
class DetailTasks(Query[TaskDetails]):
    tasks: tuple[Task, ...]


@dataclass(frozen=True)
class Workloads(Query[tuple[Workload, ...]]):
    """Of everybody who has an open task, at a moment."""

    at: int
