"""What can be searched: the rows of a table, by fields, and what is known of its indexes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Table, bindparam

from core.search.field import Field
from core.search.query import Condition, Sort, Where
from core.search.sources import Source

#: a parameter of every search
TENANT = bindparam("tenant", type_=BigInteger)

#: (field, operator), or (alternatives, "any")
Tests = tuple[tuple[Any, str], ...]


@dataclass(frozen=True)
class Path:
    """Rows that pass a test, read off indexes in the order of a field: `arms` are selects of (that field, key)."""

    test: tuple[str, str]
    order: str
    arms: Callable[[str], Sequence[Select[Any]]]


def _nothing(tests: Tests) -> Sequence[ColumnElement[bool]]:
    return ()


# compared by identity: it is in the key of everything that is remembered, and its maps have no hash
@dataclass(frozen=True, eq=False)
class Kind:
    """`base` holds for all that is found, whatever is asked for; `tenancy` says whose the rows are of a table that has
    no column for it."""

    name: str
    table: Table
    fields: Mapping[str, Field]
    base: Callable[[Tests], Sequence[ColumnElement[bool]]] = _nothing
    tenancy: ColumnElement[bool] | None = None
    #: fields that find a few rows by themselves, by an index that knows no tenant
    few: frozenset[str] = frozenset({"key"})
    #: fields that no index which begins with the tenant helps to find: rows are better gone through by their keys
    unordered: frozenset[str] = frozenset()
    #: fields in whose order an index has all rows
    in_order: frozenset[str] = frozenset({"key", "number"})
    #: where the rows are that match tests of these fields; which of them are asked first; what else narrows them down
    sources: Mapping[str, Source] = field(default_factory=dict)
    asked_first: frozenset[str] = frozenset()
    narrowing: frozenset[str] = frozenset()
    path: Path | None = None
    #: the test that rows pass which nobody has
    nobodys: tuple[str, str] | None = None
    #: values of fields that most rows have, and a column to sort by whose index is of use to these alone
    common: Mapping[str, frozenset[str]] = field(default_factory=dict)
    common_order: ColumnElement[Any] | None = None

    def is_common(self, where: Sequence[Condition]) -> bool:
        """Do most rows match?"""
        return all(
            isinstance(condition, Where)
            and condition.op == "eq"
            and condition.value in self.common.get(condition.field, ())
            for condition in where
        )

    def has_in_order(self, sort: Sequence[Sort[str]]) -> bool:
        """Can rows be read in this order, as far as its first field says it?"""
        return not sort or (sort[0].field in self.in_order and not sort[0].dictionary)
