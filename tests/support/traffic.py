"""Mixed traffic of five dialects, with mistakes and with connections that break, and what a process holds meanwhile."""

import re
import socket
import struct
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from gateway import demo
from tests.support.facilioo import NEW

STARTER = "/ibis/rest/task/adhoc/testuser/74933f6c-72c6-44c5-9e90-91070f98c7dd"
SOAP = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><isValidTicket xmlns="http://tempuri.org/">'
    f"<AuthenticationTicket>{demo.TICKET}</AuthenticationTicket></isValidTicket></s:Body></s:Envelope>"
)
SOAP_HEADERS = {"Content-Type": "text/xml", "SOAPAction": '"http://tempuri.org/isValidTicket"'}


@dataclass(frozen=True)
class Held:
    """By a process: resident MB, open files, threads, tasks of its event loop, connections."""

    memory: float
    files: int
    threads: int
    tasks: int
    connections: int


def held(pid: int, port: int) -> Held:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        page = answer.read().decode()
    status = Path(f"/proc/{pid}/status").read_text()

    def number(pattern: str, text: str) -> float:
        found = re.search(pattern, text, re.MULTILINE)
        assert found is not None, pattern
        return float(found[1])

    return Held(
        number(r"^VmRSS:\s+(\d+)", status) / 1024,
        len(list(Path(f"/proc/{pid}/fd").iterdir())),
        int(number(r"^Threads:\s+(\d+)", status)),
        int(number(r"^dragoman_tasks (\S+)", page)),
        int(number(r"^dragoman_connections (\S+)", page)),
    )


class Client:
    """Somebody who uses all dialects, and not always well."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._http = httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=None)
        self.answers: Counter[int] = Counter()

    def close(self) -> None:
        self._http.close()

    def _ask(self, wanted: int, method: str, target: str, **more: Any) -> httpx2.Response:
        answer = self._http.request(method, target, **more)
        self.answers[answer.status_code] += 1
        assert answer.status_code == wanted, (method, target, answer.status_code, answer.text[:500])
        return answer

    def round(self, number: int) -> None:
        self._inubit_and_camunda()
        self._processmaker()
        self._inforouter()
        self._facilioo(number)
        self._broken()

    def _inubit_and_camunda(self) -> None:
        xml = {"Accept": "application/xml"}
        self._ask(201, "POST", STARTER, auth=("testuser", "testuser"), headers=xml)
        self._ask(200, "GET", "/ibis/rest/task/tasks?count=20", auth=("testuser", "testuser"))
        self._ask(404, "GET", "/ibis/rest/task/nothing", auth=("testuser", "testuser"))
        self._ask(401, "GET", "/ibis/rest/task/tasks")
        demo_user = ("demo", "demo")
        wanted = {"filter": {"assignee": "testuser", "state": "CREATED"}, "page": {"limit": 1}}
        found = self._ask(200, "POST", "/v2/user-tasks/search", auth=demo_user, json=wanted).json()["items"]
        for task in found:
            answer = self._http.post(f"/v2/user-tasks/{task['userTaskKey']}/completion", auth=demo_user, json={})
            assert answer.status_code in (204, 404, 409), answer.text  # others are here as well
        self._ask(404, "GET", "/v2/user-tasks/1", auth=demo_user)
        broken = {"content": b'{"filter":', "headers": {"Content-Type": "application/json"}}
        self._ask(400, "POST", "/v2/user-tasks/search", auth=demo_user, **broken)

    def _processmaker(self) -> None:
        grant = {"grant_type": "password", "scope": "*", "username": "mary", "password": "mary"}
        client = {"client_id": demo.CLIENT_ID, "client_secret": demo.CLIENT_SECRET}
        token = self._ask(200, "POST", "/workflow/oauth2/token", data={**grant, **client}).json()["access_token"]
        bearer = {"Authorization": f"Bearer {token}"}
        self._ask(200, "GET", "/api/1.0/workflow/cases", headers=bearer)
        self._ask(401, "GET", "/api/1.0/workflow/cases", headers={"Authorization": "Bearer x"})

    def _inforouter(self) -> None:
        self._ask(200, "GET", "/srv.asmx/AuthenticateUser?UID=jdoe&PWD=jdoe")
        self._ask(200, "GET", f"/srv.asmx/GetCurrentUser?authenticationTicket={demo.TICKET}")
        self._ask(200, "POST", "/srv.asmx", content=SOAP, headers=SOAP_HEADERS)
        self._ask(400, "POST", "/srv.asmx", content=SOAP[:-20], headers=SOAP_HEADERS)
        self._ask(500, "GET", "/srv.asmx/NoSuchMethod")

    def _facilioo(self, number: int) -> None:
        credentials = {"email": "admin@example.com", "password": "admin", "skipMultiFactorAuthentication": False}
        jwt = self._ask(200, "POST", "/api/auth/login", json=credentials).json()["accessToken"]
        bearer = {"Authorization": f"Bearer {jwt}", "api-version": "2.0"}
        made = self._ask(200, "POST", "/api/processes", json={**NEW, "subject": str(number)}, headers=bearer).json()
        self._ask(200, "PATCH", f"/api/processes/{made['id']}", json={"subject": "other"}, headers=bearer)
        self._ask(404, "GET", "/api/processes/1000000", headers=bearer)
        self._ask(400, "POST", "/api/processes", json={}, headers=bearer)

    def _broken(self) -> None:
        """A head, a body and an answer in the midst of which somebody hangs up, gently and not."""
        head = b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        wsdl = b"GET /srv.asmx?WSDL HTTP/1.1\r\nHost: localhost\r\n\r\n"
        for begun in (b"", head, head + b"Content-Length: 1000\r\n\r\nusername=", wsdl * 5, b"\0\r\n\r\n"):
            for is_reset in (False, True):
                with socket.create_connection(("127.0.0.1", self._port)) as sock:
                    sock.sendall(begun)
                    if is_reset:
                        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@contextmanager
def client(port: int) -> Iterator[Client]:
    opened = Client(port)
    try:
        yield opened
    finally:
        opened.close()
