"""Roles, tenants and mapping rules, their members, and what is granted."""

from dataclasses import dataclass

from core.search.query import FIRST_PAGE, Page, PageRequest, Query, Sort, Where
from core.tables.directory import Associate, Entry, Grant
from core.types import EntryKind, MemberKind


@dataclass(frozen=True)
class EntryById(Query[Entry]):
    kind: EntryKind
    id: str


@dataclass(frozen=True)
class SearchEntries(Query[Page[Entry]]):
    """Fields: see core.directory.fields.ENTRY_FIELDS."""

    where: tuple[Where, ...] = ()
    sort: tuple[Sort, ...] = ()
    page: PageRequest = FIRST_PAGE


@dataclass(frozen=True)
class SearchAssociates(Query[Page[Associate]]):
    """Fields: see core.directory.fields.ASSOCIATE_FIELDS."""

    where: tuple[Where, ...] = ()
    sort: tuple[Sort, ...] = ()
    page: PageRequest = FIRST_PAGE


@dataclass(frozen=True)
class GrantByKey(Query[Grant]):
    key: int


@dataclass(frozen=True)
class SearchGrants(Query[Page[Grant]]):
    """Fields: see core.directory.fields.GRANT_FIELDS."""

    where: tuple[Where, ...] = ()
    sort: tuple[Sort, ...] = ()
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
