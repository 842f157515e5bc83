"""What is secret stands in no log, also not as a part of a path."""

import base64
import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx2
import pytest

from gateway import demo, logs
from tests.support.server import start
from tests.support.world import World


@pytest.fixture
def _logging() -> Iterator[None]:
    """What is configured here is so for this test alone."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


@pytest.mark.usefixtures("_logging")
async def test_a_token_in_a_path_is_not_logged(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    headers = await world.token("mary")
    token = headers["authorization"].removeprefix("Bearer ")
    world.gateway._log_request = logs.configure("debug", "json")
    capsys.readouterr()
    for method, path in (
        ("GET", f"/workflow/oauth2/{token}"),
        ("POST", f"/workflow/oauth2/{token}/nonsense"),
        ("POST", f"/workflow/oauth2/{token}/expire"),
        ("DELETE", f"/workflow/oauth2/{token}"),
    ):
        await world.call(method, path, headers)
    written = capsys.readouterr().err
    assert written.count('"path":"/workflow/oauth2/{token}"') == 4
    assert token not in written


# A1, A9


@dataclass
class Visitor:
    """Uses all that is secret, in every way there is, and notes it."""

    client: httpx2.Client
    used: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, status: int = 200, **more: Any) -> httpx2.Response:
        answer = self.client.request(method, path, **more)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    def note(self, **secrets: str) -> None:
        assert all(len(text) >= 8 for text in secrets.values()), secrets
        self.used |= secrets

    def camunda(self) -> None:
        first, second = "first-password-1", "second-password-2"
        zoe = {"name": "Zoe", "email": "zoe@example.com", "password": first}
        self.ask("POST", "/v2/users", 201, json={**zoe, "username": "zoe"}, auth=("demo", "demo"))
        self.ask("PUT", "/v2/users/zoe", json={**zoe, "password": second}, auth=("demo", "demo"))
        self.ask("GET", "/v2/topology", auth=("zoe", second))
        self.ask("GET", "/v2/topology", 401, auth=("zoe", "wrong-password-3"))
        in_session = self.ask("POST", "/login", 204, data={"username": "zoe", "password": second})
        session, csrf = in_session.cookies["camunda-session"], in_session.headers["x-csrf-token"]
        self.client.cookies.clear()
        self.ask("GET", "/v2/authentication/me", headers={"cookie": f"camunda-session={session}"})
        self.ask("GET", f"/v2/topology?camunda-session={session}", 401)
        sent = base64.b64encode(f"zoe:{second}".encode()).decode()
        self.note(first=first, second=second, wrong="wrong-password-3", session=session, csrf=csrf, basic=sent)

    def processmaker(self) -> None:
        url, password = "/workflow/oauth2/token", self.used["second"]
        client = {"client_id": demo.CLIENT_ID, "client_secret": demo.CLIENT_SECRET}
        grant = {"grant_type": "password", "scope": "*", **client, "username": "mary", "password": "mary"}
        both = self.ask("POST", url, json=grant).json()
        self.ask("POST", url, json={**grant, "username": "zoe", "password": password})
        self.ask("POST", f"{url}?{urlencode({**grant, 'password': 'in-the-query-4'})}", 400)
        self.ask("GET", f"/api/1.0/workflow/cases?access_token={both['access_token']}")
        refresh = {"grant_type": "refresh_token", **client, "refresh_token": both["refresh_token"]}
        again = self.ask("POST", url, data=refresh).json()
        query = {"response_type": "code", "client_id": demo.CLIENT_ID, "state": "state"}
        page = f"/workflow/oauth2/authorize?{urlencode(query)}"
        sent = self.ask("POST", page, 302, data={"username": "mary", "password": "mary"})
        code = parse_qs(urlsplit(sent.headers["location"]).query)["code"][0]
        self.ask("POST", url, data={"grant_type": "authorization_code", **client, "code": code})
        bearer = {"authorization": f"Bearer {again['access_token']}"}
        self.ask("DELETE", f"/workflow/oauth2/{again['access_token']}", headers=bearer)
        self.note(access=both["access_token"], refresh=both["refresh_token"], secret=demo.CLIENT_SECRET, code=code)
        self.note(again=again["access_token"], rolled=again["refresh_token"], query="in-the-query-4")

    def inforouter(self) -> None:
        asked = urlencode({"UID": "zoe", "PWD": self.used["second"]})
        text = self.ask("GET", f"/srv.asmx/AuthenticateUser?{asked}").text
        ticket = text.partition('ticket="')[2].partition('"')[0]
        self.ask("GET", f"/srv.asmx/GetCurrentUser?authenticationTicket={ticket}")
        self.ask("POST", "/srv.asmx/GetCurrentUser", data={"authenticationTicket": ticket})
        self.ask("GET", f"/srv.asmx/{ticket}?x={ticket}", 500)
        self.note(ticket=ticket)

    def facilioo(self) -> None:
        login = {"email": "admin@example.com", "password": "admin", "skipMultiFactorAuthentication": True}
        both = self.ask("POST", "/api/auth/login", json=login).json()
        bearer = {"authorization": f"Bearer {both['accessToken']}"}
        self.ask("GET", "/api/processes", headers=bearer)
        self.ask("GET", f"/api/processes?token={both['accessToken']}", 401)
        fresh = self.ask("POST", "/api/auth/refresh", json={"refreshToken": both["refreshToken"]}).json()
        self.note(jwt=both["accessToken"], jwt_refresh=both["refreshToken"], jwt_again=fresh["accessToken"])

    def inubit(self) -> None:
        self.ask("GET", "/ibis/rest/task/tasks", auth=("zoe", self.used["second"]))
        self.ask("GET", "/ibis/rest/task/tasks", 401, headers={"x-auth-token": f"Bearer {self.used['jwt']}"})


def test_nothing_that_is_secret_is_written_anywhere(slow_template: Path, tmp_path: Path) -> None:
    """Not in the log at its most talkative, not in the metrics, not in any file of the database, open or closed."""
    with start(tmp_path, slow_template, DRAGOMAN_LOG_LEVEL="debug") as server:
        with httpx2.Client(base_url=server.url, timeout=None) as client:
            visitor = Visitor(client)
            for dialect in (
                visitor.camunda,
                visitor.processmaker,
                visitor.inforouter,
                visitor.facilioo,
                visitor.inubit,
            ):
                dialect()
            metrics = visitor.ask("GET", "/metrics").content
        assert len(visitor.used) >= 15
        places = {"metrics": metrics, **{path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}}
        assert "server.db-wal" in places
    places |= {f"{path.name}, closed": path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    assert b'"operation":"AuthenticateUser"' in places["server.log"]
    for name, text in visitor.used.items():
        digest = hashlib.sha256(text.encode()).hexdigest()
        for place, content in places.items():
            for spelling in (text, quote(text), base64.b64encode(text.encode()).decode().rstrip("=")):
                assert spelling.encode() not in content, f"{name} is in {place}"
            assert "server.db" in place or digest.encode() not in content, f"{name} is in {place} as a digest"
    kept = places["server.db, closed"] + places.get("server.db-wal, closed", b"")
    assert kept.count(b"$argon2id$v=19$m=19456,t=2,p=1$") >= 10
