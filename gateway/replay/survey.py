"""What is in a recording before it is replayed: which values the old server made, and where they were first seen."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush

from gateway.replay.keys import Key, Keys
from gateway.replay.kinds import AllKinds
from gateway.replay.learned import Learner
from gateway.replay.messages import leaves_of
from gateway.replay.places import Place
from gateway.replay.values import is_named_like_one, is_small_number, is_time
from gateway.traffic.exchange import Exchange

_DIGIT = re.compile("[0-9]")
#: a recording, read from its beginning
Read = Callable[[], Iterable[Exchange]]


@dataclass(slots=True)
class Origin:
    """Where a value of the old server was first seen in an answer."""

    exchange: int
    place: Place
    text: str
    #: how often clients sent it
    times: int = 0


@dataclass(slots=True)
class Survey:
    """`origins` are values that the old server made, `clients` those that a client was first to say; `touched` is what
    an exchange has to do with, `sent` what of it is in the request."""

    keys: Keys
    origins: dict[Key, Origin] = field(default_factory=dict)
    clients: set[Key] = field(default_factory=set)
    touched: dict[int, frozenset[Key]] = field(default_factory=dict)
    sent: dict[int, frozenset[Key]] = field(default_factory=dict)

    def is_made(self, key: Key) -> bool:
        return key in self.origins


def path_of(exchange: Exchange) -> str:
    return exchange.request.path.decode("latin-1")


def in_order(exchanges: Iterable[Exchange]) -> Iterator[tuple[Exchange, bool]]:
    """Each exchange twice, when it began and (True) when it was answered, in the order of time."""
    waiting: list[tuple[float, int, Exchange]] = []
    for exchange in exchanges:
        while waiting and waiting[0][0] <= exchange.began:
            yield heappop(waiting)[2], True
        yield exchange, False
        heappush(waiting, (exchange.ended, exchange.number, exchange))
    while waiting:
        yield heappop(waiting)[2], True


def survey(read: Read, kinds: AllKinds) -> Survey:
    """Reads it twice: an id that does not look like one is known by being sent back."""
    special = _special(read, kinds)
    seen = Survey(Keys(kinds, special.__contains__))
    for exchange, is_answered in in_order(read()):
        path = path_of(exchange)
        if is_answered:
            if exchange.response is None:
                continue
            made = set()
            for place, value in leaves_of(exchange.response):
                for key in seen.keys.within(place, value, path):
                    made.add(key)
                    if key not in seen.origins and key not in seen.clients:
                        seen.origins[key] = Origin(exchange.number, place, value)
            seen.touched[exchange.number] = seen.sent[exchange.number] | made
            continue
        sent = set()
        for place, value in leaves_of(exchange.request):
            for key in seen.keys.within(place, value, path):
                sent.add(key)
                if (origin := seen.origins.get(key)) is not None:
                    origin.times += 1
                else:
                    seen.clients.add(key)
        seen.sent[exchange.number] = seen.touched[exchange.number] = frozenset(sent)
    return seen


def _special(read: Read, kinds: AllKinds) -> set[str]:
    """Texts that an answer has first at a place of an id, or as a time, and that a client sends later as a whole; what
    small numbers are of one kind is learned on the way."""
    answered: set[str] = set()
    special: set[str] = set()
    said: set[str] = set()
    learner = Learner(kinds)
    for exchange, is_answered in in_order(read()):
        path = path_of(exchange)
        if is_answered:
            if exchange.response is None:
                continue
            for place, value in leaves_of(exchange.response):
                if is_small_number(value):
                    learner.answered(place, value, path)
                elif value not in said and _may_be_one(place, value):
                    answered.add(value)
            continue
        for place, value in leaves_of(exchange.request):
            if is_small_number(value):
                learner.sent(place, value, path)
            elif value in answered:
                special.add(value)
            else:
                said.add(value)
    learner.teach()
    return special


def _may_be_one(place: Place, value: str) -> bool:
    if not 3 <= len(value) <= 4096 or _DIGIT.search(value) is None:
        return False
    if is_time(value):
        return ":" in value
    return place.part in ("cookie", "text") or (" " not in value and is_named_like_one(place.name))
