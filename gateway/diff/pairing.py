"""Which exchange of one recording belongs to which one of another."""

import hashlib
from array import array
from collections.abc import Iterator

from gateway.diff.bindings import Bindings
from gateway.diff.looks import loose
from gateway.traffic.exchange import Exchange, Request
from gateway.traffic.labels import operation_of
from gateway.traffic.recording import Recording

Pair = tuple[Exchange | None, Exchange | None]


def _digest(*parts: bytes) -> bytes:
    return hashlib.blake2b(b"\0".join(parts), digest_size=12).digest()


class _Chain:
    """Numbers in their order, for each key: the first one in a dictionary, behind each the next one in an array."""

    def __init__(self) -> None:
        self._first: dict[bytes, int] = {}
        self._last: dict[bytes, int] = {}
        self._next = array("Q")

    def add(self, key: bytes, number: int) -> None:
        self._next.extend([0] * (number + 1 - len(self._next)))
        if (last := self._last.get(key)) is not None:
            self._next[last] = number
        else:
            self._first[key] = number
        self._last[key] = number

    def take(self, key: bytes, taken: bytearray) -> int:
        """The first one that nobody has, 0 if there is none."""
        self._last.clear()  # no more are added
        number = self._first.get(key, 0)
        while number and taken[number]:
            number = self._next[number]
        if key in self._first:
            self._first[key] = self._next[number] if number else 0
        return number


class _Waiting:
    """Numbers of exchanges that have no partner yet, by what may find them: some 400 bytes for each exchange."""

    def __init__(self, recording: Recording) -> None:
        self._exactly, self._loosely, self._by_operation = _Chain(), _Chain(), _Chain()
        self._taken = bytearray()
        for exchange in recording.exchanges():
            request, number = exchange.request, exchange.number
            self._exactly.add(_exact(request.method, request.target, request.body), number)
            self._loosely.add(_loose(request), number)
            self._by_operation.add(_digest(operation_of(request).encode("utf-8", "replace")), number)
            self._taken.extend(bytes(number + 1 - len(self._taken)))

    def take(self, request: Request, bindings: Bindings) -> int | None:
        target = bindings.forth(request.target.decode("latin-1")).encode("latin-1", "replace")
        body = bindings.forth(request.body.decode("latin-1")).encode("latin-1", "replace")
        for chain, key in (
            (self._exactly, _exact(request.method, target, body)),
            (self._loosely, _loose(request)),
            (self._by_operation, _digest(operation_of(request).encode("utf-8", "replace"))),
        ):
            if number := chain.take(key, self._taken):
                self._taken[number] = 1
                return number
        return None

    def left(self) -> Iterator[int]:
        """Those whose turn never came."""
        return (number for number, is_taken in enumerate(self._taken) if number and not is_taken)


def _exact(method: str, target: bytes, body: bytes) -> bytes:
    return _digest(method.encode(), target, body)


def _loose(request: Request) -> bytes:
    return _digest(request.method.encode(), loose(request.target), loose(request.body))


def pairs(old: Recording, new: Recording, bindings: Bindings) -> Iterator[Pair]:
    """In the order of the old one, then those that only the new one has. What `bindings` learn on the way counts."""
    if new.meta.kind != old.meta.kind:  # a recording and a replay of it: they have the same numbers
        yield from ((exchange, new.exchange(exchange.number)) for exchange in old.exchanges())
        return
    waiting = _Waiting(new)
    for exchange in old.exchanges():
        number = waiting.take(exchange.request, bindings)
        yield exchange, None if number is None else new.exchange(number)
    for number in waiting.left():
        if (only := new.exchange(number)) is not None:
            yield None, only
