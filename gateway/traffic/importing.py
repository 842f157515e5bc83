"""Recordings from files of others: what they hold is brought over, and what they do not hold is said."""

import gc
import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from gateway.exits import Failed, Usage
from gateway.traffic import goreplay, har_reader
from gateway.traffic.exchange import Exchange, Headers
from gateway.traffic.har_reader import CutShort, NoExchange, Taken
from gateway.traffic.labels import Named
from gateway.traffic.redaction import redactor_of
from gateway.traffic.sources import HAR, Source
from gateway.traffic.writer import Writer, unchanged

#: entries of which is said one by one what they lack
_SAID = 1000
_CREDENTIALS = (b"authorization", b"cookie", b"proxy-authorization", b"set-cookie")
_REMOVED = re.compile(rb"(?i)\W*(?:redacted|removed|masked|sanitized)\W*|\*{3,}")
_CREATOR = re.compile(rb'"creator"\s*:\s*\{[^{}]{0,2000}?"name"\s*:\s*"([^"\\]{0,200})"')


@dataclass(slots=True)
class Summary:
    """What came of a file. An entry can be replayed if its request is whole and an answer was recorded."""

    name: str
    entries: int = 0
    replayable: int = 0
    skipped: int = 0
    left_out: int = 0
    unanswered: int = 0
    cut_bodies: int = 0
    credentials: int = 0
    removed: int = 0
    creator: str = ""
    cut: str = ""
    origins: set[str] = field(default_factory=set)
    #: by what sessions are told apart, where there are no credentials
    apart: str = ""
    lacking: int = 0
    said: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """The first one counts, the last ones say, entry by entry, what they lack."""
        yield from self.totals()
        yield from (f"  {line}" for line in self.said)
        if self.lacking > len(self.said):
            yield f"  and {self.lacking - len(self.said)} entries more of which something is missing"

    def totals(self) -> Iterator[str]:
        yield f"{self.entries} entries, {self.replayable} replayable"
        for number, what in (
            (self.skipped, "are no exchanges with a server"),
            (self.left_out, "belong to other servers"),
            (self.unanswered, "without an answer"),
            (self.cut_bodies, "without all of a body"),
        ):
            if number:
                yield f"  {number} {what}"
        if self.replayable and not self.credentials:
            if self.removed:
                yield f"  no credentials: {self.removed} headers say that theirs were removed"
            elif self.creator == "WebInspector":
                yield '  no credentials: Chrome leaves them out ("sanitized") unless told to export sensitive data'
            else:
                yield "  no credentials: not one entry has a cookie or an authorization"
            yield f"  sessions are told apart by {self.apart or 'nothing: all are one'}"
        if self.cut:
            yield f"  the file is cut: {self.cut}"


def import_files(
    path: Path,
    sources: Iterable[Source],
    *,
    only: str = "",
    keep_secrets: bool = False,
    secret_names: Iterable[str] = (),
) -> list[Summary]:
    """Append what is in the files to the recording at `path`. `only`: what addresses have to begin with.

    Raises Usage for what is unusable, and Failed.
    """
    gc.enable()
    is_new = not path.exists()
    labels = Named()
    redactor = None if keep_secrets else redactor_of(path, secret_names)
    summaries = list[Summary]()
    for source in sources:
        with Writer(
            path,
            source=source.name,
            about={"secrets": "kept" if keep_secrets else "redacted"},
            labels=labels,
            change=redactor.exchange if redactor else unchanged,
            beside=[redactor.save] if redactor else [],
        ) as writer:
            summary = Summary(source.name)
            try:
                _Import(source, writer, summary, only.lower()).run()
            except Usage:
                if is_new and not summaries:
                    writer.discard()
                raise
            writer.note("; ".join(line.strip() for line in summary.totals()))
            _name_server(writer, summary)
            if writer.failure:
                raise Failed(f"not all is in the recording: {writer.failure}")
        summaries.append(summary)
    return summaries


class _Import:
    """Of one file."""

    def __init__(self, source: Source, writer: Writer, summary: Summary, only: str) -> None:
        self._source = source
        self._writer = writer
        self._summary = summary
        self._only = only
        self._connections = dict[str, int]()

    def run(self) -> None:
        try:
            for place, number, entry in self._har() if self._source.kind == HAR else self._goreplay():
                self._take(place, number, entry)
        except CutShort as error:
            self._summary.cut = str(error)
        if self._summary.cut:
            self._summary.cut += f", after {self._summary.entries} entries"
        if not self._summary.entries:
            raise Usage(f"{self._source.name} has no entries" + (f": {self._summary.cut}" if self._summary.cut else ""))

    def _goreplay(self) -> Iterator[tuple[int, int, Taken | NoExchange]]:
        numbers = dict[int, int]()
        with self._source.open() as (file, _):
            for place, entry in goreplay.entries(file):
                # answers come in another order than requests
                while len(numbers) < place:
                    numbers[len(numbers) + 1] = self._writer.number()
                yield place, numbers[place], entry

    def _har(self) -> Iterator[tuple[int, int, Taken | NoExchange]]:
        """Numbered in the order of time, whatever the order in the file; so it is read twice."""
        ranks = self._ranks()
        first = self._writer.number() if ranks else 0
        for _ in range(len(ranks) - 1):
            self._writer.number()
        before = 0.0
        with self._source.open() as (file, beside):
            for place, raw in zip(range(1, len(ranks) + 1), har_reader.entries(file), strict=False):
                try:
                    entry: Taken | NoExchange = har_reader.exchange_of(raw, beside, before)
                    before = entry.exchange.began if isinstance(entry, Taken) else before
                except NoExchange as error:
                    entry = error
                yield place, first + ranks[place - 1], entry

    def _ranks(self) -> "array[int]":
        """The place in time of each entry."""
        times = array("d")
        with self._source.open() as (file, _):
            try:
                for at in har_reader.times(file):
                    times.append(at if at is not None else (times[-1] if times else 0.0))
            except CutShort as error:
                self._summary.cut = str(error)
        with self._source.open() as (file, _):
            match = _CREATOR.search(file.read(64 * 1024))
            self._summary.creator = match[1].decode("utf-8", "replace") if match else ""
        ranks = array("q", bytes(8 * len(times)))
        for rank, place in enumerate(sorted(range(len(times)), key=times.__getitem__)):
            ranks[place] = rank
        return ranks

    def _take(self, place: int, number: int, entry: Taken | NoExchange) -> None:
        summary = self._summary
        summary.entries += 1
        if isinstance(entry, NoExchange):
            summary.skipped += 1
            self._lacks(f"entry {place}: {entry}")
            return
        if self._only and not self._is_wanted(entry):
            summary.left_out += 1
            return
        exchange = replace(entry.exchange, number=number, connection=self._connection(entry))
        self._count(exchange, entry.origin)
        if missing := _missing(exchange):
            self._lacks(f"entry {place}: {exchange.request.method} {_shown(exchange.request.target)}: {missing}")
        self._writer.put(exchange, wait=True)

    def _is_wanted(self, entry: Taken) -> bool:
        return (entry.origin + entry.exchange.request.target.decode("latin-1")).lower().startswith(self._only)

    def _connection(self, entry: Taken) -> int:
        """Those who do not tell them apart have one."""
        self._summary.apart = self._summary.apart or entry.apart
        if entry.connection not in self._connections:
            self._connections[entry.connection] = self._writer.connection()
        return self._connections[entry.connection]

    def _count(self, exchange: Exchange, origin: str) -> None:
        summary, request, response = self._summary, exchange.request, exchange.response
        summary.replayable += not request.lacks and response is not None
        summary.unanswered += response is None
        summary.cut_bodies += bool(request.lacks or (response is not None and response.lacks))
        for headers in (request.headers, response.headers if response else ()):
            there, removed = _credentials(headers)
            summary.credentials += there
            summary.removed += removed
        if len(summary.origins) < 1000:
            summary.origins.add(origin)

    def _lacks(self, line: str) -> None:
        self._summary.lacking += 1
        if self._summary.lacking <= _SAID:
            self._summary.said.append(line)


def _missing(exchange: Exchange) -> str:
    request, response = exchange.request, exchange.response
    asked = f"of the request: {request.lacks}" if request.lacks else ""
    return "; ".join(filter(None, (asked, exchange.error if response is None else response.lacks)))


def _credentials(headers: Headers) -> tuple[int, int]:
    """(how many there are, how many were removed)."""
    there = removed = 0
    for name, value in headers:
        if name.lower() in _CREDENTIALS and value:
            if _REMOVED.fullmatch(value.rpartition(b"=")[2].rpartition(b" ")[2]):
                removed += 1
            else:
                there += 1
    return there, removed


def _shown(target: bytes) -> str:
    text = target.decode("latin-1").partition("?")[0]
    return text if len(text) <= 100 else f"{text[:97]}..."


def _name_server(writer: Writer, summary: Summary) -> None:
    """A recording of one server says which, if it does not say yet."""
    if len(summary.origins) != 1:
        return
    try:
        parts = urlsplit(next(iter(summary.origins)))
        port = parts.port or {"https": 443}.get(parts.scheme, 80)
    except ValueError:
        return
    said = {"scheme": parts.scheme, "host": parts.hostname or "", "port": str(port)}
    if said["host"]:
        writer.work(
            lambda connection: connection.executemany(
                "INSERT INTO meta SELECT ?, ? WHERE (SELECT count(*) FROM part) = 1", said.items()
            )
        )
