"""Webhooks of facilioo, on real ports: a target that was down gets every event, once it is back, in order."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2

from tests.support.facilioo import NEW, login
from tests.support.server import launch, reserve, start, until

ALL_OF_PROCESSES = [{"type": type, "entityName": "Process"} for type in (1, 2, 3)]


@dataclass
class Target:
    """What it was told; the statuses that it answers with before it takes everything."""

    reserved: socket.socket = field(default_factory=reserve)
    told: list[tuple[str, Any, dict[str, str]]] = field(default_factory=list)
    refusals: list[int] = field(default_factory=list)

    @property
    def port(self) -> int:
        number: int = self.reserved.getsockname()[1]
        return number

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks/in"

    def taken(self) -> list[tuple[int, int]]:
        """(type, id of the thing), each event once."""
        seen = {body["id"]: (body["type"], body["entityId"]) for _, body, _ in self.told}
        return list(seen.values())

    @contextmanager
    def up(self) -> Iterator[None]:
        target = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status = target.refusals.pop(0) if target.refusals else 200
                if status == 200:
                    headers = {name.lower(): value for name, value in self.headers.items()}
                    target.told.append((self.path, json.loads(body), headers))
                self.send_response(status)
                self.send_header("location", f"http://127.0.0.1:{target.port}/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler, bind_and_activate=False)
        server.socket.close()
        server.socket = self.reserved
        server.server_activate()
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def settings(target: Target, **more: str) -> dict[str, str]:
    values = {"targets": f"http://127.0.0.1:{target.port}/hooks", "pause": "0.05", **more}
    return {f"DRAGOMAN_FACILIOO_WEBHOOK_{name.upper()}": value for name, value in values.items()}


def register(api: httpx2.Client, target: Target, **more: Any) -> int:
    body = {"partyId": 4422685, "url": target.url, "enabledEvents": ALL_OF_PROCESSES, **more}
    answer = api.post("/api/webhook-registrations", json=body)
    assert answer.status_code == 200, answer.text
    number: int = answer.json()["id"]
    return number


def states(api: httpx2.Client, number: int) -> list[tuple[int, int]]:
    """(state, attempts) of each delivery."""
    items = api.get(f"/api/webhook-registrations/{number}/webhook-deliveries?pageSize=100").json()["items"]
    return [(item["state"], item["attempts"]) for item in items]


def work(api: httpx2.Client, told: list[tuple[int, int]], rounds: int) -> None:
    """Make, change and delete processes; what a target has to be told of goes to `told`."""
    for n in range(rounds):
        made = api.post("/api/processes", json={**NEW, "subject": str(n)}).json()["id"]
        told.append((1, made))
        assert api.patch(f"/api/processes/{made}", json={"subject": f"{n}!"}).status_code == 200
        told.append((2, made))
        if n % 2:
            assert api.delete(f"/api/processes/{made}").status_code == 200
            told.append((3, made))


def test_a_target_that_is_down_is_told_everything_in_order(template: Path, tmp_path: Path) -> None:
    """Also what happened before the gateway was killed."""
    target = Target()
    told: list[tuple[int, int]] = []
    with start(tmp_path, template, **settings(target)) as server, login(server) as api:
        number = register(api, target)
        work(api, told, 4)
        until(lambda: states(api, number)[0][0] == 2)
        server.kill()
    server = launch(tmp_path, f"sqlite:///{tmp_path}/server.db", **settings(target))
    try:
        with login(server) as api:
            work(api, told, 2)
            with target.up():
                until(lambda: len(target.taken()) >= len(told))
                work(api, told, 1)
                until(lambda: all(state == 3 for state, _ in states(api, number)))
            assert target.taken() == told
            assert len(states(api, number)) == len(told)
    finally:
        server.terminate()


def test_a_target_that_refuses_is_asked_again_before_anything_else(template: Path, tmp_path: Path) -> None:
    target = Target(refusals=[503, 500, 302, 404])
    told: list[tuple[int, int]] = []
    with start(tmp_path, template, **settings(target)) as server, login(server) as api, target.up():
        number = register(api, target, authorization={"type": "Bearer", "token": "s3cret"})
        work(api, told, 1)
        until(lambda: len(target.taken()) == len(told))
        until(lambda: all(state == 3 for state, _ in states(api, number)))
        assert states(api, number) == [(3, 5), (3, 1)]
    assert target.taken() == told
    path, body, headers = target.told[0]
    assert path == "/hooks/in", "a redirection is not followed"
    assert headers["authorization"] == "Bearer s3cret"
    assert headers["webhook-id"] == body["id"]
    assert set(body) == {"id", "webhookRegistrationId", "type", "entityName", "entityId", "date"}


def test_a_registration_that_continues_gives_an_event_up(template: Path, tmp_path: Path) -> None:
    target = Target(refusals=[500, 500])
    with start(tmp_path, template, **settings(target, attempts="2")) as server, login(server) as api, target.up():
        number = register(api, target, continueOnFailure=True)
        told: list[tuple[int, int]] = []
        work(api, told, 1)
        until(lambda: [state for state, _ in states(api, number)] == [4, 3])
    assert target.taken() == told[1:]


def test_grouped_events_come_in_one_request(template: Path, tmp_path: Path) -> None:
    target = Target()
    told: list[tuple[int, int]] = []
    with start(tmp_path, template, **settings(target)) as server, login(server) as api:
        secret = {"type": "Basic", "username": "u", "password": "p"}
        number = register(api, target, isGrouped=True, authorization=secret)
        work(api, told, 3)
        with target.up():
            until(lambda: all(state == 3 for state, _ in states(api, number)))
    bodies = [body for _, body, _ in target.told]
    assert [(event["type"], event["entityId"]) for body in bodies for event in body] == told
    assert len(bodies) < len(told)
    assert target.told[0][2]["authorization"] == "Basic dTpw"


def test_a_paused_registration_waits_and_a_deleted_one_forgets(template: Path, tmp_path: Path) -> None:
    target = Target()
    told: list[tuple[int, int]] = []
    with start(tmp_path, template, **settings(target)) as server, login(server) as api, target.up():
        paused, deleted = register(api, target, isPaused=True), register(api, target, isPaused=True)
        work(api, told, 1)
        assert api.delete(f"/api/webhook-registrations/{deleted}").status_code == 200
        assert states(api, paused) == [(1, 0), (1, 0)]
        api.patch(f"/api/webhook-registrations/{paused}", json={"isPaused": False})
        until(lambda: all(state == 3 for state, _ in states(api, paused)))
        assert states(api, deleted) == [(4, 0), (4, 0)]
    assert target.taken() == told
    assert {body["webhookRegistrationId"] for _, body, _ in target.told} == {paused}


def test_a_target_that_is_not_allowed_any_more_is_not_called(template: Path, tmp_path: Path) -> None:
    target = Target()
    told: list[tuple[int, int]] = []
    with start(tmp_path, template, **settings(target)) as server, login(server) as api:
        number = register(api, target)
        work(api, told, 1)
    elsewhere = settings(target, targets="https://erp.example.com/hooks")
    server = launch(tmp_path, f"sqlite:///{tmp_path}/server.db", **elsewhere)
    try:
        with login(server) as api, target.up():
            before = states(api, number)[0][1]
            until(lambda: states(api, number)[0][1] > before)
            assert states(api, number)[0][0] == 2
        assert not target.told
    finally:
        server.terminate()
