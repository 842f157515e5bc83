"""Writes recordings: exchanges are handed over at once, and a thread puts them into the file, some at a time."""

import hashlib
import sqlite3
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from core.storage.file import HeldFile
from core.storage.store import StoreInUse
from gateway.exits import Usage
from gateway.traffic.exchange import Exchange, Headers, Request, Response
from gateway.traffic.recording import NotARecording, packed
from gateway.traffic.schema import MAX_BODY, RECORDING, connect, create, open_checked

#: seconds after which what was handed over is in the file, if the disk is as quick: what a `kill -9` loses
DELAY = 0.25
#: bytes that wait for the disk; whoever hands over more waits, too
WAITING = 64 * 1024 * 1024
#: of one transaction
_BATCH = 8 * 1024 * 1024
#: bodies shorter than that do not get shorter
_WORTH_PACKING = 128
#: what an exchange takes beside its headers and bodies
_OVERHEAD = 1024

#: (the session, the operation) of an exchange, both "" where nobody knows; asked in the order in which they are written
Labels = Callable[[Exchange], tuple[str, str]]
#: run within the transaction that writes an exchange
Beside = Callable[[sqlite3.Connection, Exchange], None]
#: what is done to an exchange before it is labelled and written, in the same order
Change = Callable[[Exchange], Exchange]

_INSERT = "INSERT INTO exchange VALUES (" + ", ".join("?" * 20) + ")"


class CannotAppend(Usage):
    """The file is there and cannot be gone on with; the text says why."""


def unlabelled(exchange: Exchange) -> tuple[str, str]:
    """A connection is a session, as long as nobody knows better."""
    return f"connection {exchange.connection}", ""


def unchanged(exchange: Exchange) -> Exchange:
    return exchange


class Writer:
    """Appends to the recording at `path`, which is made if it is not there.

    `about` is what the file has to be about: `scheme`, `host` and `port` of the server, and whatever else; where the
    file says something else, CannotAppend is raised. After a write that failed, `failure` says why, and all that is
    handed over is counted as `lost`; `on_failure` hears of it in the thread.
    """

    def __init__(
        self,
        path: Path,
        *,
        source: str,
        kind: str = RECORDING,
        about: dict[str, str] | None = None,
        labels: Labels = unlabelled,
        change: Change = unchanged,
        beside: Sequence[Beside] = (),
        on_failure: Callable[[str], None] = lambda why: None,
    ) -> None:
        self.path = path
        self.failure = ""
        self.lost = 0
        self.written = 0
        self.is_closed = False
        self._discarded = False
        self._labels = labels
        self._change = change
        self._beside = beside
        self._on_failure = on_failure
        self._held = _held(path)
        try:
            self._connection = _opened(path, kind, about or {})
            self._part, self._numbers, self._connections = _begun(self._connection, source)
        except sqlite3.Error as error:
            self._held.close()
            raise CannotAppend(f"{path} cannot be written: {error}") from None
        except BaseException:
            self._held.close()
            raise
        self._condition = threading.Condition()
        self._writing = threading.Lock()
        self._queue: deque[tuple[Exchange, int]] = deque()
        self._waiting = 0
        self._ending = False
        self._flush = False
        self._thread = threading.Thread(target=self._run, name="dragoman-recording", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def number(self) -> int:
        """That of the next exchange, to be taken when it begins."""
        with self._condition:
            self._numbers += 1
            return self._numbers

    def connection(self) -> int:
        """That of the next connection."""
        with self._condition:
            self._connections += 1
            return self._connections

    @property
    def has_room(self) -> bool:
        return self._waiting < WAITING

    def wait_for_room(self) -> None:
        with self._condition:
            self._condition.wait_for(lambda: self.has_room or bool(self.failure))

    def put(self, exchange: Exchange, *, wait: bool = False) -> None:
        """Hand it over; with `wait` when there is room for it. Nobody else waits: they ask `has_room`."""
        size = _size(exchange)
        if wait:
            self.wait_for_room()
        with self._condition:
            if self.failure:
                self.lost += 1
                return
            self._queue.append((exchange, size))
            self._waiting += size
            if self._waiting >= _BATCH:
                self._condition.notify_all()

    def flush(self) -> None:
        """Wait until all that was handed over is in the file, or cannot be."""
        with self._condition:
            self._flush = True
            self._condition.notify_all()
            self._condition.wait_for(lambda: not self._waiting or self.failure)

    def note(self, text: str) -> None:
        """What is to be known of all that this writer has written. It waits for the disk."""
        self.work(
            lambda connection: connection.execute("UPDATE part SET notes = ? WHERE number = ?", (text, self._part))
        )

    def work(self, statement: Callable[[sqlite3.Connection], object]) -> None:
        """In a transaction of its own, when all that was handed over is written. It waits for the disk."""
        self.flush()
        with self._writing:
            if not self.failure:
                self._transact(lambda: statement(self._connection))

    def close(self) -> None:
        """Write what waits, and make one file of it."""
        if self.is_closed:
            return
        self.is_closed = True
        with self._condition:
            self._ending = True
            self._condition.notify_all()
        self._thread.join()
        try:
            if not self.failure:
                self._connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.Error:
            pass  # somebody reads it; what is beside the file belongs to it
        finally:
            self._connection.close()
            for ending in (".lock", "", ".key") if self._discarded else (".lock",):
                self.path.with_name(f"{self.path.name}{ending}").unlink(missing_ok=True)
            self._held.close()

    def discard(self) -> None:
        """Close it, and leave nothing of it."""
        self._discarded = True
        self.close()

    def _run(self) -> None:
        """In the thread."""
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._ending or self._flush or self._waiting >= _BATCH, DELAY)
                batch = list[tuple[Exchange, int]]()
                size = 0
                while self._queue and size < _BATCH:
                    batch.append(self._queue.popleft())
                    size += batch[-1][1]
                ended = self._ending and not batch
                self._flush = self._flush and bool(self._queue)
            if ended:
                return
            if batch:
                self._write([exchange for exchange, _ in batch])
            with self._condition:
                self._waiting -= size
                self._condition.notify_all()

    def _write(self, batch: list[Exchange]) -> None:
        with self._writing:
            if not self.failure:
                self._transact(lambda: self._insert_all(batch))
        if self.failure:
            self.lost += len(batch)
        else:
            self.written += len(batch)

    def _transact(self, work: Callable[[], object]) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            work()
            self._connection.execute("COMMIT")
        except Exception as error:  # nobody else would hear of it
            self.failure = f"{self.path}: {error}"
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            self._on_failure(self.failure)

    def _insert_all(self, batch: list[Exchange]) -> None:
        for exchange in batch:
            self._insert(exchange)

    def _insert(self, exchange: Exchange) -> None:
        exchange = self._changed(exchange)
        request, response = exchange.request, exchange.response
        session, operation = self._labels(exchange)
        body, lacks = self._body(request.body, request.lacks)
        answer: tuple[Any, ...] = (None, "", "", "[]", None, "")
        if response is not None:
            received, missing = self._body(response.body, response.lacks)
            answer = (
                response.status,
                _text(response.reason),
                _text(response.version),
                packed(response.headers),
                received,
                _text(missing),
            )
        self._connection.execute(
            _INSERT,
            (
                exchange.number,
                self._part,
                exchange.began,
                exchange.ended,
                exchange.connection,
                _text(session),
                _text(operation),
                _text(request.method),
                request.target,
                _text(request.version),
                packed(request.headers),
                body,
                _text(lacks),
                *answer,
                _text(exchange.error),
            ),
        )
        for work in self._beside:
            work(self._connection, exchange)

    def _changed(self, exchange: Exchange) -> Exchange:
        """What cannot be changed is not kept as it was: there may be secrets in it."""
        try:
            return self._change(exchange)
        except Exception as error:  # whatever it is, the others are to be written
            lacks = f"it could not be looked through ({type(error).__name__}: {error}), and nothing of it is kept"
            response = exchange.response
            return replace(
                exchange,
                request=Request(exchange.request.method, exchange.request.path, lacks=lacks),
                response=Response(response.status, lacks=lacks) if response else None,
            )

    def _body(self, body: bytes, lacks: str) -> tuple[int | None, str]:
        """Where it is kept, once for all that are the same; and what is missing of it."""
        if len(body) > MAX_BODY:
            cut = f"its body has {len(body)} bytes, of which {MAX_BODY} are kept"
            body, lacks = body[:MAX_BODY], "; ".join(filter(None, (lacks, cut)))
        if not body:
            return None, lacks
        digest = hashlib.sha256(body).digest()
        if row := self._connection.execute("SELECT id FROM body WHERE digest = ?", (digest,)).fetchone():
            return int(row[0]), lacks
        data = zlib.compress(body, 6) if len(body) >= _WORTH_PACKING else body
        if len(data) >= len(body):
            data = body
        cursor = self._connection.execute(
            "INSERT INTO body (digest, size, packed, data) VALUES (?, ?, ?, ?)",
            (digest, len(body), data is not body, data),
        )
        return cursor.lastrowid, lacks


def _opened(path: Path, kind: str, about: dict[str, str]) -> sqlite3.Connection:
    """A connection to write with. Raises CannotAppend."""
    if path.exists() and path.stat().st_size:
        try:
            connection, there = open_checked(path, write=True)
        except NotARecording as error:
            raise CannotAppend(str(error)) from None
        try:
            _check_about(connection, path, kind, there, about)
            connection.execute("PRAGMA journal_mode = WAL")
        except BaseException:
            connection.close()
            raise
        return connection
    connection = connect(path, write=True)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        create(connection, kind)
        said = {"kind": kind, "started": repr(time.time()), "tool": _tool(), **about}
        connection.executemany("INSERT INTO meta VALUES (?, ?)", said.items())
        connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection


def _held(path: Path) -> HeldFile:
    try:
        return HeldFile(path, str(path))
    except StoreInUse:
        raise CannotAppend(f"{path} is being written by another process") from None


def _begun(connection: sqlite3.Connection, source: str) -> tuple[int, int, int]:
    """A new part: its number, the last exchange's, the last connection's."""
    cursor = connection.execute(
        "INSERT INTO part (source, began, tool) VALUES (?, ?, ?)", (source, time.time(), _tool())
    )
    last, connections = connection.execute(
        "SELECT coalesce(max(number), 0), coalesce(max(connection), 0) FROM exchange"
    ).fetchone()
    return int(cursor.lastrowid or 0), int(last), int(connections)


def _check_about(connection: sqlite3.Connection, path: Path, kind: str, there: str, about: dict[str, str]) -> None:
    if there != kind:
        raise CannotAppend(f"{path} is a {there}, not a {kind}")
    known = dict(connection.execute("SELECT name, value FROM meta").fetchall())
    for name, value in about.items():
        if known.get(name, "") != value:
            old, new = known.get(name) or "none", value or "none"
            raise CannotAppend(f"{path} is a recording with {name} {old}, and cannot go on with {name} {new}")


def _tool() -> str:
    return f"dragoman {version('dragoman')}"


def _text(text: str) -> str:
    """SQLite keeps no halves of characters."""
    return text.encode("utf-8", "replace").decode()


def _size(exchange: Exchange) -> int:
    request, response = exchange.request, exchange.response
    size = _OVERHEAD + len(request.target) + len(request.body) + _length(request.headers)
    if response is not None:
        size += len(response.body) + _length(response.headers)
    return size


def _length(headers: Headers) -> int:
    return sum(len(name) + len(value) + 8 for name, value in headers)
