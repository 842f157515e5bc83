"""Every statement in the log, for whoever wants to see what a turn or a query asks of the database.

The logger is `dragoman.sql`, the level debug. It has the text of a statement, how many rows there were and what it
took; never the values, which are what people wrote.
"""

import logging
import time
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from core.storage.statements import Bulk, Flavour
from core.storage.store import Connection, Row

log = logging.getLogger("dragoman.sql")


def traced(connection: Connection, name: str) -> Connection:
    """The connection itself, as long as nobody wants to see: then it costs nothing. `name` is told in each line."""
    return Traced(connection, name) if log.isEnabledFor(logging.DEBUG) else connection


class Traced(Connection):
    """Says what another connection does."""

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self._name = name
        self.flavour = connection.flavour
        self.version_is_free = connection.version_is_free

    def begin(self, *, snapshot: bool = False) -> None:
        self._connection.begin(snapshot=snapshot)
        log.debug("%s: BEGIN", self._name)

    def commit(self) -> None:
        began = time.perf_counter()
        self._connection.commit()
        log.debug("%s: COMMIT [%.2f ms]", self._name, _since(began))

    def rollback(self) -> None:
        self._connection.rollback()
        log.debug("%s: ROLLBACK", self._name)

    def wait_for_locks(self, seconds: float) -> None:
        self._connection.wait_for_locks(seconds)

    def execute(self, text: str, params: Mapping[str, Any]) -> tuple[list[Row], int]:
        began = time.perf_counter()
        rows, changed = self._connection.execute(text, params)
        self._tell(text, max(len(rows), changed), began)
        return rows, changed

    def bulk(self, statement: Bulk, rows: Sequence[Row]) -> None:
        began = time.perf_counter()
        self._connection.bulk(statement, rows)
        self._tell(statement.sqlite if self.flavour is Flavour.SQLITE else statement.unnest, len(rows), began)

    def version(self) -> Hashable:
        return self._connection.version()

    def close(self) -> None:
        self._connection.close()

    def _tell(self, text: str, rows: int, began: float) -> None:
        log.debug("%s: %s [%d rows, %.2f ms]", self._name, " ".join(text.split()), rows, _since(began))


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000
