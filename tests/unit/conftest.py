"""An engine with somebody at work; and one that stays open through all examples of a property, with its loop."""

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest

from core.engine import Engine
from core.principal import Principal, system
from core.storage import open_store
from core.storage.store import Connection
from tests.support.databases import KINDS, new_database
from tests.support.running import Running

T = TypeVar("T")


@dataclass
class Living:
    engine: Engine
    runner: asyncio.Runner
    connection: Connection

    @property
    def who(self) -> Principal:
        return system(self.engine.default_tenant, dialect="test")

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)


@pytest.fixture(scope="module", params=KINDS)
def living(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    url = new_database(request, tmp_path_factory.mktemp("living"))
    with asyncio.Runner() as runner:

        async def begin() -> Engine:
            engine = Engine(open_store(url))
            await engine.start()
            return engine

        engine = runner.run(begin())
        connection = engine.store.connect()
        yield Living(engine, runner, connection)
        connection.close()
        runner.run(engine.stop())


@pytest.fixture
def run(engine: Engine) -> Running:
    return Running(engine)
