"""PostgreSQL: any number of processes on one database, read committed, rows locked in key order."""

import re
from collections.abc import Hashable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.string import StrDumper

from core.storage.statements import Bulk, Flavour
from core.storage.store import (
    PATIENCE,
    BadValue,
    Connection,
    Damaged,
    Duplicate,
    Retry,
    Row,
    StorageError,
    Store,
)

_KINDS: tuple[tuple[Any, type[StorageError]], ...] = (
    (psycopg.errors.UniqueViolation, Duplicate),
    ((psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected), Retry),
    ((psycopg.errors.DataCorrupted, psycopg.errors.IndexCorrupted), Damaged),
    (psycopg.DataError, BadValue),
    ((psycopg.OperationalError, psycopg.InterfaceError), Retry),
    (psycopg.Error, StorageError),
)


def _place(url: str) -> str:
    """`name at host:port`, without the user and the password."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.Error as error:
        reason = _reason(error).replace(f': "{url}"', "").replace(url, "")  # there may be a password in it
        raise StorageError(f"the address of the database cannot be read: {reason}") from None
    where = f"{parts.get('host') or 'localhost'}:{parts.get('port') or 5432}"
    return f"{parts.get('dbname') or parts.get('user') or ''} at {where}".strip()


def _reason(error: psycopg.Error) -> str:
    """The first failure that the driver tells, in one line and without what it says around it."""
    lines = [line.strip(" -") for line in str(error).splitlines()] or [""]
    told = lines[1] if len(lines) > 1 and lines[0].endswith(":") else lines[0]
    told = told.rpartition(" failed: ")[2].removeprefix("FATAL:").strip()
    return re.sub(r"\[Errno -?\d+\] ", "", told)


class PostgresqlConnection(Connection):
    flavour = Flavour.POSTGRESQL
    version_is_free = False

    def __init__(self, url: str, place: str, *, reading: bool = False) -> None:
        self._url = url
        self._place = place
        self._reading = reading
        self._db = self._open()
        self._in_transaction = False

    def _open(self) -> psycopg.Connection[Row]:
        try:
            db = psycopg.connect(self._url, autocommit=True, prepare_threshold=2)
            if self._reading:
                db.execute("SET default_transaction_read_only = on")
        except psycopg.Error as error:
            raise Retry(f"cannot reach the database {self._place}: {_reason(error)}") from error
        db.adapters.register_dumper(StrEnum, StrDumper)
        return db

    def _failed(self, error: psycopg.Error) -> StorageError:
        kind = next(kind for classes, kind in _KINDS if isinstance(error, classes))
        if kind is Duplicate:
            return Duplicate(str(error))
        return kind(f"{self._place}: {str(error).partition(chr(10))[0]}")

    def begin(self, *, snapshot: bool = False) -> None:
        self.execute("BEGIN ISOLATION LEVEL REPEATABLE READ" if snapshot else "BEGIN", {})
        self._in_transaction = True

    def commit(self) -> None:
        self._in_transaction = False
        try:
            self._db.execute("COMMIT")
        except psycopg.Error as error:
            raise self._failed(error) from error

    def rollback(self) -> None:
        self._in_transaction = False
        try:
            self._db.execute("ROLLBACK")
        except psycopg.Error:
            self._db.close()

    def execute(self, text: str, params: Mapping[str, Any]) -> tuple[list[Row], int]:
        if self._db.closed and not self._in_transaction:
            self._db = self._open()
        try:
            cursor = self._db.execute(text, params or None)
            return (cursor.fetchall() if cursor.description else []), cursor.rowcount
        except psycopg.Error as error:
            if self._db.broken:
                self._db.close()
            raise self._failed(error) from error

    def bulk(self, statement: Bulk, rows: Sequence[Row]) -> None:
        arrays = [list(column) for column in zip(*rows, strict=True)]
        try:
            self._db.execute(statement.unnest, arrays)
        except psycopg.Error as error:
            raise self._failed(error) from error

    def version(self) -> Hashable:
        return self.execute("SELECT pg_current_snapshot()::text", {})[0][0][0]  # type: ignore[no-any-return]

    def close(self) -> None:
        self._db.close()


class PostgresqlStore(Store):
    flavour = Flavour.POSTGRESQL
    inline = False

    def __init__(self, url: str, *, reading: bool = False) -> None:
        self.url = url.replace("postgres://", "postgresql://", 1)
        self.place = _place(self.url)
        self._reading = reading
        self._counters: PostgresqlConnection | None = None

    def connect(self, *, budget: float = 0, patience: float = PATIENCE) -> PostgresqlConnection:
        return PostgresqlConnection(self.url, self.place, reading=self._reading)

    def _counter(self) -> PostgresqlConnection:
        if self._counters is None:
            self._counters = self.connect()
        return self._counters

    def reserve(self, name: str, count: int, first: int) -> int:
        rows, _ = self._counter().execute(
            "INSERT INTO counter (name, value) VALUES (%(name)s, %(first)s::bigint + %(count)s) "
            "ON CONFLICT (name) DO UPDATE SET value = counter.value + %(count)s RETURNING value - %(count)s",
            {"name": name, "count": count, "first": first},
        )
        return int(rows[0][0])

    def advance(self, name: str, minimum: int) -> None:
        self._counter().execute(
            "INSERT INTO counter (name, value) VALUES (%(name)s, %(minimum)s::bigint) "
            "ON CONFLICT (name) DO UPDATE SET value = greatest(counter.value, %(minimum)s)",
            {"name": name, "minimum": minimum},
        )

    def give_back(self, name: str, start: int, end: int) -> None:
        self._counter().execute(
            "UPDATE counter SET value = %(start)s WHERE name = %(name)s AND value = %(end)s",
            {"name": name, "start": start, "end": end},
        )

    def close(self) -> None:
        if self._counters is not None:
            self._counters.close()
