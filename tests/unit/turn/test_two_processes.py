"""Two engines on one PostgreSQL database: what each promises has to hold for both together."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from core.engine import Engine
from core.identity.passwords import hash_password
from core.identity.queries import CheckPassword
from core.outbox.commands import SendMail
from core.outbox.queries import PendingDeliveries, PendingSubscriptions
from core.people.commands import CreateUser, SetPassword
from core.principal import Principal, system
from core.rejections import Conflict, Rejection, Unauthenticated, WrongState
from core.storage import open_store
from core.storage.store import Unsure
from core.task.commands import ClaimTask, CompleteTask, CreateTask, TransferTasks
from core.task.queries import History, SearchTasks, TaskByKey
from core.turn.command import Created, Done, Transferred
from tests.support.postgresql import fresh_database
from tests.support.sessions import session_of

pytestmark = pytest.mark.postgresql


@pytest.fixture
async def pair(postgresql: str, empty_postgresql: str) -> AsyncIterator[tuple[Engine, Engine]]:
    url = fresh_database(postgresql, empty_postgresql)
    engines = Engine(open_store(url)), Engine(open_store(url))
    await asyncio.gather(*(engine.start() for engine in engines))
    yield engines
    for engine in engines:
        await engine.stop()


def who(engine: Engine) -> Principal:
    return system(engine.default_tenant)


async def test_both_start_on_an_empty_database_with_one_tenant(postgresql: str) -> None:
    url = fresh_database(postgresql)
    engines = Engine(open_store(url)), Engine(open_store(url))
    await asyncio.gather(*(engine.start() for engine in engines))
    assert engines[0].default_tenant == engines[1].default_tenant
    for engine in engines:
        await engine.stop()


async def test_keys_and_numbers_never_meet(pair: tuple[Engine, Engine]) -> None:
    made = await asyncio.gather(*(e.execute(CreateTask("t"), who(e)) for _ in range(50) for e in pair))
    assert len({m.key for m in made}) == len({m.number for m in made}) == 100


async def test_one_of_many_claims_wins(pair: tuple[Engine, Engine]) -> None:
    made = await asyncio.gather(*(pair[0].execute(CreateTask("t"), who(pair[0])) for _ in range(30)))
    keys = [m.tasks[0].key for m in made]
    claims = [
        (key, user, pair[n % 2].execute(ClaimTask(key, user), who(pair[n % 2])))
        for key in keys
        for n, user in enumerate(("ann", "bob", "cec", "dan"))
    ]
    outcomes = await asyncio.gather(*(work for _, _, work in claims), return_exceptions=True)
    for key in keys:
        winners = [u for (k, u, _), o in zip(claims, outcomes, strict=True) if k == key and isinstance(o, Done)]
        assert len(winners) == 1
        assert (await pair[1].ask(TaskByKey(key), who(pair[1]))).task.assignee == winners[0]
    assert sum(isinstance(o, Conflict) for o in outcomes) == 90


async def test_completing_twice_completes_once(pair: tuple[Engine, Engine]) -> None:
    made = await asyncio.gather(*(pair[0].execute(CreateTask("t"), who(pair[0])) for _ in range(40)))
    keys = [m.tasks[0].key for m in made]
    outcomes = await asyncio.gather(
        *(e.execute(CompleteTask(key, {"n": 1}), who(e)) for key in keys for e in pair), return_exceptions=True
    )
    assert sum(isinstance(o, Done) for o in outcomes) == 40
    assert sum(isinstance(o, WrongState) for o in outcomes) == 40
    for key in keys:
        kinds = [e.kind for e in await pair[0].ask(History(key), who(pair[0]))]
        assert kinds.count("task.completed") == 1
        assert kinds.count("instance.completed") == 1


async def test_the_same_user_cannot_be_made_twice(pair: tuple[Engine, Engine]) -> None:
    outcomes = await asyncio.gather(
        *(e.execute(CreateUser("ann"), who(e)) for e in (*pair, *pair, *pair)), return_exceptions=True
    )
    assert sum(isinstance(o, Created) for o in outcomes) == 1
    assert all(isinstance(o, Created | Conflict) for o in outcomes)


async def test_a_transfer_here_and_claims_there_lose_nothing(pair: tuple[Engine, Engine]) -> None:
    here, there = pair
    for name in ("ann", "bob"):
        await here.execute(CreateUser(name), who(here))
    made = await asyncio.gather(*(here.execute(CreateTask("t", assignee="ann"), who(here)) for _ in range(60)))
    keys = [m.tasks[0].key for m in made]
    moving = here.execute(TransferTasks("ann", "bob"), who(here))
    closing = [there.execute(CompleteTask(key), who(there)) for key in keys[::3]]
    moved, *closed = await asyncio.gather(moving, *closing, return_exceptions=True)
    assert isinstance(moved, Transferred)
    assert all(isinstance(o, Done) for o in closed)
    found = (await there.ask(SearchTasks(), who(there))).items
    assert len(found) == 60
    still = {v.task.assignee for v in found if v.task.state == "CREATED"}
    assert still == {"bob"}
    for view in found:
        kinds = [e.kind for e in await here.ask(History(view.task.key), who(here)) if e.entity == "task"]
        assert kinds.count("task.transferred") == (view.task.assignee == "bob")


async def test_a_new_password_is_heard_of_everywhere(pair: tuple[Engine, Engine]) -> None:
    here, there = pair
    await here.execute(CreateUser("ann", hash_password("old")), who(here))
    asking = Principal(there.default_tenant, 0, "", "test")
    await there.ask(CheckPassword("ann", "old"), asking)
    await here.execute(SetPassword("ann", hash_password("new")), who(here))

    async def lets_in(password: str) -> bool:
        try:
            await there.ask(CheckPassword("ann", password), asking)
        except Unauthenticated:
            return False
        return True

    while await lets_in("old"):  # noqa: ASYNC110  the other process may take its time
        await asyncio.sleep(0.1)
    assert (await there.ask(CheckPassword("ann", "new"), asking)).username == "ann"


async def test_maintenance_is_for_all(pair: tuple[Engine, Engine]) -> None:
    await pair[0].set_maintenance(True)
    while not pair[1].maintenance:  # noqa: ASYNC110  the other process may take its time
        await asyncio.sleep(0.1)


@pytest.mark.parametrize("landed", [True, False])
async def test_an_answer_lost_at_the_commit_is_not_done_twice(pair: tuple[Engine, Engine], landed: bool) -> None:
    """The connection breaks at the COMMIT: before or after the database did it, nobody knows."""
    engine = pair[0]
    connection = engine._runner._connection
    real = connection.commit
    broken: list[bool] = []

    def commit() -> None:
        if broken:
            return real()
        broken.append(True)
        if landed:
            real()
        session_of(connection).db.close()
        raise Unsure("the connection is lost")

    for user in ("ann", "bob"):
        await engine.execute(CreateUser(user), who(engine))
    for command in (CreateTask("once", assignee="ann"), TransferTasks("ann", "bob")):
        broken.clear()
        connection.commit = commit  # type: ignore[method-assign]
        await engine.execute(command, who(engine))
        assert broken
    (view,) = (await pair[1].ask(SearchTasks(), who(pair[1]))).items
    assert (view.task.name, view.task.assignee) == ("once", "bob")
    kinds = [e.kind for e in await pair[1].ask(History(view.task.key), who(pair[1]))]
    assert kinds == ["instance.started", "task.created", "task.transferred"]


async def test_a_lost_connection_is_made_again(pair: tuple[Engine, Engine], postgresql: str) -> None:
    import psycopg

    here = pair[0]
    await here.execute(CreateTask("before"), who(here))
    with psycopg.connect(here.store.url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    while True:
        try:
            await here.execute(CreateTask("after"), who(here))
            found = await here.ask(SearchTasks(), who(here))
            break
        except Rejection:
            await asyncio.sleep(0.1)
    names = sorted(v.task.name for v in found.items)
    assert names == ["after", "before"]


async def test_the_first_mails_of_both_wait_in_one_place(pair: tuple[Engine, Engine]) -> None:
    mail = SendMail(1, "ann@example.com", "s", "t", lifetime=60_000)
    await asyncio.gather(*(e.execute(mail, system(e.default_tenant, dialect="test")) for _ in range(3) for e in pair))
    (key,) = await pair[0].ask(PendingSubscriptions("test"), who(pair[0]))
    assert len(await pair[1].ask(PendingDeliveries(key), who(pair[1]))) == 6
