"""Users and groups."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.turn.command import KEEP, Command, Created, Done, Keep, Removed
from core.types import GroupStatus, Permission, UserStatus


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
    authority: str = ""
    read_only: bool = False
    library_key: int = 0


@dataclass(frozen=True)
class UpdateUser(Command[Done]):
    """Change attributes of a user, KEEP leaves one alone; `ext` is merged. Nobody gives away more than they may do."""

    username: str
    first_name: str | Keep = KEEP
    last_name: str | Keep = KEEP
    email: str | Keep = KEEP
    mobile: str | Keep = KEEP
    authority: str | Keep = KEEP
    read_only: bool | Keep = KEEP
    ext: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    permissions: frozenset[Permission] | Keep = KEEP
    status: UserStatus | Keep = KEEP
    password_hash: str | Keep = KEEP


@dataclass(frozen=True)
class RenameUser(Command[Done]):
    """A new name, which all that is assigned to them takes over."""

    username: str
    new_username: str


@dataclass(frozen=True)
class CloseUser(Command[Done]):
    """Take a user out of service for good: they leave their groups and assignments, their credentials end, their name
    is free again. What they did stays theirs, under their uid as name. Conflict `busy` while they have open tasks."""

    username: str


@dataclass(frozen=True)
class DeleteUser(Command[Done]):
    """Remove a user, their memberships and credentials; what is assigned to their name stays so."""

    username: str


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
    library_key: int = 0
    ext: Mapping[str, Any] = field(default_factory=dict)
    status: GroupStatus = GroupStatus.ACTIVE
    title: str = ""
    description: str = ""


@dataclass(frozen=True)
class UpdateGroup(Command[Done]):
    """`group` is the full name, with the library of a library's group in front; so is `new_name`. `ext` is merged."""

    group: str
    new_name: str | Keep = KEEP
    status: GroupStatus | Keep = KEEP
    ext: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    title: str | Keep = KEEP
    description: str | Keep = KEEP


@dataclass(frozen=True)
class DeleteGroup(Command[Done]):
    """`unused`: only if no activity has it as an ordinary assignee; otherwise Conflict `assigned`."""

    group: str
    unused: bool = False


@dataclass(frozen=True)
class AddMember(Command[Done]):
    group: str
    username: str


@dataclass(frozen=True)
class RemoveMember(Command[Done]):
    group: str
    username: str


@dataclass(frozen=True)
class SetRedirection(Command[Done]):
    """From `starts_at` to `ends_at` new tasks of one user go to another; replaces what was there."""

    username: str
    target: str
    starts_at: int
    ends_at: int | None = None


@dataclass(frozen=True)
class RemoveRedirection(Command[Removed]):
    username: str
