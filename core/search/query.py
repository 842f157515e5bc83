"""The base of all queries, and the words of a search."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Out = TypeVar("Out", covariant=True)
Item = TypeVar("Item")

#: what rows without a number are sorted by: they come last either way
LAST, FIRST = 2**62, -(2**62)


class Query(Generic[Out]):
    """Base of all queries; `Out` is what `engine.ask` returns for it. What is not found is a NotFound rejection."""


@dataclass(frozen=True)
class Page(Generic[Item]):
    """`total` counts all matches up to a cap; `capped` says that there are more. Cursors are the sort values of the
    first and the last row, None for an empty page."""

    items: tuple[Item, ...]
    total: int
    capped: bool = False
    start: tuple[Any, ...] | None = None
    end: tuple[Any, ...] | None = None


@dataclass(frozen=True)
class Where:
    """One condition: op is eq, neq, in, notin, gt, gte, lt, lte, exists, like (`*`, `?`, backslash escapes) or
    ilike, which does not mind the case; or `any`, see `either`."""

    field: str
    op: str
    value: Any


def either(*alternatives: tuple[Where, ...]) -> Where:
    """All conditions of one of these hold; an empty alternative always holds, none at all never does."""
    return Where("", "any", alternatives)


@dataclass(frozen=True)
class Sort:
    field: str
    descending: bool = False


@dataclass(frozen=True)
class PageRequest:
    """Rows `offset` to `offset + limit`, or those right after or before a cursor. limit None: all. `counted` False: the
    total is not wanted, and is that of the page. More rows than `most` are refused before one is read (Invalid `rows`);
    0: any number."""

    limit: int | None = 100
    offset: int = 0
    after: tuple[Any, ...] | None = None
    before: tuple[Any, ...] | None = None
    cap: int | None = 10_000
    counted: bool = True
    most: int = 0


FIRST_PAGE = PageRequest()


def edge_value(value: Any, descending: bool) -> Any:
    """What a row is sorted by, as it stands in a cursor."""
    return value if value is not None else FIRST if descending else LAST
