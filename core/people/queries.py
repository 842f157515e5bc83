"""Users and groups."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.people.fields import GroupSort, GroupWhere, UserSort, UserWhere
from core.reach import Thing
from core.search.query import FIRST_PAGE, Page, PageRequest, Query
from core.tables.people import Group, Redirection, User
from core.types import Action


@dataclass(frozen=True)
class May(Query[bool]):
    """Could whoever asks do this with the thing now? For who says no before anything else is looked at; the command
    decides for itself."""

    action: Action
    thing: Thing | None = None


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
    where: tuple[GroupWhere, ...] = ()
    sort: tuple[GroupSort, ...] = ()
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


@dataclass(frozen=True)
class Members:
    """Who belongs to a library directly."""

    users: tuple[User, ...]
    groups: tuple[Group, ...]
    managers: tuple[User, ...]


@dataclass(frozen=True)
class Groups(Query[tuple[Group, ...]]):
    """The groups of a library, or those of none (0), by name."""

    library_key: int = 0


@dataclass(frozen=True)
class GroupByName(Query[Group]):
    """By full name, whatever the case."""

    name: str


@dataclass(frozen=True)
class GroupsByNumber(Query[Mapping[int, Group]]):
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class GroupMembers(Query[tuple[User, ...]]):
    """The members of these groups together."""

    group_keys: tuple[int, ...]


@dataclass(frozen=True)
class GroupsOf(Query[tuple[Group, ...]]):
    user_key: int


@dataclass(frozen=True)
class SearchUsers(Query[Page[User]]):
    """Users of any status."""

    where: tuple[UserWhere, ...] = ()
    sort: tuple[UserSort, ...] = ()
    page: PageRequest = FIRST_PAGE


@dataclass(frozen=True)
class UsersByNumber(Query[Mapping[int, User]]):
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class UsersByName(Query[Mapping[str, User]]):
    """By their names as they are written, as tasks name them."""

    usernames: tuple[str, ...]


@dataclass(frozen=True)
class Redirections(Query[tuple[tuple[Redirection, User, User], ...]]):
    """(redirection, from whom, to whom): that of a user, or those to them."""

    user_key: int
    to: bool = False
