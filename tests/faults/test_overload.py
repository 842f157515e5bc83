"""More than can be done: who would wait for too long is told so at once, in the shape of their dialect (row H5).

What is held up is the process, its storage, or the threads for passwords; no test waits for a time.
"""

import asyncio
import signal
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import orjson
import pytest

from core.rejections import Unavailable
from core.task.commands import CreateTask
from gateway import demo
from tests.faults.test_front_door import FORM, HOST, JSON, connect, metric, serving
from tests.support.asgi import Answer, basic
from tests.support.clock import MovableClock
from tests.support.locker import locked
from tests.support.server import Server, until
from tests.support.world import UNTHROTTLED, World, open_world

TICKET = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"
STARTER = "/ibis/rest/task/adhoc/testuser/74933f6c-72c6-44c5-9e90-91070f98c7dd"

DEMO = f"Authorization: {basic('demo')}\r\n".encode()
TESTUSER = f"Authorization: {basic('testuser')}\r\n".encode()


def _post(path: bytes, headers: bytes, body: bytes) -> bytes:
    return b"POST %b HTTP/1.1\r\n%bContent-Length: %d\r\n\r\n%b" % (path, HOST + headers, len(body), body)


def _get(path: bytes, headers: bytes = b"") -> bytes:
    return b"GET %b HTTP/1.1\r\n%b\r\n" % (path, HOST + headers)


_PM_LOGIN = (
    f"grant_type=password&scope=*&client_id={demo.CLIENT_ID}&client_secret={demo.CLIENT_SECRET}"
    "&username=admin&password=admin"
).encode()
_SOAP = (
    b"<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body><AuthenticateUser xmlns='http://tempuri"
    b".org/'><UID>jdoe</UID><PWD>jdoe</PWD></AuthenticateUser></s:Body></s:Envelope>"
)

#: a read, a command and a login of each dialect; what a refusal looks like
REQUESTS: dict[str, tuple[bytes, bytes]] = {
    "INUBIT, read": (_get(b"/ibis/rest/task/tasks", TESTUSER), b"<statusCode>503</statusCode>"),
    "INUBIT, command": (
        _post(STARTER.encode(), TESTUSER + b"Accept: application/json\r\n", b""),
        b'"statusCode":503',
    ),
    "INUBIT, login": (
        _get(b"/ibis/rest/task/tasks", f"Authorization: {basic('jdoe', 'new')}\r\n".encode()),
        b"<message>Service Unavailable</message>",
    ),
    "Camunda, read": (_post(b"/v2/user-tasks/search", DEMO + JSON, b"{}"), b'"title":"RESOURCE_EXHAUSTED"'),
    "Camunda, command": (
        _post(b"/v2/groups", DEMO + JSON, b'{"groupId":"g","name":"g"}'),
        b'"instance":"/v2/groups"',
    ),
    "Camunda, login": (
        _post(b"/login", FORM, b"username=demo&password=demo"),
        b'"detail":"Expected to handle request, but all retries have been exhausted"',
    ),
    "Camunda, v1": (_post(b"/v1/tasks/search", DEMO + JSON, b"{}"), b'"status":503'),
    "ProcessMaker, read": (_get(b"/api/1.0/workflow/cases"), b'{"error":{"code":503,'),
    "ProcessMaker, command": (_post(b"/api/1.0/workflow/cases", JSON, b"{}"), b'{"error":{"code":503,'),
    "ProcessMaker, login": (_post(b"/workflow/oauth2/token", FORM, _PM_LOGIN), b'{"error":{"code":503,'),
    "infoRouter, read": (
        _get(b"/srv.asmx/GetCurrentUser?authenticationTicket=" + TICKET.encode()),
        b"\r\n\r\nService Unavailable\r\n",
    ),
    "infoRouter, command": (
        _get(b"/srv.asmx/Logout?authenticationTicket=" + TICKET.encode()),
        b"\r\n\r\nService Unavailable\r\n",
    ),
    "infoRouter, login": (_post(b"/srv.asmx", b'Content-Type: text/xml\r\nSOAPAction: ""\r\n', _SOAP), b"<soap:Fault>"),
    "facilioo, read": (_get(b"/api/processes"), b'"status":503'),
    "facilioo, command": (_post(b"/api/processes", JSON, b"{}"), b'"status":503'),
    "facilioo, login": (
        _post(b"/api/auth/login", JSON, b'{"email":"jdoe@example.com","password":"jdoe"}'),
        b"https://tools.ietf.org/html/rfc9110#section-15.6.4",
    ),
    "a page of its own": (_get(b"/docs/"), b"\r\n\r\nService Unavailable"),
}


# at the door


@pytest.fixture(scope="module")
def impatient(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Whoever has to stand in line at all has stood in it for too long."""
    settings = {"admit_within": 0.000_000_1, "keep_alive_seconds": 3600}
    with serving(template, tmp_path_factory.mktemp("impatient"), **settings) as server:
        yield server


def _answer(sock: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        received += (data := sock.recv(65536))
        assert data, received
    head, _, body = received.partition(b"\r\n\r\n")
    lengths = [int(line.partition(b":")[2]) for line in head.split(b"\r\n") if line.startswith(b"content-length")]
    while len(body) < sum(lengths):
        body += (data := sock.recv(65536))
        assert data
    return head + b"\r\n\r\n" + body


def _at_once(server: Server, request: bytes, count: int, clients: list[socket.socket]) -> list[bytes]:
    """The process stands still while they come."""
    server.process.send_signal(signal.SIGSTOP)
    until(lambda: server.process.state() == "T")
    try:
        for sock in clients[:count]:
            sock.sendall(request)
    finally:
        server.process.send_signal(signal.SIGCONT)
    return [_answer(sock) for sock in clients[:count]]


@pytest.fixture(scope="module")
def clients(impatient: Server) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        connected = [stack.enter_context(connect(impatient)) for _ in range(120)]
        for sock in connected:
            sock.sendall(_get(b"/health"))
            assert _answer(sock).startswith(b"HTTP/1.1 200")
        yield connected


@pytest.mark.parametrize("name", REQUESTS)
def test_who_would_wait_too_long_is_told_so(impatient: Server, clients: list[socket.socket], name: str) -> None:
    request, shape = REQUESTS[name]
    before = metric(impatient, 'dragoman_refusals_total{kind="overload"}')
    answers = _at_once(impatient, request, 120, clients)
    told = [answer for answer in answers if answer.startswith(b"HTTP/1.1 503") and b"\r\nretry-after: 1\r\n" in answer]
    assert len(told) > 0
    assert all(shape in answer for answer in told)
    assert metric(impatient, 'dragoman_refusals_total{kind="overload"}') - before == len(told)
    # nobody is cut off: the same connections go on
    assert all(a.startswith(b"HTTP/1.1 200") for a in _at_once(impatient, _get(b"/health"), 60, clients))


def test_probes_are_always_answered(impatient: Server, clients: list[socket.socket]) -> None:
    for probe in (b"/health", b"/ready", b"/metrics"):
        assert {answer[9:12] for answer in _at_once(impatient, _get(probe), 120, clients)} == {b"200"}


def test_a_refused_command_was_not_carried_out(impatient: Server, clients: list[socket.socket]) -> None:
    request = _post(STARTER.encode(), TESTUSER + b"Accept: application/xml\r\n", b"")

    def tasks() -> int:
        clients[0].sendall(_get(b"/ibis/rest/task/tasks", TESTUSER))
        return _answer(clients[0]).count(b"<Task ")

    before = tasks()
    answers = _at_once(impatient, request, 120, clients)
    done = [answer for answer in answers if answer.startswith(b"HTTP/1.1 201")]
    assert 0 < len(done) < 120
    assert tasks() - before == len(done)


def test_overload_leaves_a_few_lines_in_the_log(impatient: Server) -> None:
    log = impatient.log.read_text()
    refused = metric(impatient, 'dragoman_refusals_total{kind="overload"}')
    assert 1 <= log.count("requests stand in line for too long") < refused / 10
    assert log.count('"path":"/v1/tasks/search"') < 120, "who is refused has no line"


# in the engine


@pytest.fixture
async def world(template: Path, tmp_path: Path, clock: MovableClock) -> AsyncIterator[World]:
    """Its clock stands still."""
    clock.stop()
    async with open_world(template, tmp_path, clock, **UNTHROTTLED) as opened:
        yield opened


async def _commands(world: World, bearer: dict[str, str], jwt: dict[str, str]) -> dict[str, Answer]:
    headers = {"content-type": "application/json"}
    group = orjson.dumps({"grp_title": "New", "grp_status": "ACTIVE"})
    user = orjson.dumps({"username": "ann", "name": "Ann", "email": "ann@example.com", "password": "s3cret-s3cret"})
    process = b'{"report":"r","contactId":4422685,"typeId":3,"unitId":9001}'
    query = f"authenticationTicket={TICKET}&fromUserName=jdoe&toUserName=jsmith"
    return {
        "INUBIT": await world.call("POST", STARTER, user="testuser"),
        "Camunda": await world.call("POST", "/v2/users", headers, body=user, user="demo"),
        "infoRouter": await world.call("GET", f"/srv.asmx/TransferUserTasks?{query}"),
        "ProcessMaker": await world.call("POST", "/api/1.0/workflow/group", {**bearer, **headers}, body=group),
        "facilioo": await world.call("POST", "/api/processes", {**jwt, **headers}, body=process),
    }


async def test_commands_are_refused_while_the_first_has_waited_too_long(
    world: World, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.turn.runner.PATIENCE", 3600)
    bearer, jwt = await world.token("admin"), await world.jwt("admin")
    assert (await world.call("GET", f"/srv.asmx/GetCurrentUser?authenticationTicket={TICKET}")).status == 200
    for user in ("testuser", "demo"):
        assert (await world.call("GET", "/ibis/rest/task/tasks", user=user)).status == 200
    with locked(world.path) as other:
        begun = asyncio.create_task(world.call("POST", STARTER, user="testuser"))
        while not world.engine._queue._turning:  # noqa: ASYNC110
            await asyncio.sleep(0)
        waiting = asyncio.create_task(world.call("POST", STARTER, user="testuser"))
        while not world.engine._queue._queue:  # noqa: ASYNC110
            await asyncio.sleep(0)
        clock.forward(1000)
        own = asyncio.create_task(world.engine.execute(CreateTask("x"), world.system))
        await asyncio.sleep(0)
        clock.forward(1)
        refused = await _commands(world, bearer, jwt)
        reads = [
            await world.call("GET", "/ibis/rest/task/tasks", user="testuser"),
            await world.call("GET", "/api/processes", jwt),
            await world.call("GET", "/metrics"),
        ]
        assert not any(task.done() for task in (begun, waiting, own))
        other.let_go()
        assert [(await one).status for one in (begun, waiting)] == [201, 201]
        assert (await own).tasks
    assert [answer.status for answer in reads] == [200, 200, 200]
    assert 'dragoman_overload_total{line="commands"} 5.0' in reads[-1].text
    assert {name: answer.status for name, answer in refused.items()} == {
        "INUBIT": 503,
        "Camunda": 503,
        "infoRouter": 200,
        "ProcessMaker": 503,
        "facilioo": 503,
    }
    assert refused["Camunda"].json()["title"] == "RESOURCE_EXHAUSTED"
    assert 'error="SystemError:The service is unavailable"' in refused["infoRouter"].text
    for name, answer in refused.items():
        assert answer.headers.get("retry-after") == (None if name == "infoRouter" else "5")
    done = await _commands(world, bearer, jwt)
    assert [answer.status for answer in done.values()] == [201, 201, 200, 201, 200]


async def test_logins_are_refused_while_the_first_has_waited_too_long(world: World, clock: MovableClock) -> None:
    """Whoever is known, by whatever, goes on."""
    jwt = await world.jwt("admin")
    assert (await world.call("GET", "/ibis/rest/task/tasks", user="testuser")).status == 200
    go_on = threading.Event()
    pool = world.engine._passwords._pool
    held = [asyncio.create_task(pool.run(go_on.wait)) for _ in range(2)]
    await asyncio.sleep(0)
    waiting = asyncio.create_task(world.call("GET", "/ibis/rest/task/tasks", user="jdoe"))
    while pool.under_way < 3:  # noqa: ASYNC110
        await asyncio.sleep(0)
    while len(pool._waiting) > 1:  # noqa: ASYNC110  both threads have begun
        await asyncio.sleep(0)
    clock.forward(1001)
    form, headers = "application/x-www-form-urlencoded", {"content-type": "application/json"}
    body = b'{"email":"mary@example.com","password":"mary"}'
    refused = {
        "INUBIT": await world.call("GET", "/ibis/rest/task/tasks", user="mary"),
        "Camunda": await world.call("POST", "/login", {"content-type": form}, body="username=mary&password=mary"),
        "infoRouter": await world.call("GET", "/srv.asmx/AuthenticateUser?UID=mary&PWD=mary"),
        "ProcessMaker": await world.call("POST", "/workflow/oauth2/token", {"content-type": form}, body=_PM_LOGIN),
        "facilioo": await world.call("POST", "/api/auth/login", headers, body=body),
    }
    known = [
        await world.call("GET", "/ibis/rest/task/tasks", user="testuser"),
        await world.call("GET", "/api/processes", jwt),
    ]
    go_on.set()
    await asyncio.gather(*held)
    assert (await waiting).status == 200
    assert [answer.status for answer in known] == [200, 200]
    statuses = {name: answer.status for name, answer in refused.items()}
    assert statuses == {**dict.fromkeys(refused, 503), "infoRouter": 200}
    assert all(a.headers.get("retry-after") == "5" for name, a in refused.items() if name != "infoRouter")
    assert (await world.call("GET", "/ibis/rest/task/tasks", user="mary")).status == 200


async def test_a_command_over_a_set_is_waited_for(world: World, clock: MovableClock) -> None:
    """A transfer of very many tasks takes its time; nobody is turned away for it."""
    engine, go_on = world.engine, threading.Event()
    assert (await world.call("GET", f"/srv.asmx/GetCurrentUser?authenticationTicket={TICKET}")).status == 200
    held = engine._queue.writer.submit(go_on.wait)
    transfer = f"/srv.asmx/TransferUserTasks?authenticationTicket={TICKET}&fromUserName=jdoe&toUserName=jsmith"
    moving = asyncio.create_task(world.call("GET", transfer))
    while not engine._queue._is_over_a_set:  # noqa: ASYNC110
        await asyncio.sleep(0)
    first = asyncio.create_task(world.call("POST", STARTER, user="testuser"))
    while not engine._queue._queue:  # noqa: ASYNC110
        await asyncio.sleep(0)
    clock.forward(60_000)
    second = asyncio.create_task(world.call("POST", STARTER, user="testuser"))
    while len(engine._queue._queue) < 2:  # noqa: ASYNC110
        await asyncio.sleep(0)
    go_on.set()
    held.result()
    assert [(await answer).status for answer in (moving, first, second)] == [200, 201, 201]


async def test_without_a_bound_everybody_waits(template: Path, tmp_path: Path, clock: MovableClock) -> None:
    clock.stop()
    async with open_world(template, tmp_path, clock, admit_within=0) as world:
        go_on = threading.Event()
        held = world.engine._queue.writer.submit(go_on.wait)
        calls = []
        for waiting in range(3):
            calls.append(asyncio.create_task(world.call("POST", STARTER, user="testuser")))
            while world.engine.stats.waiting <= waiting:  # noqa: ASYNC110
                await asyncio.sleep(0)
            clock.forward(3_600_000)
        go_on.set()
        held.result()
        assert [(await answer).status for answer in calls] == [201, 201, 201]


async def test_reads_of_a_database_across_a_network_have_a_line_too(clock: MovableClock) -> None:
    from core.pool import Pool

    clock.stop()
    pool, go_on = Pool("read", 1, clock, within=1000), threading.Event()
    held, waits = asyncio.create_task(pool.run(go_on.wait)), asyncio.create_task(pool.run(int))
    while len(pool._waiting) > 1:  # noqa: ASYNC110
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    clock.forward(1001)
    with pytest.raises(Unavailable, match="overload"):
        await pool.run(int)
    assert pool.refused == 1
    waits.cancel()
    go_on.set()
    assert await held
    assert await pool.run(int) == 0, "who does not wait any more holds nobody up"
    pool.close()
