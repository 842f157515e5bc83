"""Loops of a client that asks the same again and again until the answer changes.

The new server may need fewer rounds, or more: what counts is that the last answer comes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b

from gateway.replay.messages import leaves_of
from gateway.replay.sessions import Sessions
from gateway.replay.values import is_time, shape
from gateway.traffic.exchange import Exchange

#: how often it is asked on the new server at the most, for each time that it was recorded, and in any case
MORE, AT_LEAST = 3, 20
#: seconds between two questions at the most
LONGEST_PAUSE = 1.0


@dataclass(frozen=True, slots=True)
class Poll:
    """The numbers of what was asked, and the seconds between two questions."""

    numbers: tuple[int, ...]
    pause: float

    @property
    def limit(self) -> int:
        return max(MORE * len(self.numbers), AT_LEAST)


@dataclass(slots=True)
class _Run:
    asked: bytes
    first: Exchange
    numbers: list[int] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    last: float = 0.0


def polls(exchanges: Iterable[Exchange], sessions: Sessions) -> dict[int, Poll]:
    """By the number of the first question."""
    runs: dict[str, _Run] = {}
    found: dict[int, Poll] = {}
    for exchange in exchanges:
        session = sessions.names[exchange.number]
        asked = _digest(exchange, is_request=True)
        run = runs.get(session)
        if run is None or run.asked != asked or exchange.response is None or _is_over(run):
            _note(run, found)
            runs[session] = _Run(asked, exchange, [exchange.number])
            continue
        if not run.answers:  # most are asked once, and nobody looks at what they were answered
            run.answers.append(_digest(run.first, is_request=False))
        run.numbers.append(exchange.number)
        run.answers.append(_digest(exchange, is_request=False))
        run.last = exchange.began
    for run in runs.values():
        _note(run, found)
    return found


def _is_over(run: _Run) -> bool:
    """Another answer came than before."""
    return len(set(run.answers)) > 1


def _note(run: _Run | None, found: dict[int, Poll]) -> None:
    if run is not None and len(run.numbers) > 2 and len(set(run.answers[:-1])) == 1 and _is_over(run):
        pause = min((run.last - run.first.began) / (len(run.numbers) - 1), LONGEST_PAUSE)
        found[run.numbers[0]] = Poll(tuple(run.numbers), pause)


def _digest(exchange: Exchange, *, is_request: bool) -> bytes:
    request, response = exchange.request, exchange.response
    if is_request:
        said = repr((request.method, request.target, request.headers, request.body))
    elif response is None:
        said = ""
    else:
        values = [
            (place, value)
            for place, value in leaves_of(response)
            if place.part != "header" and not is_time(value) and shape(value) in ("", "number")
        ]
        said = repr((response.status, values))
    return blake2b(said.encode("utf-8", "surrogateescape"), digest_size=16).digest()
