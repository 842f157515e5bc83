"""Who sent what: a session is what one client did with one credential, ticket or cookie, else on one connection.

A login that has no credential yet belongs to the session of what it was given, and so does the renewal of a token.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from gateway.replay.messages import leaves_of
from gateway.replay.places import Place
from gateway.replay.survey import in_order
from gateway.replay.values import shape
from gateway.traffic.exchange import Exchange

_TICKET = re.compile(r".*(?:ticket|token|session|api[_-]?key|jwt)(?:_?id)?", re.IGNORECASE)
_KEY_HEADER = re.compile(r"authorization|.*(?:api-?key|token|ticket|session)", re.IGNORECASE)


@dataclass(slots=True)
class Sessions:
    """`names` has each exchange's session by its number, `logins` those that somebody got a credential from."""

    names: dict[int, str] = field(default_factory=dict)
    logins: set[int] = field(default_factory=set)


class _Joined:
    """Credentials that are one session's."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}

    def first(self, credential: str) -> str:
        parent = self._parents.setdefault(credential, credential)
        while parent != self._parents[parent]:
            parent = self._parents[parent]
        self._parents[credential] = parent
        return parent

    def join(self, one: str, other: str) -> None:
        self._parents[self.first(other)] = self.first(one)


def credential(exchange: Exchange, cookies: Iterable[str] = ()) -> str:
    """What the request identifies its sender by; "" if there is nothing. `cookies` are values that a server has set."""
    best = (9, "")
    for place, value in leaves_of(exchange.request):
        rank = _rank(place, value, cookies)
        if value and rank < best[0]:
            best = (rank, f"user {value}" if place.part == "basic" else value)
    return best[1]


def _rank(place: Place, value: str, cookies: Iterable[str]) -> int:
    match place.part:
        case "basic":
            return 0 if place.steps == ("user",) else 9
        case "header":
            return 0 if _KEY_HEADER.fullmatch(place.steps[0]) and "csrf" not in place.steps[0] else 9
        case "cookie":
            return 2 if value in cookies or (shape(value) and _TICKET.fullmatch(place.steps[0])) else 9
        case "path" | "part" | "text":
            return 9
    return 1 if _TICKET.fullmatch(place.name) and " " not in value else 9


def _given(exchange: Exchange) -> Iterator[tuple[Place, str]]:
    """What an answer may give somebody to identify themselves by."""
    assert exchange.response is not None
    for place, value in leaves_of(exchange.response):
        if (
            len(value) >= 8
            and " " not in value
            and (place.part == "cookie" or shape(value) or _TICKET.match(place.name))
        ):
            yield place, value


def sessions(exchanges: Iterable[Exchange]) -> Sessions:
    """Those of a recording."""
    joined = _Joined()
    cookies: set[str] = set()
    #: who was first to be given a value, and what they identified themselves by then
    given: dict[str, tuple[int, str]] = {}
    said: dict[int, str] = {}
    connections: dict[int, int] = {}
    found = Sessions()
    for exchange, is_answered in in_order(exchanges):
        if not is_answered:
            said[exchange.number] = name = credential(exchange, cookies)
            connections[exchange.number] = exchange.connection
            if name in given:
                number, before = given[name]
                found.logins.add(number)
                if before:
                    joined.join(before, name)
                elif not said[number]:
                    said[number] = name
        elif exchange.response is not None:
            for place, value in _given(exchange):
                if place.part == "cookie":
                    cookies.add(value)
                given.setdefault(value, (exchange.number, said[exchange.number]))
    names: dict[str, str] = {}
    for number in sorted(said):
        who = joined.first(said[number]) if said[number] else f"connection {connections[number]}"
        if who not in names:
            names[who] = who if who.startswith(("user ", "connection ")) else f"session {len(names) + 1}"
        found.names[number] = names[who]
    return found
