"""A server with the process `leave` of the golden exchanges, and ProcessMaker clients of it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from gateway import demo
from tests.support.exchange import add
from tests.support.server import start
from tests.support.world import open_world

PROJECT = f"{'0' * 30}a0"
ASK, BOSS, OFFICE, LOOK = (f"{'0' * 30}a{n}" for n in (1, 2, 3, 4))
ADMIN = "00000000000000000000000000000001"
MARY, ROBERT = "184131195492c7a04cba5f9056989964", "ae1e2034be750da53e48582cddc2ebc7"
EMPLOYEES = "1846526764c8905435c74e2028286704"


@dataclass
class Client:
    """Somebody who logged in."""

    url: str
    http: httpx2.Client
    token: str

    def request(self, method: str, path: str, body: Any = None) -> httpx2.Response:
        headers = {"authorization": f"Bearer {self.token}"}
        return self.http.request(method, f"{self.url}/api/1.0/workflow{path}", json=body, headers=headers)

    def ask(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        """The JSON of the answer, None for an empty one."""
        answer = self.request(method, path, body)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def start(self, **more: Any) -> str:
        uid: str = self.ask("POST", "/cases", {"pro_uid": PROJECT, "tas_uid": ASK, **more})["app_uid"]
        return uid


@dataclass
class Leave:
    """The server, at `url`."""

    url: str
    http: httpx2.Client

    def token(self, username: str, **more: Any) -> httpx2.Response:
        """What the token endpoint answers to the password grant, or to what `more` makes of it."""
        fields = {
            "grant_type": "password",
            "scope": "*",
            "client_id": demo.CLIENT_ID,
            "client_secret": demo.CLIENT_SECRET,
            "username": username,
            "password": username,
            **more,
        }
        return self.http.post(f"{self.url}/workflow/oauth2/token", json=fields)

    def client(self, answer: httpx2.Response) -> Client:
        return Client(self.url, self.http, answer.json()["access_token"])

    def login(self, username: str) -> Client:
        return self.client(self.token(username))


async def prepare(template: Path, folder: Path, world: str = "leave") -> Path:
    """A database with the demo world and the addition."""
    made = folder / "made"
    made.mkdir()
    async with open_world(template, made) as opened:
        await add(opened, [f"world {world}"])
        return opened.path


@contextmanager
def serve(template: Path, folder: Path, **environment: str) -> Iterator[Leave]:
    world = asyncio.run(prepare(template, folder))
    with start(folder, world, **environment) as server, httpx2.Client(timeout=None) as http:
        yield Leave(server.url, http)
