"""The protocol of connections, driven by hand: what arrives in which pieces, and what the keeper does at which time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from gateway.door.head import escaped_line, without_upgrade
from gateway.door.keeper import LINES, Keeper, Trusted
from gateway.door.limits import Limits
from gateway.door.protocol import MAX_PIPELINED, Door, bound
from gateway.settings import Settings

GET = b"GET /%b HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST /%b HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"


class Site:
    """A server of this loop with one application: it says what it was asked, with which body; `gate` holds it up."""

    def __init__(self, **settings: Any) -> None:
        self.keeper = Keeper(Limits.of(Settings(**settings)), Trusted(("127.0.0.1",)))
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked: list[str] = []
        self._state = ServerState()
        self._config = uvicorn.Config(self._answer, http=bound(self.keeper), interface="asgi3", log_config=None)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(scope["path"])
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            if "dragoman.given_up" in scope:
                body, more = b"given up", False
                break
            body, more = body + message["body"], message["more_body"]
        await self.gate.wait()
        text = scope["path"].encode() + b"?" + scope["query_string"] + b" " + body + b"\n"
        if scope["path"] == "/big":
            text = text * 4_000_000
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(text))]})
        await send({"type": "http.response.body", "body": text})

    @property
    def tasks(self) -> set[asyncio.Task[None]]:
        return self._state.tasks

    def _connected(self) -> asyncio.BaseProtocol:
        return self._config.http_protocol_class(self._config, self._state, {}, None)  # type: ignore[call-arg]

    async def __aenter__(self) -> "Site":
        self._config.load()
        self._server = await asyncio.get_running_loop().create_server(self._connected, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for door in self.doors:
            door.transport.abort()
        while self.keeper.connections:  # noqa: ASYNC110
            await asyncio.sleep(0)

    @property
    def doors(self) -> set[Door]:
        return {door for door in self.keeper.connections if isinstance(door, Door)}

    @asynccontextmanager
    async def client(self, limit: int = 2**16) -> AsyncIterator["Client"]:
        known = self.doors
        port = self._server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=limit)
        while not (new := self.doors - known):  # noqa: ASYNC110
            await asyncio.sleep(0)
        try:
            yield Client(self, reader, writer, new.pop())
        finally:
            writer.transport.abort()


class Client:
    def __init__(self, site: Site, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, door: Door) -> None:
        self._site = site
        self.reader = reader
        self.writer = writer
        self.door = door

    async def send(self, data: bytes) -> None:
        """Seen by the other side when this returns, as it is sent: piece by piece."""
        seen = asyncio.Event()
        received = self.door.data_received

        left = len(data)

        def data_received(piece: bytes) -> None:
            nonlocal left
            received(piece)
            left -= len(piece)
            if left <= 0:
                seen.set()

        self.door.data_received = data_received  # type: ignore[method-assign,assignment]
        self.writer.write(data)
        await seen.wait()
        self.door.data_received = received  # type: ignore[method-assign]

    async def answer(self) -> bytes:
        """The text of the next answer, with its status in front."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
        return head[9:12] + b" " + await self.reader.readexactly(length)

    async def rest(self) -> bytes:
        return await self.reader.read()


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
async def test_requests_in_pieces(size: int) -> None:
    async def send(data: bytes) -> None:
        for at in range(0, len(data), size):
            await client.send(data[at : at + size])

    async with Site() as site, site.client() as client:
        await send(GET % b"a" + POST % (b"b", 5) + b"hello" + GET % b"c")
        assert await client.answer() == b"200 /a? \n"
        assert await client.answer() == b"200 /b? hello\n"
        assert await client.answer() == b"200 /c? \n"
        await send(b"\r\n" + GET % b"d?e=\xc3\xa9\xff")
        assert await client.answer() == b"200 /d?e=%C3%A9%FF \n"
        await send((POST % (b"f", 4)).replace(b"localhost", b"localhost\r\nX: \xc3\xa9") + b"\xc3\xa9\r\n")
        assert await client.answer() == b"200 /f? \xc3\xa9\r\n\n"
        assert (site.keeper.heads, site.keeper.bodies) == (0, 0)


@given(st.binary(max_size=300))
def test_only_the_first_line_changes(data: bytes) -> None:
    start = len(data) - len(data.lstrip(b"\r\n"))
    line, end, rest = data[start:].partition(b"\n")
    escaped = escaped_line(data)
    assert escaped.endswith(end + rest)
    assert escaped[: len(escaped) - len(end + rest)].isascii()
    assert not line.isascii() or escaped == data


def test_the_wish_for_another_protocol_is_no_header_any_more() -> None:
    head = b"POST / HTTP/1.1\r\nConnection: Upgrade\r\nUPGRADE : h2c\r\nUpgrade-Insecure-Requests: 1\r\n\r\n"
    assert without_upgrade(head + b"\nupgrade: x") == head.replace(b"UPGRADE", b"x-not-done") + b"\nupgrade: x"


@pytest.mark.parametrize("pieces", [1, 2])
async def test_a_post_that_asks_for_http_2_keeps_its_body(pieces: int) -> None:
    sent = (POST % (b"a", 5)).replace(b"\r\n\r\n", b"\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n") + b"hello"
    cut = sent.index(b"grade: h2c") if pieces == 2 else len(sent)
    async with Site() as site, site.client() as client:
        await client.send(sent[:cut])
        if pieces == 1:
            assert await client.answer() == b"200 /a? hello\n"
        else:  # torn in the midst of the word: refused, but never taken for a request without a body
            await client.send(sent[cut:])
            assert (await client.answer())[:3] == b"400"


async def test_a_bad_request_behind_a_good_one_does_not_cut_its_answer() -> None:
    async with Site() as site, site.client() as client:
        site.gate.clear()
        await client.send(GET % b"good")
        await client.send(b"\0nonsense\r\n\r\n")
        site.gate.set()
        assert await client.rest() != b""
        assert site.asked == ["/good"]


async def test_a_request_that_stands_behind_another_is_broken_off_alone() -> None:
    async with Site(body_seconds=10) as site, site.client() as client:
        site.gate.clear()
        await client.send(GET % b"good")
        await client.send(b"POST /bad HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n")
        site.gate.set()
        assert (await client.rest()).endswith(b"/good? \n")
        assert site.asked == ["/good"]


async def test_who_goes_away_is_not_waited_for() -> None:
    """Also by the request that is under way while another is waiting behind it."""
    async with Site() as site:
        async with site.client() as client:
            await client.send(POST % (b"a", 5) + b"hell")
            assert site.keeper.bodies == 4
            await client.send(b"o" + GET % b"b")
        async with site.client() as client:
            await client.send((POST % (b"c", 5)) + b"hello" + POST % (b"d", 5))
        while site.keeper.connections or site.tasks:  # noqa: ASYNC110
            await asyncio.sleep(0)
        assert site.keeper.bodies == site.keeper.heads == 0


async def test_too_many_requests_at_once() -> None:
    async with Site() as site, site.client() as client:
        site.gate.clear()
        await client.send(GET % b"a" * (MAX_PIPELINED + 10))
        site.gate.set()
        answered = (await client.rest()).count(b"HTTP/1.1 200")
        assert 0 < answered <= MAX_PIPELINED + 1
        assert site.keeper.refusals["pipeline"] == 1


# limits of size


@pytest.mark.parametrize(
    ("start", "endless", "status"),
    [
        (b"GET /", b"x" * 100, b"414"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: ", b"y" * 100, b"431"),
        (b"GET / HTTP/1.1\r\nHost: a\r\n", b"a:\r\n" * 10, b"431"),
    ],
)
async def test_a_head_without_end_is_refused_while_it_comes(start: bytes, endless: bytes, status: bytes) -> None:
    async with Site(max_header_bytes=2048, max_path=512) as site, site.client() as client:
        await client.send(start)
        most = 0
        while not client.door.is_leaving:
            await client.send(endless)
            most = max(most, site.keeper.heads)
        assert most < 2048 + 512 + 1000
        assert (await client.rest())[9:12] == status
        assert site.keeper.heads == 0
        assert site.asked == []


async def test_a_big_head_and_what_comes_with_it_in_one_piece() -> None:
    async with Site(max_header_bytes=1024, max_path=256) as site, site.client() as client:
        await client.send(POST % (b"a", 20_000) + b"z" * 20_000)
        assert await client.answer() == b"200 /a? " + b"z" * 20_000 + b"\n"
        await client.send((GET % b"a") * 90)  # more than one head may have, but each is short
        for _ in range(90):
            assert await client.answer() == b"200 /a? \n"


async def test_trailers_are_no_headers_and_have_an_end() -> None:
    chunked = b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n"
    async with Site(max_header_bytes=1024, max_path=256) as site:
        async with site.client() as client:
            await client.send(chunked + b"X-A: b\r\n\r\n")
            assert await client.answer() == b"200 /a? hi\n"
        async with site.client() as client:
            await client.send(chunked + b"X-A: ")
            while not client.door.is_leaving:
                await client.send(b"b" * 100)
            assert (await client.rest())[9:12] == b"431"


async def test_what_is_held_has_a_limit_over_all_connections() -> None:
    """The request that has been coming for longest goes; it is told so by its application."""
    async with Site(max_held_bytes=65536) as site, site.client() as old, site.client() as young:
        await old.send(POST % (b"old", 50_000) + b"x" * 40_000)
        site.keeper.look(1.0)
        await young.send(POST % (b"young", 30_001) + b"x" * 30_000)
        assert site.keeper.bodies == 30_000
        assert (await old.rest()).endswith(b"/old? given up\n")
        await young.send(b"y")
        assert (await young.answer()).endswith(b"xy\n")
        assert site.keeper.bodies == 0
        assert site.keeper.refusals["held"] == 1


async def test_unfinished_heads_are_held_too() -> None:
    async with (
        Site(max_held_bytes=65536, max_header_bytes=60_000) as site,
        site.client() as old,
        site.client() as young,
    ):
        await old.send(b"GET / HTTP/1.1\r\nX: " + b"x" * 40_000)
        site.keeper.look(1.0)
        await young.send(b"GET / HTTP/1.1\r\nX: " + b"x" * 40_000)
        assert (await old.rest())[9:12] == b"503"
        assert 40_000 < site.keeper.heads < 65536


# time


async def test_a_silent_connection() -> None:
    async with Site(first_byte_seconds=10) as site, site.client() as client:
        site.keeper.look(100)
        site.keeper.look(109)
        assert not client.door.is_leaving
        site.keeper.look(111)
        assert await client.rest() == b""


@pytest.mark.parametrize("start", [b"G", GET[:20], (GET % b"a")[:-2]])
async def test_a_head_that_comes_slowly(start: bytes) -> None:
    async with Site(head_seconds=10) as site, site.client() as client:
        await client.send(start)
        site.keeper.look(100)
        await client.send(b"E" if start == b"G" else b"x")  # another byte does not buy time
        site.keeper.look(109)
        assert not client.door.is_leaving
        site.keeper.look(111)
        assert (await client.rest())[9:12] == b"408"


async def test_a_body_has_to_keep_a_rate() -> None:
    async with Site(body_seconds=10, min_rate=1000) as site, site.client() as client:
        await client.send(POST % (b"a", 100_000))
        for now in range(100, 150):
            site.keeper.look(now)
            await client.send(b"x" * 1001)
        site.keeper.look(150)
        await client.send(b"x" * 40_000)  # what comes quickly is no credit for ever
        for now in range(151, 160):
            site.keeper.look(now)
        assert not client.door.is_leaving
        for now in range(160, 180):
            site.keeper.look(now)
        assert (await client.rest())[9:12] == b"408"
        assert site.keeper.bodies == 0


async def test_who_waits_for_us_is_not_slow() -> None:
    """The application is busy, with this request or with the one before it."""
    expecting = (POST % (b"b", 5)).replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n")
    async with Site(body_seconds=10) as site, site.client() as client:
        site.gate.clear()
        await client.send(GET % b"a")
        await client.send(expecting)
        for now in range(100, 1000):
            site.keeper.look(now)
        site.gate.set()
        assert await client.answer() == b"200 /a? \n"
        site.gate.clear()
        assert await client.reader.readexactly(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        await client.send(b"hello")
        for now in range(1000, 2000):
            site.keeper.look(now)
        site.gate.set()
        assert await client.answer() == b"200 /b? hello\n"


async def test_a_connection_between_two_requests() -> None:
    async with Site(keep_alive_seconds=15) as site, site.client() as client:
        await client.send(GET % b"a")
        await client.answer()
        site.keeper.look(100)
        site.keeper.look(110)
        await client.send(GET % b"b")
        assert await client.answer() == b"200 /b? \n"
        site.keeper.look(111)
        site.keeper.look(125)
        assert not client.door.is_leaving
        site.keeper.look(127)
        assert await client.rest() == b""


async def test_an_answer_that_nobody_reads() -> None:
    async with Site(write_seconds=30, min_rate=1000) as site, site.client(limit=1) as client:
        client.reader._transport.pause_reading()  # type: ignore[attr-defined]
        await client.send(GET % b"big")
        while not client.door.transport.get_write_buffer_size():  # noqa: ASYNC110
            await asyncio.sleep(0)
        site.keeper.look(100)
        site.keeper.look(129)
        assert client.door in site.keeper.connections
        site.keeper.look(131)
        while site.keeper.connections:  # noqa: ASYNC110
            await asyncio.sleep(0)
        assert site.keeper.refusals["write_time"] == 1


# stopping


async def test_a_request_that_has_arrived_before_a_stop_is_answered() -> None:
    """It waits in the socket; nobody has read it when the connections are told to end."""
    async with Site() as site, site.client() as client:
        await client.send(GET % b"a")
        await client.answer()
        client.writer.get_extra_info("socket")._sock.send(GET % b"b")
        client.door.shutdown()
        answer = await client.rest()
        assert answer.endswith(b"/b? \n")
        assert b"connection: close" in answer


async def test_an_idle_connection_ends_at_a_stop() -> None:
    async with Site() as site, site.client() as client:
        client.door.shutdown()
        assert await client.rest() == b""


# how many


async def test_idle_connections_make_place() -> None:
    async with Site(max_connections=8) as site, AsyncExitStack() as stack:
        idle = [await stack.enter_async_context(site.client()) for _ in range(30)]
        client = await stack.enter_async_context(site.client())
        await client.send(GET % b"a")
        assert await client.answer() == b"200 /a? \n"
        assert sum(not one.door.is_leaving for one in idle) <= 8


async def test_when_all_are_busy_the_next_is_told_to_come_again() -> None:
    async with Site(max_connections=8) as site, AsyncExitStack() as stack:
        site.gate.clear()
        busy = [await stack.enter_async_context(site.client()) for _ in range(8)]
        for client in busy:
            await client.send(GET % b"a")
        late = await stack.enter_async_context(site.client())
        answer = await late.rest()
        assert answer[9:12] == b"503"
        assert b"retry-after: 1\r\n" in answer
        site.gate.set()
        for client in busy:
            assert await client.answer() == b"200 /a? \n"


async def test_one_address_has_its_share() -> None:
    async with Site(max_connections_per_address=2) as site:
        site.keeper.trusted.clear()
        site.keeper.trusted["127.0.0.1"] = False
        async with site.client() as first, site.client() as second, site.client() as third:
            assert (await third.rest())[9:12] == b"503"
            for client in (first, second):
                await client.send(GET % b"a")
                assert await client.answer() == b"200 /a? \n"


def test_requests_through_a_proxy_are_counted_by_whom_it_names() -> None:
    keeper = Keeper(Limits.of(Settings(max_connections_per_address=2)), Trusted(("10.0.0.0/8",)))
    assert [keeper.enter("192.0.2.1") for _ in range(3)] == [True, True, False]
    assert keeper.enter("192.0.2.2")
    keeper.leave("192.0.2.1")
    assert keeper.enter("192.0.2.1")
    assert [keeper.trusted[a] for a in ("10.1.2.3", "192.0.2.1", "", "nonsense")] == [True, False, False, False]


def test_an_attack_does_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    keeper = Keeper(Limits.of(Settings()), Trusted(()))
    for _ in range(1000):
        keeper.note("head_time", "192.0.2.1")
    assert len(caplog.records) == LINES
    assert "head_seconds" in caplog.text
    keeper.look(100)
    assert f"{1000 - LINES} more" in caplog.records[-1].getMessage()
    assert keeper.refusals["head_time"] == 1000
