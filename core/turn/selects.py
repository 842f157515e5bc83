"""The statements that working sets are loaded and written with, compiled once for each table and column."""

from typing import Any

from sqlalchemy import select

from core.storage.cache import cached
from core.storage.statements import Bulk, Statement, any_of, bulk_delete, bulk_insert, bulk_update, table_of


@cached(maxsize=512)
def select_by(cls: type[Any], by: str, lock: bool) -> Statement:
    table = table_of(cls)
    statement = select(*table.columns).where(any_of(table.c[by], "values"))
    if lock:
        # in the order of keys: two turns that lock the same rows in orders of their own would wait for each other
        statement = statement.order_by(*table.primary_key.columns).with_for_update()
    return Statement(statement)


#: in their order, for two turns may lock the same
LOCK_VALUES = """SELECT pg_advisory_xact_lock(hashtextextended(value, 0))
FROM (SELECT value FROM unnest(%(values)s::text[]) AS value ORDER BY value) AS wanted"""


@cached(maxsize=64)
def insert_into(cls: type[Any]) -> Bulk:
    return bulk_insert(cls)


@cached(maxsize=256)
def update_of(cls: type[Any], columns: tuple[str, ...]) -> Bulk:
    return bulk_update(cls, columns)


@cached(maxsize=64)
def delete_from(cls: type[Any]) -> Bulk:
    return bulk_delete(cls)
