"""How long one client's heaviest requests make another one wait for a cheap read, with 100,000 open tasks.

The cheap read is asked again and again on a connection of its own while the heavy one is under way; what is told is the
longest that it took, and beside it what it took at most while nothing else was asked.
"""

import asyncio
import http.client
import json
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from core.engine import Engine
from core.storage import open_store
from gateway import demo
from tests.bench.harness import Line, free_port, gateway, server
from tests.support.asgi import basic
from tests.support.bpmn import document, element, flow
from tests.support.crowd import crowd

USER = "james"
#: seconds that a cheap read may wait
BAR = 0.1
JSON = {"Content-Type": "application/json"}
XML = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '"http://tempuri.org/isValidTicket"'}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
#: a little less than the longest body
BODY = 2_000_000


@dataclass(frozen=True)
class Heavy:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""
    at_once: int = 1


def _ask(port: int, heavy: Heavy) -> tuple[int, int]:
    """(status, bytes of the answer)"""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    connection.request(heavy.method, heavy.path, heavy.body or None, heavy.headers)
    answer = connection.getresponse()
    size = 0
    while piece := answer.read(1 << 20):
        size += len(piece)
    connection.close()
    return answer.status, size


def _reads(port: int, path: str, stop: threading.Event, least: int = 50) -> list[float]:
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {basic('demo')}\r\n\r\n".encode()
    times: list[float] = []
    with socket.create_connection(("127.0.0.1", port)) as sock:
        while not stop.is_set() or len(times) < least:
            began = time.perf_counter()
            sock.sendall(request)
            answer = sock.recv(65536)
            while not answer.endswith(b"}"):
                answer += sock.recv(65536)
            times.append(time.perf_counter() - began)
            assert answer.startswith(b"HTTP/1.1 200"), answer
            time.sleep(0.001)
    return times


def _beside(port: int, path: str, work: Callable[[], object]) -> tuple[float, object, float]:
    """(the longest wait of the read, what came of the work, its seconds)"""
    stop = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(_reads, port, path, stop)
        time.sleep(0.05)
        began = time.perf_counter()
        try:
            done = work()
        finally:
            seconds = time.perf_counter() - began
            stop.set()
        return max(reading.result()), done, seconds


async def _prepare(url: str, tasks: int) -> tuple[int, int]:
    """The key of a task, and of an instance of 3,000 tasks; all others are the user's."""
    engine = Engine(open_store(url))
    await engine.start()
    await demo.load(engine)
    key = (await crowd(engine, "demo", 1))[0]
    for start in range(0, tasks, 20_000):
        await crowd(engine, USER, min(20_000, tasks - start))
    many = (await crowd(engine, "robert", 3_000, in_one_instance=3_000))[0]
    await engine.stop()
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        (instance,) = connection.execute("SELECT instance_key FROM task WHERE key = ?", (many,)).fetchone()
    return key, int(instance)


def _wide(tasks: int) -> bytes:
    """A process that begins with so many tasks at once."""
    elements = [element("userTask", f"t{n}") for n in range(tasks)]
    flows = [flow("fork", f"t{n}") + flow(f"t{n}", "end") for n in range(tasks)]
    inside = (
        '<bpmn:startEvent id="start"/><bpmn:parallelGateway id="fork"/><bpmn:endEvent id="end"/>'
        + "".join(elements) + flow("start", "fork") + "".join(flows)
    )  # fmt: skip
    return document(f"wide{tasks}", inside).encode()


def _multipart(*files: tuple[str, bytes]) -> tuple[dict[str, str], bytes]:
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="resources"; filename="{name}"\r\n\r\n'.encode() + body + b"\r\n"
        for name, body in files
    ]
    return {"Content-Type": "multipart/form-data; boundary=b"}, b"".join(parts) + b"--b--\r\n"


def _soap_body() -> bytes:
    """As many elements as there may be."""
    head = (
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><isValidTicket xmlns="http://tempuri'
        b'.org/"><AuthenticationTicket>x</AuthenticationTicket></isValidTicket>'
    )
    return head + b"<a b='c'/>" * 45_000 + b"</s:Body></s:Envelope>"


def requests(port: int, instance: int) -> Iterator[tuple[str, Heavy]]:
    """Each is made when those before have been answered."""
    mine, admin = {"Authorization": basic(USER)}, {"Authorization": basic("demo")}

    def say(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> dict[str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request(method, path, body, headers)
        said: dict[str, str] = json.loads(connection.getresponse().read())
        connection.close()
        return said

    grant = f"grant_type=password&scope=*&client_id={demo.CLIENT_ID}&client_secret={demo.CLIENT_SECRET}"
    login = f"{grant}&username={USER}&password={USER}".encode()
    token = {"Authorization": f"Bearer {say('POST', '/workflow/oauth2/token', FORM, login)['access_token']}"}
    credentials = json.dumps({"email": f"{USER}@example.com", "password": USER}).encode()
    jwt = {"Authorization": f"Bearer {say('POST', '/api/auth/login', JSON, credentials)['accessToken']}"}
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", f"/srv.asmx/AuthenticateUser?UID={USER}&PWD={USER}")
    ticket = connection.getresponse().read().decode().partition('ticket="')[2].partition('"')[0]
    criteria = (
        f"AuthenticationTicket={ticket}&xmlcriteria={quote('<criteria/>')}&SortBy=DefaultSort&AscendingOrder=true"
    )

    def search(what: str, sort: str = "", **filtered: str) -> Heavy:
        wanted: dict[str, object] = {"page": {"limit": 10_000}, "filter": filtered}
        if sort:
            wanted["sort"] = [{"field": sort}]
        return Heavy("POST", f"/v2/{what}/search", {**admin, **JSON}, json.dumps(wanted).encode())

    yield "INUBIT: all tasks", Heavy("GET", "/ibis/rest/task/tasks", mine)
    yield "INUBIT: a page of 10,000", Heavy("GET", "/ibis/rest/task/tasks?start=50000&count=10000", mine)
    page = "/ibis/rest/task/tasks?start=1000&count=5000"
    yield "INUBIT: 30 pages of 5,000 at once", Heavy("GET", page, mine, at_once=30)
    yield "infoRouter: getTasks", Heavy("GET", f"/srv.asmx/getTasks?{criteria}", {})
    yield "ProcessMaker: all cases", Heavy("GET", "/api/1.0/workflow/cases", token)
    yield "ProcessMaker: all in which one took part", Heavy("GET", "/api/1.0/workflow/cases/participated", token)
    yield "ProcessMaker: a page of 25", Heavy("GET", "/api/1.0/workflow/cases/paged?limit=25", token)
    yield "ProcessMaker: ... by title", Heavy("GET", "/api/1.0/workflow/cases/paged?limit=25&sort=APP_TITLE", token)
    yield "Camunda: 10,000 tasks by name", search("user-tasks", "name", assignee=USER)
    yield "Camunda: 10,000 tasks by priority", search("user-tasks", "priority")
    yield "Camunda: 10,000 instances", search("process-instances")
    yield "Camunda: 10,000 elements", search("element-instances")
    yield "Camunda: 10,000 of the audit log", search("audit-logs")
    yield "facilioo: a page of 1,000 tasks", Heavy("GET", "/api/user-tasks?PageSize=1000", jwt)
    yield "facilioo: a page of processes", Heavy("GET", "/api/processes?PageSize=1000", jwt)
    headers, body = _multipart(("wide.bpmn", _wide(900)))
    yield "Camunda: deploy a process of 900 tasks", Heavy("POST", "/v2/deployments", {**admin, **headers}, body)
    long = "".join(element("userTask", f"t{n}") for n in range(6_000))
    flows = flow("start", "t0") + "".join(flow(f"t{n}", f"t{n + 1}") for n in range(5_999)) + flow("t5999", "end")
    content = f'<bpmn:startEvent id="start"/>{long}{flows}<bpmn:endEvent id="end"/>'
    headers, body = _multipart(("long.bpmn", document("long", content).encode()))
    yield f"Camunda: deploy a file of {len(body):,} bytes", Heavy("POST", "/v2/deployments", {**admin, **headers}, body)
    start = json.dumps({"processDefinitionId": "wide900"}).encode()
    yield "Camunda: start a process of 900 tasks", Heavy("POST", "/v2/process-instances", {**admin, **JSON}, start)
    variables = {f"v{n}": "x" * 60 for n in range(BODY // 80)}
    start = json.dumps({"processDefinitionId": "approve", "variables": variables}).encode()
    yield f"Camunda: {len(variables):,} variables", Heavy("POST", "/v2/process-instances", {**admin, **JSON}, start)
    deep = b'{"filter":{"name":"' + b"x" * BODY + b'"}}'
    yield "Camunda: a body of 2 MB", Heavy("POST", "/v2/user-tasks/search", {**admin, **JSON}, deep)
    array = b'{"a":[' + b"{}," * (BODY // 3 - 10) + b"{}]}"
    yield "Camunda: a body of 650,000 objects", Heavy("POST", "/v2/user-tasks/search", {**admin, **JSON}, array)
    yield "infoRouter: SOAP with 45,000 elements", Heavy("POST", "/srv.asmx", XML, _soap_body())
    text = b"<a>" + b"x" * BODY + b"</a>"
    yield "infoRouter: SOAP of 2 MB of text", Heavy("POST", "/srv.asmx", XML, text)
    yield "ProcessMaker: a form of 2 MB", Heavy("POST", "/workflow/oauth2/token", FORM, b"a=" + b"%41" * (BODY // 3))
    headers, body = _multipart(*((f"f{n}", b"x" * 100) for n in range(990)))
    yield "Camunda: a multipart body of 990 files", Heavy("POST", "/v2/deployments", {**admin, **headers}, body)
    wrong = {"Authorization": basic("mary", "wrong")}
    yield "200 logins at once", Heavy("GET", "/ibis/rest/task/tasks", wrong, at_once=200)
    cancel = Heavy("POST", f"/v2/process-instances/{instance}/cancellation", {**admin, **JSON}, b"{}")
    yield "Camunda: cancel an instance of 3,000 tasks", cancel
    moved = f"authenticationTicket={demo.TICKET}&fromUserName={USER}&toUserName=jsmith"
    yield "infoRouter: transfer all tasks", Heavy("GET", f"/srv.asmx/TransferUserTasks?{moved}", {})


def heavy_bars(folder: Path, seconds: float, quick: bool) -> list[Line]:
    tasks = 10_000 if quick else 100_000
    url = f"sqlite:///{folder}/heavy.db"
    key, instance = asyncio.run(_prepare(url, tasks))
    port, path = free_port(), f"/v2/user-tasks/{key}"
    lines = []
    with server(gateway(port, url), port, "/ready", DRAGOMAN_LOGIN_FAILURES="0", DRAGOMAN_MAX_LIST_ROWS="0"):
        quiet, _, _ = _beside(port, path, lambda: time.sleep(seconds))
        lines.append(Line("a read beside nothing", quiet * 1000, "ms", "", None))
        for name, heavy in requests(port, instance):

            def work(heavy: Heavy = heavy) -> list[tuple[int, int]]:
                with ThreadPoolExecutor(heavy.at_once) as pool:
                    return list(pool.map(lambda _: _ask(port, heavy), range(heavy.at_once)))

            wait, answers, took = _beside(port, path, work)
            status, size = answers[0]  # type: ignore[index]
            note = f"{status}, {size:,} bytes in {took:.1f} s"
            lines.append(Line(name, wait * 1000, unit="ms", bar=f"< {BAR * 1000:.0f}", good=wait < BAR, note=note))
    return lines
