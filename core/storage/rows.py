"""Loading rows by what one column says."""

from collections.abc import Iterable
from typing import Any, TypeVar

from sqlalchemy import bindparam, select

from core.storage.cache import cached
from core.storage.record import load
from core.storage.statements import Statement, any_of, table_of
from core.storage.store import Connection

T = TypeVar("T")


@cached(maxsize=128)
def by_column(cls: type[Any], column: str, tenant: bool) -> Statement:
    table = table_of(cls)
    statement = select(*table.columns).where(table.c[column] == bindparam("value", type_=table.c[column].type))
    if tenant:
        statement = statement.where(table.c.tenant_key == bindparam("tenant"))
    return Statement(statement)


@cached(maxsize=128)
def _any(cls: type[Any], column: str) -> Statement:
    table = table_of(cls)
    return Statement(select(*table.columns).where(any_of(table.c[column], "values")))


def load_any(connection: Connection, cls: type[T], column: str, values: Iterable[Any]) -> list[T]:
    wanted = list(values)
    if not wanted:
        return []
    return [load(cls, row) for row in connection.fetch(_any(cls, column), {"values": wanted})]  # type: ignore[type-var]
