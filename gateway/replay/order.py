"""What has to be answered before what is sent, so that a replay is as concurrent as it may be, and no more.

What was answered in the recording before something else began goes before it, too, where they have to do with each
other: in one session, about one thing, and where one looks at many things (its request names none) and the other
changes any.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from gateway.replay.sessions import Sessions
from gateway.replay.survey import Survey
from gateway.traffic.exchange import Exchange

_READS = frozenset(("GET", "HEAD", "OPTIONS"))


@dataclass(frozen=True, slots=True)
class _Span:
    number: int
    began: float
    ended: float


@dataclass(slots=True)
class _Line:
    """Those of which the next one may have to wait for."""

    spans: list[_Span] = field(default_factory=list)

    def before(self, span: _Span) -> Iterator[int]:
        """The last ones that were answered when it began; for those before them they wait themselves."""
        ready = [one for one in self.spans if one.ended <= span.began]
        if ready:
            latest = max(one.began for one in ready)
            done = {one.number for one in ready if one.ended <= latest}
            if done:
                self.spans = [one for one in self.spans if one.number not in done]
            yield from (one.number for one in ready if one.number not in done)

    def add(self, span: _Span) -> None:
        self.spans.append(span)


class _Lines:
    """What two sides have to do with each other: those on one side do not wait for each other."""

    __slots__ = ("changes", "looks")

    def __init__(self) -> None:
        self.changes = _Line()
        self.looks = _Line()


@dataclass
class Order:
    """Fed with the exchanges of a recording in order, it says for each what goes before."""

    survey: Survey
    sessions: Sessions
    _in_session: dict[str, _Line] = field(default_factory=lambda: defaultdict(_Line))
    _about: dict[object, _Lines] = field(default_factory=lambda: defaultdict(_Lines))
    _spans: dict[int, _Span] = field(default_factory=dict)
    _all: _Lines = field(default_factory=_Lines)

    def before(self, exchange: Exchange) -> frozenset[int]:
        span = _Span(exchange.number, exchange.began, exchange.ended)
        self._spans[span.number] = span
        reads = exchange.request.method in _READS
        waits = set(self._in_session[self.sessions.names[span.number]].before(span))
        self._in_session[self.sessions.names[span.number]].add(span)
        touched = self.survey.touched[span.number]
        for key in touched:
            lines = self._about[key]
            waits.update(lines.changes.before(span))
            if not reads:
                waits.update(lines.looks.before(span))
            (lines.looks if reads else lines.changes).add(span)
            origin = self.survey.origins.get(key)
            if origin is not None and origin.exchange != span.number and self._is_before(origin.exchange, span):
                waits.add(origin.exchange)
        if span.number not in self.sessions.logins:
            waits.update(self._broadly(exchange, span, reads=reads))
        return frozenset(waits)

    def _broadly(self, exchange: Exchange, span: _Span, *, reads: bool) -> set[int]:
        waits: set[int] = set()
        names_things = any(
            self.survey.is_made(key) and self.survey.origins[key].exchange not in self.sessions.logins
            for key in self.survey.sent[span.number]
        )
        if not names_things:
            waits.update(self._all.changes.before(span))
            self._all.looks.add(span)
        if not reads:
            waits.update(self._all.looks.before(span))
            self._all.changes.add(span)
        waits.discard(span.number)
        return waits

    def _is_before(self, number: int, span: _Span) -> bool:
        other = self._spans.get(number)
        return other is not None and other.ended <= span.began


def one_by_one(exchanges: Iterable[Exchange]) -> Iterator[tuple[int, frozenset[int]]]:
    """Each waits for the one before it."""
    last: int | None = None
    for exchange in exchanges:
        yield exchange.number, frozenset(() if last is None else (last,))
        last = exchange.number
