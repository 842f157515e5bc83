"""What can be asked of the engine that changes nothing. Each names its answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from core.engine.context import KnownDefinition
from core.principal import Principal
from core.storage.records import (
    Activity,
    Event,
    Instance,
    OAuthClient,
    Process,
    Reference,
    Starter,
    Task,
    User,
)
from core.types import AssigneeKind, AssignmentKind, CredentialKind

Out = TypeVar("Out", covariant=True)
Item = TypeVar("Item")


class Query(Generic[Out]):
    """Base of all queries; `Out` is what `engine.ask` returns for it. What is not found is a NotFound rejection."""


# Answers


@dataclass(frozen=True)
class TaskView:
    task: Task
    known: KnownDefinition


@dataclass(frozen=True)
class InstanceView:
    instance: Instance
    known: KnownDefinition


@dataclass(frozen=True)
class Page(Generic[Item]):
    """`total` counts all matches up to a cap; `capped` says that there are more. Cursors are the sort values of the
    first and the last row, None for an empty page."""

    items: tuple[Item, ...]
    total: int
    capped: bool = False
    start: tuple[Any, ...] | None = None
    end: tuple[Any, ...] | None = None


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
class Session:
    """A ticket or token that is valid."""

    principal: Principal
    kind: CredentialKind
    digest: str
    expires_at: int
    client_id: str
    scope: str | None


# Searching


@dataclass(frozen=True)
class Where:
    """One condition: op is eq, neq, in, notin, gt, gte, lt, lte, exists, like (`*`, `?`, backslash escapes) or
    ilike, which does not mind the case."""

    field: str
    op: str
    value: Any


@dataclass(frozen=True)
class Sort:
    field: str
    descending: bool = False


@dataclass(frozen=True)
class PageRequest:
    """Rows `offset` to `offset + limit`, or those right after or before a cursor. limit None: all."""

    limit: int | None = 100
    offset: int = 0
    after: tuple[Any, ...] | None = None
    before: tuple[Any, ...] | None = None
    cap: int | None = 10_000


@dataclass(frozen=True)
class SearchTasks(Query[Page[TaskView]]):
    """Fields: see core.engine.search.TASK_FIELDS."""

    where: tuple[Where, ...] = ()
    sort: tuple[Sort, ...] = ()
    page: PageRequest = PageRequest()


@dataclass(frozen=True)
class SearchInstances(Query[Page[InstanceView]]):
    """Fields: see core.engine.search.INSTANCE_FIELDS."""

    where: tuple[Where, ...] = ()
    sort: tuple[Sort, ...] = ()
    page: PageRequest = PageRequest()


@dataclass(frozen=True)
class TaskByKey(Query[TaskView]):
    key: int


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
class Variables(Query[Mapping[str, Any]]):
    """The variables of an instance's root scope."""

    instance_key: int


@dataclass(frozen=True)
class History(Query[tuple[Event, ...]]):
    """What happened to a task, to its instance, and to the assignees of its activity since the task was made."""

    task_key: int


# Processes


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


@dataclass(frozen=True)
class ReferenceByNumber(Query[Reference]):
    kind: str
    number: int


# Users


@dataclass(frozen=True)
class UserByName(Query[User]):
    """`exact` minds the case."""

    username: str
    exact: bool = True


@dataclass(frozen=True)
class UserByNumber(Query[User]):
    number: int


@dataclass(frozen=True)
class UserNumbers(Query[Mapping[int, User]]):
    """Users by key."""

    keys: tuple[int, ...]


@dataclass(frozen=True)
class ListUsers(Query[tuple[User, ...]]):
    pass


# Credentials: these answer with a principal, or reject with Unauthenticated


@dataclass(frozen=True)
class CheckPassword(Query[Principal]):
    """`by` is username or email."""

    login: str
    password: str
    by: str = "username"
    fold_case: bool = False


@dataclass(frozen=True)
class CheckCredential(Query[Session]):
    """A ticket or token by its text."""

    text: str
    kind: CredentialKind


@dataclass(frozen=True)
class PrincipalOf(Query[Principal]):
    """The principal of a user whose identity was proved in another way: a signed token."""

    user_key: int = 0
    user_number: int = 0
    via: str = ""


@dataclass(frozen=True)
class ClientById(Query[OAuthClient]):
    client_id: str


@dataclass(frozen=True)
class SettingValue(Query[str]):
    """A shared setting, empty if it was never set."""

    name: str
