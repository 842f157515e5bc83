"""A standby that takes over may lack the last of what was written, if nobody waited for it. What a gateway remembers of
that is not there any more, and the same keys are given out again, for something else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from core.engine import Engine
from core.graph.elements import Element, ElementKind, Flow, TaskTemplate
from core.graph.graph import Graph
from core.ids import KEY_BLOCK
from core.instance.commands import StartInstance
from core.principal import Principal, system
from core.process.commands import DeployProcess
from core.rejections import Unavailable
from core.storage import open_store
from core.task.queries import SearchTasks, TaskByKey
from tests.support.cluster import PASSWORD, Pair, pair

pytestmark = [pytest.mark.crash, pytest.mark.postgresql]


def url(both: Pair) -> str:
    hosts = ",".join(node.place for node in (both.primary, both.standby))
    return f"postgresql://dragoman:{PASSWORD}@{hosts}/dragoman?connect_timeout=2"


@asynccontextmanager
async def opened(address: str) -> AsyncIterator[Engine]:
    engine = Engine(open_store(address))
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()


def who(engine: Engine) -> Principal:
    return system(engine.default_tenant)


def process(name: str) -> Graph:
    elements = (
        Element("start", ElementKind.START_EVENT),
        Element("task", ElementKind.USER_TASK, name, task=TaskTemplate()),
        Element("end", ElementKind.END_EVENT),
    )
    return Graph(name, name, elements, (Flow("1", "start", "task"), Flow("2", "task", "end")))


async def begun(engine: Engine, name: str) -> int:
    """The key of the one task of a new process."""
    while True:
        try:
            deployed = await engine.execute(DeployProcess(process(name)), who(engine))
            started = await engine.execute(StartInstance(deployed.process_key), who(engine))
            return started.tasks[0].key
        except Unavailable:
            await asyncio.sleep(0.05)


async def test_what_the_standby_did_not_get_is_forgotten() -> None:
    with pair() as both:
        address = url(both)
        async with opened(address):
            pass
        both.primary.ask("ALTER SYSTEM SET synchronous_standby_names = ''")
        both.primary.ask("SELECT pg_reload_conf()")
        both.standby.kill()
        async with opened(address) as here:
            lost = await begun(here, "lost")
            assert (await here.ask(TaskByKey(lost), who(here))).known.process.process_id == "lost"
            both.primary.kill()
            both.standby.start()
            both.promote()
            async with opened(address) as there:
                again = await begun(there, "again")
                assert again == lost
                view = await here.ask(TaskByKey(lost), who(here))
                assert (view.task.name, view.known.process.process_id) == ("again", "again")
                more = await begun(here, "more")
                assert more - again >= KEY_BLOCK, "what was reserved is reserved by somebody else"
                keys = [again, more, await begun(there, "even more")]
                found = (await there.ask(SearchTasks(), who(there))).items
                assert sorted((item.task.key, item.task.name) for item in found) == sorted(
                    zip(keys, ("again", "more", "even more"), strict=True)
                )
