"""Roles, tenants and mapping rules, their members, and what is granted."""

from dataclasses import dataclass

from core.turn.command import KEEP, Command, Done, Keep
from core.types import EntryKind, MemberKind, OwnerKind


@dataclass(frozen=True)
class CreateEntry(Command[Done]):
    """A claim is that of a mapping rule. Raises Conflict `exists`."""

    kind: EntryKind
    id: str
    name: str
    description: str = ""
    claim_name: str = ""
    claim_value: str = ""


@dataclass(frozen=True)
class UpdateEntry(Command[Done]):
    kind: EntryKind
    id: str
    name: str | Keep = KEEP
    description: str | Keep = KEEP
    claim_name: str | Keep = KEEP
    claim_value: str | Keep = KEEP


@dataclass(frozen=True)
class DeleteEntry(Command[Done]):
    """With its memberships and what was granted to it. Raises Conflict `built-in`."""

    kind: EntryKind
    id: str


@dataclass(frozen=True)
class Associating(Command[Done]):
    """`owner` is a group, a role or a tenant. NotFound is about the owner (its kind) or a `member`."""

    owner: OwnerKind
    owner_id: str
    kind: MemberKind
    member_id: str


@dataclass(frozen=True)
class AddAssociate(Associating):
    """A user of the role of administrators may administer from then on. Raises Conflict `member`."""


@dataclass(frozen=True)
class RemoveAssociate(Associating):
    pass


@dataclass(frozen=True)
class Granted:
    key: int


@dataclass(frozen=True)
class PutGrant(Command[Granted]):
    """A new grant, or another content of the one with this key; see core.tables.directory.Grant. Raises Conflict
    `exists` if the owner has one for the same thing, NotFound."""

    owner_kind: str
    owner_id: str
    resource_kind: str
    permissions: tuple[str, ...]
    resource_id: str = ""
    property_name: str = ""
    key: int = 0


@dataclass(frozen=True)
class DeleteGrant(Command[Done]):
    key: int


@dataclass(frozen=True)
class CreateFirstAdministrator(Command[Done]):
    """Raises Conflict `exists` if there is an administrator, whoever that is."""

    username: str
    password_hash: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
