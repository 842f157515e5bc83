"""Roles, tenants and mapping rules, their members, and what is granted."""

from dataclasses import dataclass

from core.directory.fields import AssociateSort, AssociateWhere, EntrySort, EntryWhere, GrantSort, GrantWhere
from core.search.query import FIRST_PAGE, Page, PageRequest, Query
from core.tables.directory import Associate, Entry, Grant
from core.types import EntryKind, MemberKind


@dataclass(frozen=True)
class EntryById(Query[Entry]):
    kind: EntryKind
    id: str


@dataclass(frozen=True)
class SearchEntries(Query[Page[Entry]]):
    where: tuple[EntryWhere, ...] = ()
    sort: tuple[EntrySort, ...] = ()
    page: PageRequest = FIRST_PAGE


@dataclass(frozen=True)
class SearchAssociates(Query[Page[Associate]]):
    where: tuple[AssociateWhere, ...] = ()
    sort: tuple[AssociateSort, ...] = ()
    page: PageRequest = FIRST_PAGE


@dataclass(frozen=True)
class GrantByKey(Query[Grant]):
    key: int


@dataclass(frozen=True)
class SearchGrants(Query[Page[Grant]]):
    where: tuple[GrantWhere, ...] = ()
    sort: tuple[GrantSort, ...] = ()
    page: PageRequest = FIRST_PAGE


@dataclass(frozen=True)
class Belongings:
    """What somebody belongs to, directly or by way of something else they belong to, and what all of that may do. Ids
    in alphabetical order."""

    groups: tuple[str, ...]
    roles: tuple[str, ...]
    tenants: tuple[Entry, ...]
    grants: tuple[Grant, ...]


@dataclass(frozen=True)
class BelongingsOf(Query[Belongings]):
    """`members` are the asker's names: as user or client, groups that they are known to be in, their mapping rules."""

    members: tuple[tuple[MemberKind, str], ...]


@dataclass(frozen=True)
class MappingRules(Query[tuple[Entry, ...]]):
    """All of the tenant."""
