"""Processes, their activities and assignees, starters, master data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.decision.commands import NewRequirements
from core.graph.graph import Graph
from core.turn.command import KEEP, Command, Created, Deployed, DeployedAll, Done, Keep
from core.types import AssigneeKind, AssignmentKind, Distribution, ProcessStatus, ResourceKind


@dataclass(frozen=True)
class AddAssignee(Command[Done]):
    activity_key: int
    kind: AssignmentKind
    assignee_kind: AssigneeKind
    assignee_uid: str


@dataclass(frozen=True)
class RemoveAssignee(Command[Done]):
    activity_key: int
    kind: AssignmentKind
    assignee_uid: str


@dataclass(frozen=True)
class UpdateActivity(Command[Done]):
    """Change attributes of an activity, KEEP leaves one alone; `ext` is merged. New tasks are made accordingly."""

    activity_key: int
    distribution: Distribution | Keep = KEEP
    ext: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class ActivityIds:
    """Ids that an activity shall have, for worlds that bring their own."""

    element_id: str
    uid: str = ""
    number: int = 0


@dataclass(frozen=True)
class DeployProcess(Command[Deployed]):
    """A new version of a process, unless the newest has the same graph, and its resource the same name and text."""

    graph: Graph
    resource_name: str = ""
    resource: str = ""
    version_tag: str = ""
    uid: str = ""
    number: int = 0
    activities: tuple[ActivityIds, ...] = ()
    ext: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class NewResource:
    """`resource_id` is the id inside of it, by which it is found again; `name` the file's."""

    kind: ResourceKind
    resource_id: str
    name: str
    content: str


@dataclass(frozen=True)
class Deploy(Command[DeployedAll]):
    """Processes and what stands beside them, all or nothing. A new version of each that differs from the newest."""

    processes: tuple[DeployProcess, ...] = ()
    resources: tuple[NewResource, ...] = ()
    requirements: tuple[NewRequirements, ...] = ()


@dataclass(frozen=True)
class DeleteResource(Command[Done]):
    """A version of a process, which is not started any more (what runs, runs on), of requirements with their decisions,
    or of a resource beside it."""

    key: int


@dataclass(frozen=True)
class CreateStarter(Command[Created]):
    process_key: int
    name: str
    label: str
    role: str
    element_id: str = ""
    uid: str = ""
    number: int = 0


@dataclass(frozen=True)
class Supervisors:
    """Who is above a process and all that runs of it: users and groups by number."""

    users: tuple[int, ...] = ()
    groups: tuple[int, ...] = ()


@dataclass(frozen=True)
class DraftProcess(Command[Created]):
    """A process without a version, with a draft from which versions are made."""

    process_id: str
    name: str
    content: Mapping[str, Any]
    library_key: int = 0
    status: ProcessStatus = ProcessStatus.INACTIVE
    supervisors: Supervisors = Supervisors()


@dataclass(frozen=True)
class ReviseProcess(Command[Done]):
    """Change a draft that has this revision; otherwise Conflict `changed`. None leaves a thing as it is.

    `graph` deploys a new version of the process; whose id is another one deploys that, which takes the permission to.
    A deleted process gives its name and id away; its instances run on.
    """

    process_key: int
    revision: int
    content: Mapping[str, Any] | None = None
    name: str | None = None
    status: ProcessStatus | None = None
    graph: Graph | None = None
    supervisors: Supervisors | None = None


@dataclass(frozen=True)
class CreateStage(Command[Created]):
    """A place for instances of one process, or (`process_key` 0) of all, where no token comes."""

    name: str
    process_key: int = 0
    position: int = 0


@dataclass(frozen=True)
class UpdateStage(Command[Done]):
    """Any activity may be renamed and moved; only a stage leaves its process or is deleted (Conflict `built-in`)."""

    key: int
    name: str | Keep = KEEP
    process_key: int | Keep = KEEP
    position: int | Keep = KEEP
    deleted: bool = False
