"""Processes, their activities and assignees, starters."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.search.query import Query
from core.tables.process import Activity, Process, Starter
from core.turn.known import KnownDefinition
from core.types import AssigneeKind, AssignmentKind


@dataclass(frozen=True)
class AssigneeView:
    """`members` counts all membership rows of a group, 0 for a user. For a group the name is in `first_name`."""

    kind: AssigneeKind
    uid: str
    first_name: str
    last_name: str
    username: str
    status: str
    members: int = 0
    through_group: str = ""


@dataclass(frozen=True)
class ProcessByUid(Query[Process]):
    uid: str


@dataclass(frozen=True)
class ProcessByNumber(Query[Process]):
    number: int


@dataclass(frozen=True)
class ProcessById(Query[Process]):
    process_id: str


@dataclass(frozen=True)
class ListProcesses(Query[tuple[Process, ...]]):
    """All of the tenant that are not deleted, in the order in which they were made."""


@dataclass(frozen=True)
class LatestDefinition(Query[KnownDefinition]):
    """The newest version of a process; NotFound if it has none yet."""

    process_key: int


@dataclass(frozen=True)
class VersionTimes(Query[Mapping[int, int]]):
    """When the newest version of each process (by key) was made; those without one are left out."""

    process_keys: tuple[int, ...]


@dataclass(frozen=True)
class ActivitiesOf(Query[tuple[Activity, ...]]):
    """In the order in which they were made."""

    process_key: int


@dataclass(frozen=True)
class AssignmentsTo(Query[Mapping[int, tuple[int, ...]]]):
    """Of users and groups (keys): the activities (keys) they are assigned to in this way."""

    assignee_keys: tuple[int, ...]
    kind: AssignmentKind


@dataclass(frozen=True)
class ActivityByUid(Query[Activity]):
    uid: str


@dataclass(frozen=True)
class ActivityByNumber(Query[Activity]):
    number: int


@dataclass(frozen=True)
class ActivitiesByKey(Query[Mapping[int, Activity]]):
    keys: tuple[int, ...]


@dataclass(frozen=True)
class StarterByUid(Query[Starter]):
    uid: str


@dataclass(frozen=True)
class StarterByNumber(Query[Starter]):
    number: int


@dataclass(frozen=True)
class StartersOf(Query[tuple[Starter, ...]]):
    """The starters that a user may use: those of his groups. An administrator may use all."""

    username: str


@dataclass(frozen=True)
class Assigned(Query[tuple[AssigneeView, ...]]):
    """Everybody assigned to an activity, of any status, in the order of assignment."""

    activity_key: int
    kind: AssignmentKind


@dataclass(frozen=True)
class Available(Query[tuple[AssigneeView, ...]]):
    """All users and groups of the tenant without an assignment of this kind."""

    activity_key: int
    kind: AssignmentKind


@dataclass(frozen=True)
class AssignedMembers(Query[tuple[AssigneeView, ...]]):
    """The members of assigned active groups, group by group."""

    activity_key: int
    kind: AssignmentKind
