"""Parties: whom an account belongs to, and what that lets it do. Source: dossier facilioo.md, section 1.3."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.common.rights import ADMINISTRATOR, MANAGER, Right
from core.principal import Principal

(ADMIN, PROPERTY_MANAGEMENT, POOL_MANAGER, CONTRACTOR, USER) = (1, 2, 3, 5, 7)
(ENERGY_PROVIDER, GUEST, INSURANCE_BROKER, INSURER, MEDIATOR) = (10, 11, 13, 14, 15)

ALL = (
    *(ADMIN, PROPERTY_MANAGEMENT, POOL_MANAGER, CONTRACTOR, USER),
    *(ENERGY_PROVIDER, GUEST, INSURANCE_BROKER, INSURER, MEDIATOR),
)
#: of the house: they see everything of the company, others what they have to do with
STAFF = (ADMIN, PROPERTY_MANAGEMENT, POOL_MANAGER)
MANAGERS = (ADMIN, PROPERTY_MANAGEMENT)


def right_of(party_types: Sequence[int], others: Right) -> Right:
    """The word for what these may do; `others` if those are among them who use what others manage."""
    if USER in party_types:
        return others
    return ADMINISTRATOR if tuple(party_types) == (ADMIN,) else MANAGER


@dataclass(frozen=True, slots=True)
class Party:
    """The id and the type (role) of a party; 0 for an account without one."""

    id: int
    type: int


def party_of(principal: Principal) -> Party:
    ext = principal.ext.get("facilioo", {})
    kind = ADMIN if principal.is_administrator else int(ext.get("partyType", USER))
    return Party(int(ext.get("partyId", 0)), kind)
