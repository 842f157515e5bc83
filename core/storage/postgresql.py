"""PostgreSQL: any number of processes on one database, read committed, rows locked in key order."""

import logging
import time
from collections.abc import Hashable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.types.string import StrDumper

from core.storage.address import read_address
from core.storage.sentry import Sentry
from core.storage.servers import IDENTIFY, Servers, Session, identity
from core.storage.statements import Bulk, Flavour
from core.storage.store import (
    PATIENCE,
    BadValue,
    Busy,
    Connection,
    Damaged,
    Duplicate,
    Retry,
    Row,
    StorageError,
    Store,
    Unsure,
)

log = logging.getLogger("dragoman.storage")

#: seconds that a statement waits for a lock, at least
LEAST_PATIENCE = 1.0
#: and that a row waits which may be written already by a transaction under way
DOUBT = 0.5

_HANGING = (
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE usename = current_user AND wait_event = 'SyncRep' "
    "AND query_start < clock_timestamp() - interval '1 s')"
)
#: those that keep a commit from waiting for a standby
_SETTINGS_OF_COMMITS = (
    "SELECT name, setting FROM pg_settings WHERE (name = 'synchronous_standby_names' AND setting = '') "
    "OR (name = 'synchronous_commit' AND setting IN ('off', 'local'))"
)
_NOT_PREPARED = (psycopg.errors.InvalidSqlStatementName, psycopg.errors.DuplicatePreparedStatement)
_KINDS: tuple[tuple[Any, type[StorageError]], ...] = (
    (psycopg.errors.UniqueViolation, Duplicate),
    ((psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected), Retry),
    ((psycopg.errors.DataCorrupted, psycopg.errors.IndexCorrupted), Damaged),
    (psycopg.DataError, BadValue),
    (psycopg.errors.LockNotAvailable, Busy),
    ((psycopg.errors.ReadOnlySqlTransaction, *_NOT_PREPARED), Retry),
    ((psycopg.OperationalError, psycopg.InterfaceError), Retry),
    (psycopg.Error, StorageError),
)


class PostgresqlConnection(Connection):
    flavour = Flavour.POSTGRESQL
    version_is_free = False

    def __init__(self, servers: Servers, sentry: Sentry, *, reading: bool = False) -> None:
        self._servers = servers
        self._sentry = sentry
        self._reading = reading
        self._in_transaction = False
        self._patience = PATIENCE
        self._warned = False
        self._session = self._open()

    def _open(self) -> Session:
        session = self._servers.open()
        session.db.adapters.register_dumper(StrEnum, StrDumper)
        session.db.add_notice_handler(self._note)
        if not self._reading:
            self._sentry.watch(session)
        return session

    def _leave(self) -> None:
        self._sentry.leave(self._session)
        self._session.close()

    def _note(self, notice: psycopg.errors.Diagnostic) -> None:
        if notice.severity_nonlocalized == "WARNING":
            self._warned = True

    def _failed(self, error: psycopg.Error) -> StorageError:
        session = self._session
        if session.db.broken:
            self._leave()
            self._servers.lost()
        elif isinstance(error, _NOT_PREPARED) and session.db.prepare_threshold is not None:
            log.warning("%s forgets prepared statements, as poolers do: none are made any more", session.server.place)
            self._servers.prepares = False
            self._leave()
        elif isinstance(error, psycopg.errors.ReadOnlySqlTransaction) and not self._reading:
            self._leave()  # it became a standby
            self._servers.lost()
        kind = next(kind for classes, kind in _KINDS if isinstance(error, classes))
        if kind is Duplicate:
            return Duplicate(str(error))
        if session.db.closed and kind is StorageError:
            kind = Retry
        return kind(f"{self._servers.address.place}: {str(error).partition(chr(10))[0]}")

    @property
    def epoch(self) -> int:
        return self._servers.epoch

    def wait_for_locks(self, seconds: float) -> None:
        """Other gateways have locks for a moment all the time."""
        self._patience = max(seconds, LEAST_PATIENCE)

    def begin(self, *, snapshot: bool = False) -> None:
        """One message, whatever has to be said at the beginning."""
        self._renew()
        kind = " ISOLATION LEVEL REPEATABLE READ" if snapshot else ""
        text = f"BEGIN{kind}; SET LOCAL lock_timeout = {self._patience * 1000:.0f}"
        if not self._session.is_pooled:
            self._run(text, None)
            self._in_transaction = True
            return
        rows, _ = self._run(f"{text}; {IDENTIFY}", None)
        self._in_transaction = True
        try:
            self._see(rows[0])
        except Retry:
            self.rollback()
            raise

    def _see(self, row: Row) -> None:
        """A pooler may lead to another server each time."""
        who = identity(row)
        if who.is_standby and not self._reading:
            raise Retry(f"{self._servers.address.place} is a standby, which takes no writes")
        self._session.epoch = self._servers.see(who.lineage)
        self._session.lineage = who.lineage

    def confirm(self) -> None:
        if self._session.is_pooled and not self._reading:
            self._see(self.execute(IDENTIFY, {})[0][0])

    def commit(self) -> None:
        """What the server refuses was not done. Where it does not say, or warns that it did not wait for its standby,
        nobody knows."""
        if self.expects is not None and self.expects != self.epoch:
            raise Retry("the database became another one meanwhile")
        if self._session.db.info.transaction_status is TransactionStatus.INERROR:
            raise Retry("the transaction was given up")  # COMMIT would say so by its answer only
        self._in_transaction = False
        self._warned = False
        self._run("COMMIT", None, commits=True)
        if self._warned:
            raise Unsure(f"{self._servers.address.place}: the commit was not confirmed by the standby")

    def rollback(self) -> None:
        self._in_transaction = False
        try:
            self._session.db.execute("ROLLBACK", prepare=False)
        except psycopg.Error:
            self._leave()

    def _renew(self) -> None:
        """Between transactions: another connection, if this one is lost or leads to what was the primary."""
        if self._session.db.closed or self._session.epoch != self._servers.epoch:
            self._leave()
            self._session = self._open()

    def _run(self, text: str, params: Any, *, commits: bool = False) -> tuple[list[Row], int]:
        """The answer to the last of the statements; those without parameters at all are never prepared."""
        session = self._session
        session.commits, session.since = commits, time.monotonic()
        try:
            if params is None:
                cursor = session.db.execute(text, prepare=False)
                while cursor.nextset():
                    pass
            else:
                cursor = session.db.execute(text, params)
            return (cursor.fetchall() if cursor.description else []), cursor.rowcount
        except psycopg.Error as error:
            failure = self._failed(error)
            raise (Unsure(str(failure)) if commits and session.db.closed else failure) from error
        finally:
            session.since = 0.0

    def execute(self, text: str, params: Mapping[str, Any]) -> tuple[list[Row], int]:
        if not self._in_transaction:
            self._renew()
        if not self._reading or self._in_transaction:
            return self._run(text, params or None)
        self._run("BEGIN READ ONLY", None)  # a pooler would keep what is set for the session, and give it to others
        try:
            return self._run(text, params or None)
        finally:
            self.rollback()

    def write(self, text: str, params: Mapping[str, Any]) -> list[Row]:
        """A transaction of its own."""
        self._renew()
        return self._run(text, params, commits=True)[0]

    def commits_hang(self) -> bool:
        return bool(self.execute(_HANGING, {})[0][0][0])

    def bulk(self, statement: Bulk, rows: Sequence[Row]) -> None:
        self._run(statement.unnest, [list(column) for column in zip(*rows, strict=True)])

    def clashes(self, statement: Bulk, row: Row) -> bool:
        self.begin()
        try:
            self._run(f"SET LOCAL lock_timeout = {DOUBT * 1000:.0f}", None)
            self.bulk(statement, [row])
        except Duplicate:
            return True
        finally:
            self.rollback()
        return False

    def version(self) -> Hashable:
        return self.execute("SELECT pg_current_snapshot()::text", {})[0][0][0]  # type: ignore[no-any-return]

    def close(self) -> None:
        self._leave()


class PostgresqlStore(Store):
    flavour = Flavour.POSTGRESQL
    inline = False

    def __init__(self, url: str, *, reading: bool = False) -> None:
        self.url = url.replace("postgres://", "postgresql://", 1)
        self._servers = Servers(read_address(self.url), reading=reading)
        self._sentry = Sentry(self._servers)
        self.place = self._servers.address.place
        self._reading = reading
        self._counters: PostgresqlConnection | None = None

    @property
    def epoch(self) -> int:
        return self._servers.epoch

    def connect(self, *, budget: float = 0, patience: float = PATIENCE) -> PostgresqlConnection:
        return PostgresqlConnection(self._servers, self._sentry, reading=self._reading)

    def concerns(self) -> list[str]:
        """Whoever names several servers wants one to take over."""
        if len(self._servers.address.servers) == 1:
            return []
        try:
            connection = self.connect()
        except StorageError:
            return []  # it will be told by whoever needs it
        try:
            settings, _ = connection.execute(_SETTINGS_OF_COMMITS, {})
        except StorageError:
            return []
        finally:
            connection.close()
        return [
            f"no commit of {self.place} waits for a standby ({name} is {value or 'empty'}): "
            "what was acknowledged last may be lost when another server takes over"
            for name, value in settings
        ]

    def driver(self) -> psycopg.Connection[Row]:
        """A connection for who has a way of their own with it."""
        db = self._servers.open().let_go()
        db.prepare_threshold = None
        db.autocommit = False
        return db

    def _counter(self) -> PostgresqlConnection:
        if self._counters is None:
            self._counters = self.connect()
        return self._counters

    def reserve(self, name: str, count: int, first: int) -> int:
        rows = self._counter().write(
            "INSERT INTO counter (name, value) VALUES (%(name)s, %(first)s::bigint + %(count)s) "
            "ON CONFLICT (name) DO UPDATE SET value = counter.value + %(count)s RETURNING value - %(count)s",
            {"name": name, "count": count, "first": first},
        )
        return int(rows[0][0])

    def advance(self, name: str, minimum: int) -> None:
        self._counter().write(
            "INSERT INTO counter (name, value) VALUES (%(name)s, %(minimum)s::bigint) "
            "ON CONFLICT (name) DO UPDATE SET value = greatest(counter.value, %(minimum)s)",
            {"name": name, "minimum": minimum},
        )

    def give_back(self, name: str, start: int, end: int) -> None:
        self._counter().write(
            "UPDATE counter SET value = %(start)s WHERE name = %(name)s AND value = %(end)s",
            {"name": name, "start": start, "end": end},
        )

    def close(self) -> None:
        if self._counters is not None:
            self._counters.close()
        self._sentry.stop()
