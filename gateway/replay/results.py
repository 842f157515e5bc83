"""What came of a replay, in its file: kept as it comes, gone on with, and done again in part."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from gateway.compare.grades import Grade
from gateway.compare.judgement import Judgement
from gateway.exits import Failed, Usage
from gateway.replay.identities import Identities
from gateway.replay.plan import Plan
from gateway.replay.player import Played
from gateway.report.sources import CONFLICTS
from gateway.traffic import results
from gateway.traffic.exchange import Exchange
from gateway.traffic.recording import NotARecording
from gateway.traffic.redaction import Redactor, key_beside
from gateway.traffic.results import Result, ResultWriter, Unmapped, Verdict

_GRADES = frozenset(Grade)


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an earlier replay wrote: `grades` by the numbers of exchanges."""

    path: Path
    grades: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, path: Path) -> "Earlier":
        """Raises NotARecording, and OSError for a file that is not there."""
        with Result(path) as result:
            return cls(path, {verdict.exchange: verdict.grade for verdict in result.verdicts()})

    def good(self, limit: Grade) -> frozenset[int]:
        """Those without a difference that counts."""
        return frozenset(
            number for number, grade in self.grades.items() if grade not in _GRADES or not Grade(grade).reaches(limit)
        )

    def answers(self) -> Iterator[tuple[Verdict, Exchange]]:
        """What was sent and answered, with its verdict."""
        with Result(self.path) as result:
            for verdict in result.verdicts():
                exchange = result.exchange(verdict.exchange)
                if exchange is not None:
                    yield replace(verdict, differences=tuple(result.differences(verdict.exchange))), exchange


def make_room(path: Path, *, force: bool) -> None:
    """A result that is there already goes if it is said so. Raises Usage."""
    if not path.exists():
        return
    try:
        Result(path).close()
    except NotARecording:
        raise Usage(f"{path} is there already, and is not what came of a replay: name another one with --out") from None
    if not force:
        raise Usage(f"{path} is there already: --force replaces it, --resume goes on with it, --out names another one")
    for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        with suppress(FileNotFoundError):
            file.unlink()


class Kept:
    """The file while it is written. Secrets that were put in do not get there."""

    def __init__(
        self, path: Path, about: dict[str, str], made: Plan, recording: Path, operation: Callable[[Exchange], str]
    ) -> None:
        self._writer = ResultWriter(path, source=str(recording), about=about, labels=self._labels)
        self._made = made
        self._operation = operation
        #: (session, operation) of what is yet to be written, in a thread
        self._labelled: dict[int, tuple[str, str]] = {}
        key = recording.with_name(f"{recording.name}.key")
        self._redactor = Redactor(key_beside(recording) if key.exists() else os.urandom(32))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._writer.close()

    def _labels(self, exchange: Exchange) -> tuple[str, str]:
        return self._labelled.pop(exchange.number)

    def put(self, played: Played, judgement: Judgement) -> None:
        old = played.old
        session, operation = self._made.sessions.names[old.number], self._operation(old)
        self._labelled[old.number] = session, operation
        new = played.new or Exchange(old.number, old.began, old.ended, old.connection, old.request, error=played.why)
        covered = self._redactor.exchange(new)
        differences = tuple(
            results.Difference(
                exchange=old.number,
                operation=operation,
                place=one.place,
                grade=one.grade,
                old=one.old,
                new=None if one.new is None else self._redactor.text(one.new),
                note=one.note,
                follows=one.follows,
            )
            for one in judgement.differences
        )
        verdict = Verdict(old.number, session, operation, judgement.grade, judgement.reason, differences=differences)
        self._writer.put(covered, verdict)
        self._check()

    def copy(self, exchange: Exchange, verdict: Verdict) -> None:
        """From an earlier result."""
        self._labelled[exchange.number] = verdict.session, verdict.operation
        self._writer.put(exchange, verdict)

    def finish(self, identities: Identities, more: Mapping[str, str]) -> None:
        """What is to be said of all of it."""
        self._writer.unmapped(
            [
                Unmapped(stale.text, stale.key.kind or "id", stale.needed, stale.origin, stale.times)
                for stale in identities.stale.values()
            ]
        )
        told = [
            {"value": one.value, "kind": one.key.kind, "place": str(one.place), "exchange": one.exchange}
            | {"bound": one.bound, "seen": one.seen}
            for one in identities.conflicts
        ]
        self._writer.say(CONFLICTS, json.dumps(told))
        for name, text in more.items():
            self._writer.say(name, text)
        self._writer.say("replaced", str(sum(bound.times for bound in identities.bound.values())))
        self._writer.say("bound", str(len(identities.bound)))
        self._check()

    def _check(self) -> None:
        if self._writer.failure:
            raise Failed(f"the result cannot be written: {self._writer.failure}")
