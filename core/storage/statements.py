"""Statements written with SQLAlchemy Core, compiled once for each kind of database and then run by the driver itself.

Building and compiling a statement costs more than running it; both happen once. Parameters are named; a list parameter
belongs to an `any_of`.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import NullType


class Flavour(StrEnum):
    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


@lru_cache(maxsize=1)
def _postgresql() -> Any:
    from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

    return PGDialect_psycopg()  # type: ignore[no-untyped-call]


def _dialect(flavour: Flavour) -> Any:
    return sqlite.dialect(paramstyle="named") if flavour is Flavour.SQLITE else _postgresql()


class any_of(ColumnElement[bool]):  # noqa: N801  reads like a function
    """`column` is one of the values of the list parameter `name`; one text for any number of values."""

    inherit_cache = False
    type: Any = NullType()  # a Boolean would be compared with 1 where there is no such type, and no index be used

    def __init__(self, column: Any, name: str) -> None:
        self.column = column
        self.name = name


@compiles(any_of, "sqlite")
def _any_of_sqlite(element: any_of, compiler: SQLCompiler, **kw: Any) -> str:
    column = compiler.process(element.column, **kw)
    parameter = compiler.process(bindparam(element.name), **kw)
    return f"{column} IN (SELECT value FROM json_each({parameter}))"


@compiles(any_of, "postgresql")
def _any_of_postgresql(element: any_of, compiler: SQLCompiler, **kw: Any) -> str:
    column = compiler.process(element.column, **kw)
    parameter = bindparam(element.name, type_=postgresql.ARRAY(element.column.type))
    return f"{column} = ANY({compiler.process(parameter, **kw)})"


class unindexed(ColumnElement[Any]):  # noqa: N801  reads like a function
    """The same value, but SQLite looks for no index to find or sort it by: it prefers the order of an index to the rows
    that a condition leaves."""

    inherit_cache = False

    def __init__(self, column: Any) -> None:
        self.column = column
        self.type = column.type


@compiles(unindexed, "sqlite")
def _unindexed_sqlite(element: unindexed, compiler: SQLCompiler, **kw: Any) -> str:
    return f"+{compiler.process(element.column, **kw)}"


@compiles(unindexed, "postgresql")
def _unindexed_postgresql(element: unindexed, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.column, **kw)


class Statement:
    """A Core statement, its text in either flavour, and the values that the statement itself binds."""

    __slots__ = ("_compiled", "_element")

    def __init__(self, element: ClauseElement) -> None:
        self._element = element
        self._compiled: dict[Flavour, tuple[str, dict[str, Any]]] = {}

    def text(self, flavour: Flavour) -> str:
        return self._in(flavour)[0]

    def bound(self, flavour: Flavour) -> dict[str, Any]:
        return self._in(flavour)[1]

    def _in(self, flavour: Flavour) -> tuple[str, dict[str, Any]]:
        """Compiled at the first use, by whichever threads come first: the text is not there before its values are."""
        compiled = self._compiled.get(flavour)
        if compiled is None:
            made = self._element.compile(dialect=_dialect(flavour))
            compiled = str(made), {k: v for k, v in made.params.items() if v is not None}
            self._compiled[flavour] = compiled
        return compiled


def table_of(cls: Any) -> Table:
    """The Core table of a table or record class."""
    table: Table = getattr(cls, "table", None) if "columns" in vars(cls) else cls.__table__  # type: ignore[assignment]
    return table


class Bulk:
    """One statement for any number of rows of a table. Rows are given as tuples in the order of `columns`, as they are
    stored; `row` makes one of a record."""

    __slots__ = ("columns", "row", "sqlite", "table", "unnest")

    def __init__(self, cls: Any, columns: Sequence[str], sqlite: str, unnest: str) -> None:
        self.table = table_of(cls)
        self.columns = tuple(columns)
        self.sqlite = sqlite
        self.unnest = unnest
        holders = vars(cls).get("holders", {})
        getter = attrgetter(*(holders.get(name, name) for name in columns))
        self.row: Callable[[Any], tuple[Any, ...]] = getter if len(columns) > 1 else lambda row: (getter(row),)


def _arrays(table: Table, columns: Sequence[str]) -> str:
    dialect = _postgresql()
    return ", ".join(f"%s::{table.c[c].type.compile(dialect=dialect)}[]" for c in columns)


def bulk_insert(cls: Any) -> Bulk:
    table = table_of(cls)
    columns = [c.name for c in table.columns]
    names = ", ".join(columns)
    return Bulk(
        cls,
        columns,
        f"INSERT INTO {table.name} ({names}) VALUES ({', '.join('?' * len(columns))})",
        f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({_arrays(table, columns)})",
    )


def bulk_update(cls: Any, changing: Sequence[str]) -> Bulk:
    """Sets the columns `changing` by primary key."""
    table = table_of(cls)
    keys = [c.name for c in table.primary_key.columns]
    columns = [*changing, *keys]
    return Bulk(
        cls,
        columns,
        f"UPDATE {table.name} SET {', '.join(f'{c}=?' for c in changing)} WHERE {' AND '.join(f'{k}=?' for k in keys)}",
        f"UPDATE {table.name} AS t SET {', '.join(f'{c}=u.{c}' for c in changing)} "
        f"FROM unnest({_arrays(table, columns)}) AS u({', '.join(columns)}) "
        f"WHERE {' AND '.join(f't.{k}=u.{k}' for k in keys)}",
    )


def bulk_delete(cls: Any) -> Bulk:
    table = table_of(cls)
    keys = [c.name for c in table.primary_key.columns]
    return Bulk(
        cls,
        keys,
        f"DELETE FROM {table.name} WHERE {' AND '.join(f'{k}=?' for k in keys)}",
        f"DELETE FROM {table.name} AS t USING unnest({_arrays(table, keys)}) AS u({', '.join(keys)}) "
        f"WHERE {' AND '.join(f't.{k}=u.{k}' for k in keys)}",
    )
