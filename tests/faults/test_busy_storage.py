"""Another program holds the write lock of the database: who only reads is not made to wait, who writes is answered."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from core.rejections import Unavailable
from core.task.commands import CreateTask
from tests.support.asgi import Answer
from tests.support.locker import locked
from tests.support.server import start
from tests.support.world import World

STARTER = "/ibis/rest/task/adhoc/testuser/74933f6c-72c6-44c5-9e90-91070f98c7dd"
TICKET = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"
JSON = {"content-type": "application/json"}


async def test_others_are_answered_while_a_write_waits(template: Path, tmp_path: Path) -> None:
    """The order of events, in a gateway of its own."""
    reads: dict[str, tuple[str, str, dict[str, Any], Any]] = {
        "health": ("GET", "/health", {}, None),
        "INUBIT": ("GET", "/ibis/rest/task/tasks", {"auth": ("testuser", "testuser")}, 200),
        "Camunda": ("POST", "/v2/user-tasks/search", {"auth": ("demo", "demo"), "content": "{}", "headers": JSON}, 200),
        "infoRouter": ("GET", f"/srv.asmx/GetCurrentUser?authenticationTicket={TICKET}", {}, 200),
    }
    happened: list[str] = []
    with start(tmp_path, template) as running:
        async with httpx2.AsyncClient(base_url=running.url, timeout=60) as client:

            async def ask(name: str) -> None:
                method, path, more, _ = reads[name]
                answer = await client.request(method, path, **more)
                assert answer.status_code == 200, answer.text
                happened.append(name)

            async def write() -> None:
                answer = await client.post(STARTER, auth=("testuser", "testuser"))
                assert answer.status_code == 201, answer.text
                happened.append("written")

            for name in reads:  # passwords are remembered from here on
                await ask(name)
            happened.clear()
            with locked(tmp_path / "server.db") as other:
                writing = asyncio.create_task(write())
                await asyncio.wait({writing}, timeout=0.2)
                for name in (*reads, *reads):
                    await ask(name)
                happened.append("lock released")
                other.let_go()
                await writing
    assert happened == [*reads, *reads, "lock released", "written"]


async def test_who_waited_long_enough_is_told_so_by_all_dialects(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.turn.runner.PATIENCE", 0.1)
    bearer, jwt = await world.token("admin"), await world.jwt("admin")

    async def writes() -> dict[str, Answer]:
        transfer = f"/srv.asmx/TransferUserTasks?authenticationTicket={TICKET}&fromUserName=jdoe&toUserName=jsmith"
        new_user = orjson.dumps(
            {"username": "ann", "name": "Ann", "email": "ann@example.com", "password": "s3cret-s3cret"}
        )
        group = orjson.dumps({"grp_title": "New", "grp_status": "ACTIVE"})
        return {
            "INUBIT": await world.call("POST", STARTER, user="testuser"),
            "Camunda": await world.call("POST", "/v2/users", JSON, body=new_user, user="demo"),
            "infoRouter": await world.call("GET", transfer),
            "ProcessMaker": await world.call("POST", "/api/1.0/workflow/group", {**bearer, **JSON}, body=group),
            "facilioo": await world.call("POST", "/api/auth/login", JSON, body=_login("jdoe")),
        }

    with locked(world.path) as other:
        refused = await writes()
        ready = await world.call("GET", "/ready")
        health = await world.call("GET", "/health")
        lists = await world.call("GET", "/api/processes", jwt)
        other.let_go()
    assert (health.status, lists.status) == (200, 200)
    assert (ready.status, ready.headers["retry-after"]) == (503, "5")
    assert ready.json() == {"status": "not ready", "reason": "storage", "detail": "the last write failed"}
    assert {name: answer.status for name, answer in refused.items()} == {
        "INUBIT": 503,
        "Camunda": 503,
        "infoRouter": 200,
        "ProcessMaker": 503,
        "facilioo": 503,
    }
    assert "<message>Service Unavailable</message>" in refused["INUBIT"].text
    assert refused["Camunda"].json()["title"] == "UNAVAILABLE"
    assert 'error="SystemError:The service is unavailable"' in refused["infoRouter"].text
    assert refused["ProcessMaker"].json()["error"]["code"] == 503
    assert refused["facilioo"].json()["status"] == 503
    for name, answer in refused.items():
        assert answer.headers.get("retry-after") == (None if name == "infoRouter" else "5")

    done = await writes()
    assert [answer.status for answer in done.values()] == [201, 201, 200, 201, 200]
    assert 'success="true"' in done["infoRouter"].text
    assert (await world.call("GET", "/ready")).status == 200


def _login(user: str) -> bytes:
    return orjson.dumps({"email": f"{user}@example.com", "password": user, "skipMultiFactorAuthentication": True})


async def test_only_the_first_one_waits(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes while the lock was held for longer than there is patience is not made to wait for what did not come."""
    waits: list[float] = []
    connection = world.engine._runner._connection
    real = connection.wait_for_locks

    def wait(seconds: float) -> None:
        waits.append(seconds)
        real(seconds)

    monkeypatch.setattr(connection, "wait_for_locks", wait)
    monkeypatch.setattr("core.turn.runner.PATIENCE", 0.1)
    with locked(world.path) as other:
        for _ in range(3):
            with pytest.raises(Unavailable):
                await world.engine.execute(CreateTask("x"), world.system)
        other.let_go()
    assert [seconds for seconds in waits if seconds] == [0.1]
    await world.engine.execute(CreateTask("x"), world.system)
    with locked(world.path) as other:
        with pytest.raises(Unavailable):
            await world.engine.execute(CreateTask("x"), world.system)
        other.let_go()
    assert [seconds for seconds in waits if seconds] == [0.1, 0.1]


async def test_numbers_are_not_reserved_on_the_event_loop(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A block of numbers is written to the disk at once; that waits for locks as well."""
    threads: list[str] = []
    real = world.engine.store.reserve

    def reserve(name: str, count: int, first: int) -> int:
        threads.append(threading.current_thread().name)
        return real(name, count, first)

    monkeypatch.setattr(world.engine.store, "reserve", reserve)
    for sequence in world.engine._numbers.all():
        sequence._next = sequence._end
    await world.engine.execute(CreateTask("x"), world.system)
    assert threads
    assert all(name.startswith("dragoman-write") for name in threads)
