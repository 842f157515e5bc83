"""Recordings in lines for a terminal. What strangers wrote moves no cursor and rings no bell there."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from gateway.traffic.bodies import as_text
from gateway.traffic.codings import CannotDecode
from gateway.traffic.exchange import Exchange, Headers
from gateway.traffic.recording import Entry, Recording

_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
#: of operations and sessions that are listed
_MOST = 20
#: letters of a body
_LONG = 10_000


def safe(text: str, *, lines: bool = False) -> str:
    """Without letters that a terminal obeys."""
    text = _UNSEEN.sub(lambda match: f"\\x{ord(match[0]):02x}", text)
    return text if lines else text.replace("\n", "\\n").replace("\t", "\\t")


def moment(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    except (ValueError, OverflowError, OSError):
        return "?"


def about(recording: Recording) -> Iterator[str]:
    """All that is to be known of it but its exchanges."""
    meta, (plain, packed) = recording.meta, recording.sizes()
    yield f"{meta.kind} of {safe(meta.upstream) or 'a server that is not named'}"
    yield f"begun {moment(meta.started)} UTC by {safe(meta.tool)}"
    yield f"{len(recording)} exchanges, {plain} bytes of bodies in {packed}"
    for name, value in meta.more:
        yield f"{safe(name)}: {safe(value)}"
    for part in recording.parts():
        notes = f"; {safe(part.notes)}" if part.notes else ""
        began = moment(part.began)
        yield f"part {part.number}: {part.exchanges} exchanges from {safe(part.source)}, {began} UTC{notes}"
    statuses = ", ".join(f"{status or 'no answer'}: {times}" for status, times in recording.statuses())
    yield f"statuses: {statuses or 'none'}"
    yield from _counted("operations", recording.operations())
    yield from _counted("sessions", recording.sessions())
    secrets = False
    for mark in recording.marks():
        if not secrets:
            yield "secrets:"
            secrets = True
        yield f"  {safe(mark.mark)}  {safe(mark.kind)}, {mark.times} times, first in {mark.first} ({safe(mark.place)})"


def _counted(title: str, counts: list[tuple[str, int]]) -> Iterator[str]:
    if not counts:
        return
    yield f"{title}:"
    for name, times in counts[:_MOST]:
        yield f"  {times:6} {safe(name) or '-'}"
    if len(counts) > _MOST:
        yield f"  and {len(counts) - _MOST} more"


def line(entry: Entry) -> str:
    status = entry.status if entry.status is not None else "-"
    took = f"{max(0.0, entry.ended - entry.began) * 1000:.0f} ms"
    target = safe(entry.target.decode("latin-1"))
    text = f"{entry.number:6} {moment(entry.began)} {status:>3} {took:>8} {entry.received:>8} {safe(entry.session)}  "
    return text + f"{safe(entry.method)} {target}" + (f"  [{safe(lacks)}]" if (lacks := lacking(entry)) else "")


def lacking(entry: Entry) -> str:
    return "; ".join(filter(None, (entry.lacks, entry.answer_lacks, entry.error)))


def whole(exchange: Exchange) -> Iterator[str]:
    """An exchange with its heads and the beginning of its bodies."""
    request, response = exchange.request, exchange.response
    yield f"exchange {exchange.number}, connection {exchange.connection}, {moment(exchange.began)} UTC"
    yield f"{safe(request.method)} {safe(request.target.decode('latin-1'))} HTTP/{safe(request.version)}"
    yield from _message(request.headers, request.body, request.lacks)
    yield ""
    if response is None:
        yield f"[no answer: {safe(exchange.error)}]"
        return
    yield f"HTTP/{safe(response.version)} {response.status} {safe(response.reason)}"
    yield from _message(response.headers, response.body, response.lacks)


def _message(headers: Headers, body: bytes, lacks: str) -> Iterator[str]:
    for name, value in headers:
        yield f"{safe(name.decode('latin-1'))}: {safe(value.decode('latin-1'))}"
    if body:
        yield ""
        yield from _body(body, headers)
    if lacks:
        yield f"[{safe(lacks)}]"


def _body(body: bytes, headers: Headers) -> Iterator[str]:
    try:
        read = as_text(body, headers)
    except CannotDecode as error:
        yield f"[{len(body)} bytes: {error}]"
        return
    if read is None:
        yield f"[{len(body)} bytes that are no text]"
        return
    yield from safe(read.text[:_LONG], lines=True).splitlines()
    if len(read.text) > _LONG:
        yield f"[and {len(read.text) - _LONG} letters more]"
