"""kill -9 while clients work: nothing that was acknowledged is ever lost, nothing is applied twice.

Each round starts a gateway on the database that the last one left behind, lets clients start, assign and complete tasks
over HTTP, and kills it after a random number of answers, while others are on their way. Then the clients' notes are
compared with what the database says.
"""

import asyncio
import random
import shutil
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import pytest

from tests.support.asgi import basic
from tests.support.rounds import rounds
from tests.support.server import Server, launch

pytestmark = [pytest.mark.crash, pytest.mark.rounds]

ROUNDS = rounds(5)
CLIENTS = 6


@dataclass
class Notes:
    """What clients were told, and what they asked for without hearing back."""

    started: set[str] = field(default_factory=set)
    completed: set[str] = field(default_factory=set)
    claimed: dict[str, str] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)


@dataclass
class Round:
    """Clients of one gateway, which is killed when they have heard `left` more answers."""

    server: Server
    notes: Notes
    left: int

    async def run(self, seed: int) -> None:
        await asyncio.gather(*(self._client(random.Random(seed * 100 + n)) for n in range(CLIENTS)))

    async def _ask(self, method: str, path: str, user: str, body: str = "") -> tuple[int, str]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        try:
            head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {basic(user)}\r\nConnection: close\r\n"
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
            writer.write(head.encode())
            answer = await reader.read()
        finally:
            writer.close()
        status, _, payload = answer.partition(b"\r\n\r\n")
        if not status.startswith(b"HTTP/1.1 "):
            raise ConnectionError("no answer")
        announced = [line for line in status.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        if announced and len(payload) < int(announced[0].partition(b":")[2]):
            raise ConnectionError("half an answer")
        self.left -= 1
        if self.left == 0:
            self.server.kill()
        return int(status[9:12]), payload.decode()

    async def _client(self, rng: random.Random) -> None:
        """Start tasks, claim them, complete them, until the connection is gone."""
        starter = "/ibis/rest/task/adhoc/testuser/74933f6c-72c6-44c5-9e90-91070f98c7dd"
        try:
            while True:
                status, uid = await self._ask("POST", starter, "testuser")
                assert status == 201, (status, uid)
                self.notes.started.add(uid)
                status, found = await self._ask("GET", f"/ibis/rest/task/tasks/{uid}", "testuser")
                assert status == 200, (status, found)
                if not found:  # another client was quicker: _check asks the database whether that is so
                    self.notes.hidden.add(uid)
                if rng.random() < 0.7:
                    await self._work(rng)
        except (OSError, asyncio.IncompleteReadError):
            return

    async def _open_keys(self) -> list[str]:
        body = '{"filter":{"state":"CREATED","processDefinitionId":"request"},"page":{"limit":50}}'
        status, answer = await self._ask("POST", "/v2/user-tasks/search", "demo", body)
        assert status == 200, answer
        return [item["userTaskKey"] for item in orjson.loads(answer)["items"]]

    async def _work(self, rng: random.Random) -> None:
        notes = self.notes
        keys = await self._open_keys()
        if not keys:
            return
        key = rng.choice(keys)
        if rng.random() < 0.3:
            user = rng.choice(("demo", "lisa"))
            notes.unsure.add(key)
            assignment = f"/v2/user-tasks/{key}/assignment"
            status, _ = await self._ask("POST", assignment, "demo", f'{{"assignee":"{user}"}}')
            if status == 204:
                notes.claimed[key] = user
                notes.unsure.discard(key)
            return
        notes.unsure.add(key)
        status, _ = await self._ask("POST", f"/v2/user-tasks/{key}/completion", "demo", '{"variables":{"n":1}}')
        if status == 204:
            assert key not in notes.completed, "completed twice"
            notes.completed.add(key)
        if status in (204, 404):
            notes.unsure.discard(key)


def _check(path: Path, notes: Notes) -> None:
    connection = sqlite3.connect(path)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = connection.execute("SELECT key, uid, state, assignee, instance_key FROM task").fetchall()
        by_uid = {row[1]: row for row in rows}
        by_key = {str(row[0]): row for row in rows}
        assert len(by_uid) == len(rows), "no task is there twice"
        for uid in notes.started:
            assert uid.replace("-", "") in by_uid, "an acknowledged start is lost"
        for uid in notes.hidden:
            _, _, state, assignee, _ = by_uid[uid.replace("-", "")]
            assert state == "COMPLETED" or assignee != "testuser", "a start is seen by who made it"
        for key in notes.completed:
            assert by_key[key][2] == "COMPLETED", "an acknowledged completion is lost"
        for key, user in notes.claimed.items():
            if by_key[key][2] == "CREATED" and key not in notes.unsure:
                assert by_key[key][3] == user, "an acknowledged assignment is lost"
        counted = connection.execute(
            "SELECT entity_key, kind, count(*) FROM event WHERE entity = 'task' GROUP BY 1, 2"
        ).fetchall()
        events = {(str(key), kind): n for key, kind, n in counted}
        for key, row in by_key.items():
            assert events.get((key, "task.created")) == 1
            assert events.get((key, "task.completed"), 0) == (row[2] == "COMPLETED"), "exactly one event a change"
        torn = connection.execute(
            "SELECT count(*) FROM task t JOIN element_instance e ON e.key = t.element_instance_key "
            "WHERE (t.state = 'COMPLETED') <> (e.state = 'COMPLETED')"
        ).fetchone()
        assert torn == (0,), "a turn is there whole or not at all"
    finally:
        connection.close()


def test_kill_under_load(template: Path, tmp_path: Path, seed: int) -> None:
    path = tmp_path / "server.db"
    shutil.copy(template, path)
    notes = Notes()
    rng = random.Random(seed)
    for number in range(ROUNDS):
        server = launch(tmp_path, f"sqlite:///{path}", DRAGOMAN_LOG_REQUESTS="false")
        try:
            asyncio.run(Round(server, notes, rng.randint(20, 300)).run(seed + number))
        finally:
            if server.process.poll() is None:
                server.kill()
        _check(path, notes)
    assert len(notes.started) > ROUNDS, "the clients did work"
    assert len(notes.completed) > ROUNDS / 4
    assert "Traceback" not in (tmp_path / "server.log").read_text()
