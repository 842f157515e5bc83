"""The recorder: what passes is what was sent, what fails fails as with a proxy, and all of it is in the recording."""

import asyncio
from pathlib import Path

import pytest

from gateway.exits import Failed, Usage
from gateway.traffic.exchange import Exchange
from gateway.traffic.recording import Recording
from gateway.traffic.upstream import upstream_of
from tests.support.recorded import Script, head_of, recorded

GET = b"GET /tasks?a=%2f HTTP/1.1\r\nhOST: old.example\r\nX-Twice: 1\r\nx-tWICE: 2\r\nConnection: close\r\n\r\n"
POST = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"


def answering(answer: bytes, asked: list[bytes] | None = None) -> Script:
    """Reads a head, says this and ends."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await head_of(reader)
        if asked is not None:
            asked.append(head)
        writer.write(answer)
        await writer.drain()

    return script


async def one(path: Path, script: Script | None, request: bytes = GET, **rules: float) -> tuple[bytes, Exchange]:
    """What the client saw, and what was recorded."""
    async with recorded(path, script, **rules) as there:  # type: ignore[arg-type]
        seen = await there.say(request)
        (exchange,) = await there.exchanges()
    return seen, exchange


async def test_heads_pass_in_their_order_and_case(tmp_path: Path) -> None:
    asked = list[bytes]()
    answer = b"HTTP/1.1 200 Tres bien\r\nSERVER: IIS\r\nx-A: 1\r\nX-a: 2\r\ncontent-LENGTH: 2\r\n\r\nok"
    seen, exchange = await one(tmp_path / "a.rec", answering(answer, asked))
    assert seen == answer
    assert asked == [GET]
    assert exchange.request.target == b"/tasks?a=%2f"
    assert exchange.request.headers[:3] == ((b"hOST", b"old.example"), (b"X-Twice", b"1"), (b"x-tWICE", b"2"))
    assert exchange.response is not None
    assert exchange.response.reason == "Tres bien"
    assert exchange.response.headers[0] == (b"SERVER", b"IIS")
    assert (exchange.response.body, exchange.response.lacks, exchange.error) == (b"ok", "", "")


async def test_a_connection_is_used_again_on_both_sides(tmp_path: Path) -> None:
    connections = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(1)
        while True:
            await head_of(reader)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async with recorded(tmp_path / "a.rec", script) as there:
        keep = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        seen = await there.say(keep + keep + GET)
        assert seen.count(b"200 OK") == 3
        exchanges = await there.exchanges()
    assert [e.connection for e in exchanges] == [1, 1, 1]
    assert len(connections) == 1


async def test_a_chunked_answer_stays_chunked_with_its_trailers(tmp_path: Path) -> None:
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-End: 1\r\n\r\n"
    seen, exchange = await one(tmp_path / "a.rec", answering(answer))
    assert seen.startswith(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    assert seen.endswith(b"0\r\nX-End: 1\r\n\r\n")
    assert exchange.response is not None
    assert exchange.response.body == b"abcde"


async def test_an_answer_without_a_length_ends_with_the_connection(tmp_path: Path) -> None:
    answer = b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\nall of it"
    seen, exchange = await one(tmp_path / "a.rec", answering(answer))
    assert seen == answer
    assert exchange.response is not None
    assert (exchange.response.body, exchange.response.lacks) == (b"all of it", "")


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
async def test_an_answer_without_a_body_has_none(tmp_path: Path, status: bytes) -> None:
    answer = b"HTTP/1.1 " + status + b"\r\nETag: x\r\n\r\n"
    assert (await one(tmp_path / "a.rec", answering(answer)))[0] == answer


async def test_an_answer_to_head_has_a_length_and_no_body(tmp_path: Path) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"
    seen, exchange = await one(tmp_path / "a.rec", answering(answer), GET.replace(b"GET", b"HEAD"))
    assert seen == answer
    assert exchange.response is not None
    assert exchange.response.lacks == ""


async def test_a_client_that_waits_for_continue_is_told_by_the_server(tmp_path: Path) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert b"Expect: 100-continue" in await head_of(reader)
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await reader.readexactly(5)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n" + body)

    async with recorded(tmp_path / "a.rec", script) as there:
        reader, writer = await asyncio.open_connection("127.0.0.1", there.port)
        writer.write(POST.replace(b"hello", b"").replace(b"Host: a", b"Host: a\r\nExpect: 100-continue"))
        assert await head_of(reader) == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"hello")
        assert (await reader.read()).endswith(b"hello")
        writer.close()
        (exchange,) = await there.exchanges()
    assert exchange.request.body == b"hello"
    assert exchange.response is not None
    assert exchange.response.status == 200


async def test_a_long_chunked_body_passes(tmp_path: Path) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head_of(reader)
        length = 0
        while size := int(await reader.readline(), 16):
            length += len(await reader.readexactly(size))
            await reader.readexactly(2)
        text = str(length).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(text), text))

    head = b"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = b"".join(b"186a0\r\n" + b"x" * 100_000 + b"\r\n" for _ in range(30)) + b"0\r\n\r\n"
    seen, exchange = await one(tmp_path / "a.rec", script, head + body)
    assert seen.endswith(b"3000000")
    assert exchange.request.body == b"x" * 3_000_000


async def test_what_is_for_one_connection_stays_there(tmp_path: Path) -> None:
    asked = list[bytes]()
    head = b"HTTP/1.1 200 OK\r\nconnection: close, X-Hop\r\nx-hop: 1\r\nKeep-Alive: timeout=5\r\nX-A: 1\r\n"
    request = GET.replace(b"Connection: close", b"TE: gzip\r\nX-Own: 1\r\nConnection: X-Own, close, Host\r\nX-B: 1")
    seen, exchange = await one(tmp_path / "a.rec", answering(head + b"Content-Length: 0\r\n\r\n", asked), request)
    assert seen == b"HTTP/1.1 200 OK\r\nconnection: close\r\nX-A: 1\r\nContent-Length: 0\r\n\r\n"
    assert asked == [GET.replace(b"Connection: close", b"Connection: close\r\nX-B: 1")]
    assert exchange.request.header(b"x-own") == b"1"
    assert exchange.response is not None
    assert exchange.response.header(b"x-hop") == b"1"


@pytest.mark.parametrize("protocol", [b"websocket", b"h2c"])
async def test_a_change_of_protocols_is_not_passed_on(tmp_path: Path, protocol: bytes) -> None:
    """Clients of Java ask each server for HTTP/2 that way, and go on without."""
    asked = list[bytes]()
    wish = b"Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMA\r\nUpgrade: " + protocol
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    seen, _ = await one(tmp_path / "a.rec", answering(answer, asked), GET.replace(b"Connection: close", wish))
    assert seen == answer
    assert asked == [GET.replace(b"Connection: close\r\n", b"")]


async def test_nobody_listens(tmp_path: Path) -> None:
    seen, exchange = await one(tmp_path / "a.rec", None)
    assert seen.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
    assert b"no connection to http://127.0.0.1:" in seen
    assert exchange.response is None
    assert exchange.error.startswith("no connection to http://127.0.0.1:")


async def test_the_server_says_nothing(tmp_path: Path) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    seen, exchange = await one(tmp_path / "a.rec", script, patience=0.05)
    assert seen.startswith(b"HTTP/1.1 504 Gateway Timeout\r\n")
    assert exchange.error == "no answer within 0.05 seconds"


async def test_the_server_says_nothing_more(tmp_path: Path) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
        await reader.read()

    seen, exchange = await one(tmp_path / "a.rec", script, patience=0.05)
    assert seen.endswith(b"\r\n\r\nabc")
    assert exchange.response is not None
    assert exchange.response.body == b"abc"
    assert exchange.response.lacks == "the server was silent for 0.05 seconds after 3 of 9 bytes of the body"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", "the server closed the connection without an answer"),
        (b"HTTP/1.1 20", "the server closed the connection without an answer"),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "what the server answered is no HTTP: "),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "what the server answered is no HTTP: "),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            "what the server answered is no HTTP: ",
        ),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000, "what the server answered is no HTTP: "),
    ],
)
async def test_the_server_does_not_answer(tmp_path: Path, answer: bytes, error: str) -> None:
    seen, exchange = await one(tmp_path / "a.rec", answering(answer))
    assert seen.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
    assert exchange.response is None
    assert exchange.error.startswith(error)


async def test_the_server_ends_before_its_body_does(tmp_path: Path) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"
    seen, exchange = await one(tmp_path / "a.rec", answering(answer))
    assert seen == answer
    assert exchange.response is not None
    assert exchange.response.lacks == "the server closed the connection after 3 of 9 bytes of the body"


async def test_the_server_ends_within_a_chunk(tmp_path: Path) -> None:
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc"
    seen, exchange = await one(tmp_path / "a.rec", answering(answer))
    assert not seen.endswith(b"0\r\n\r\n")
    assert exchange.response is not None
    assert exchange.response.lacks == "the server closed the connection after 3 bytes of the body"


async def test_the_server_breaks_the_connection(tmp_path: Path) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
        await writer.drain()
        await reader.readexactly(1)  # the client has seen it
        writer.transport.abort()

    async with recorded(tmp_path / "a.rec", script) as there:
        reader, writer = await asyncio.open_connection("127.0.0.1", there.port)
        writer.write(POST.replace(b"hello", b""))
        assert (await reader.readuntil(b"abc")).endswith(b"abc")
        writer.write(b"hello")
        assert await reader.read() == b""
        writer.close()
        (exchange,) = await there.exchanges()
    assert exchange.response is not None
    assert exchange.response.lacks.endswith("after 3 of 9 bytes of the body")


async def test_the_server_says_more_than_it_said_it_would(tmp_path: Path) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
    seen, exchange = await one(tmp_path / "a.rec", answering(answer + b"defg"), GET.replace(b"close", b"keep-alive"))
    assert seen == answer
    assert exchange.response is not None
    assert exchange.response.lacks == "the server sent at least 4 bytes more than it said"


async def test_the_server_closes_a_connection_that_waits(tmp_path: Path) -> None:
    """As if nobody were in between: the client's connection is closed, too."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    seen, _ = await one(tmp_path / "a.rec", answering(answer), GET.replace(b"close", b"keep-alive"))
    assert seen == answer


async def test_the_server_answers_before_it_was_asked_to_the_end(tmp_path: Path) -> None:
    answer = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head_of(reader)
        writer.write(answer)
        await reader.read()

    seen, exchange = await one(tmp_path / "a.rec", script, POST.replace(b"hello", b"he"))
    assert seen == answer
    assert exchange.request.body == b"he"
    assert exchange.request.lacks == "the server answered before the request was sent to its end"


async def test_the_client_says_no_more_but_listens(tmp_path: Path) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    async with recorded(tmp_path / "a.rec", answering(answer)) as there:
        assert await there.say(GET, half_close=True) == answer


async def test_the_client_ends_before_its_body_does(tmp_path: Path) -> None:
    asked = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        asked.set()

    async with recorded(tmp_path / "a.rec", script) as there:
        await there.say(POST.replace(b"hello", b"he"), half_close=True)
        await asked.wait()
        (exchange,) = await there.exchanges()
    assert exchange.request.body == b"he"
    assert exchange.request.lacks == "after 2 of 5 bytes of its body one side ended"
    assert exchange.error == "the request did not come to its end"


async def test_the_client_ends_before_the_answer_does(tmp_path: Path) -> None:
    ended = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while True:
                writer.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
                await writer.drain()
        finally:
            ended.set()

    async with recorded(tmp_path / "a.rec", script) as there:
        reader, writer = await asyncio.open_connection("127.0.0.1", there.port)
        writer.write(GET)
        await head_of(reader)
        writer.transport.abort()
        await ended.wait()
        (exchange,) = await there.exchanges()
    assert exchange.response is not None
    assert exchange.response.lacks.startswith("the client ended after ")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
        (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
        (b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 9, 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 100_000, 431),
        (b"GET / HT", 400),
    ],
)
async def test_what_is_no_request_is_not_passed_on(tmp_path: Path, request_: bytes, status: int) -> None:
    asked = list[bytes]()
    async with recorded(tmp_path / "a.rec", answering(b"", asked)) as there:
        seen = await there.say(request_, half_close=True)
        assert seen.startswith(b"HTTP/1.1 %d " % status)
        assert await there.exchanges() == []
    assert asked == []


async def test_a_chunk_that_is_none_is_refused_and_recorded(tmp_path: Path) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    head = b"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    seen, exchange = await one(tmp_path / "a.rec", script, head + b"nonsense\r\n")
    assert seen.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert exchange.error.startswith("this is no request: ")


async def test_the_server_is_called_by_its_own_name(tmp_path: Path) -> None:
    asked = list[bytes]()
    path = tmp_path / "a.rec"

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await head_of(reader))
        host = next(line for line in asked[0].split(b"\r\n") if line.startswith(b"hOST: ")).removeprefix(b"hOST: ")
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://%s/x\r\nContent-Length: 0\r\n\r\n" % host)

    async with recorded(path, script, rewrite_host=True) as there:
        own = b"127.0.0.1:%d" % there.upstream_port
        assert b"\r\nLocation: http://old.example/x\r\n" in await there.say(GET)
        (exchange,) = await there.exchanges()
    assert b"hOST: " + own in asked[0]
    assert exchange.request.header(b"host") == b"old.example"
    assert exchange.response is not None
    assert exchange.response.header(b"location") == b"http://" + own + b"/x"
    with Recording(path) as recording:
        (part,) = recording.parts()
        assert part.notes == f"1 answer names http://{own.decode()} (first: exchange 1): who goes there is not recorded"


async def test_bodies_beyond_the_room_pass_and_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.traffic.messages.MAX_BODY", 4)
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123456789"
    seen, exchange = await one(tmp_path / "a.rec", answering(answer))
    assert seen == answer
    assert exchange.response is not None
    assert exchange.response.body == b"1234"
    assert exchange.response.lacks == "its body has 9 bytes, of which 4 are kept"


async def test_what_is_under_way_when_it_is_stopped_is_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.traffic.recorder.GRACE", 0.05)
    asked = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head_of(reader)
        asked.set()
        await reader.read()

    async with recorded(tmp_path / "a.rec", script) as there:
        saying = asyncio.create_task(there.say(GET))
        await asked.wait()
        (exchange,) = await there.exchanges()
        await saying
    assert exchange.error == "the recorder was stopped"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "old",
        "ftp://old",
        "http://",
        "http://old:0",
        "http://old:x",
        "http://old/path",
        "http://a@old",
        "http://[::1",
    ],
)
def test_an_upstream_has_to_be_an_address(url: str) -> None:
    with pytest.raises(Usage, match="--upstream"):
        upstream_of(url)


def test_an_upstream_has_the_port_of_its_scheme() -> None:
    assert upstream_of("http://OLD.example/").about == {"scheme": "http", "host": "old.example", "port": "80"}
    assert upstream_of("https://[::1]:8443").url == "https://[::1]:8443"


def test_certificates_have_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="cannot be read"):
        upstream_of("https://old", tmp_path / "none.pem")
    with pytest.raises(Usage, match="not asked over https"):
        upstream_of("http://old", tmp_path / "none.pem")
