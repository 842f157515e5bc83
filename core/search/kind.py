"""What can be searched: the rows of a table, by fields, and what is known of its indexes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Table, bindparam

from core.search.field import Field
from core.search.query import Where
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
    #: states in which most rows are, and a column to sort by whose index is of use to these alone
    common_states: frozenset[str] = frozenset()
    common_order: ColumnElement[Any] | None = None

    def is_common(self, where: Sequence[Where]) -> bool:
        """Do most rows match?"""
        return all(w.field == "state" and w.op == "eq" and w.value in self.common_states for w in where)
