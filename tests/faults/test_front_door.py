"""What comes before a request is one, against a gateway on a real port: rows H1, H2, H5, H6 and H9 of the fault matrix.

Limits are set low, so that they are met at once; what is asserted is the order of events, never how long they took.
"""

import re
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.support.asgi import basic
from tests.support.server import Server, start

HOST = b"Host: localhost\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
JSON = b"Content-Type: application/json\r\n"
DEMO = f"Authorization: {basic('demo')}\r\n".encode()
HONEST = b"GET /health HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"


def connect(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port))


def read(sock: socket.socket) -> bytes:
    """All that comes until the other side closes, in whatever way."""
    received = b""
    try:
        while data := sock.recv(65536):
            received += data
    except ConnectionError:
        pass
    return received


def read_until(sock: socket.socket, end: bytes) -> bytes:
    received = b""
    while not received.endswith(end):
        data = sock.recv(65536)
        assert data, received
        received += data
    return received


def ask(server: Server, request: bytes) -> bytes:
    with connect(server) as sock:
        sock.sendall(request)
        return read(sock)


def is_fair(server: Server) -> bool:
    """Somebody else is served."""
    return ask(server, HONEST).startswith(b"HTTP/1.1 200")


def metric(server: Server, name: str) -> float:
    page = ask(server, HONEST.replace(b"/health", b"/metrics")).decode()
    found = re.search(rf"^{re.escape(name)} (\S+)$", page, re.MULTILINE)
    assert found is not None, name
    return float(found[1])


def refused(server: Server, kind: str) -> float:
    return metric(server, f'dragoman_refusals_total{{kind="{kind}"}}')


def until(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.02)


@contextmanager
def serving(template: Path, folder: Path, **settings: object) -> Iterator[Server]:
    environment = {f"DRAGOMAN_{name.upper()}": str(value) for name, value in settings.items()}
    with start(folder, template, **environment) as server:
        yield server
        log = server.log.read_text()
    assert "Traceback" not in log


# H1: deadlines


@pytest.fixture(scope="module")
def hasty(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """No patience at all, where it is about waiting for clients."""
    seconds = dict.fromkeys(("first_byte_seconds", "head_seconds", "body_seconds", "write_seconds"), 0.2)
    with serving(template, tmp_path_factory.mktemp("hasty"), **seconds, keep_alive_seconds=0.2) as server:
        yield server


STALLED = {
    "first_byte": b"",
    "head_time": b"GET /health HTTP/1.1\r\nHo",
    "body_time": b"POST /login HTTP/1.1\r\n" + HOST + FORM + b"Content-Length: 100000\r\n\r\nusername=",
}


@pytest.mark.parametrize("kind", STALLED)
def test_who_stalls_is_closed_while_others_are_served(hasty: Server, kind: str) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(connect(hasty)) for _ in range(20)]
        for sock in slow:
            sock.sendall(STALLED[kind])
        assert is_fair(hasty)
        answers = [read(sock) for sock in slow]
    assert set(answers) == {b""} if kind == "first_byte" else all(a.startswith(b"HTTP/1.1 408") for a in answers)
    assert refused(hasty, kind) >= 20
    assert (
        metric(hasty, 'dragoman_held_bytes{part="heads"}') == metric(hasty, 'dragoman_held_bytes{part="bodies"}') == 0
    )


@pytest.mark.parametrize("kind", ["head_time", "body_time"])
def test_a_byte_now_and_then_buys_no_time(hasty: Server, kind: str) -> None:
    before = refused(hasty, kind)
    with connect(hasty) as sock:
        sock.sendall(STALLED[kind])
        sock.settimeout(0.05)
        answer = b""
        while not answer:
            try:
                sock.sendall(b"x")
                answer = sock.recv(1000)
            except TimeoutError:
                continue
            except ConnectionError:
                break
    assert answer.startswith((b"HTTP/1.1 408", b""))
    assert refused(hasty, kind) > before


def test_a_connection_is_not_kept_for_ever(hasty: Server) -> None:
    with connect(hasty) as sock:
        sock.sendall(HONEST.replace(b"Connection: close\r\n", b""))
        assert read(sock).startswith(b"HTTP/1.1 200")  # and then the end


def test_an_answer_that_nobody_reads_is_not_kept_for_ever(hasty: Server) -> None:
    with connect(hasty) as sock:
        sock.sendall((b"GET /srv.asmx?WSDL HTTP/1.1\r\n" + HOST + b"\r\n") * 90)
        until(lambda: refused(hasty, "write_time") == 1)
        assert is_fair(hasty)


def test_an_attack_leaves_a_few_lines_in_the_log(hasty: Server) -> None:
    lines = [line for line in hasty.log.read_text().splitlines() if "head_seconds" in line]
    assert 1 <= len(lines) <= 5


# H6: sizes


@pytest.fixture(scope="module")
def narrow(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    limits = {"max_header_bytes": 2048, "max_path": 512, "max_headers": 20, "max_held_bytes": 200_000}
    with serving(template, tmp_path_factory.mktemp("narrow"), **limits) as server:
        yield server


ENDLESS = {
    "a path": (b"GET /", b"x" * 1000, b"414"),
    "a query": (b"GET /?", b"&" * 1000, b"414"),
    "a header": (b"GET / HTTP/1.1\r\nX: ", b"x" * 1000, b"431"),
    "headers": (b"GET / HTTP/1.1\r\n", b"a:\r\n" * 250, b"431"),
    "lines": (b"", b"\0" * 1000, b"400"),
}


@pytest.mark.parametrize("what", ENDLESS)
def test_what_has_no_end_is_refused_while_it_comes(narrow: Server, what: str) -> None:
    begin, more, status = ENDLESS[what]
    with connect(narrow) as sock:
        sent = 0
        sock.sendall(begin)
        sock.setblocking(False)
        answer = b""
        while not answer and sent < 100_000_000:
            try:
                sent += sock.send(more)
                answer = sock.recv(1000)
            except BlockingIOError:
                continue
            except ConnectionError:
                break
        assert sent < 100_000_000
        assert not answer or answer.split()[1] == status
    assert is_fair(narrow)
    assert metric(narrow, 'dragoman_held_bytes{part="heads"}') == 0


@pytest.mark.parametrize(
    ("request_line", "headers", "status"),
    [
        (b"GET /" + b"x" * 600 + b" HTTP/1.1\r\n", b"", b"414"),
        (b"GET / HTTP/1.1\r\n", b"X: " + b"x" * 2100 + b"\r\n", b"431"),
        (b"GET / HTTP/1.1\r\n", b"a: b\r\n" * 21, b"431"),
    ],
)
def test_the_refusal_arrives_although_more_was_sent(
    narrow: Server, request_line: bytes, headers: bytes, status: bytes
) -> None:
    answer = ask(narrow, request_line + HOST + headers + b"\r\n" + b"z" * 300_000)
    assert answer.split()[1] == status
    assert b"connection: close" in answer


UPLOADS = {
    "camunda": (b"POST /login HTTP/1.1\r\n" + FORM, b"application/problem+json"),
    "processmaker": (b"POST /workflow/oauth2/token HTTP/1.1\r\n" + FORM, b'{"error":{"code":503,'),
    "facilioo": (b"POST /api/auth/login HTTP/1.1\r\n" + JSON, b"application/problem+json; charset=utf-8"),
    "inforouter": (b'POST /srv.asmx HTTP/1.1\r\nContent-Type: text/xml\r\nSOAPAction: ""\r\n', b"<soap:Fault>"),
    "inubit": (b"GET /ibis/rest/task/taskfilter HTTP/1.1\r\n" + DEMO + JSON, b"<statusCode>503</statusCode>"),
}


@pytest.mark.parametrize("dialect", UPLOADS)
def test_unfinished_uploads_have_a_limit_together(narrow: Server, dialect: str) -> None:
    """The oldest gives way, and is told so in the shape of its dialect; short requests go on meanwhile."""
    head, shape = UPLOADS[dialect]
    request = head + HOST + b"Content-Length: 60000\r\n\r\n" + b" " * 59_000
    with ExitStack() as stack:
        uploads = []
        before = refused(narrow, "held")
        for _ in range(6):
            sock = stack.enter_context(connect(narrow))
            sock.sendall(request)
            uploads.append(sock)
            until(lambda: metric(narrow, 'dragoman_held_bytes{part="bodies"}') % 59_000 == 0)
        until(lambda: refused(narrow, "held") - before >= 3)
        assert metric(narrow, 'dragoman_held_bytes{part="bodies"}') <= 200_000
        assert (
            ask(narrow, b"POST /v2/user-tasks/search HTTP/1.1\r\n" + HOST + DEMO + b"Connection: close\r\n\r\n")[9:12]
            == b"200"
        )
        for sock in uploads:
            sock.shutdown(socket.SHUT_WR)
        answers = [read(sock) for sock in uploads]
    told = [answer for answer in answers if answer.startswith(b"HTTP/1.1 503")]
    assert len(told) >= 3
    for answer in told:
        assert shape in answer
        assert b"\r\nretry-after: 1\r\n" in answer
        assert b"\r\nconnection: close\r\n" in answer
    until(lambda: metric(narrow, 'dragoman_held_bytes{part="bodies"}') == 0)


# H5: how many


def test_idle_connections_keep_nobody_out(template: Path, tmp_path: Path) -> None:
    with serving(template, tmp_path, max_connections=8) as server, ExitStack() as stack:
        for _ in range(60):
            stack.enter_context(connect(server))
        assert is_fair(server)


def test_when_all_are_busy_the_next_is_told_to_come_again(template: Path, tmp_path: Path) -> None:
    with serving(template, tmp_path, max_connections=8) as server, ExitStack() as stack:
        busy = [stack.enter_context(connect(server)) for _ in range(8)]
        for sock in busy:
            sock.sendall(UPLOADS["camunda"][0] + HOST + b"Content-Length: 9\r\n\r\nusername")
        while not (answer := ask(server, HONEST)).startswith(b"HTTP/1.1 503"):
            pass
        assert b"\r\nretry-after: 1\r\n" in answer
        for sock in busy:
            sock.sendall(b"=")
            assert read_until(sock, b"}").startswith(b"HTTP/1.1 401")


def test_addresses_that_proxies_tell(template: Path, tmp_path: Path) -> None:
    """By default a proxy on this machine is trusted: its own connections are not counted, those it speaks for are."""
    upload = UPLOADS["camunda"][0] + HOST + b"Content-Length: 9\r\nX-Forwarded-For: 192.0.2.7\r\n\r\nusername"
    with serving(template, tmp_path, max_connections_per_address=2) as server, ExitStack() as stack:
        busy = [stack.enter_context(connect(server)) for _ in range(3)]
        for sock in busy:
            sock.sendall(upload)
        until(lambda: refused(server, "address") == 1)
        other = HONEST.replace(b"\r\n\r\n", b"\r\nX-Forwarded-For: 192.0.2.%d\r\n\r\n")
        assert ask(server, other % 7).startswith(b"HTTP/1.1 503")
        assert ask(server, other % 8).startswith(b"HTTP/1.1 200")
        assert all(is_fair(server) for _ in range(5))


def test_who_is_no_proxy_says_nothing_about_addresses(template: Path, tmp_path: Path) -> None:
    limits = {"max_connections_per_address": 4, "trusted_proxies": ""}
    with serving(template, tmp_path, **limits) as server, ExitStack() as stack:
        upload = UPLOADS["camunda"][0] + HOST + b"Content-Length: 9\r\nX-Forwarded-For: 192.0.2.7\r\n\r\nusername"
        for _ in range(4):
            stack.enter_context(connect(server)).sendall(upload)
        forged = HONEST.replace(b"\r\n\r\n", b"\r\nX-Forwarded-For: 192.0.2.9\r\n\r\n")
        assert ask(server, forged).startswith(b"HTTP/1.1 503")


# H2: Host


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        (b"GET /health HTTP/1.1\r\n\r\n", b"400"),
        (b"GET /health HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", b"400"),
        (b"GET /health HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n", b"400"),
        (b"GET /health HTTP/1.1\r\nHost:\r\n\r\n", b"400"),
        (b"GET /health HTTP/1.1\r\nHost: a b\r\n\r\n", b"400"),
        (b"GET /health HTTP/1.1\r\nHost: a/b\r\n\r\n", b"400"),
        (b"GET /health HTTP/1.1\r\nHost: a@b\r\n\r\n", b"400"),
        (b"GET /health HTTP/1.1\r\nHost: a:b\r\n\r\n", b"400"),
        (b"GET /health HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", b"200"),
        (b"GET /health HTTP/1.1\r\nHost: a_b.example.com:80\r\n\r\n", b"200"),
        (b"GET /health HTTP/1.0\r\n\r\n", b"200"),
        (b"GET /health HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", b"400"),
    ],
)
def test_one_host(server: Server, request_text: bytes, status: bytes) -> None:
    answer = ask(server, request_text.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert answer.split()[1] == status


# queries as they are typed


@pytest.mark.parametrize(
    "target",
    [
        "/srv.asmx/AuthenticateUser?UID={}&Password=x",
        "/ibis/rest/task/tasks?start=0&{}=x",
        "/v2/topology?{}",
        "/api/1.0/workflow/cases?filter={}",
        "/api/processes?{}",
        "/health?{}",
        "/{}",
    ],
)
def test_bytes_beyond_ascii_in_a_query_are_no_mistake(server: Server, target: str) -> None:
    def status(raw: bytes) -> bytes:
        line = b"GET " + target.encode().replace(b"{}", raw) + b" HTTP/1.1\r\n"
        return ask(server, line + HOST + b"Connection: close\r\n\r\n").split()[1]

    assert status(b"M\xc3\xbcller") == status(b"M%C3%BCller")
    assert status(b"M\xfcller") == status(b"M%EF%BF%BDller")


def test_they_are_read_as_utf_8_and_what_is_not_as_a_replacement(server: Server) -> None:
    def page(state: bytes, headers: bytes = b"") -> bytes:
        """With the state that the client sent."""
        target = b"/workflow/oauth2/authorize?response_type=code&client_id=1" + b"0" * 30 + b"1&state=" + state
        return ask(server, b"GET " + target + b" HTTP/1.1\r\n" + HOST + headers + b"Connection: close\r\n\r\n")

    assert 'value="Müller"'.encode() in page(b"M\xc3\xbcller")
    assert 'value="M\ufffdller"'.encode() in page(b"M\xfcller")
    assert 'value="Müller"'.encode() in page(b"M\xc3\xbcller", b"X-Name: M\xfcller\r\n")


# HEAD


@pytest.mark.parametrize(
    "target",
    [
        "/ibis/rest/healthcheck",
        "/ibis/rest/ready",
        "/ibis/rest/task/tasks",
        "/v2/topology",
        "/v2/nope",
        "/api/1.0/workflow/cases",
        "/workflow/oauth2/authorize",
        "/api/processes",
        "/api/nope",
        "/srv.asmx",
        "/health",
        "/docs/",
        "/nope",
    ],
)
def test_head_leaves_the_connection_as_it_was(server: Server, target: str) -> None:
    """No byte of a body comes, and what is asked next is answered."""
    connection = HTTPConnection("127.0.0.1", server.port)
    headers = {"Host": "localhost", "Authorization": basic("demo"), "X-Request-Id": "head"}
    connection.request("HEAD", target, headers=headers)
    head = connection.getresponse()
    assert head.read() == b""
    connection.request("GET", target, headers=headers)
    got = connection.getresponse()
    body = got.read()
    connection.close()
    if target != "/srv.asmx":  # an ASMX host takes GET and POST only
        assert (head.status, head.getheader("content-length")) == (got.status, str(len(body)))
        assert head.getheader("content-type") == got.getheader("content-type")


# H9: stopping


def test_a_stop_does_not_wait_for_those_who_are_slow(template: Path, tmp_path: Path) -> None:
    with serving(template, tmp_path, shutdown_seconds=1, write_seconds=600) as server, ExitStack() as stack:
        slow = [b"", b"GET / HT", UPLOADS["camunda"][0] + HOST + b"Content-Length: 9\r\n\r\nu"]
        for begun in (*slow, (b"GET /srv.asmx?WSDL HTTP/1.1\r\n" + HOST + b"\r\n") * 90):
            stack.enter_context(connect(server)).sendall(begun)
        until(lambda: metric(server, "dragoman_connections") == 5)
        assert server.terminate() == 0
        assert "cut off" in server.log.read_text()


def test_requests_that_came_just_before_a_stop_are_answered(template: Path, tmp_path: Path) -> None:
    """The process stands still while they and the signal arrive."""
    request = b"GET /health HTTP/1.1\r\n" + HOST + b"\r\n"
    with serving(template, tmp_path) as server, ExitStack() as stack:
        clients = [stack.enter_context(connect(server)) for _ in range(20)]
        for sock in clients:
            sock.sendall(request)
            read_until(sock, b'{"status":"alive"}')
        server.process.send_signal(signal.SIGSTOP)
        for sock in clients:
            sock.sendall(request)
        server.process.send_signal(signal.SIGTERM)
        server.process.send_signal(signal.SIGCONT)
        for sock in clients:
            assert read(sock).endswith(b'{"status":"alive"}')
        assert server.process.wait() == 0
