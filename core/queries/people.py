"""Users and groups."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.queries.base import Query
from core.storage.records import User


@dataclass(frozen=True)
class UserByName(Query[User]):
    """`exact` minds the case."""

    username: str
    exact: bool = True


@dataclass(frozen=True)
class UserByNumber(Query[User]):
    number: int


@dataclass(frozen=True)
class UserNumbers(Query[Mapping[int, User]]):
    """Users by key."""

    keys: tuple[int, ...]


@dataclass(frozen=True)
class ListUsers(Query[tuple[User, ...]]):
    pass
