"""What can be asked of the engine that changes something. Each names its outcome."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from core.flow.graph import Graph
from core.types import AssigneeKind, AssignmentKind, CredentialKind, Permission, UserStatus

Out = TypeVar("Out", covariant=True)


class Command(Generic[Out]):
    """Base of all commands; `Out` is what `engine.execute` returns for it."""


class _Keep:
    """The type of KEEP."""

    def __repr__(self) -> str:
        return "KEEP"


KEEP = _Keep()
"""Leaves a value as it is, where None would clear it."""


# Outcomes


@dataclass(frozen=True)
class StartedTask:
    key: int
    uid: str
    number: int
    assignee: str | None


@dataclass(frozen=True)
class Started:
    """An instance that runs (or already ended) and the open tasks it made."""

    key: int
    uid: str
    number: int
    definition_key: int
    ended: bool
    tasks: tuple[StartedTask, ...]


@dataclass(frozen=True)
class Done:
    """`pending` says that a listener has to consent first."""

    pending: bool = False


@dataclass(frozen=True)
class Transferred:
    moved: int
    left: int


@dataclass(frozen=True)
class Created:
    key: int
    uid: str
    number: int


@dataclass(frozen=True)
class Deployed:
    process_key: int
    definition_key: int
    version: int
    changed: bool


@dataclass(frozen=True)
class Issued:
    """A ticket or token: its text is told once and stored nowhere."""

    text: str
    expires_at: int


@dataclass(frozen=True)
class Removed:
    count: int


# Instances and tasks


@dataclass(frozen=True)
class StartInstance(Command[Started]):
    """Start an instance of a process (by key) or through a starter (by key).

    `assignee` takes the first user tasks; `task_ext` is kept on them and `ext` on the instance, as vendors sent them.
    `finished` starts and ends it at once: a record of something done elsewhere.
    """

    process_key: int = 0
    starter_key: int = 0
    variables: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""
    description: str = ""
    assignee: str | None = None
    stage_key: int = 0
    finished: bool = False
    ext: Mapping[str, Any] = field(default_factory=dict)
    task_ext: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CreateTask(Command[Started]):
    """A task of its own, as the only task of an instance of the tenant's one-task process."""

    name: str
    description: str = ""
    assignee: str | None = None
    candidate_users: tuple[str, ...] = ()
    candidate_groups: tuple[str, ...] = ()
    priority: int = 50
    due_at: int | None = None
    follow_up_at: int | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    ext: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CompleteTask(Command[Done]):
    task_key: int
    variables: Mapping[str, Any] = field(default_factory=dict)
    action: str = "complete"


@dataclass(frozen=True)
class AssignTask(Command[Done]):
    """Give the task to `assignee`, whoever has it; the assignee need not be a known user."""

    task_key: int
    assignee: str
    action: str = "assign"


@dataclass(frozen=True)
class ClaimTask(Command[Done]):
    """Give the task to `assignee` unless somebody else has it."""

    task_key: int
    assignee: str
    action: str = "claim"


@dataclass(frozen=True)
class UnassignTask(Command[Done]):
    task_key: int
    action: str = "unassign"


@dataclass(frozen=True)
class UpdateTask(Command[Done]):
    """Change attributes; KEEP leaves one alone, None clears a date."""

    task_key: int
    due_at: int | None | _Keep = KEEP
    follow_up_at: int | None | _Keep = KEEP
    priority: int | _Keep = KEEP
    candidate_users: tuple[str, ...] | _Keep = KEEP
    candidate_groups: tuple[str, ...] | _Keep = KEEP
    action: str = "update"


@dataclass(frozen=True)
class CancelInstance(Command[Done]):
    instance_key: int


@dataclass(frozen=True)
class Consent(Command[Done]):
    """A listener lets a pending transition go on, or denies it."""

    task_key: int
    proceed: bool = True
    reason: str = ""


@dataclass(frozen=True)
class TransferTasks(Command[Transferred]):
    """Pass all open tasks of a user to another. Tasks in the middle of a transition stay and are counted as `left`."""

    from_username: str
    to_username: str


# Assignments


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


# Users and groups


@dataclass(frozen=True)
class CreateUser(Command[Created]):
    """`password_hash` comes from core.identity.passwords; the engine's thread never computes one."""

    username: str
    password_hash: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    permissions: frozenset[Permission] = frozenset()
    status: UserStatus = UserStatus.ACTIVE
    uid: str = ""
    number: int = 0
    ext: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SetPassword(Command[Done]):
    username: str
    password_hash: str


@dataclass(frozen=True)
class SetUserStatus(Command[Done]):
    username: str
    status: UserStatus


@dataclass(frozen=True)
class CreateGroup(Command[Created]):
    name: str
    permissions: frozenset[Permission] = frozenset()
    uid: str = ""
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class AddMember(Command[Done]):
    group: str
    username: str


@dataclass(frozen=True)
class RemoveMember(Command[Done]):
    group: str
    username: str


# Processes


@dataclass(frozen=True)
class ActivityIds:
    """Ids that an activity shall have, for worlds that bring their own."""

    element_id: str
    uid: str = ""
    number: int = 0


@dataclass(frozen=True)
class DeployProcess(Command[Deployed]):
    """A new version of a process, unless the newest has the same graph and resource."""

    graph: Graph
    resource_name: str = ""
    resource: str = ""
    uid: str = ""
    number: int = 0
    activities: tuple[ActivityIds, ...] = ()
    ext: Mapping[str, Any] = field(default_factory=dict)


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
class PutReference(Command[Created]):
    kind: str
    number: int
    name: str
    ext: Mapping[str, Any] = field(default_factory=dict)


# Credentials


@dataclass(frozen=True)
class IssueCredential(Command[Issued]):
    """A new ticket or token for a user. `text` is random unless a world brings its own."""

    kind: CredentialKind
    user_key: int
    lifetime: int
    client_id: str = ""
    scope: str | None = None
    family: int = 0
    text: str = ""


@dataclass(frozen=True)
class ExtendCredential(Command[Done]):
    """Move the end of a ticket: the sliding window."""

    digest: str
    expires_at: int


@dataclass(frozen=True)
class RevokeCredential(Command[Removed]):
    """Forget a ticket or token; with `family` also those issued together with it."""

    digest: str
    family: bool = False


@dataclass(frozen=True)
class RegisterClient(Command[Done]):
    client_id: str
    secret_digest: str
    name: str = ""
    redirect_uri: str = ""


@dataclass(frozen=True)
class SetSetting(Command[Done]):
    name: str
    value: str
    only_if_absent: bool = False


@dataclass(frozen=True)
class CreateTenant(Command[Created]):
    """`aliases` maps a dialect to the names by which its clients know the tenant."""

    name: str
    number: int = 0
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class SetTenant(Command[Done]):
    """Change what the caller's tenant is called."""

    name: str
    number: int
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
