"""A connection: in which state it is, how long it may be, and how it ends.

Nothing here has a timer: the keeper looks at every connection once in a while. Where a limit is passed, the client is
told (408, 414, 431, 503, 400) if its request has not been answered in part, and the connection ends: our side is
closed, and what still comes is thrown away for a moment, so that the answer is read and not lost in a reset.
"""

import asyncio
import math
from typing import TYPE_CHECKING, Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from gateway.door.keeper import Keeper
from gateway.door.system import unsent

if TYPE_CHECKING:
    from collections.abc import Callable

#: since when a connection is in a state that the keeper has not seen yet
UNSEEN = math.inf
#: seconds for a client that was turned away to notice it
LINGER_SECONDS = 2.0
#: seconds for requests that are on their way when a stop begins
LAST_CALL = 0.3
#: seconds after which a client may come again
RETRY_AFTER = b"1"

TEXTS = {
    400: b"Bad Request",
    408: b"Request Timeout",
    414: b"URI Too Long",
    431: b"Request Header Fields Too Large",
    503: b"Service Unavailable",
}


class Connection(HttpToolsProtocol):
    keeper: Keeper

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.address = ""
        self.is_counted = False
        #: the request that is worked on; `cycle` is the last one that came
        self._running: RequestResponseCycle | None = None
        #: not reading any more
        self.is_leaving = False
        #: since when the connection is in the state in which the keeper saw it last; infinite until it sees it
        self.since = UNSEEN
        self._state = ""
        self._unfinished_head = self.keeper.limits.unfinished_head
        self._head_bytes = 0
        #: of an unfinished head
        self._line_is_open = False
        self._body_bytes = 0
        #: how many of them had come at `since`
        self._body_seen = 0
        self._in_body = False
        #: bytes of the body that count as held
        self._body_held = 0
        self._overhead = 0
        self._thrown_away = 0
        self._unsent = 0
        self._unsent_since = 0.0
        self._is_stopping = False

    # what the keeper asks

    @property
    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def held(self) -> int:
        return self._head_bytes + self._body_held

    @property
    def is_unfinished(self) -> bool:
        return not self.is_leaving and (self._in_body or self._head_bytes > 0)

    @property
    def is_idle(self) -> bool:
        return not (self._is_answering or self._in_body or self._head_bytes)

    @property
    def is_slow_head(self) -> bool:
        return self._head_bytes > 0 and not self._is_answering and self.since < UNSEEN

    def state(self) -> str:
        if self.is_leaving:
            return "leaving"
        if self._in_body:
            return "body"
        if self._is_answering:
            return "answering"
        if self._head_bytes:
            return "head"
        return "new" if self.cycle is None else "idle"

    # connections

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        refused = self.keeper.admit(self)
        if refused:
            self.turn_away(503, refused)
            if self.keeper.is_overrun:
                self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self.keeper.release(self)
        self._let_go()
        self.pipeline.clear()
        super().connection_lost(exc)
        if self._running is not None and not self._running.response_complete:
            self._running.disconnected = True
            self._running.message_event.set()

    def close_behind(self) -> None:
        """Close behind an answer, whatever is still to come of its request."""
        if not (self._in_body or self.is_leaving):
            self.transport.close()
            return
        self._let_go()
        self.is_leaving = True
        self._linger()

    def leave(self) -> None:
        """Close without a word."""
        self.is_leaving = True
        self.transport.close()

    def turn_away(self, status: int, kind: str) -> None:
        """Tell the client why, if its request is the next to be answered, and close."""
        self.keeper.note(kind, self.address)
        self._let_go()
        self.is_leaving = True
        if self._is_answering:
            # an answer is under way, which goes first; no other request is taken behind it
            self.cycle.keep_alive = False
            return
        if self.transport.is_closing():
            return
        text = TEXTS[status]
        lines = [STATUS_LINE[status]]
        lines += [b"%b: %b\r\n" % header for header in self.server_state.default_headers]
        lines += [b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n" % len(text)]
        if status == 503:
            lines += [b"retry-after: %b\r\n" % RETRY_AFTER]
        lines += [b"connection: close\r\n\r\n", text]
        self.transport.write(b"".join(lines))
        self._linger()

    def _linger(self) -> None:
        self.since = UNSEEN
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        else:
            self.transport.close()

    def _break_off(self, status: int, kind: str) -> None:
        """The request whose body is coming will never be complete."""
        cycle = self.cycle
        self._in_body = False
        if self.pipeline:
            # nobody has begun with it; those before it are answered
            self.pipeline.popleft()
            before = self.pipeline[0][0] if self.pipeline else self._running
            assert before is not None
            self.cycle = before
            self.turn_away(status, kind)
            return
        if cycle.response_started:
            # half an answer: nothing can be said
            self.keeper.note(kind, self.address)
            self._let_go()
            self.is_leaving = True
            self.transport.abort()
            return
        cycle.disconnected = True
        cycle.message_event.set()
        cycle.response_complete = True
        self.turn_away(status, kind)

    def give_up(self) -> None:
        """Too much is held, and this request has to go. One whose body is coming is answered by the dialect."""
        if not self._in_body:
            self.turn_away(503, "held")
            return
        cycle = self.cycle
        if self.pipeline or cycle.response_started:
            self._break_off(503, "held")
            return
        self.keeper.note("held", self.address)
        self._let_go()
        self.is_leaving = True
        cycle.scope["dragoman.given_up"] = True  # type: ignore[typeddict-unknown-key]
        cycle.body = bytearray()
        cycle.keep_alive = False
        self.linger_behind(cycle)
        cycle.message_event.set()

    def linger_behind(self, cycle: RequestResponseCycle) -> None:
        """If its answer is the last one here, it must not be lost in a reset, although more of the body comes."""
        cycle.transport = _Lingering(self)  # type: ignore[assignment]

    def _let_go(self) -> None:
        """What was held is not, or not for long."""
        self.keeper.heads -= self._head_bytes
        self.keeper.bodies -= self._body_held
        self._head_bytes = self._body_held = 0

    # time

    def look(self, now: float) -> None:
        """The keeper's round."""
        self._look_at_unsent(now)
        state = self.state()
        if state != self._state or self.since == UNSEEN:
            self._state, self.since, self._body_seen = state, now, self._body_bytes
            return
        limits = self.keeper.limits
        waited = now - self.since
        if state == "body":
            if self.flow.read_paused or self.cycle.waiting_for_100_continue:
                self.since += limits.pause  # it is us who keep the client waiting
            elif waited > limits.body:
                if self._body_bytes - self._body_seen < limits.min_rate * waited:
                    self._break_off(408, "body_time")
                else:
                    self.since, self._body_seen = now, self._body_bytes
        elif state == "head":
            if waited > limits.head:
                self.turn_away(408, "head_time")
        elif state == "new":
            if waited > limits.first_byte:
                self.keeper.note("first_byte", self.address)
                self.leave()
        elif state == "idle":
            if waited > limits.keep_alive:
                self.leave()
        elif state == "leaving" and not self._is_answering and waited > LINGER_SECONDS and not self._unsent:
            self.transport.abort()

    def _look_at_unsent(self, now: float) -> None:
        """In each span of time a client has to take what it can at the lowest rate, or all there is."""
        size = self.transport.get_write_buffer_size()
        if not size:
            self._unsent = 0
            return
        size += unsent(self.transport.get_extra_info("socket"))
        limits = self.keeper.limits
        waited = now - self._unsent_since
        if self._unsent and waited <= limits.write:
            return
        # while the dialect writes on, less may have been taken than there is less
        is_still = self.flow.write_paused or not self._is_answering
        if self._unsent and is_still and self._unsent - size < limits.min_rate * waited:
            self.keeper.note("write_time", self.address)
            self.is_leaving = True
            self.transport.abort()
            return
        self._unsent, self._unsent_since = size, now

    # stopping

    def shutdown(self) -> None:
        """Requests that have arrived are answered, also those that nobody has looked at yet."""
        self._is_stopping = True
        if self._is_answering:
            self.cycle.keep_alive = False
        else:
            self.loop.call_later(LAST_CALL, self._close_if_idle)

    def _close_if_idle(self) -> None:
        if not self._is_answering and not self.transport.is_closing():
            self.leave()


class _Lingering:
    """The transport of an answer after which there may be more to come than anybody wants to read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.write: Callable[[bytes], None] = connection.transport.write
        self.is_closing: Callable[[], bool] = connection.transport.is_closing

    def close(self) -> None:
        self._connection.close_behind()
