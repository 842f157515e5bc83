"""Users and groups."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.commands.base import Command, Created, Done
from core.types import Permission, UserStatus


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
