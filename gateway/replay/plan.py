"""What is to be sent, and what has to be answered before."""

from collections import defaultdict
from dataclasses import dataclass, field

from gateway.replay.kinds import AllKinds
from gateway.replay.order import Order
from gateway.replay.polls import Poll, polls
from gateway.replay.sessions import Sessions, sessions
from gateway.replay.survey import Read, Survey, survey

_NONE: frozenset[int] = frozenset()


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
    asked = polls(read(), who)
    made = Plan(known, who, asked)
    unit = {number: first for first, poll in asked.items() for number in poll.numbers}
    order = Order(known, who)
    waits: dict[int, set[int]] = defaultdict(set)
    last: int | None = None
    for exchange in read():
        number = unit.get(exchange.number, exchange.number)
        if one_by_one:
            if last is not None:
                waits[number].add(last)
            last = number
        else:
            waits[number].update(unit.get(other, other) for other in order.before(exchange))
        waits[number].discard(number)
    # a loop that began before something else and ended behind it waits for nothing that waits for it
    made.before = {number: frozenset(one for one in others if one < number) for number, others in waits.items()}
    return made
