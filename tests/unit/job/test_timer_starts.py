"""Timers that start instances, on both databases."""

import asyncio

from adapters.common.bpmn import graph
from core.clock import DAY, HOUR, MINUTE
from core.instance.queries import SearchInstances
from core.job.firing import fire_due
from core.job.queries import NextTimers
from core.process.commands import DeleteResource
from core.process.queries import DefinitionByVersion
from schemas.bpmn.reader import read
from tests.support.bpmn import document, element, flow, row, timer
from tests.support.clock import MovableClock
from tests.support.running import Running


def begun(kind: str, text: str, task: str = "work") -> str:
    start = element("startEvent", "start", "", timer(kind, text))
    return row(element("userTask", task)).replace('<bpmn:startEvent id="start"/>', start)


async def count(run: Running) -> int:
    return (await run.engine.ask(SearchInstances(), run.who)).total


async def test_a_cycle_starts_instances(run: Running, clock: MovableClock) -> None:
    await run.deploy("p", begun("timeCycle", "R2/PT1H"))
    assert await count(run) == 0
    for expected in (1, 2, 2):
        clock.forward(HOUR)
        await fire_due(run.engine)
        assert await count(run) == expected
    assert await run.engine.ask(NextTimers(), run.who) == ()


async def test_a_new_version_starts_in_place_of_the_old_one(run: Running, clock: MovableClock) -> None:
    await run.deploy("p", begun("timeDuration", "PT1H"))
    await run.deploy("p", begun("timeDuration", "PT2H", "newer"))
    clock.forward(HOUR + MINUTE)
    await fire_due(run.engine)
    assert await count(run) == 0
    clock.forward(HOUR)
    await fire_due(run.engine)
    assert list(await run.tasks()) == ["newer"]


async def test_the_version_before_is_the_newest_again(run: Running, clock: MovableClock) -> None:
    await run.deploy("p", begun("timeCycle", "R/PT1H"))
    await run.deploy("p", begun("timeCycle", "R/PT1H", "newer"))
    newest = await run.engine.ask(DefinitionByVersion("p", 2), run.who)
    await run.do(DeleteResource(newest.definition.key))
    clock.forward(HOUR)
    await fire_due(run.engine)
    assert list(await run.tasks()) == ["work"]


async def test_a_cron_expression(run: Running, clock: MovableClock) -> None:
    await run.deploy("p", begun("timeCycle", "0 0 12 * * *"))
    (timer_,) = await run.engine.ask(NextTimers(), run.who)
    assert timer_.due_at % DAY == 12 * HOUR
    for expected in (1, 2):
        clock.forward(DAY)
        await fire_due(run.engine)
        assert await count(run) == expected


async def test_whoever_is_quicker_starts_it(run: Running, clock: MovableClock) -> None:
    await run.deploy("p", begun("timeDuration", "PT1H"))
    clock.forward(HOUR)
    await asyncio.gather(*(fire_due(run.engine) for _ in range(3)))
    assert await count(run) == 1


async def test_beside_one_that_waits_for_nothing(run: Running) -> None:
    """Whoever starts it begins there; a process that begins without anything begins so in one way."""
    timed = element("startEvent", "timed", "", timer("timeDuration", "PT1H")) + flow("timed", "end")
    (record,) = read(document("p", row(element("userTask", "work"), more=timed)).encode())
    assert graph(record, one_start=True).id == "p"
    await run.run(row(element("userTask", "work"), more=timed))
    assert set(await run.tasks()) == {"work"}
