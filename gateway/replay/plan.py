"""What is to be sent, and what has to be answered before."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.replay.kinds import AllKinds
from gateway.replay.order import Order
from gateway.replay.polls import Poll, polls
from gateway.replay.sessions import Sessions, sessions
from gateway.replay.survey import Read, Survey, survey


@dataclass(slots=True)
class Plan:
    """`before` has for each unit the units that it waits for. A unit is an exchange, or all that a loop asked, under
    the number of its first one."""

    survey: Survey
    sessions: Sessions
    polls: dict[int, Poll]
    before: dict[int, frozenset[int]] = field(default_factory=dict)

    @property
    def exchanges(self) -> int:
        return len(self.sessions.names)


def plan(read: Read, kinds: AllKinds, *, one_by_one: bool = False) -> Plan:
    """Reads the recording some times."""
    known = survey(read, kinds)
    who = sessions(read())
    asked = polls(read(), who, known)
    made = Plan(known, who, asked)
    loops = {number: poll for poll in asked.values() for number in poll.numbers}
    made.before = dict(_one_by_one(read, loops)) if one_by_one else _at_once(read, Order(known, who), loops)
    return made


def _one_by_one(read: Read, loops: dict[int, Poll]) -> Iterator[tuple[int, frozenset[int]]]:
    """Each waits for the one before it; a loop is where it ended, since what ended it is in front of that."""
    last: frozenset[int] = frozenset()
    for exchange in read():
        poll = loops.get(exchange.number)
        if poll is None or poll.numbers[-1] == exchange.number:
            number = exchange.number if poll is None else poll.numbers[0]
            yield number, last
            last = frozenset((number,))


def _at_once(read: Read, order: Order, loops: dict[int, Poll]) -> dict[int, frozenset[int]]:
    """A loop waits for what its first question does; for it waits who came behind its last one: what is beside it may
    be what ends it."""
    waits: dict[int, frozenset[int]] = {}
    for exchange in read():
        before = set()
        for other in order.before(exchange):
            poll = loops.get(other)
            if poll is None or exchange.number > poll.numbers[-1]:
                before.add(other if poll is None else poll.numbers[0])
        poll = loops.get(exchange.number)
        if poll is None or poll.numbers[0] == exchange.number:
            waits[exchange.number] = frozenset(before)
    return waits
