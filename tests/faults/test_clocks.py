"""Somebody sets the clock: what has expired stays so, what is to happen happens, and things keep their order."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest

from adapters.common.bpmn import graphs
from core.clock import DAY, HOUR, MINUTE, SECOND
from core.engine import Engine
from core.identity.commands import ExtendCredential, IssueCredential, RevokeCredential
from core.identity.digests import digest
from core.identity.memory import LIFETIME, CredentialMemory
from core.identity.passwords import hash_password
from core.identity.queries import CheckCredential, CheckPassword
from core.instance.commands import StartInstance
from core.instance.queries import InstanceByKey
from core.outbox.commands import LeaseSubscription, Subscribe
from core.people.commands import CreateUser, SetPassword
from core.principal import Principal, system
from core.process.commands import DeployProcess
from core.rejections import Expired, Unauthenticated
from core.search.query import Sort
from core.storage import open_store
from core.task.commands import AssignTask, CompleteTask, CreateTask
from core.task.queries import History, SearchTasks
from core.turn.command import Started
from core.types import CredentialKind
from tests.conftest import fresh_database
from tests.support.bpmn import document, element, row, timer
from tests.support.world import World

NOON = 1_800_000_000_000


@dataclass
class Clocks:
    """The one on the wall, which somebody may set, and the monotonic one, which nobody can."""

    now: int = NOON
    passed: int = field(default=77 * MINUTE)

    def wall(self) -> int:
        return self.now

    def monotonic(self) -> int:
        return self.passed

    def wait(self, milliseconds: int) -> None:
        self.now += milliseconds
        self.passed += milliseconds

    def set(self, milliseconds: int) -> None:
        self.now += milliseconds


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/engine.db"
    return fresh_database(request.getfixturevalue("postgresql"))


@pytest.fixture
async def engine(url: str, clocks: Clocks) -> AsyncIterator[Engine]:
    opened = Engine(open_store(url), clock=clocks.wall, monotonic=clocks.monotonic)
    await opened.start()
    yield opened
    await opened.stop()


def who(engine: Engine) -> Principal:
    return system(engine.default_tenant, dialect="test")


async def add_ann(engine: Engine) -> Principal:
    made = await engine.execute(CreateUser("ann", hash_password("old")), who(engine))
    return Principal(engine.default_tenant, made.key, "ann", "test")


async def issue(engine: Engine, ann: Principal, lifetime: int = HOUR) -> str:
    return (await engine.execute(IssueCredential(CredentialKind.TICKET, ann.user_key, lifetime), ann)).text


async def show(engine: Engine, ticket: str) -> str:
    return (await engine.ask(CheckCredential(ticket, CredentialKind.TICKET), who(engine))).principal.username


@pytest.mark.parametrize("jump", [-DAY, -HOUR, 0, HOUR, DAY])
def test_what_is_remembered_is_so_for_ten_minutes(jump: int, clocks: Clocks) -> None:
    memory = CredentialMemory(clocks.wall, clocks.monotonic)
    memory.put("basic", "secret", Principal(1, 7, "ann", "test"))
    clocks.set(jump)
    clocks.wait(LIFETIME - 1)
    assert memory.get("basic", "secret") is not None
    clocks.wait(1)
    assert memory.get("basic", "secret") is None


@pytest.mark.parametrize("jump", [-DAY, -HOUR])
async def test_a_ticket_that_was_seen_lives_no_longer_when_the_clock_is_set_back(
    jump: int, engine: Engine, clocks: Clocks
) -> None:
    ticket = await issue(engine, await add_ann(engine))
    assert await show(engine, ticket) == "ann"
    clocks.wait(30 * MINUTE)
    clocks.set(jump)
    clocks.wait(30 * MINUTE - 1)
    assert await show(engine, ticket) == "ann"
    clocks.wait(1)
    with pytest.raises(Expired):
        await show(engine, ticket)


async def test_what_has_expired_stays_so(engine: Engine, clocks: Clocks) -> None:
    ticket = await issue(engine, await add_ann(engine))
    clocks.wait(HOUR)
    with pytest.raises(Expired):
        await show(engine, ticket)
    clocks.set(-HOUR)
    with pytest.raises(Expired):
        await show(engine, ticket)


async def test_a_clock_that_is_set_forth_ends_what_ends_until_then(engine: Engine, clocks: Clocks) -> None:
    ann = await add_ann(engine)
    short, long = await issue(engine, ann), await issue(engine, ann, DAY)
    for ticket in (short, long):
        assert await show(engine, ticket) == "ann"
    clocks.set(2 * HOUR)
    assert await show(engine, long) == "ann"
    with pytest.raises(Expired):
        await show(engine, short)


async def test_a_sliding_ticket_goes_by_its_new_end(engine: Engine, clocks: Clocks) -> None:
    ann = await add_ann(engine)
    ticket = await issue(engine, ann)
    await show(engine, ticket)
    clocks.set(-HOUR)
    clocks.wait(50 * MINUTE)
    await engine.execute(ExtendCredential(digest(ticket), CredentialKind.TICKET, clocks.now + 3 * HOUR), ann)
    clocks.wait(2 * HOUR)
    assert await show(engine, ticket) == "ann"
    clocks.wait(HOUR)
    with pytest.raises(Expired):
        await show(engine, ticket)


async def test_a_new_password_ends_what_was_issued_when_the_clock_was_ahead(engine: Engine, clocks: Clocks) -> None:
    ann = await add_ann(engine)
    ticket = await issue(engine, ann, DAY)
    clocks.set(-HOUR)
    await issue(engine, ann)
    await engine.execute(SetPassword("ann", hash_password("new")), who(engine))
    with pytest.raises(Unauthenticated):
        await show(engine, ticket)
    assert (await engine.ask(CheckPassword("ann", "new"), who(engine))).username == "ann"
    assert await show(engine, await issue(engine, ann)) == "ann"


@pytest.mark.postgresql
async def test_what_another_process_revoked_is_heard_of_when_the_clock_was_set_back(
    postgresql: str, clocks: Clocks
) -> None:
    url = fresh_database(postgresql)
    here, there = (Engine(open_store(url), clock=clocks.wall, monotonic=clocks.monotonic) for _ in range(2))
    await here.start()
    await there.start()
    ann = await add_ann(here)
    ticket = await issue(here, ann)
    assert await show(there, ticket) == "ann"
    clocks.set(-HOUR)
    await here.execute(RevokeCredential(digest(ticket), CredentialKind.TICKET), ann)
    clocks.wait(SECOND)
    with pytest.raises(Unauthenticated):
        await show(there, ticket)
    await here.stop()
    await there.stop()


async def test_keys_numbers_and_events_go_on(engine: Engine, clocks: Clocks) -> None:
    made = []
    for jump in (0, -HOUR, -DAY, 2 * DAY, -3 * HOUR):
        clocks.set(jump)
        started: Started = await engine.execute(CreateTask(f"after {jump}"), who(engine))
        made.append(started.tasks[0])
        await engine.execute(AssignTask(started.tasks[0].key, "ann"), who(engine))
        clocks.set(-MINUTE)
        await engine.execute(CompleteTask(started.tasks[0].key), who(engine))
    assert [task.key for task in made] == sorted({task.key for task in made})
    assert [task.number for task in made] == [1, 2, 3, 4, 5]
    assert len({task.uid for task in made}) == 5
    for task in made:
        kinds = [event.kind for event in await engine.ask(History(task.key), who(engine)) if event.entity == "task"]
        assert kinds[0] == "task.created"
        assert kinds[-1] == "task.completed"
    found = await engine.ask(SearchTasks((), (Sort("key"),)), who(engine))
    assert [view.task.key for view in found.items] == [task.key for task in made]


async def _state(engine: Engine, key: int) -> str:
    return (await engine.ask(InstanceByKey(key), who(engine))).instance.state


async def _wait_for(engine: Engine, key: int, state: str) -> None:
    while True:
        if await _state(engine, key) == state:
            return
        await asyncio.sleep(0.02)


async def test_timers_go_by_the_wall_and_never_stop(engine: Engine, clocks: Clocks) -> None:
    wait = element("intermediateCatchEvent", "wait", "", timer("timeDuration", "PT10M"))
    (graph,) = graphs(document("p", row(wait)).encode())
    process = (await engine.execute(DeployProcess(graph), who(engine))).process_key

    async def start() -> int:
        return (await engine.execute(StartInstance(process), who(engine))).key

    early = await start()
    clocks.set(HOUR)
    await _wait_for(engine, early, "COMPLETED")
    late = await start()
    clocks.set(-HOUR)
    next_one = await start()
    clocks.wait(10 * MINUTE)
    await _wait_for(engine, next_one, "COMPLETED")
    assert await _state(engine, late) == "ACTIVE"
    clocks.wait(HOUR)
    await _wait_for(engine, late, "COMPLETED")


async def test_a_lease_ends_when_its_holder_is_gone_and_the_clock_was_set_back(engine: Engine, clocks: Clocks) -> None:
    key = (await engine.execute(Subscribe(("task.created",), {}), who(engine))).key
    half_a_minute = 30 * SECOND

    async def take(holder: int = 0) -> Any:
        return await engine.execute(LeaseSubscription(key, half_a_minute, holder), who(engine))

    assert await take()
    assert not await take()
    assert await take(clocks.now + half_a_minute), "it is one's own"
    clocks.set(-10 * SECOND)
    assert not await take(), "clocks of two machines differ"
    clocks.set(-HOUR)
    assert await take()
    assert not await take()


async def test_a_token_of_facilioo_lives_no_longer(world: World, clocks: Clocks) -> None:
    engine = world.engine
    engine.clock = engine._runner._clock = engine._memory._clock = clocks.wall
    engine.monotonic = engine._memory._monotonic = clocks.monotonic
    jwt = await world.jwt("admin")

    async def status() -> int:
        return (await world.call("GET", "/api/processes", jwt)).status

    assert await status() == 200
    clocks.wait(HOUR - MINUTE)
    assert await status() == 200
    clocks.set(-30 * SECOND)
    clocks.wait(MINUTE)
    assert await status() == 401
    clocks.set(-DAY)
    assert await status() == 401
    body = orjson.dumps({"email": "admin@example.com", "password": "admin"})
    again = await world.call("POST", "/api/auth/login", {"content-type": "application/json"}, body=body)
    jwt = {"authorization": f"Bearer {again.json()['accessToken']}"}
    assert await status() == 200
