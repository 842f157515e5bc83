"""Processes, their versions, activities and drafts."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.process.fields import ActivitySort, ActivityWhere, DefinitionSort, DefinitionWhere
from core.search.query import FIRST_PAGE, Page, PageRequest, Query
from core.tables.library import Library
from core.tables.process import Activity, Draft, Process, Resource, Starter
from core.turn.known import KnownDefinition
from core.types import AssigneeKind, AssignmentKind, ResourceKind


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
    """Of the instances of a process, counted in one statement. An instance is overdue if one of its open tasks is."""

    process_key: int
    at: int
    since: int | None = None
    until: int | None = None


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
    """The starters that a user may use: those of their groups. An administrator may use all."""

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


@dataclass(frozen=True)
class SearchActivities(Query[Page[Activity]]):
    """Activities of all kinds: stages, and what is drawn."""

    where: tuple[ActivityWhere, ...] = ()
    sort: tuple[ActivitySort, ...] = ()
    page: PageRequest = FIRST_PAGE


@dataclass(frozen=True)
class ProcessesByKey(Query[Mapping[int, Process]]):
    keys: tuple[int, ...]


@dataclass(frozen=True)
class SearchDefinitions(Query[Page[KnownDefinition]]):
    where: tuple[DefinitionWhere, ...] = ()
    sort: tuple[DefinitionSort, ...] = ()
    page: PageRequest = FIRST_PAGE


@dataclass(frozen=True)
class DefinitionByKey(Query[KnownDefinition]):
    """Any version of a process."""

    key: int


@dataclass(frozen=True)
class DefinitionByVersion(Query[KnownDefinition]):
    """A version of the process with this BPMN id; -1 is the newest. What was not found is a `process` or a
    `version`."""

    process_id: str
    version: int = -1


@dataclass(frozen=True)
class ResourceByKey(Query[Resource]):
    key: int


@dataclass(frozen=True, slots=True)
class Bound:
    """A resource as something names it: by its id, as it was at a moment (0: as it is), or with a version tag."""

    resource_id: str
    at: int = 0
    version_tag: str = ""


@dataclass(frozen=True)
class BoundResources(Query[Mapping[Bound, Resource]]):
    """The version of each that is meant; where there was none at the moment, the first that came. Those that are not
    there are left out."""

    kind: ResourceKind
    wanted: tuple[Bound, ...]


@dataclass(frozen=True)
class LatestResources(Query[Mapping[str, Resource]]):
    """The newest version of each, or a certain one, by its id; those that are not there are left out."""

    kind: ResourceKind
    resource_ids: tuple[str, ...]
    version: int = 0
