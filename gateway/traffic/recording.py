"""A recording: exchanges in the order in which they began, in one SQLite file. Here it is read, not written."""

import sqlite3
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from gateway.traffic.exchange import Exchange, Headers, Request, Response
from gateway.traffic.schema import MAX_BODY, NotARecording, open_checked

__all__ = ["Entry", "Meta", "NotARecording", "Part", "Recording"]

#: rows that are fetched at a time, without their bodies
_SLICE = 200

_HEAD = (
    "number, began, ended, connection, method, target, version, headers, body, lacks, "
    "status, reason, answer_version, answer_headers, answer_body, answer_lacks, error"
)
_SIZE = "(SELECT size FROM body WHERE id = exchange.{})"
_ENTRY = (
    "number, began, ended, connection, session, operation, method, target, lacks, status, answer_lacks, error, "
    f"coalesce({_SIZE.format('body')}, 0), coalesce({_SIZE.format('answer_body')}, 0)"
)


@dataclass(frozen=True, slots=True)
class Meta:
    """What the whole file is about. `scheme`, `host` and `port` are of the server; empty, and 0, where nobody knows."""

    kind: str
    started: float
    tool: str
    scheme: str = ""
    host: str = ""
    port: int = 0
    #: whatever else a writer has to say
    more: tuple[tuple[str, str], ...] = ()

    @property
    def upstream(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}" if self.host else ""

    def said(self, name: str) -> str:
        return dict(self.more).get(name, "")


@dataclass(frozen=True, slots=True)
class Part:
    """One run of the recorder, or one file that was imported."""

    number: int
    source: str
    began: float
    tool: str
    notes: str
    exchanges: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a list: an exchange without its headers and bodies."""

    number: int
    began: float
    ended: float
    connection: int
    session: str
    operation: str
    method: str
    target: bytes
    lacks: str
    status: int | None
    answer_lacks: str
    error: str
    sent: int
    received: int


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands in the place of a secret."""

    mark: str
    kind: str
    place: str
    first: int
    times: int


class Recording:
    """A file opened for reading only. Raises NotARecording, and OSError for a file that is not there.

    Whoever wrote it is not trusted: bodies have a bound, and what is damaged is said where it lies.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection, kind = open_checked(path, write=False)
        try:
            self.meta = _meta(kind, self._rows("SELECT name, value FROM meta ORDER BY name"), path)
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def __len__(self) -> int:
        return int(self._one("SELECT count(*) FROM exchange"))

    def exchange(self, number: int) -> Exchange | None:
        rows = self._rows(f"SELECT {_HEAD} FROM exchange WHERE number = ?", number)
        return self._made(rows[0]) if rows else None

    def exchanges(
        self, *, after: int = 0, session: str | None = None, operation: str | None = None, status: int | None = None
    ) -> Iterator[Exchange]:
        """In order of their numbers, one at a time in memory; those that are written meanwhile come along."""
        for row in self._slices(_HEAD, after, session, operation, status):
            yield self._made(row)

    def entries(
        self, *, after: int = 0, session: str | None = None, operation: str | None = None, status: int | None = None
    ) -> Iterator[Entry]:
        """As `exchanges`, without looking at headers and bodies. A status of 0 is no answer."""
        for row in self._slices(_ENTRY, after, session, operation, status):
            yield self._entry(row)

    def entry(self, number: int) -> Entry | None:
        rows = self._rows(f"SELECT {_ENTRY} FROM exchange WHERE number = ?", number)
        return self._entry(rows[0]) if rows else None

    def operations(self) -> list[tuple[str, int]]:
        """Each with the number of its exchanges, the most frequent first."""
        return [
            (str(name), int(times))
            for name, times in self._rows(
                "SELECT operation, count(*) FROM exchange GROUP BY operation ORDER BY count(*) DESC, operation"
            )
        ]

    def sessions(self) -> list[tuple[str, int]]:
        """Each with the number of its exchanges, in the order in which they began."""
        return [
            (str(name), int(times))
            for name, times in self._rows(
                "SELECT session, count(*) FROM exchange GROUP BY session ORDER BY min(number)"
            )
        ]

    def statuses(self) -> list[tuple[int, int]]:
        """Each with the number of its exchanges; 0 is no answer."""
        return [
            (int(status or 0), int(times))
            for status, times in self._rows("SELECT status, count(*) FROM exchange GROUP BY status ORDER BY status")
        ]

    def parts(self) -> list[Part]:
        rows = self._rows(
            "SELECT number, source, began, tool, notes, (SELECT count(*) FROM exchange WHERE part = part.number) "
            "FROM part ORDER BY number"
        )
        return [
            Part(
                number=int(number),
                source=str(source),
                began=float(began),
                tool=str(tool),
                notes=str(notes),
                exchanges=int(exchanges),
            )
            for number, source, began, tool, notes, exchanges in rows
        ]

    def marks(self) -> Iterator[Mark]:
        """Secrets that are not in the file, by the names that stand for them, in the order in which they were seen."""
        for row in self._cursor("SELECT mark, kind, place, first, times FROM mark ORDER BY first, mark"):
            yield Mark(str(row[0]), str(row[1]), str(row[2]), int(row[3]), int(row[4]))

    def sizes(self) -> tuple[int, int]:
        """(bytes of all different bodies, bytes that they take in the file)."""
        ((plain, packed),) = self._rows("SELECT coalesce(sum(size), 0), coalesce(sum(length(data)), 0) FROM body")
        return int(plain), int(packed)

    def _slices(
        self, columns: str, after: int, session: str | None, operation: str | None, status: int | None
    ) -> Iterator[tuple[Any, ...]]:
        conditions, values = ["number > ?"], list[Any]()
        for column, value in (("session", session), ("operation", operation), ("status", status or None)):
            if value is not None:
                conditions.append(f"{column} = ?")
                values.append(value)
        if status == 0:
            conditions.append("status IS NULL")
        text = f"SELECT {columns} FROM exchange WHERE {' AND '.join(conditions)} ORDER BY number LIMIT {_SLICE}"
        # by slices, so that no read is open while somebody writes
        while rows := self._rows(text, after, *values):
            yield from rows
            after = rows[-1][0]

    def _made(self, row: tuple[Any, ...]) -> Exchange:
        try:
            return self._exchange(row)
        except (TypeError, ValueError, AttributeError, orjson.JSONDecodeError) as error:
            raise NotARecording(f"{self.path}: exchange {row[0]} is damaged ({error})") from None

    def _exchange(self, row: tuple[Any, ...]) -> Exchange:
        (number, began, ended, connection, method, target, version, headers, body, lacks) = row[:10]
        (status, reason, answer_version, answer_headers, answer_body, answer_lacks, error) = row[10:]
        sent, missing = self._body(body)
        response = None
        if status is not None:
            received, missing_of_answer = self._body(answer_body)
            response = Response(
                status=int(status),
                reason=str(reason),
                headers=unpacked(answer_headers),
                body=received,
                version=str(answer_version),
                lacks=_both(answer_lacks, missing_of_answer),
            )
        return Exchange(
            number=int(number),
            began=float(began),
            ended=float(ended),
            connection=int(connection),
            request=Request(
                method=str(method),
                target=bytes(target),
                headers=unpacked(headers),
                body=sent,
                version=str(version),
                lacks=_both(lacks, missing),
            ),
            response=response,
            error=str(error),
        )

    def _entry(self, row: tuple[Any, ...]) -> Entry:
        number, began, ended, connection, session, operation, method, target, lacks = row[:9]
        status, answer_lacks, error, sent, received = row[9:]
        try:
            return Entry(
                number=int(number),
                began=float(began),
                ended=float(ended),
                connection=int(connection),
                session=str(session),
                operation=str(operation),
                method=str(method),
                target=bytes(target),
                lacks=str(lacks),
                status=None if status is None else int(status),
                answer_lacks=str(answer_lacks),
                error=str(error),
                sent=int(sent),
                received=int(received),
            )
        except (TypeError, ValueError) as damage:
            raise NotARecording(f"{self.path}: exchange {number} is damaged ({damage})") from None

    def _body(self, id: object) -> tuple[bytes, str]:
        """It, and what is wrong with it."""
        if id is None:
            return b"", ""
        rows = self._rows("SELECT size, packed, data FROM body WHERE id = ?", id)
        if not rows:
            return b"", "its body is not in the file"
        size, packed, data = rows[0]
        if not isinstance(data, bytes) or not isinstance(size, int) or not 0 <= size <= MAX_BODY:
            return b"", "its body is damaged"
        body = inflated(data, size) if packed else data
        return (body, "") if body is not None and len(body) == size else (b"", "its body is damaged")

    def _one(self, text: str, *values: Any) -> Any:
        return self._rows(text, *values)[0][0]

    def _rows(self, text: str, *values: Any) -> list[tuple[Any, ...]]:
        return list(self._cursor(text, *values))

    def _cursor(self, text: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self._connection.execute(text, values)
        except sqlite3.DatabaseError as error:
            raise NotARecording(f"{self.path} cannot be read: {error}") from None


def packed(headers: Headers) -> str:
    """As they are kept: pairs in JSON, a letter for each byte."""
    return orjson.dumps([[name.decode("latin-1"), value.decode("latin-1")] for name, value in headers]).decode()


def unpacked(text: str) -> Headers:
    return tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in orjson.loads(text))


def inflated(data: bytes, size: int) -> bytes | None:
    """Hardly more than `size` bytes of it, whatever it would become; None for what cannot be read."""
    try:
        return zlib.decompressobj().decompress(data, size + 1)
    except zlib.error:
        return None


def _both(one: str, other: str) -> str:
    return "; ".join(filter(None, (one, other)))


def _meta(kind: str, rows: list[tuple[Any, ...]], path: Path) -> Meta:
    values = {str(name): str(value) for name, value in rows}
    try:
        meta = Meta(
            kind=values.pop("kind"),
            started=float(values.pop("started")),
            tool=values.pop("tool"),
            scheme=values.pop("scheme", ""),
            host=values.pop("host", ""),
            port=int(values.pop("port", "0")),
            more=tuple(sorted(values.items())),
        )
    except (KeyError, ValueError) as error:
        raise NotARecording(f"{path} does not say what it is about ({error})") from None
    if meta.kind != kind:
        raise NotARecording(f"{path} says it is a {meta.kind}, and has the tables of a {kind}")
    return meta
