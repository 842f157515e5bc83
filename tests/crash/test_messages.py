"""kill -9 while messages come and are waited for: who waited still does, what is kept is there, and they meet."""

import asyncio
import random
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import pytest

from core.clock import HOUR
from core.engine import Engine
from core.instance.queries import SearchInstances
from core.job.queries import NextTimers
from core.message.commands import CorrelateMessage
from core.search.query import PageRequest, Where
from core.storage import open_store
from tests.crash.test_kill import Notes, Round
from tests.support.bpmn import element, message, row, timer
from tests.support.rounds import rounds
from tests.support.running import Running
from tests.support.server import launch

pytestmark = [pytest.mark.crash, pytest.mark.rounds]

PAID, PAYMENT = message("paid", "=order")
WAIT = element("intermediateCatchEvent", "wait", "", PAYMENT)
HOURLY = element("startEvent", "start", "", timer("timeCycle", "R/PT1H"))
USER = element("userTask", "work")


@dataclass
class Orders:
    """What was acknowledged: orders that wait, and those that were paid."""

    waiting: set[str] = field(default_factory=set)
    paid: set[str] = field(default_factory=set)
    tried: int = 0


@dataclass
class Paying(Round):
    orders: Orders = field(default_factory=Orders)

    async def _client(self, rng: random.Random) -> None:
        try:
            while True:
                self.orders.tried += 1
                order = f"{self.orders.tried}"
                steps: tuple[Callable[[str], Awaitable[None]], ...] = (self._wait, self._pay)
                for step in rng.sample(steps, 2):
                    await step(order)
        except (OSError, asyncio.IncompleteReadError):
            return

    async def _wait(self, order: str) -> None:
        body = orjson.dumps({"processDefinitionId": "paid", "variables": {"order": order}}).decode()
        status, answer = await self._ask("POST", "/v2/process-instances", "demo", body)
        assert status == 200, answer
        self.orders.waiting.add(order)

    async def _pay(self, order: str) -> None:
        body = orjson.dumps({"name": "paid", "correlationKey": order, "timeToLive": HOUR}).decode()
        status, answer = await self._ask("POST", "/v2/messages/publication", "demo", body)
        assert status == 200, answer
        self.orders.paid.add(order)


async def _with_engine(path: Path, work: Callable[[Running], Awaitable[None]]) -> None:
    engine = Engine(open_store(f"sqlite:///{path}"))
    await engine.start()
    try:
        await work(Running(engine))
    finally:
        await engine.stop()


async def _deploy(run: Running) -> None:
    await run.deploy("paid", row(WAIT, USER), more=PAID)
    await run.deploy("hourly", row(USER).replace('<bpmn:startEvent id="start"/>', HOURLY))


def test_messages_and_who_waits_for_them_outlive_a_kill(template: Path, tmp_path: Path, seed: int) -> None:
    path = tmp_path / "server.db"
    shutil.copy(template, path)
    asyncio.run(_with_engine(path, _deploy))
    orders, rng = Orders(), random.Random(seed)
    for number in range(rounds(2)):
        server = launch(tmp_path, f"sqlite:///{path}", DRAGOMAN_LOG_REQUESTS="false")
        try:
            asyncio.run(Paying(server, Notes(), rng.randint(20, 100), orders).run(seed + number))
        finally:
            if server.process.poll() is None:
                server.kill()

    async def check(run: Running) -> None:
        all_of_them = SearchInstances((Where("process_id", "eq", "paid"),), page=PageRequest(100_000))
        found = (await run.engine.ask(all_of_them, run.who)).items
        at = {(await run.variables(view.instance.key))["order"]: view.instance.key for view in found}
        met = {order for order, key in at.items() if (await run.elements(key))["wait"] == "COMPLETED"}
        assert orders.waiting <= at.keys(), "an acknowledged start is lost"
        assert orders.waiting & orders.paid <= met, "who waited has not met what was acknowledged"
        for order in at.keys() - met:
            assert (await run.do(CorrelateMessage("paid", order))).instance_key == at[order], "who waited still does"
        for order in orders.paid - at.keys():
            key = await run.start(found[0].instance.process_key, order=order)
            assert (await run.elements(key))["wait"] == "COMPLETED", "what is kept is there"
        assert any(
            due.element_id == "start" and due.definition_key for due in await run.engine.ask(NextTimers(), run.who)
        )

    asyncio.run(_with_engine(path, check))
    assert len(orders.waiting & orders.paid) > rounds(2)
    assert "Traceback" not in (tmp_path / "server.log").read_text()
