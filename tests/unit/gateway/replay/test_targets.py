"""What goes over the network: heads as they were, to one address, and whatever comes back is an answer or is none."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway.replay.targets import Network, NoAnswer, network, same_server
from gateway.traffic.exchange import Request

OK = b"HTTP/1.1 200 Fine\r\nX-Odd: 1\r\nContent-Length: 2\r\nx-odd: 2\r\n\r\nhi"


@asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[tuple[Network, list[bytes]]]:
    """A server that gives each connection one of the answers, and the bytes that it got."""
    got: list[bytes] = []
    waiting = list(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")), 0)
        got.append(head + await reader.readexactly(length))
        writer.write(waiting.pop(0))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server, network(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", connections=4) as target:
        yield target, got


async def test_heads_go_out_in_their_order_and_case() -> None:
    request = Request(
        "POST",
        b"/a%2fb?x=1&x=2",
        (
            (b"HOST", b"old.example.com"),
            (b"x-B", b"1"),
            (b"Connection", b"keep-alive"),
            (b"X-a", b"2"),
            (b"Content-LENGTH", b"99"),
            (b"x-B", b"3"),
            (b"Proxy-Authorization", b"Basic eDp5"),
        ),
        b"body",
    )
    async with answering(OK) as (target, got):
        response = await target.send(target.prepared(request))
        host = target.address.removeprefix("http://").encode()
    head = b"POST /a%2fb?x=1&x=2 HTTP/1.1\r\nHOST: " + host
    assert got == [head + b"\r\nx-B: 1\r\nX-a: 2\r\nContent-LENGTH: 4\r\nx-B: 3\r\n\r\nbody"]
    assert (response.status, response.reason, response.body) == (200, "Fine", b"hi")
    assert response.headers == ((b"X-Odd", b"1"), (b"Content-Length", b"2"), (b"x-odd", b"2"))


async def test_a_body_in_chunks_gets_a_length() -> None:
    request = Request("POST", b"/", ((b"Host", b"a"), (b"Transfer-Encoding", b"chunked")), b"body")
    async with answering(OK) as (target, got):
        await target.send(target.prepared(request))
    assert b"Content-Length: 4\r\n" in got[0]
    assert b"chunked" not in got[0]


async def test_nobody_follows_a_redirection() -> None:
    elsewhere = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    async with answering(elsewhere) as (target, got):
        response = await target.send(target.prepared(Request("GET", b"/")))
    assert (response.status, len(got)) == (302, 1)


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Len", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", b"no HTTP\r\n\r\n"],
)
async def test_half_an_answer_is_none(answer: bytes) -> None:
    async with answering(answer) as (target, _):
        with pytest.raises(NoAnswer):
            await target.send(target.prepared(Request("GET", b"/")))


@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal"]
)
async def test_who_says_nothing_more_is_not_waited_for(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the place is free for others."""
    monkeypatch.setattr("gateway.replay.targets.READ", 0.05)
    is_first = True
    open_ones = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal is_first
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said if is_first else OK)
        is_first = False
        open_ones.append(writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server, network(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", connections=1) as target:
        with pytest.raises(NoAnswer, match=r"no answer within 0\.05 seconds"):
            await target.send(target.prepared(Request("GET", b"/")))
        monkeypatch.setattr("gateway.replay.targets.READ", 60.0)
        assert (await target.send(target.prepared(Request("GET", b"/")))).body == b"hi"
        for writer in open_ones:
            writer.close()


async def test_an_answer_without_an_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.replay.targets.MAX_ANSWER", 1000)
    async with answering(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 300_000) as (target, _):
        response = await target.send(target.prepared(Request("GET", b"/")))
    assert (len(response.body), response.lacks) == (1000, "more than 1000 bytes")


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", b"/", ((b"X-A", b"1\r\nX-B: 2"),)),
        Request("GET", b"/", ((b"X-A\r\nX-B", b"2"),)),
        Request("GET", b"/ HTTP/1.1\r\nX-B: 2\r\n\r\nGET /b"),
        Request("GET / HTTP/1.1\r\nX-B: 2\r\n\r\nGET", b"/b"),
    ],
    ids=["value", "name", "target", "method"],
)
async def test_line_ends_in_a_recording_make_no_other_request(request_: Request) -> None:
    heard: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.set_result(await reader.read())
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        async with network(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", connections=1) as target:
            with pytest.raises(NoAnswer):
                await target.send(target.prepared(request_))
        assert await heard == b""


@pytest.mark.parametrize(
    "asked", [b"http://127.0.0.1:1/a", b"//127.0.0.1:1/a", b"@127.0.0.1:1/a", b"file:///etc/passwd"]
)
async def test_what_a_recording_names_is_asked_of_the_target_alone(asked: bytes) -> None:
    async with answering(OK) as (target, got):
        await target.send(target.prepared(Request("GET", asked)))
        host = target.address.removeprefix("http://").encode()
    assert got == [b"GET " + asked + b" HTTP/1.1\r\nHost: " + host + b"\r\n\r\n"]


async def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    async with answering(OK) as (target, _):
        assert (await target.send(target.prepared(Request("GET", b"/")))).status == 200


@pytest.mark.parametrize(
    ("address", "is_it"),
    [
        ("http://old.example.com:80/", True),
        ("http://OLD.example.com.", True),
        ("https://old.example.com", False),
        ("http://old.example.com:8080", False),
        ("http://new.example.com", False),
        ("http://[::1]:9000", True),
        ("http://localhost:9000/x", True),
        ("http://0.0.0.0:9000", True),
    ],
)
def test_what_is_the_recorded_server(address: str, is_it: bool) -> None:
    assert same_server(address, ["", "http://old.example.com", "http://127.0.0.1:9000"]) is is_it
