"""What has to be answered before what is sent: a replay is as concurrent as the recording was, and reads more so.

What was answered before something else began goes before it, too: in one session always, of several sessions where one
of the two changes something, for nobody knows what a change changes, and where one has a value from the other's answer.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.replay.sessions import Sessions
from gateway.replay.survey import Survey
from gateway.traffic.exchange import Exchange

_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
#: where an address calls a function, GET may do anything
_CALLS = re.compile(rb"\.(?:asmx|asp|aspx|ashx|svc|php|do|cgi|jsp)(?:/|$)", re.IGNORECASE)
_ASKS = re.compile(rb"(?:[gG]et|[iI]s|[hH]as|[lL]ist|[sS]earch|[fF]ind|[qQ]uery|[rR]ead|[cC]ount)(?![a-z])")
_BODY = re.compile(rb"<(?:\w+:)?Body\b[^>]*>\s*<(?:\w+:)?(\w+)")


def only_reads(exchange: Exchange) -> bool:
    """As far as its method and its name tell."""
    request = exchange.request
    path = request.path.rstrip(b"/")
    if (called := _BODY.search(request.body[:4096])) is not None:
        return _ASKS.match(called[1]) is not None
    if _CALLS.search(path):
        return _ASKS.match(path.rpartition(b"/")[2]) is not None
    return request.method in _SAFE or (request.method == "POST" and path.endswith((b"/search", b"/query")))


@dataclass(frozen=True, slots=True)
class _Span:
    number: int
    began: float
    ended: float


@dataclass(slots=True)
class _Line:
    """Those of which the next one may have to wait for."""

    spans: list[_Span] = field(default_factory=list)
    _dropped: float = 0.0

    def before(self, span: _Span) -> Iterator[int]:
        """All that were answered when it began."""
        return (one.number for one in self.spans if one.ended <= span.began)

    def latest(self, span: _Span) -> float:
        """When the last of these began."""
        return max((one.began for one in self.spans if one.ended <= span.began), default=0.0)

    def drop(self, until: float) -> None:
        """Those that were answered by then: for them somebody waits for whom the next ones wait."""
        if until > self._dropped:
            self._dropped = until
            self.spans = [one for one in self.spans if one.ended > until]

    def add(self, span: _Span) -> None:
        self.spans.append(span)


@dataclass
class Order:
    """Fed with the exchanges of a recording in order, it says for each what goes before."""

    survey: Survey
    sessions: Sessions
    _in_session: dict[str, _Line] = field(default_factory=lambda: defaultdict(_Line))
    _changes: _Line = field(default_factory=_Line)
    _looks: _Line = field(default_factory=_Line)
    _spans: dict[int, _Span] = field(default_factory=dict)

    def before(self, exchange: Exchange) -> frozenset[int]:
        span = _Span(exchange.number, exchange.began, exchange.ended)
        self._spans[span.number] = span
        session = self._in_session[self.sessions.names[span.number]]
        session.drop(session.latest(span))
        waits = set(session.before(span))
        session.add(span)
        latest = self._changes.latest(span)
        self._changes.drop(latest)
        self._looks.drop(latest)
        waits.update(self._changes.before(span))
        if only_reads(exchange):
            self._looks.add(span)
        else:
            waits.update(self._looks.before(span))
            self._changes.add(span)
        waits.update(self._origins(span))
        waits.discard(span.number)
        return frozenset(waits)

    def _origins(self, span: _Span) -> Iterator[int]:
        for key in self.survey.sent[span.number]:
            origin = self.survey.origins.get(key)
            other = self._spans.get(origin.exchange) if origin is not None else None
            if other is not None and other.ended <= span.began:
                yield other.number
