"""Loops of a client that asks the same again and again until the answer changes.

The new server may need fewer rounds, or more: what counts is that the last answer comes. So it does where one question
was enough, because what it looked for was already there: the work of a change that was still under way.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from math import inf

from gateway.replay.messages import leaves_of
from gateway.replay.order import only_reads
from gateway.replay.sessions import Sessions
from gateway.replay.survey import Survey
from gateway.replay.values import is_time, shape
from gateway.traffic.exchange import Exchange

#: how often it is asked on the new server at the most, for each time that it was recorded, and in any case
MORE, AT_LEAST = 3, 20
#: seconds between two questions at the most
LONGEST_PAUSE = 1.0
#: seconds after which a look beside a change is done again
NEXT_LOOK = 0.1


@dataclass(frozen=True, slots=True)
class Poll:
    """The numbers of what was asked, and the seconds between two questions. `beside` are changes: when they are
    through, asking again is of no use."""

    numbers: tuple[int, ...]
    pause: float
    beside: tuple[int, ...] = ()

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
    #: when the first one was answered of what its session asked besides
    until: float = inf


def _still_going_on(changes: Iterable[Exchange], exchange: Exchange) -> tuple[int, ...]:
    """The numbers of changes that were not through when this was answered."""
    return tuple(change.number for change in changes if change.ended > exchange.ended)


def polls(exchanges: Iterable[Exchange], sessions: Sessions, survey: Survey) -> dict[int, Poll]:
    """By the number of the first question."""
    #: by session: those that may go on. What else it does meanwhile ends none, until that is answered
    runs: dict[str, list[_Run]] = defaultdict(list)
    found: dict[int, Poll] = {}
    looks: dict[int, Poll] = {}
    changes: list[Exchange] = []
    brought = {origin.exchange for origin in survey.origins.values() if origin.times}
    for exchange in exchanges:
        changes = [change for change in changes if change.ended > exchange.began]
        if not only_reads(exchange):
            changes.append(exchange)
        elif exchange.number in brought and (beside := _still_going_on(changes, exchange)):
            looks[exchange.number] = Poll((exchange.number,), NEXT_LOOK, beside)
        session = sessions.names[exchange.number]
        runs[session] = list(_going_on(runs[session], exchange, found))
    for those in runs.values():
        for run in those:
            _note(run, found)
    asked = {number for poll in found.values() for number in poll.numbers}
    return found | {number: look for number, look in looks.items() if number not in asked}


def _going_on(runs: list[_Run], exchange: Exchange, found: dict[int, Poll]) -> Iterator[_Run]:
    """The loops of a session when it has asked something else, or the same again."""
    asked = _digest(exchange, is_request=True)
    is_new = True
    for run in runs:
        if run.until <= exchange.began or (run.asked == asked and (exchange.response is None or _is_over(run))):
            _note(run, found)
            continue
        if run.asked != asked:
            run.until = min(run.until, exchange.ended)
        else:
            is_new = False
            if not run.answers:  # most are asked once, and nobody looks at what they were answered
                run.answers.append(_digest(run.first, is_request=False))
            run.numbers.append(exchange.number)
            run.answers.append(_digest(exchange, is_request=False))
            run.last = exchange.began
        yield run
    if is_new:
        yield _Run(asked, exchange, [exchange.number])


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
