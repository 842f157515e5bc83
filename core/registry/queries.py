"""Master data."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.registry.fields import ReferenceSort, ReferenceWhere
from core.search.query import FIRST_PAGE, Page, PageRequest, Query
from core.tables.registry import Reference


@dataclass(frozen=True)
class ReferenceByNumber(Query[Reference]):
    """Deleted or not."""

    kind: str
    number: int


@dataclass(frozen=True)
class ReferencesByKey(Query[Mapping[int, Reference]]):
    keys: tuple[int, ...]


@dataclass(frozen=True)
class SearchReferences(Query[Page[Reference]]):
    where: tuple[ReferenceWhere, ...] = ()
    sort: tuple[ReferenceSort, ...] = ()
    page: PageRequest = FIRST_PAGE
