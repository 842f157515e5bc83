"""SQLite: one file, one process, one writer; WAL with synchronous=FULL, so a commit survives power loss."""

import fcntl
import os
import sqlite3
import time
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import orjson

from core.storage import migrate
from core.storage.statements import Bulk, Flavour
from core.storage.store import (
    BadValue,
    Connection,
    Duplicate,
    NoDatabase,
    Retry,
    Row,
    StorageError,
    Store,
    StoreInUse,
    TooLong,
)

#: how often, in steps of SQLite's machine, a statement with a budget looks at the clock
STEPS = 5_000

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=10000",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-16000",
)
_READING = ("PRAGMA query_only=ON", "PRAGMA busy_timeout=10000", "PRAGMA schema_version")


def _failed(error: sqlite3.Error) -> StorageError:
    if isinstance(error, sqlite3.IntegrityError):
        return Duplicate(str(error))
    if "interrupted" in str(error):
        return TooLong(str(error))
    if "locked" in str(error) or "busy" in str(error):
        return Retry(str(error))
    return StorageError(str(error))


def _plain(params: Mapping[str, Any]) -> Mapping[str, Any]:
    for value in params.values():
        if type(value) is list:
            break
    else:
        return params
    return {k: orjson.dumps(v).decode() if type(v) is list else v for k, v in params.items()}


@dataclass(slots=True)
class Commits:
    """How many there were in this process, which is the only one that writes. Counted when done, so that who knows of a
    commit never meets a number from before it."""

    count: int = 0


class SqliteConnection(Connection):
    flavour = Flavour.SQLITE
    version_is_free = True

    def __init__(self, path: Path, commits: Commits, budget: float = 0, *, reading: bool = False) -> None:
        self._commits = commits
        self._budget = budget
        self._until = 0.0
        mode = "rwc" if not reading else "rw" if os.access(path, os.W_OK) else "ro"
        address = f"{path.absolute().as_uri()}?mode={mode}"
        try:
            self._db = sqlite3.connect(
                address, uri=True, isolation_level=None, check_same_thread=False, cached_statements=512
            )
        except sqlite3.Error as error:
            failed = _failed(error)
            raise type(failed)(f"cannot open {path}: {failed}") from error
        try:
            for pragma in _READING if reading else _PRAGMAS:
                self._db.execute(pragma)
            if budget:
                self._db.set_progress_handler(self._spent, STEPS)
        except sqlite3.Error as error:
            self._db.close()
            failed = _failed(error)
            raise type(failed)(f"cannot open {path}: {failed}") from error

    def _spent(self) -> bool:
        return time.thread_time() > self._until

    def begin(self, *, snapshot: bool = False) -> None:
        self.execute("BEGIN IMMEDIATE", {})

    def commit(self) -> None:
        try:
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self.rollback()
            raise _failed(error) from error
        self._commits.count += 1

    def rollback(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def execute(self, text: str, params: Mapping[str, Any]) -> tuple[list[Row], int]:
        if self._budget:
            self._until = time.thread_time() + self._budget
        try:
            cursor = self._db.execute(text, _plain(params))
            return cursor.fetchall(), cursor.rowcount
        except OverflowError as error:
            raise BadValue(str(error)) from error
        except sqlite3.Error as error:
            raise _failed(error) from error

    def bulk(self, statement: Bulk, rows: Sequence[Row]) -> None:
        try:
            self._db.executemany(statement.sqlite, rows)
        except OverflowError as error:
            raise BadValue(str(error)) from error
        except sqlite3.Error as error:
            raise _failed(error) from error

    def version(self) -> Hashable:
        return self._commits.count

    def close(self) -> None:
        self._db.close()


class SqliteStore(Store):
    flavour = Flavour.SQLITE
    inline = True

    def __init__(self, url: str, *, reading: bool = False) -> None:
        self.url = url
        path = url.removeprefix("sqlite:///") if url.startswith("sqlite:///") else ""
        if not path:
            raise StorageError("a SQLite database needs a file: sqlite:///PATH")
        self.path = Path(path)
        self.place = path
        self._reading = reading
        self._counters: SqliteConnection | None = None
        self._commits = Commits()
        self._lock: IO[str] | None = None
        if reading:
            if not self.path.is_file():
                raise NoDatabase(f"no database at {path}", self.path.absolute().parent)
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = self._take_lock()
        except OSError as error:
            raise StorageError(f"cannot open {self.path}: {error.strerror}") from error

    def _take_lock(self) -> IO[str]:
        lock = open(f"{self.path}.lock", "a+", encoding="ascii")  # noqa: SIM115  held as long as the store
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            owner = lock.read().strip()
            lock.close()
            raise StoreInUse(
                f"{self.path} is in use by process {owner or 'unknown'}. One process owns a SQLite file; "
                "use PostgreSQL to run several."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        return lock

    def connect(self, *, budget: float = 0) -> SqliteConnection:
        return SqliteConnection(self.path, self._commits, budget, reading=self._reading)

    def migrate(self) -> None:
        migrate.upgrade(self)

    def _counter(self) -> SqliteConnection:
        if self._counters is None:
            self._counters = self.connect()
        return self._counters

    def reserve(self, name: str, count: int, first: int) -> int:
        rows, _ = self._counter().execute(
            "INSERT INTO counter (name, value) VALUES (:name, :first + :count) "
            "ON CONFLICT (name) DO UPDATE SET value = value + :count RETURNING value - :count",
            {"name": name, "count": count, "first": first},
        )
        return int(rows[0][0])

    def advance(self, name: str, minimum: int) -> None:
        self._counter().execute(
            "INSERT INTO counter (name, value) VALUES (:name, :minimum) "
            "ON CONFLICT (name) DO UPDATE SET value = max(value, :minimum)",
            {"name": name, "minimum": minimum},
        )

    def give_back(self, name: str, start: int, end: int) -> None:
        self._counter().execute(
            "UPDATE counter SET value = :start WHERE name = :name AND value = :end",
            {"name": name, "start": start, "end": end},
        )

    def close(self) -> None:
        if self._counters is not None:
            self._counters.close()
        if self._lock is not None:
            self._lock.close()
