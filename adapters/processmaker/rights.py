"""Permission codes and built-in roles. Source: dossier processmaker.md, sections 1.5 and 1.8."""

from collections.abc import Collection
from dataclasses import dataclass

from adapters.common.rights import Right
from core.principal import Principal
from core.types import ALL_PERMISSIONS, WORKER_PERMISSIONS, Permission

PM_LOGIN = "PM_LOGIN"
PM_SETUP = "PM_SETUP"
PM_USERS = "PM_USERS"
PM_FACTORY = "PM_FACTORY"
PM_CASES = "PM_CASES"
PM_ALLCASES = "PM_ALLCASES"
PM_REASSIGNCASE = "PM_REASSIGNCASE"
PM_REASSIGNCASE_SUPERVISOR = "PM_REASSIGNCASE_SUPERVISOR"
PM_SUPERVISOR = "PM_SUPERVISOR"
PM_CANCELCASE = "PM_CANCELCASE"
PM_DELETECASE = "PM_DELETECASE"

#: which of the engine's permissions stands for a code
_MEANS = {
    PM_LOGIN: Permission.READ,
    PM_SETUP: Permission.ADMINISTER,
    PM_USERS: Permission.MANAGE_USERS,
    PM_FACTORY: Permission.DESIGN,
    PM_CASES: Permission.WORK,
    PM_ALLCASES: Permission.MANAGE_USERS,
    PM_REASSIGNCASE: Permission.MANAGE_USERS,
    PM_REASSIGNCASE_SUPERVISOR: Permission.ADMINISTER,
    PM_SUPERVISOR: Permission.MANAGE_USERS,
    PM_CANCELCASE: Permission.MANAGE_USERS,
    PM_DELETECASE: Permission.MANAGE_USERS,
}


def right_of(codes: Collection[str]) -> Right:
    """The word for those who have one of the codes: with a wide one somebody may do it with what is their own."""
    means = {_MEANS[code] for code in codes}
    if not means or means & WORKER_PERMISSIONS:
        return Right.OWN
    return Right.ADMINISTRATOR if means == {Permission.ADMINISTER} else Right.MANAGER


def may(principal: Principal, *codes: str) -> bool:
    """Does the principal have one of the codes? A client without a user has them all (dossier 1.7)."""
    return any(principal.may(_MEANS[code]) for code in codes)


@dataclass(frozen=True, slots=True)
class Role:
    """A built-in role: its id, what it is called, and what it stands for in the engine."""

    uid: str
    code: str
    name: str
    permissions: frozenset[Permission]

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(code for code, permission in _MEANS.items() if permission in self.permissions)


ADMIN = Role("00000000000000000000000000000002", "PROCESSMAKER_ADMIN", "System Administrator", ALL_PERMISSIONS)
OPERATOR = Role("00000000000000000000000000000003", "PROCESSMAKER_OPERATOR", "Operator", WORKER_PERMISSIONS)
MANAGER = Role(
    "00000000000000000000000000000004",
    "PROCESSMAKER_MANAGER",
    "Manager",
    WORKER_PERMISSIONS | {Permission.MANAGE_USERS},
)
ROLES = (ADMIN, MANAGER, OPERATOR)


def role_of(permissions: frozenset[Permission]) -> Role:
    """The role that comes nearest: whoever manages users is a manager, the rest are operators."""
    if Permission.ADMINISTER in permissions:
        return ADMIN
    return MANAGER if Permission.MANAGE_USERS in permissions else OPERATOR
