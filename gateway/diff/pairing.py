"""Which exchange of one recording belongs to which one of another."""

import hashlib
import re
from collections import deque
from collections.abc import Iterator

from gateway.diff.bindings import Bindings
from gateway.diff.looks import loose
from gateway.traffic.exchange import Exchange, Request
from gateway.traffic.recording import Recording

_BODY = re.compile(rb"<(?:[\w.-]+:)?Body\b[^>]{0,2000}>\s*<(?:[\w.-]+:)?([\w.-]+)")
_VARIES = re.compile(r"/(?:[0-9]+|[0-9a-fA-F]{16,}|[0-9a-fA-F-]{32,36})(?=/|$)")

Pair = tuple[Exchange | None, Exchange | None]


def operation_of(request: Request) -> str:
    """For systems whose operations nobody knows: the first element in a SOAP body, or method and path without what
    varies."""
    kind = (request.header(b"content-type") or b"").lower()
    if b"xml" in kind and (match := _BODY.search(request.body[:20_000])) is not None:
        return match[1].decode("ascii", "replace")
    path = request.path.decode("utf-8", "backslashreplace")
    return f"{request.method} {_VARIES.sub('/{id}', path)[:300]}"


def _digest(*parts: bytes) -> bytes:
    return hashlib.blake2b(b"\0".join(parts), digest_size=12).digest()


class _Waiting:
    """Numbers of exchanges that have no partner yet, by what may find them: 40 bytes or so for each exchange."""

    def __init__(self, recording: Recording) -> None:
        self._exactly: dict[bytes, deque[int]] = {}
        self._loosely: dict[bytes, deque[int]] = {}
        self._by_operation: dict[str, deque[int]] = {}
        self._taken = bytearray()
        for exchange in recording.exchanges():
            request, number = exchange.request, exchange.number
            self._exactly.setdefault(_exact(request.method, request.target, request.body), deque()).append(number)
            self._loosely.setdefault(_loose(request), deque()).append(number)
            self._by_operation.setdefault(operation_of(request), deque()).append(number)
            self._taken.extend(bytes(number + 1 - len(self._taken)))

    def take(self, request: Request, bindings: Bindings) -> int | None:
        target = bindings.forth(request.target.decode("latin-1")).encode("latin-1", "replace")
        body = bindings.forth(request.body.decode("latin-1")).encode("latin-1", "replace")
        for waiting in (
            self._exactly.get(_exact(request.method, target, body)),
            self._loosely.get(_loose(request)),
            self._by_operation.get(operation_of(request)),
        ):
            while waiting:
                number = waiting.popleft()
                if not self._taken[number]:
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
