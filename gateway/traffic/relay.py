"""One client's connection, and the one to the upstream that belongs to it.

They belong together since some servers know clients by their connection; what one side does to it happens to the other
one. Heads pass as they came, in order and case; h11 reads along to know where messages end.
"""

import asyncio
import time
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Never

import h11

from gateway.traffic.exchange import Exchange, Headers, Request, Response
from gateway.traffic.messages import MAX_HEAD, Copy, Framing, Room, end_to_end, has, head, status_line
from gateway.traffic.own_addresses import OwnAddresses
from gateway.traffic.upstream import READ_AHEAD, Connection, Upstream, connect
from gateway.traffic.writer import Writer

_REASONS = {400: "Bad Request", 405: "Method Not Allowed", 431: "Request Header Fields Too Large"}
_REASONS |= {502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout", 505: "HTTP Version Not Supported"}


@dataclass(frozen=True, slots=True)
class Rules:
    upstream: Upstream
    own: OwnAddresses
    #: seconds that the upstream may take to accept a connection, and be silent
    connect_within: float
    patience: float
    rewrite_host: bool


class _Refused(Exception):
    """The client is told `status` and why, and its connection ends."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class _Gone(Exception):
    """One side ended in the middle of a message."""


class _Under:
    """What is known of the exchange that is under way."""

    def __init__(self, number: int, asked: h11.Request, room: Room) -> None:
        self.number = number
        self.began = time.time()
        self.asked = asked
        self.headers: Headers = tuple(asked.headers.raw_items())
        self.sent = Copy(room)
        self.received = Copy(room)
        self.answer: h11.Response | None = None
        self.lacks = ""
        self.refusal: _Refused | None = None
        self.answer_lacks = ""
        self.error = ""

    def exchange(self, connection: int) -> Exchange:
        asked, answer = self.asked, self.answer
        request = Request(
            method=asked.method.decode("latin-1"),
            target=asked.target,
            headers=self.headers,
            body=self.sent.body(),
            version=asked.http_version.decode("latin-1"),
            lacks=_both(self.lacks, self.sent.lacks),
        )
        response = None
        if answer is not None:
            response = Response(
                status=answer.status_code,
                reason=answer.reason.decode("latin-1"),
                headers=tuple(answer.headers.raw_items()),
                body=self.received.body(),
                version=answer.http_version.decode("latin-1"),
                lacks=_both(self.answer_lacks, self.received.lacks),
            )
        return Exchange(
            number=self.number,
            began=self.began,
            ended=time.time(),
            connection=connection,
            request=request,
            response=response,
            error="" if response else self.error or "no answer",
        )


class Relay:
    def __init__(
        self, rules: Rules, writer: Writer, room: Room, client: tuple[asyncio.StreamReader, asyncio.StreamWriter]
    ) -> None:
        self._rules = rules
        self._recording = writer
        self._room = room
        self._reader, self._client = client
        self._connection = writer.connection()
        self._upstream: Connection | None = None
        self._unread = b""
        self.busy = False

    async def run(self) -> None:
        """Until one side ends it. What went wrong is in the recording."""
        try:
            while await self._turn():
                pass
        except (OSError, _Gone):
            pass
        finally:
            self._client.close()
            if self._upstream is not None:
                self._upstream.writer.close()

    def end(self) -> None:
        """The client's connection ends, as it would if the upstream ended it."""
        self._client.close()

    async def _turn(self) -> bool:
        """One exchange. False if there is no other one on this connection."""
        parser = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        try:
            asked = await self._next_request(parser)
        except _Refused as refusal:
            await self._refuse(refusal)
            return False
        if asked is None:
            return False
        self.busy = True
        if not self._recording.has_room:
            await asyncio.to_thread(self._recording.wait_for_room)
        under = _Under(self._recording.number(), asked, self._room)
        try:
            return await self._exchange(parser, under)
        except _Refused as refusal:
            under.error = str(refusal)
            await self._refuse(refusal)
            return False
        except asyncio.CancelledError:
            under.error = "the recorder was stopped"
            under.answer_lacks = _both(under.answer_lacks, "the recorder was stopped")
            raise
        finally:
            self._recording.put(under.exchange(self._connection))
            under.sent.let_go()
            under.received.let_go()
            self.busy = False

    async def _next_request(self, parser: h11.Connection) -> h11.Request | None:
        """None if the client has no more. Raises _Refused for what is no request."""
        if self._upstream is not None:
            self._upstream.line.idle = True
        data, begun = self._unread, bool(self._unread)
        try:
            while True:
                if data:
                    parser.receive_data(data)
                    begun = True
                event = parser.next_event()
                if isinstance(event, h11.Request):
                    _check(event)
                    return event
                data = await self._reader.read(READ_AHEAD)
                if not data:
                    if begun:
                        raise _Refused(400, "the request has no end")
                    return None
        except h11.RemoteProtocolError as error:
            raise _Refused(error.error_status_hint, f"this is no request: {error}") from None
        finally:
            if self._upstream is not None:
                self._upstream.line.idle = False

    async def _refuse(self, refusal: _Refused) -> None:
        text = f"{refusal}\n".encode()
        headers = [(b"Content-Type", b"text/plain; charset=utf-8"), (b"Content-Length", b"%d" % len(text))]
        line = f"HTTP/1.1 {refusal.status} {_REASONS.get(refusal.status, 'Bad Request')}"
        with suppress(OSError):
            self._client.write(head(line, [*headers, (b"Connection", b"close")]) + text)
            await self._client.drain()

    async def _exchange(self, parser: h11.Connection, under: _Under) -> bool:
        fresh = self._upstream is None
        upstream = self._upstream = self._upstream or await self._connected()
        framing = Framing(under.headers, answer=False)
        line = b"%s %s HTTP/%s" % (under.asked.method, under.asked.target, under.asked.http_version)
        upstream.writer.write(head(line, self._asked_headers(under.headers)))
        # most bodies are there already; for the others the answer is not to wait
        rest = self._pass_request(parser, under, upstream, framing)
        sending = None if rest is None else asyncio.ensure_future(rest)
        try:
            keeps = await self._pass_answer(under, upstream, sending, fresh=fresh)
            if sending is not None and not sending.done():
                under.lacks = "the server answered before the request was sent to its end"
                return False
        finally:
            if sending is not None:
                sending.cancel()
                await asyncio.wait([sending])
        self._unread = parser.trailing_data[0]
        return keeps and not under.lacks and _keeps(under.headers, under.asked.http_version)

    async def _connected(self) -> Connection:
        rules, upstream = self._rules, self._rules.upstream
        try:
            return await connect(upstream, rules.connect_within, self.end)
        except TimeoutError:
            raise _Refused(504, f"{upstream.url} does not accept a connection") from None
        except OSError as error:
            raise _Refused(502, f"no connection to {upstream.url}: {error.strerror or error}") from None

    def _asked_headers(self, headers: Headers) -> Headers:
        headers = end_to_end(headers)
        if not self._rules.rewrite_host:
            return headers
        own = self._rules.upstream.authority.encode()
        return tuple((name, own if name.lower() == b"host" else value) for name, value in headers)

    def _pass_request(
        self, parser: h11.Connection, under: _Under, upstream: Connection, framing: Framing
    ) -> Coroutine[None, None, None] | None:
        """Pass on what is there of the body; what is left is passed on by what is returned."""
        while True:
            event = _next(parser)
            if event is h11.NEED_DATA:
                return self._pass_rest(parser, under, upstream, framing)
            if self._pass_piece(event, under, upstream, framing):
                return None

    async def _pass_rest(self, parser: h11.Connection, under: _Under, upstream: Connection, framing: Framing) -> None:
        """What goes wrong with it is known to whoever waits for the answer, which then does not come."""
        try:
            while True:
                await upstream.writer.drain()
                data = await self._reader.read(READ_AHEAD)
                if not data:
                    raise _Gone
                parser.receive_data(data)
                while (event := _next(parser)) is not h11.NEED_DATA:
                    if self._pass_piece(event, under, upstream, framing):
                        return
        except _Refused as refusal:
            under.lacks, under.refusal = str(refusal), refusal
            upstream.writer.close()
        except (_Gone, OSError):
            of = "" if framing.length is None else f" of {framing.length}"
            under.lacks = f"after {under.sent.passed}{of} bytes of its body one side ended"
            upstream.writer.close()

    @staticmethod
    def _pass_piece(event: object, under: _Under, upstream: Connection, framing: Framing) -> bool:
        """True if that was the end."""
        if isinstance(event, h11.Data):
            data = bytes(event.data)
            under.sent.add(data)
            upstream.writer.write(framing.data(data))
            return False
        if isinstance(event, h11.EndOfMessage):
            upstream.writer.write(framing.end(event.headers.raw_items()))
            return True
        return False

    async def _pass_answer(
        self, under: _Under, upstream: Connection, sending: "asyncio.Future[None] | None", *, fresh: bool
    ) -> bool:
        """True if the upstream goes on with the connection."""
        parser = _expecting(under.asked)
        framing: Framing | None = None
        while True:
            try:
                event = parser.next_event()
            except h11.RemoteProtocolError as error:
                self._broken(under, framing, f"what the server answered is no HTTP: {error}")
            if event is h11.NEED_DATA:
                parser.receive_data(await self._read_answer(under, upstream, framing, sending, fresh=fresh))
            elif isinstance(event, h11.InformationalResponse):
                self._client.write(head(status_line(event), event.headers.raw_items()))
            elif isinstance(event, h11.Response):
                under.answer = event
                headers = tuple(event.headers.raw_items())
                bodiless = under.asked.method == b"HEAD" or event.status_code in (204, 304)
                framing = Framing(headers, answer=True, bodiless=bodiless)
                self._client.write(head(status_line(event), self._answer_headers(headers, under)))
            elif isinstance(event, h11.Data):
                assert framing is not None
                data = bytes(event.data)
                under.received.add(data)
                self._client.write(framing.data(data))
                await self._drain(under)
            elif isinstance(event, h11.EndOfMessage):
                assert framing is not None
                self._client.write(framing.end(event.headers.raw_items()))
                await self._drain(under)
                return self._ended(under, framing, parser)

    def _ended(self, under: _Under, framing: Framing, parser: h11.Connection) -> bool:
        """True if the upstream goes on with the connection."""
        assert under.answer is not None
        if surplus := len(parser.trailing_data[0]):
            under.answer_lacks = f"the server sent at least {surplus} bytes more than it said"
        headers = tuple(under.answer.headers.raw_items())
        return not surplus and not framing.to_the_end and _keeps(headers, under.answer.http_version)

    def _answer_headers(self, headers: Headers, under: _Under) -> Headers:
        headers = end_to_end(headers)
        if not self._rules.rewrite_host:
            return headers
        host = next((value for name, value in under.headers if name.lower() == b"host"), b"")
        return self._rules.own.led_back(headers, host)

    async def _read_answer(
        self,
        under: _Under,
        upstream: Connection,
        framing: Framing | None,
        sending: "asyncio.Future[None] | None",
        *,
        fresh: bool,
    ) -> bytes:
        """What comes next; empty at the end of a body that only the connection's end tells. Raises _Refused, _Gone."""
        patience = self._rules.patience
        while True:
            try:
                async with asyncio.timeout(patience):
                    data = await upstream.reader.read(READ_AHEAD)
                break
            except TimeoutError:
                if sending is not None and not sending.done():
                    continue  # it is the client that takes its time
                if framing is None:
                    raise _Refused(504, f"no answer within {patience:g} seconds") from None
                self._broken(under, framing, f"the server was silent for {patience:g} seconds")
            except OSError as error:
                self._broken(under, framing, f"the server broke the connection ({error.strerror or error})")
        if data or (framing is not None and framing.to_the_end):
            return data
        if under.refusal is not None and framing is None:
            raise under.refusal
        if under.lacks:  # the client ended, and so did we
            under.error = "the request did not come to its end"
            raise _Gone
        if framing is None and not fresh:  # as it happens between two requests: the client knows what that means
            under.error = "the server closed the connection without an answer"
            raise _Gone
        self._broken(under, framing, "the server closed the connection")

    def _broken(self, under: _Under, framing: Framing | None, why: str) -> Never:
        """The answer stays as it is. Raises _Refused if the client has seen nothing of it, else _Gone."""
        if framing is None:
            raise _Refused(502, f"{why} without an answer" if why.startswith("the server") else why)
        of = "" if framing.length is None else f" of {framing.length}"
        under.answer_lacks = f"{why} after {under.received.passed}{of} bytes of the body"
        raise _Gone

    async def _drain(self, under: _Under) -> None:
        try:
            await self._client.drain()
        except OSError:
            under.answer_lacks = f"the client ended after {under.received.passed} bytes of the body"
            raise _Gone from None


def _check(asked: h11.Request) -> None:
    """Raises _Refused for what two servers might read in two ways."""
    names = [name for name, _ in asked.headers]
    if b"transfer-encoding" in names and (b"content-length" in names or asked.http_version == b"1.0"):
        raise _Refused(400, "this is no request: its length is told in two ways")
    if asked.http_version not in (b"1.0", b"1.1"):
        raise _Refused(505, "this is HTTP/1.1")
    if asked.method == b"CONNECT":
        raise _Refused(405, "this is no proxy that connects")


def _next(parser: h11.Connection) -> object:
    try:
        return parser.next_event()
    except h11.RemoteProtocolError as error:
        raise _Refused(error.error_status_hint, f"this is no request: {error}") from None


def _expecting(asked: h11.Request) -> h11.Connection:
    """A parser of the answer to this request."""
    parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD)
    parser.send(h11.Request(method=asked.method, target=b"/", headers=[(b"Host", b"-")]))
    parser.send(h11.EndOfMessage())
    return parser


def _keeps(headers: Headers, version: bytes) -> bool:
    if has(headers, b"connection", b"close"):
        return False
    return version != b"1.0" or has(headers, b"connection", b"keep-alive")


def _both(one: str, other: str) -> str:
    return "; ".join(filter(None, (one, other)))
