"""SQLite: one file, one process, one writer; WAL with synchronous=FULL, so a commit survives power loss."""

import logging
import os
import sqlite3
import time
from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from core.storage.file import HeldFile, concerns
from core.storage.statements import Bulk, Flavour
from core.storage.store import (
    PATIENCE,
    BadValue,
    Busy,
    Connection,
    Damaged,
    Duplicate,
    NoDatabase,
    Row,
    StorageError,
    Store,
    TooLong,
)

log = logging.getLogger("dragoman.storage")

#: how often, in steps of SQLite's machine, a statement with a budget looks at the clock
STEPS = 5_000

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-16000",
)
_READING = ("PRAGMA query_only=ON", "PRAGMA schema_version")

_KINDS: Mapping[int, type[StorageError]] = {
    sqlite3.SQLITE_CONSTRAINT: Duplicate,
    sqlite3.SQLITE_INTERRUPT: TooLong,
    sqlite3.SQLITE_BUSY: Busy,
    sqlite3.SQLITE_LOCKED: Busy,
    sqlite3.SQLITE_PROTOCOL: Busy,
    sqlite3.SQLITE_CORRUPT: Damaged,
    sqlite3.SQLITE_NOTADB: Damaged,
}
#: what SQLite says about a full disk, depending on which file it needs to grow
_MAYBE_FULL = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)


def _reason(error: BaseException, path: Path) -> str:
    text = str(error)
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in _MAYBE_FULL:
        with suppress(OSError):
            if os.statvfs(path.parent).f_bavail == 0:
                text += " (the disk is full)"
    return text


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

    def __init__(
        self,
        path: Path,
        place: str,
        commits: Commits,
        *,
        budget: float = 0,
        patience: float = PATIENCE,
        reading: bool = False,
    ) -> None:
        self._path = path
        self._place = place
        self._commits = commits
        self._budget = budget
        self._patience = patience
        self._reading = reading
        self._until = 0.0
        self._is_broken = False
        self._open()

    def _open(self) -> None:
        mode = "rwc" if not self._reading else "rw" if os.access(self._path, os.W_OK) else "ro"
        what = f"cannot open {self._place}"
        try:
            db = sqlite3.connect(
                f"{self._path.as_uri()}?mode={mode}",
                uri=True,
                timeout=self._patience,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=512,
            )
        except sqlite3.Error as error:
            raise self._failed(error, what) from error
        try:
            for pragma in _READING if self._reading else _PRAGMAS:
                db.execute(pragma)
            if self._budget:
                db.set_progress_handler(self._spent, STEPS)
        except sqlite3.Error as error:
            db.close()
            raise self._failed(error, what) from error
        self._db = db

    def _failed(self, error: sqlite3.Error, what: str = "") -> StorageError:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        kind = _KINDS.get(code, StorageError)
        if kind is Duplicate:
            return Duplicate(str(error))
        return kind(f"{what or self._place}: {_reason(error, self._path)}")

    def _spent(self) -> bool:
        return time.thread_time() > self._until

    def begin(self, *, snapshot: bool = False) -> None:
        self.execute("BEGIN IMMEDIATE", {})

    def commit(self) -> None:
        try:
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self.rollback()
            raise self._failed(error) from error
        self._commits.count += 1

    def rollback(self) -> None:
        """Never raises: a connection that cannot even do this is made anew when it is needed next."""
        try:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        except sqlite3.Error as error:
            log.warning("%s", self._failed(error))
            self._is_broken = True
            self._db.close()

    def wait_for_locks(self, seconds: float) -> None:
        self._patience = seconds
        if not self._is_broken:
            self._db.execute(f"PRAGMA busy_timeout={int(seconds * 1000)}")

    def execute(self, text: str, params: Mapping[str, Any]) -> tuple[list[Row], int]:
        if self._is_broken:
            self._open()
            self._is_broken = False
        if self._budget:
            self._until = time.thread_time() + self._budget
        try:
            cursor = self._db.execute(text, _plain(params))
            return cursor.fetchall(), cursor.rowcount
        except OverflowError as error:
            raise BadValue(str(error)) from error
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def bulk(self, statement: Bulk, rows: Sequence[Row]) -> None:
        try:
            self._db.executemany(statement.sqlite, rows)
        except OverflowError as error:
            raise BadValue(str(error)) from error
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def version(self) -> Hashable:
        return self._commits.count

    def copy_to(self, other: sqlite3.Connection) -> None:
        """All of the database as it is now, whoever writes meanwhile. Raises sqlite3.Error for the other one's file."""
        self._db.backup(other)

    def close(self) -> None:
        self._db.close()


def file_of(url: str) -> Path:
    """Which file an address means. Raises StorageError, and OSError and RuntimeError for links that lead nowhere."""
    path = url.removeprefix("sqlite:///") if url.startswith("sqlite:///") else ""
    if not path:
        raise StorageError("a SQLite database needs a file: sqlite:///PATH")
    return Path(path).resolve()


class SqliteStore(Store):
    flavour = Flavour.SQLITE
    inline = True

    def __init__(self, url: str, *, reading: bool = False) -> None:
        self.url = url
        self.place = path = url.removeprefix("sqlite:///")
        self._reading = reading
        self._counters: SqliteConnection | None = None
        self._commits = Commits()
        self._file: HeldFile | None = None
        try:
            self.path = file_of(url)
            if not reading:
                self._file = HeldFile(self.path, path)
        except (OSError, RuntimeError) as error:  # the latter for links in a circle
            raise StorageError(f"cannot open {path}: {getattr(error, 'strerror', None) or error}") from error
        if reading and not self.path.is_file():
            raise NoDatabase(f"no database at {path}", self.path.parent)

    def connect(self, *, budget: float = 0, patience: float = PATIENCE) -> SqliteConnection:
        return SqliteConnection(
            self.path, self.place, self._commits, budget=budget, patience=patience, reading=self._reading
        )

    def reason(self, error: BaseException | None) -> str:
        return _reason(error, self.path) if error is not None else ""

    @property
    def is_in_place(self) -> bool:
        return self._file is None or self._file.is_in_place

    def concerns(self) -> list[str]:
        return concerns(self.path, self.place)

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
        if self._file is not None:
            self._file.close()
