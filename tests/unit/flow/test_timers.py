"""Timers, on both databases."""

import asyncio

from core.clock import MINUTE
from core.instance.commands import SetVariables
from core.job.commands import FireTimer
from core.job.queries import NextTimers
from core.search.query import Where
from core.task.commands import CompleteTask
from core.task.queries import SearchTasks
from tests.support.bpmn import boundary, call, element, flow, row, timer
from tests.support.clock import MovableClock
from tests.support.running import Running

USER = element("userTask", "work")


async def test_an_intermediate_timer_holds_the_flow(run: Running) -> None:
    wait = element("intermediateCatchEvent", "wait", "", timer("timeDuration", "PT0.2S"))
    key = await run.run(row(wait, USER))
    assert await run.tasks() == {}
    await run.until(run.tasks)
    assert (await run.elements(key))["wait"] == "COMPLETED"
    assert await run.engine.ask(NextTimers(), run.who) == ()


async def test_a_date_that_is_past_is_due_at_once(run: Running) -> None:
    await run.run(
        row(
            element("intermediateCatchEvent", "wait", "", timer("timeDate", '=date and time("2020-01-01T00:00:00Z")')),
            USER,
        )
    )
    await run.until(run.tasks)


async def test_a_timer_at_the_boundary_ends_the_activity(run: Running) -> None:
    late = (
        boundary("late", "work", timer("timeDuration", "=after"))
        + element("userTask", "remind")
        + element("endEvent", "e2")
    )
    content = row(USER, more=late + flow("late", "remind") + flow("remind", "e2"))
    key = await run.run(content, after="PT0.1S")
    work = (await run.tasks())["work"]

    async def reminded() -> bool:
        return list(await run.tasks()) == ["remind"]

    await run.until(reminded)
    assert (await run.task(work)).state == "CANCELED"
    states = await run.elements(key)
    assert (states["work"], states["late"], states["remind"]) == ("TERMINATED", "COMPLETED", "ACTIVE")
    await run.do(CompleteTask((await run.tasks())["remind"]))
    assert await run.state(key) == "COMPLETED"


async def test_an_activity_that_is_done_in_time_has_no_timer(run: Running) -> None:
    late = boundary("late", "work", timer("timeDuration", "PT1H")) + element("endEvent", "e2")
    key = await run.run(row(USER, more=late + flow("late", "e2")))
    assert len(await run.engine.ask(NextTimers(), run.who)) == 1
    await run.do(CompleteTask((await run.tasks())["work"]))
    assert (await run.state(key), await run.engine.ask(NextTimers(), run.who)) == ("COMPLETED", ())


async def test_a_cycle_repeats_beside_the_activity(run: Running) -> None:
    often = boundary("often", "work", timer("timeCycle", "R3/PT0.05S"), interrupting=False)
    more = (
        often
        + element("scriptTask", "count", '<zeebe:script expression="=n + 1" resultVariable="n"/>')
        + element("endEvent", "e2")
    )
    key = await run.run(row(USER, more=more + flow("often", "count") + flow("count", "e2")), n=0)

    async def three() -> bool:
        return bool((await run.variables(key))["n"] == 3)

    await run.until(three)
    assert await run.engine.ask(NextTimers(), run.who) == ()
    await run.do(CompleteTask((await run.tasks())["work"]))
    assert await run.state(key) == "COMPLETED"


async def test_a_boundary_ends_all_that_is_inside(run: Running) -> None:
    await run.deploy("inner", row(USER))
    inside = (
        row(call("c", "inner"))
        .replace('"start', '"s0')
        .replace('"end', '"e0')
        .replace("-end", "-e0")
        .replace("start-", "s0-")
    )
    sub = f'<bpmn:subProcess id="sub">{inside}</bpmn:subProcess>'
    late = boundary("late", "sub", timer("timeDuration", "PT0.1S")) + element("endEvent", "e2") + flow("late", "e2")
    key = await run.run(row(sub, more=late))
    inner = await run.called(key)

    async def over() -> bool:
        return await run.state(key) == "COMPLETED"

    await run.until(over)
    assert (await run.state(inner), await run.tasks()) == ("TERMINATED", {})


async def test_a_timer_fires_once_however_many_look_at_it(run: Running) -> None:
    key = await run.run(row(element("intermediateCatchEvent", "wait", "", timer("timeDuration", "PT0S")), USER))
    timers = await run.engine.ask(NextTimers(), run.who)
    await asyncio.gather(*(run.do(FireTimer(t.key)) for t in timers for _ in range(5)))
    await run.until(run.tasks)
    found = await run.engine.ask(SearchTasks((Where("instance_key", "eq", key),)), run.who)
    assert found.total == 1


async def test_a_flow_that_cannot_go_on_behind_a_timer_is_tried_again_later(run: Running, clock: MovableClock) -> None:
    wait = element("intermediateCatchEvent", "wait", "", timer("timeDuration", "PT0S"))
    key = await run.run(row(wait, element("userTask", "work", '<zeebe:assignmentDefinition assignee="=who"/>')), who=7)

    async def postponed() -> bool:
        (waiting,) = await run.engine.ask(NextTimers(), run.who)
        return waiting.due_at > run.engine.clock() + 30_000

    await run.until(postponed)
    assert ((await run.elements(key))["wait"], await run.tasks()) == ("ACTIVE", {})
    await run.do(SetVariables(key, {"who": "ann"}))
    clock.forward(MINUTE)
    await run.until(run.tasks)
