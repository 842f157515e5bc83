"""What a replay came to: for each exchange that was sent how it was judged, each difference, and ids nobody could map.

A result is a file like a recording: its exchanges, under the numbers that they have in the recording, are what was sent
and what was answered this time.
"""

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.traffic.exchange import Exchange
from gateway.traffic.recording import NotARecording, Recording
from gateway.traffic.schema import RESULT
from gateway.traffic.writer import Labels, Writer, unlabelled


@dataclass(frozen=True, slots=True)
class Difference:
    """`place` is where in the answer, `follows` the exchange of which this is a consequence."""

    exchange: int
    operation: str
    place: str
    grade: str
    old: str | None
    new: str | None
    note: str = ""
    follows: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one exchange was judged; `grade` is that of its worst difference, or says that there is none."""

    exchange: int
    session: str
    operation: str
    grade: str
    reason: str = ""
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A value of the recording that was sent as it was, since nobody saw where it comes from."""

    value: str
    kind: str
    place: str
    first: int
    times: int


@dataclass(slots=True)
class _Pending:
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class ResultWriter:
    """Writes a result; `about` says of which recording, against what."""

    def __init__(self, path: Path, *, source: str, about: Mapping[str, str], labels: Labels = unlabelled) -> None:
        self._pending = _Pending()
        self._writer = Writer(path, source=source, kind=RESULT, about=dict(about), labels=labels, beside=[self._judge])

    @property
    def failure(self) -> str:
        return self._writer.failure

    def put(self, exchange: Exchange, verdict: Verdict) -> None:
        """Both go into the file together; waits where there is no room."""
        with self._pending.lock:
            self._pending.verdicts[exchange.number] = verdict
        self._writer.put(exchange, wait=True)

    def unmapped(self, values: Iterator[Unmapped] | list[Unmapped]) -> None:
        self._writer.work(
            lambda connection: connection.executemany(
                "INSERT OR REPLACE INTO unmapped VALUES (?, ?, ?, ?, ?)",
                ((one.value, one.kind, one.place, one.first, one.times) for one in values),
            )
        )

    def say(self, name: str, value: str) -> None:
        """A line of the file's `meta`, for example the totals at the end."""
        self._writer.work(
            lambda connection: connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))
        )

    def close(self) -> None:
        self._writer.close()

    def _judge(self, connection: sqlite3.Connection, exchange: Exchange) -> None:
        with self._pending.lock:
            verdict = self._pending.verdicts.pop(exchange.number)
        connection.execute(
            "INSERT INTO verdict VALUES (?, ?, ?, ?, ?)",
            (verdict.exchange, verdict.session, verdict.operation, verdict.grade, verdict.reason),
        )
        connection.executemany(
            "INSERT INTO difference (exchange, operation, place, grade, old, new, note, follows) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (one.exchange, one.operation, one.place, one.grade, one.old, one.new, one.note, one.follows)
                for one in verdict.differences
            ),
        )


class Result(Recording):
    """A result, opened for reading. Raises NotARecording for a recording, too."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        if self.meta.kind != RESULT:
            self.close()
            raise NotARecording(f"{path} is a recording, and not what came of a replay")

    def verdicts(self) -> Iterator[Verdict]:
        """In the order of the recording, without their differences."""
        for row in self._cursor("SELECT exchange, session, operation, grade, reason FROM verdict ORDER BY exchange"):
            yield Verdict(int(row[0]), str(row[1]), str(row[2]), str(row[3]), str(row[4]))

    def differences(self, exchange: int | None = None) -> Iterator[Difference]:
        """Of one exchange, or all of them in the order of the recording."""
        columns = "SELECT exchange, operation, place, grade, old, new, note, follows FROM difference"
        if exchange is None:
            rows = self._cursor(f"{columns} ORDER BY exchange, id")
        else:
            rows = self._cursor(f"{columns} WHERE exchange = ? ORDER BY id", exchange)
        for row in rows:
            yield Difference(
                exchange=int(row[0]),
                operation=str(row[1]),
                place=str(row[2]),
                grade=str(row[3]),
                old=_maybe(row[4]),
                new=_maybe(row[5]),
                note=str(row[6]),
                follows=None if row[7] is None else int(row[7]),
            )

    def all_unmapped(self) -> Iterator[Unmapped]:
        for row in self._cursor("SELECT value, kind, place, first, times FROM unmapped ORDER BY first, value"):
            yield Unmapped(str(row[0]), str(row[1]), str(row[2]), int(row[3]), int(row[4]))


def _maybe(value: Any) -> str | None:
    return None if value is None else str(value)
