"""Who acts: the one result of Basic, OAuth 2, tickets and JWT alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.types import ALL_PERMISSIONS, Action, Permission, Relation


@dataclass(frozen=True, slots=True)
class Extent:
    """With what somebody may do something: with everything (always, or with this permission), with what belongs to
    these processes (ids), with these tasks (keys), or with that to which they have one of these relations, which are
    asked for in this order."""

    everything: bool = False
    permission: Permission | None = None
    processes: frozenset[str] = frozenset()
    tasks: frozenset[int] = frozenset()
    relations: tuple[Relation, ...] = ()


NOWHERE = Extent()


@dataclass(frozen=True, slots=True)
class Reach:
    """What decides where permissions do not, or not alone; core.reach has all that there are.

    For each action with what it may be done, whatever the permissions; those `spared` need not be had for the others.
    `ended`: that holds for tasks and instances that have ended, too, and not only for what is alive.
    """

    extents: Mapping[Action, Extent] = field(default_factory=dict)
    spared: frozenset[Permission] = frozenset()
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Principal:
    """A user (or a client without one) as seen by the engine.

    `via` names the credential: basic, oauth, ticket, jwt or system. `client_id` is set for OAuth clients only; a
    principal with a client but without a user has `user_key` 0. `reach`, unless it is None, decides what permissions
    alone do not.
    """

    tenant_key: int
    user_key: int
    username: str
    dialect: str
    via: str = ""
    permissions: frozenset[Permission] = frozenset()
    groups: tuple[str, ...] = ()
    uid: str = ""
    number: int = 0
    revision: int = 0
    password_changed_at: int = 0
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    client_id: str = ""
    ext: Mapping[str, Any] = field(default_factory=dict)
    reach: Reach | None = None

    @property
    def is_administrator(self) -> bool:
        return Permission.ADMINISTER in self.permissions

    def may(self, permission: Permission) -> bool:
        if permission in self.permissions or Permission.ADMINISTER in self.permissions:
            return True
        return self.reach is not None and permission in self.reach.spared

    def speaking(self, dialect: str) -> "Principal":
        return self if self.dialect == dialect else replace(self, dialect=dialect)


def system(tenant_key: int = 0, *, dialect: str = "dragoman") -> Principal:
    """The gateway itself: demo world, command line, clean-up."""
    return Principal(tenant_key, 0, "system", dialect, via="system", permissions=ALL_PERMISSIONS)


NOBODY = Principal(0, 0, "", "")
