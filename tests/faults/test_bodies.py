"""Bodies that are too long, packed or in parts, at every door that reads one: rows X7, X16 and X17 of the matrix."""

import gzip
import json
import os
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway import demo
from tests.faults.test_bad_input import SHAPES, fair
from tests.faults.test_front_door import connect, is_fair, metric, read, serving
from tests.support.asgi import Answer, basic
from tests.support.server import Server, until
from tests.support.world import World

LIMIT = 50_000
STARTER = "/ibis/rest/task/adhoc/testuser/74933f6c-72c6-44c5-9e90-91070f98c7dd"
ASSIGNEES = f"/api/1.0/workflow/project/{demo.PROJECT}/activity/{demo.ACTIVITY}/adhoc-assignee"


@pytest.fixture(scope="module")
def small(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """It reads no more than a few bytes."""
    deployments = json.dumps({"camunda": {"max_deployment": str(LIMIT)}})
    folder = tmp_path_factory.mktemp("small")
    with serving(template, folder, max_body=LIMIT, login_failures=0, dialects=deployments) as server:
        yield server


JSON, FORM, XML = "application/json", "application/x-www-form-urlencoded", "text/xml; charset=utf-8"
PARTS = "multipart/form-data; boundary=b"
#: dialect, method, path, media type
DOORS: dict[str, tuple[str, str, str, str]] = {
    "INUBIT filter": ("inubit", "GET", "/ibis/rest/task/taskfilter", XML),
    "INUBIT roles": ("inubit", "POST", "/ibis/rest/task/tasks?portal=standalone", JSON),
    "ProcessMaker token, JSON": ("processmaker", "POST", "/workflow/oauth2/token", JSON),
    "ProcessMaker token, form": ("processmaker", "POST", "/workflow/oauth2/token", FORM),
    "ProcessMaker token, parts": ("processmaker", "POST", "/workflow/oauth2/token", PARTS),
    "ProcessMaker assignee": ("processmaker", "POST", ASSIGNEES, JSON),
    "Camunda search": ("camunda", "POST", "/v2/user-tasks/search", JSON),
    "Camunda deployment": ("camunda", "POST", "/v2/deployments", PARTS),
    "Camunda login": ("camunda", "POST", "/login", FORM),
    "infoRouter form": ("inforouter", "POST", "/srv.asmx/AuthenticateUser", FORM),
    "infoRouter SOAP 1.1": ("inforouter", "POST", "/srv.asmx", XML),
    "infoRouter SOAP 1.2": ("inforouter", "POST", "/srv.asmx", "application/soap+xml; charset=utf-8"),
    "facilioo login": ("facilioo", "POST", "/api/auth/login", JSON),
    "facilioo refresh": ("facilioo", "POST", "/api/auth/refresh", JSON),
}
WAYS = ("announced", "chunked", "only announced")


def head(door: str, more: bytes) -> bytes:
    _, method, path, media_type = DOORS[door]
    lines = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {basic('demo')}\r\n"
    return f"{lines}Content-Type: {media_type}\r\n".encode() + more + b"\r\n"


def chunks(body: bytes) -> bytes:
    pieces = (body[start : start + 7000] for start in range(0, len(body), 7000))
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def request(door: str, way: str, size: int) -> bytes:
    body = b" " * size
    if way == "chunked":
        return head(door, b"Transfer-Encoding: chunked\r\n") + chunks(body)
    return head(door, b"Content-Length: %d\r\n" % size) + (body if way == "announced" else b"")


def first_answer(server: Server, sent: bytes) -> Answer:
    """Of a connection that stays open."""
    with connect(server) as sock:
        sock.sendall(sent)
        received = b""
        while b"\r\n\r\n" not in received:
            data = sock.recv(65536)
            assert data, received
            received += data
        return parsed(received)


def parsed(received: bytes) -> Answer:
    lines, _, body = received.partition(b"\r\n\r\n")
    first, *rest = lines.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in rest)
    return Answer(int(first.split()[1]), headers, body)


@pytest.mark.parametrize("door", DOORS)
def test_one_byte_too_many_is_refused_and_that_is_the_end(small: Server, door: str) -> None:
    """X7: in the dialect's shape, as soon as it is known, with the connection closed behind it."""
    dialect = DOORS[door][0]
    for way in WAYS:
        with connect(small) as sock:
            sock.sendall(request(door, way, LIMIT + 1))
            received = read(sock)
        answer = parsed(received)
        assert answer.status == 413, (way, received)
        assert SHAPES[dialect](answer), received
        assert answer.headers["connection"] == "close"
        assert received.count(b"HTTP/1.1 ") == 1
        if way != "only announced":
            assert first_answer(small, request(door, way, LIMIT)).status != 413, way
    until(lambda: metric(small, 'dragoman_held_bytes{part="bodies"}') == 0)


def test_the_refusal_of_a_long_body_arrives_although_more_is_sent(small: Server) -> None:
    """And who goes on sending for ever is not listened to for ever."""
    with connect(small) as sock:
        sock.sendall(head("Camunda search", b"Content-Length: 3000000000\r\n") + b" " * 500_000)
        assert parsed(read(sock)).status == 413
    for refused in (413, 401):
        begun = head("Camunda search", b"Transfer-Encoding: chunked\r\n")
        if refused == 401:
            begun = begun.replace(basic("demo").encode(), basic("demo", "wrong").encode())
        with connect(small) as sock:
            sock.sendall(begun)
            sent, chunk = 0, b"20000\r\n" + b" " * 0x20000 + b"\r\n"
            while sent < 1_000_000_000:
                try:
                    sock.sendall(chunk)
                except ConnectionError:
                    break
                sent += len(chunk)
            assert sent < 1_000_000_000
    assert is_fair(small)


def bombs() -> Iterator[tuple[bytes, bytes]]:
    """X16: a thousand times what they look like, once and twice over."""
    spaces = b" " * 10_000_000
    yield b"gzip", gzip.compress(spaces)
    yield b"gzip, gzip", gzip.compress(gzip.compress(spaces))
    yield b"deflate", zlib.compress(spaces)
    yield b"br", b"\x1b\xff\xff"
    yield b"gzip", gzip.compress(b"{}")


@pytest.mark.parametrize("door", DOORS)
def test_packed_bodies_are_not_unpacked(small: Server, door: str) -> None:
    """X16: whatever is announced, what counts are the bytes that came; they are no document of any dialect."""
    dialect = DOORS[door][0]
    for encoding, body in bombs():
        more = b"Content-Encoding: %b\r\nContent-Length: %d\r\nConnection: close\r\n" % (encoding, len(body))
        with connect(small) as sock:
            sock.sendall(head(door, more) + body)
            answer = parsed(read(sock))
        assert 400 <= answer.status < 500 or (answer.status == 500 and dialect == "inforouter"), answer
        assert SHAPES[dialect](answer), answer
    assert metric(small, 'dragoman_held_bytes{part="bodies"}') == 0


PART = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n'
FILE = b'--b\r\nContent-Disposition: form-data; name="resources"; filename="%b"\r\n\r\n{"id":"x"}\r\n'
#: X17
MULTIPART = {
    "10,000 parts": (PARTS, PART * 10_000 + b"--b--\r\n"),
    "10,000 files": (PARTS, FILE % b"a.form" * 10_000 + b"--b--\r\n"),
    "no boundary": ("multipart/form-data", PART + b"--b--\r\n"),
    "an empty boundary": ("multipart/form-data; boundary=", PART + b"--b--\r\n"),
    "a long boundary": (f"multipart/form-data; boundary={'b' * 5000}", PART),
    "a boundary that never comes": ("multipart/form-data; boundary=c", PART * 100),
    "no end": (PARTS, PART[:-4]),
    "a head without end": (PARTS, b"--b\r\nContent-Disposition: form-data; name=" + b"a" * 100_000),
    "10,000 headers": (PARTS, b"--b\r\n" + b"a: b\r\n" * 10_000 + b"\r\nx\r\n--b--\r\n"),
    "a header that is none": (PARTS, b"--b\r\n\x00\xff\r\n\r\nx\r\n--b--\r\n"),
    "no disposition": (PARTS, b"--b\r\n\r\nx\r\n--b--\r\n"),
    "no name": (PARTS, b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"),
    "parts in parts": (PARTS, b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n" + PART * 50 + b"--b--\r\n"),
    "a name with a path": (PARTS, FILE % b"../../../../tmp/dragoman-was-here" + b"--b--\r\n"),
    "a name with NUL": (PARTS, FILE % b"a\x00.form" + b"--b--\r\n"),
}


@pytest.mark.parametrize("door", ["ProcessMaker token, parts", "Camunda deployment"])
async def test_parts_have_limits(world: World, door: str) -> None:
    dialect, method, path, _ = DOORS[door]
    for what, (media_type, body) in MULTIPART.items():
        answer = await world.call(method, path, {"content-type": media_type}, body=body, user="demo")
        assert fair(answer, dialect), (what, answer)
        if answer.status == 200:
            assert what.startswith("a name with"), what
            (deployed,) = answer.json()["deployments"]
            name = (deployed["form"] or deployed["resource"])["resourceName"]
            assert f'filename="{name}"' in body.decode(), "it is a name and nothing else"
        else:
            assert 400 <= answer.status < 500, (what, answer)
    assert not os.path.exists("/tmp/dragoman-was-here")  # noqa: ASYNC240
