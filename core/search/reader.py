"""Answering queries. Each runs on one connection, in one thread, and sees every acknowledged write."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from core.principal import Principal
from core.rejections import NotFound
from core.search.query import Query
from core.search.totals import Totals
from core.storage.record import load
from core.storage.rows import by_column
from core.storage.store import Connection
from core.turn.known import KnownDefinition, load_definitions

T = TypeVar("T")
Out = TypeVar("Out")


@dataclass(slots=True)
class Reader:
    """A connection, who asks, and the definitions that never change."""

    connection: Connection
    principal: Principal
    definitions: dict[int, KnownDefinition]
    totals: Totals

    def known(self, definition_key: int) -> KnownDefinition:
        known = self.definitions.get(definition_key)
        if known is None:
            load_definitions(self.connection, self.definitions, [definition_key])
            known = self.definitions[definition_key]
        return known

    def one(self, cls: type[T], column: str, value: Any, kind: str, *, tenant: bool = True) -> T:
        rows = self.connection.fetch(
            by_column(cls, column, tenant), {"value": value, "tenant": self.principal.tenant_key}
        )
        if not rows:
            raise NotFound(kind, value)
        return load(cls, rows[0])  # type: ignore[type-var]


def of_tenant(r: Reader, cls: type[T]) -> list[T]:
    rows = r.connection.fetch(by_column(cls, "tenant_key", False), {"value": r.principal.tenant_key})
    return sorted((load(cls, row) for row in rows), key=lambda row: row.key)  # type: ignore[attr-defined,type-var]


Answer = Callable[[Any, Reader], Any]

READINGS: dict[type[Query[Any]], Answer] = {}


def answers(query: type[Query[Out]]) -> Callable[[Callable[[Any, Reader], Out]], Answer]:
    def register(answer: Callable[[Any, Reader], Out]) -> Answer:
        READINGS[query] = answer
        return answer

    return register


def of_own_tenant(r: Reader, rows: Iterable[Any]) -> list[Any]:
    return [row for row in rows if row.tenant_key == r.principal.tenant_key]


def by_name(rows: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(rows, key=lambda row: row.name.casefold()))
