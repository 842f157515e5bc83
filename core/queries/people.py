"""Users and groups."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.search.query import FIRST_PAGE, Page, PageRequest, Query, Sort, Where
from core.tables.people import Group, User


@dataclass(frozen=True)
class UserByName(Query[User]):
    """`exact` minds the case."""

    username: str
    exact: bool = True


@dataclass(frozen=True)
class UserByNumber(Query[User]):
    number: int


@dataclass(frozen=True)
class UserByUid(Query[User]):
    uid: str


@dataclass(frozen=True)
class GroupByUid(Query[Group]):
    uid: str


@dataclass(frozen=True)
class ListGroups(Query[tuple[Group, ...]]):
    """All of the tenant, those of libraries too."""


@dataclass(frozen=True)
class SearchGroups(Query[Page[Group]]):
    """Fields: see core.engine.fields.GROUP_FIELDS."""

    where: tuple[Where, ...] = ()
    sort: tuple[Sort, ...] = ()
    page: PageRequest = FIRST_PAGE


@dataclass(frozen=True)
class MembersByGroup(Query[Mapping[int, tuple[User, ...]]]):
    """The members of these groups (keys) in the order in which they joined, of any status."""

    group_keys: tuple[int, ...]


@dataclass(frozen=True)
class UserNumbers(Query[Mapping[int, User]]):
    """Users by key."""

    keys: tuple[int, ...]


@dataclass(frozen=True)
class ListUsers(Query[tuple[User, ...]]):
    pass
