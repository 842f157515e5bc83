"""HTTP/1.1 as uvicorn speaks it, with limits on what comes before, during and after a request.

What a request costs for that is a few comparisons: bytes are counted where a head or a body does not come as a whole.
"""

import asyncio
from typing import Any

import httptools
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from gateway.door.connection import UNSEEN, Connection
from gateway.door.head import escaped_line, without_upgrade
from gateway.door.keeper import Keeper

#: requests of one connection that wait for each other
MAX_PIPELINED = 100
#: bytes that still come from a client that was turned away, or of a body that nobody wants any more
LINGER_BYTES = 16 * 1024 * 1024
#: those that are spoken here; the parser takes more
VERSIONS = ("1.1", "1.0")
_OF_BODIES = (b"content-length", b"transfer-encoding")


class Refusal(Exception):
    """Out of the parser's callbacks: a limit was passed."""

    def __init__(self, status: int, kind: str) -> None:
        super().__init__(status, kind)
        self.status = status
        self.kind = kind


class Door(Connection):
    """What arrives on a connection, up to the parser and out of it."""

    def data_received(self, data: bytes) -> None:
        if self.is_leaving:
            self._throw_away(len(data))
            return
        if self._in_body:
            self._go_on(data)
            return
        # a head, which mostly comes as a whole
        if not data.isascii() and (self._line_is_open or not self._head_bytes):
            data = escaped_line(data)
        if b"pgrade" in data or b"PGRADE" in data:
            data = without_upgrade(data)
        room = self._unfinished_head - self._head_bytes
        if len(data) <= room:
            cycle = self.cycle
            if self._feed(data) and (self._head_bytes or self.cycle is cycle or self.cycle.scope is not self.scope):
                self._account(cycle, data)
            return
        # a head is looked at in pieces that it may have; what is behind it comes as a whole
        cycle = self.cycle
        if not self._feed(data[:room]):
            return
        if self.cycle is cycle:
            self.turn_away(431, "head_size")
        else:
            self._go_on(data[room:])

    def _head_is_open(self) -> bool:
        return self.scope is not None and (self.cycle is None or self.cycle.scope is not self.scope)

    def _account(self, before: Any, data: bytes) -> None:
        """Of what has come for heads that are not complete; `before` is the request that was the last one before it."""
        if self.cycle is not before:
            self._see_next()
        elif self._head_is_open():
            self._hold_head(data)

    def _go_on(self, data: bytes) -> None:
        """Bytes of a body, or behind a whole request."""
        body = self._body_bytes
        if not self._feed(data):
            return
        if self._body_bytes != body or not self._in_body:
            self._overhead = 0
        else:
            # sizes of chunks, and headers behind them, bring nothing
            self._overhead += len(data)
            if self._overhead > self._unfinished_head:
                self._break_off(431, "head_size")
                return
        self._see_next()

    def _hold_head(self, data: bytes) -> None:
        if not self._head_bytes:
            self.since = UNSEEN
            self._line_is_open = b"\n" not in data.lstrip(b"\r\n")
        elif self._line_is_open:
            self._line_is_open = b"\n" not in data
        self._head_bytes += len(data)
        keeper = self.keeper
        keeper.heads += len(data)
        if len(self.headers) > keeper.limits.headers:
            self.turn_away(431, "headers")
        elif keeper.heads + keeper.bodies > keeper.limits.held_bytes:
            keeper.make_room(self)

    def _see_next(self) -> None:
        """Behind a whole head: has another begun? How much of it has come is not known; a byte at least."""
        if self._head_bytes:
            self.keeper.heads -= self._head_bytes
            self._head_bytes = 0
        if self._head_is_open():
            self.since = UNSEEN
            self._line_is_open = False
            self._head_bytes = 1
            self.keeper.heads += 1

    def _feed(self, data: bytes) -> bool:
        """False if the client was turned away."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # CONNECT, or a wish that came in pieces: the parser reads no body then, so there must be none
            self._in_body = any(name in _OF_BODIES for name, _ in self.cycle.scope["headers"])
            self._broken(Refusal(400, "syntax"))
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._broken(cause if isinstance(cause, Refusal) else Refusal(400, "syntax"))
        if self._in_body and not self.is_leaving:
            self.linger_behind(self.cycle)
        return not self.is_leaving

    def _broken(self, refusal: Refusal) -> None:
        if self.is_leaving:
            return
        if self._in_body:
            self._break_off(refusal.status, refusal.kind)
        else:
            self.turn_away(refusal.status, refusal.kind)

    def _throw_away(self, size: int) -> None:
        self._thrown_away += size
        if self._thrown_away > LINGER_BYTES:
            self.transport.abort()

    # the parser's callbacks

    def on_url(self, url: bytes) -> None:
        self.url += url
        if len(self.url) > self.keeper.limits.path + 1:
            raise Refusal(414, "path")

    def on_headers_complete(self) -> None:
        if self.is_leaving or len(self.pipeline) >= MAX_PIPELINED:
            raise Refusal(503, "pipeline")
        if len(self.headers) > self.keeper.limits.headers:
            raise Refusal(431, "headers")
        if self.parser.get_http_version() not in VERSIONS:
            raise Refusal(400, "syntax")
        super().on_headers_complete()
        if not self.pipeline:
            self._running = self.cycle
        self.headers = []  # for trailers, which are no headers of the request
        self._in_body = True
        self._body_bytes = 0
        self.since = UNSEEN
        if self._is_stopping:
            self.cycle.keep_alive = False

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if self.keeper.line.lets_in(self, cycle):
            super()._start_asgi_task(cycle, app)

    def begin(self, cycle: RequestResponseCycle) -> None:
        """With a request that stood in line."""
        super()._start_asgi_task(cycle, self.app)

    def on_body(self, body: bytes) -> None:
        size = len(body)
        self._body_bytes += size
        cycle = self.cycle
        if cycle.response_complete or self.is_leaving:
            if self._body_bytes > LINGER_BYTES:
                self.transport.abort()
            return
        cycle.body += body
        if len(cycle.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        cycle.message_event.set()
        self._body_held += size
        keeper = self.keeper
        keeper.bodies += size
        if keeper.heads + keeper.bodies > keeper.limits.held_bytes:
            keeper.make_room(self)

    def on_message_complete(self) -> None:
        self._in_body = False
        cycle = self.cycle
        if not cycle.response_complete:
            cycle.more_body = False
            cycle.message_event.set()

    def on_response_complete(self) -> None:
        """As uvicorn does it, without a timer."""
        self.server_state.total_requests += 1
        self.since = UNSEEN
        if self._body_held and not self.pipeline:
            self.keeper.bodies -= self._body_held
            self._body_held = 0
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._running = cycle
            self._start_asgi_task(cycle, app)


def bound(keeper: Keeper) -> type[asyncio.Protocol]:
    """The protocol of all connections for which this keeper is there."""

    class Bound(Door):
        pass

    Bound.keeper = keeper
    return Bound
