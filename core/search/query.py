"""The base of all queries, and the words of a search."""

from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, TypeAlias, TypeVar

Out = TypeVar("Out", covariant=True)
Item = TypeVar("Item")
#: names of fields, which each noun tells in its `fields.py`
Name = TypeVar("Name", bound=str, covariant=True)
Part = TypeVar("Part", covariant=True)

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


Folded = Literal["ilike", "notilike", "igt", "igte", "ilt", "ilte"]
#: how a field is compared; those with an i before do not mind the case, of the letters that the database knows if they
#: are about an order
Comparison = Literal["eq", "neq", "in", "notin", "gt", "gte", "lt", "lte", "exists", "like", Folded]


@dataclass(frozen=True)
class Where(Generic[Name]):
    """A field is compared with a value: `exists` with whether there is one at all, `like` with a pattern (`*`, `?`,
    backslash escapes)."""

    field: Name
    op: Comparison
    value: Any


@dataclass(frozen=True)
class Is(Generic[Name]):
    """Something is so that is more than a comparison; the field says what the value is, if it takes one."""

    field: Name
    value: Any = None
    op: ClassVar[str] = "is"


@dataclass(frozen=True)
class Isnt(Generic[Name]):
    """It is not so, for fields that know what this means."""

    field: Name
    value: Any = None
    op: ClassVar[str] = "isnt"


@dataclass(frozen=True)
class Either(Generic[Part]):
    """All conditions of one of these hold; an empty alternative always holds, none at all never does."""

    alternatives: tuple[tuple[Part, ...], ...]


def either(*alternatives: tuple[Part, ...]) -> Either[Part]:
    return Either(alternatives)


#: of whatever noun
Condition: TypeAlias = Where[str] | Is[str] | Isnt[str] | Either["Condition"]


@dataclass(frozen=True)
class Sort(Generic[Name]):
    """`dictionary`: a text in the order of DIN 5007, without regard to case, umlauts beside their vowels."""

    field: Name
    descending: bool = False
    dictionary: bool = False


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
