"""Reading a database without an engine: nothing is written, nothing is locked, and it may be in use."""

from typing import TypeVar

from core.engine import NOUNS as NOUNS  # so that all answers are known
from core.identity.tenants import tenant_names
from core.principal import system
from core.search.query import Query
from core.search.reader import READINGS, Reader
from core.search.totals import Totals
from core.storage import open_store
from core.tables import schema

Out = TypeVar("Out")


class Onlooker:
    """Sees what the first tenant has, as the system. Raises NoDatabase, OldSchema and SchemaMismatch when
    it is made."""

    def __init__(self, url: str) -> None:
        self._store = open_store(url, reading=True)
        self.place = self._store.place
        self.concerns = self._store.concerns()
        schema.require_current(self._store)
        connection = self._store.connect()
        rows, _ = connection.execute("SELECT key, name, ext, number FROM tenant ORDER BY key", {})
        self._connection = connection
        self._reader = Reader(connection, system(tenant_names(rows).get(("", ""), 0)), {}, Totals())

    def ask(self, query: Query[Out]) -> Out:
        """Answer a query. Raises a Rejection if there is no answer."""
        return READINGS[type(query)](query, self._reader)  # type: ignore[no-any-return]

    def close(self) -> None:
        self._connection.close()
        self._store.close()
