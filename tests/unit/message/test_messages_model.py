"""Whatever is published, awaited and interrupted at once: no message is lost, and none meets a process twice.

On PostgreSQL two engines do it.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from core.clock import HOUR
from core.engine import Engine
from core.graph.elements import EventKind
from core.instance.commands import CancelInstance, StartInstance
from core.message.commands import CorrelateMessage, PublishMessage
from core.message.expiry import tend
from core.principal import system
from core.rejections import Conflict, NotFound
from core.storage import open_store
from core.tables.instance import Instance
from core.tables.message import Correlation, EventSubscription, Message, MessageStart
from core.tables.task import Task
from core.task.commands import CompleteTask
from core.turn.command import Started
from core.types import InstanceState, SubscriptionState
from tests.support.bpmn import boundary, element, flow, message, row
from tests.support.examples import rows
from tests.support.rounds import rounds
from tests.support.running import Running

PAID, PAYMENT = message("paid", "=order")
OPENED, OPENING = message("opened")
WAIT = element("intermediateCatchEvent", "wait", "", PAYMENT)
USER = element("userTask", "work")
BEGUN = row(WAIT, USER).replace('<bpmn:startEvent id="start"/>', element("startEvent", "start", "", OPENING))
AT = boundary("told", "work", PAYMENT, interrupting=False) + element("endEvent", "e2") + flow("told", "e2")
KEYS = ("a", "b")
pytestmark = pytest.mark.rounds


@dataclass
class Field:
    """Engines on one database; who asks, asks one of them."""

    engines: list[Engine]
    rng: random.Random
    processes: list[int] = field(default_factory=list)
    instances: list[int] = field(default_factory=list)
    #: message -> how long it is kept
    published: dict[int, int] = field(default_factory=dict)

    async def do(self, command: Any) -> Any:
        """None if somebody was quicker."""
        engine = self.rng.choice(self.engines)
        try:
            return await engine.execute(command, system(engine.default_tenant))
        except (NotFound, Conflict):
            return None

    async def anything(self, tasks: list[int]) -> None:
        rng, key = self.rng, self.rng.choice(KEYS)
        match rng.randrange(6):
            case 0 | 1:
                started = await self.do(StartInstance(rng.choice(self.processes), variables={"order": key}))
                assert isinstance(started, Started)
                self.instances.append(started.key)
            case 2:
                lives = rng.choice((0, HOUR))
                self.published[(await self.do(PublishMessage("paid", key, time_to_live=lives))).key] = lives
            case 3:
                await self.do(CorrelateMessage("paid", key))
            case 4:
                await self.do(PublishMessage("opened", key, {"order": key}, time_to_live=HOUR))
            case _ if self.instances and rng.random() < 0.5:
                await self.do(CancelInstance(rng.choice(self.instances)))
            case _ if tasks:
                await self.do(CompleteTask(rng.choice(tasks)))

    def check(self) -> None:
        engine = self.engines[0]
        instances = {instance.key: instance for instance in rows(engine, Instance)}
        met = rows(engine, Correlation)
        twice = Counter((row.message_key, instances[row.instance_key].process_key) for row in met)
        assert max(twice.values(), default=1) == 1, "a message met a process twice"
        for subscription in rows(engine, EventSubscription):
            ended = subscription.instance_key and instances[subscription.instance_key].state != InstanceState.ACTIVE
            assert not (ended and subscription.state == SubscriptionState.OPEN), "what has ended waits"
        waiting = {
            (row.address, str(row.process_key))
            for row in rows(engine, EventSubscription)
            if row.state == SubscriptionState.OPEN and row.kind == EventKind.MESSAGE and row.instance_key
        }
        kept = rows(engine, Message)
        lost = [m for m in kept for address, process in waiting if m.address == address and process not in m.processes]
        assert lost == [], "somebody waits for a message that is there"
        assert {row.key for row in kept if row.name == "paid"} == {k for k, lives in self.published.items() if lives}
        locks = rows(engine, MessageStart)
        assert {instances[lock.instance_key].state for lock in locks} <= {InstanceState.ACTIVE}
        assert max(Counter(lock.lock for lock in locks).values(), default=1) == 1
        idle = [
            m for m in kept if m.name == "opened" and not m.processes and m.correlation_key not in
            {lock.correlation_key for lock in locks}
        ]  # fmt: skip
        assert idle == [], "nothing is in the way of a message that starts an instance"


@pytest.fixture
async def engines(database_url: str) -> AsyncIterator[list[Engine]]:
    engines = [Engine(open_store(database_url)) for _ in range(2 if database_url.startswith("postgres") else 1)]
    for engine in engines:
        await engine.start()
    yield engines
    for engine in engines:
        await engine.stop()


async def test_no_message_is_lost_or_meets_a_process_twice(engines: list[Engine], seed: int) -> None:
    run = Running(engines[0])
    place = Field(engines, random.Random(seed))
    place.processes = [
        await run.deploy("waiting", row(WAIT, USER), more=PAID),
        await run.deploy("told", row(USER, more=AT), more=PAID),
    ]
    await run.deploy("begun", BEGUN, more=PAID + OPENED)
    for _ in range(rounds(12)):
        tasks = list((await run.tasks()).values())
        await asyncio.gather(*(place.anything(tasks) for _ in range(10)))
        for engine in engines:
            await tend(engine)
        place.check()
    assert rows(engines[0], Correlation)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.postgresql
async def test_who_comes_at_the_same_moment_is_met(engines: list[Engine]) -> None:
    """One begins to wait while the other looks whether anybody does: one of them comes second."""
    run = Running(engines[0])
    process = await run.deploy("waiting", row(WAIT, USER), more=PAID)
    keys = [f"k{n}" for n in range(rounds(60))]

    async def meet(key: str) -> None:
        await asyncio.gather(
            engines[0].execute(StartInstance(process, variables={"order": key}), run.who),
            engines[1].execute(PublishMessage("paid", key, time_to_live=HOUR), run.who),
        )

    for key in keys:
        await meet(key)
    assert len(rows(engines[0], Task)) == len(keys)
