"""Libraries, their members, documents and drafts, and what belongs to tasks."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.people.queries import Members
from core.search.query import Query
from core.tables.instance import Comment, Instance
from core.tables.library import Document, Folder, Library
from core.tables.people import User
from core.tables.process import Draft, Process
from core.tables.task import Attachment, Task


@dataclass(frozen=True)
class DocumentView:
    document: Document
    folder: Folder
    library: Library


@dataclass(frozen=True)
class ProcessView:
    """A process that is built step by step; `library` is None for one that belongs to none."""

    process: Process
    draft: Draft
    library: Library | None


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
class Libraries(Query[tuple[Library, ...]]):
    """All of the tenant, by name."""


@dataclass(frozen=True)
class LibraryByName(Query[Library]):
    """Whatever the case."""

    name: str


@dataclass(frozen=True)
class LibraryMembers(Query[Members]):
    library_key: int


@dataclass(frozen=True)
class LibrariesOf(Query[tuple[Library, ...]]):
    """Those a user belongs to, directly or through a group, or those he manages; by name."""

    user_key: int
    managed: bool = False


@dataclass(frozen=True)
class Coworkers(Query[tuple[User, ...]]):
    """Everybody who shares a library with a user."""

    user_key: int


@dataclass(frozen=True)
class FolderAt(Query[tuple[Folder, Library]]):
    """By library name and path whatever the case, or by number."""

    library: str = ""
    path: str = ""
    number: int = 0


@dataclass(frozen=True)
class FoldersByKey(Query[Mapping[int, tuple[Folder, Library]]]):
    keys: tuple[int, ...]


@dataclass(frozen=True)
class DocumentAt(Query[DocumentView]):
    """By library name, path and name whatever the case, or by number."""

    library: str = ""
    path: str = ""
    name: str = ""
    number: int = 0


@dataclass(frozen=True)
class Documents(Query[tuple[DocumentView, ...]]):
    """Those with these keys, in their order."""

    keys: tuple[int, ...]


@dataclass(frozen=True)
class LibraryDocuments(Query[tuple[DocumentView, ...]]):
    library_key: int


@dataclass(frozen=True)
class Drafted(Query[tuple[ProcessView, ...]]):
    """The drafted processes of a library, of all (0) or those with these keys, without the deleted ones; by name."""

    library_key: int = 0
    keys: tuple[int, ...] | None = None


@dataclass(frozen=True)
class DraftedByNumber(Query[ProcessView]):
    number: int


@dataclass(frozen=True)
class InstancesOfDocument(Query[tuple[Instance, ...]]):
    """In the order of their start."""

    document_key: int


@dataclass(frozen=True)
class DetailTasks(Query[TaskDetails]):
    tasks: tuple[Task, ...]


@dataclass(frozen=True)
class Workloads(Query[tuple[Workload, ...]]):
    """Of everybody who has an open task, at a moment."""

    at: int


@dataclass(frozen=True)
class Statistics(Query[ProcessStatistics]):
    """Of the instances of a process. An instance is overdue if one of its open tasks is."""

    process_key: int
    at: int
    since: int | None = None
    until: int | None = None
