"""PgBouncer gives every transaction another connection to the server, which others had before: what was set, prepared
or locked in the session is not there, or not one's own."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from core.engine import Engine
from core.onlooker import Onlooker
from core.principal import Principal, system
from core.storage import open_store
from core.storage.revision import current
from core.storage.store import Retry, StorageError
from core.tables.schema import upgrade
from core.task.commands import CompleteTask, CreateTask
from core.task.queries import SearchTasks
from tests.support.cluster import example
from tests.support.postgresql import fresh_database, owner_of
from tests.support.served import serving
from tests.support.server import own_port
from tests.support.sessions import session_of

pytestmark = [pytest.mark.postgresql, pytest.mark.needs("pgbouncer")]


def pooler(server: str, mode: str) -> Iterator[str]:
    """The address of an empty database, by way of a pooler with few connections to the server."""
    database, _, host = fresh_database(server).removeprefix("postgresql://postgres@/").partition("?host=")
    folder = Path(tempfile.mkdtemp(prefix="dragoman-pooler-", dir="/tmp"))
    port = own_port()
    places = {
        "host=10.0.0.10 port=5000 dbname=dragoman": f"host={host} dbname={database} user=postgres",
        "listen_addr = 10.0.0.10": "listen_addr = 127.0.0.1",
        "listen_port = 6432": f"listen_port = {port}",
        "auth_type = scram-sha-256": "auth_type = any",
        "auth_file = /etc/pgbouncer/userlist.txt": "",
        "pool_mode = transaction": f"pool_mode = {mode}",
        "default_pool_size = 20": "default_pool_size = 3",
    }
    (folder / "pgbouncer.ini").write_text(example("pgbouncer.ini", places))
    try:
        with serving(folder, owner_of(folder), "pgbouncer", folder / "pgbouncer.ini"):
            url = f"postgresql://127.0.0.1:{port}/dragoman"
            while True:
                try:
                    psycopg.connect(url).close()
                    break
                except psycopg.OperationalError:
                    pass
            yield url
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def pooled(postgresql: str) -> Iterator[str]:
    yield from pooler(postgresql, "transaction")


@pytest.fixture
def by_statement(postgresql: str) -> Iterator[str]:
    yield from pooler(postgresql, "statement")


def who(engine: Engine) -> Principal:
    return system(engine.default_tenant)


async def test_two_engines_on_one_pool(pooled: str) -> None:
    engines = Engine(open_store(pooled)), Engine(open_store(pooled))
    await asyncio.gather(*(engine.start() for engine in engines))
    for _ in range(3):
        made = await asyncio.gather(*(e.execute(CreateTask("t"), who(e)) for _ in range(30) for e in engines))
        assert len({m.key for m in made}) == 60
        done = (e.execute(CompleteTask(m.tasks[0].key), who(e)) for e, m in zip(engines * 30, made, strict=True))
        await asyncio.gather(*done)
    for engine in engines:
        found = await engine.ask(SearchTasks(), who(engine))
        assert (found.total, {view.task.state for view in found.items}) == (180, {"COMPLETED"})
        assert session_of(engine._runner._connection).is_pooled
        assert session_of(engine._runner._connection).db.prepare_threshold is None
    for engine in engines:
        await engine.stop()


async def test_who_only_reads_keeps_nobody_from_writing(pooled: str) -> None:
    """`dragoman check` on an empty database, and then the first start."""
    with pytest.raises(StorageError, match="there are no tables"):
        Onlooker(pooled)
    engine = Engine(open_store(pooled))
    await engine.start()
    for _ in range(5):
        assert current(open_store(pooled, reading=True)) is not None
        await engine.execute(CreateTask("t"), who(engine))
    await engine.stop()


def test_what_a_pooler_does_not_take_is_told(pooled: str, by_statement: str) -> None:
    with pytest.raises(Retry, match="unsupported startup parameter: options"):
        open_store(f"{pooled}?options=-csearch_path%3Dpublic").connect()
    with pytest.raises(StorageError, match="could not be brought up to date: transaction blocks not allowed"):
        upgrade(open_store(by_statement))
