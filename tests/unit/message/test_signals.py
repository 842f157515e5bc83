"""Signals reach all who wait for them, on both databases."""

import pytest

from core.message.commands import BroadcastSignal
from core.task.commands import CompleteTask
from tests.support.bpmn import boundary, element, flow, mapping, row, signal
from tests.support.running import Running

USER = element("userTask", "work")
ALARM, ALARMED = signal("alarm")
WAIT = element("intermediateCatchEvent", "wait", "", ALARMED)


async def test_all_who_wait_hear_a_signal(run: Running) -> None:
    process = await run.deploy("p", row(WAIT, USER), more=ALARM)
    keys = [await run.start(process) for _ in range(3)]
    await run.do(BroadcastSignal("quiet"))
    assert await run.tasks() == {}
    await run.do(BroadcastSignal("alarm", {"level": 2}))
    for key in keys:
        assert list(await run.tasks(key)) == ["work"]
        assert await run.variables(key) == {"level": 2}
    await run.do(BroadcastSignal("alarm"))
    assert len(await run.all_tasks()) == 3


async def test_a_signal_starts_an_instance_of_the_newest_version(run: Running) -> None:
    begun = row(USER).replace('<bpmn:startEvent id="start"/>', element("startEvent", "start", "", ALARMED))
    await run.deploy("p", begun, more=ALARM)
    await run.deploy("p", begun.replace('"work"', '"newer"').replace("start-work", "f"), more=ALARM)
    await run.do(BroadcastSignal("alarm", {"level": 2}))
    (task,) = await run.all_tasks()
    assert (task.element_id, await run.variables(task.instance_key)) == ("newer", {"level": 2})


@pytest.mark.parametrize("interrupting", [True, False])
async def test_a_signal_at_the_boundary(run: Running, interrupting: bool) -> None:
    at = boundary("told", "work", ALARMED, interrupting=interrupting) + element("userTask", "look")
    content = row(USER, more=at + element("endEvent", "e2") + flow("told", "look") + flow("look", "e2"))
    key = await run.start(await run.deploy("p", content, more=ALARM))
    await run.do(BroadcastSignal("alarm"))
    await run.do(BroadcastSignal("alarm"))
    assert [task.element_id for task in await run.all_tasks()] == (
        ["look"] if interrupting else ["work", "look", "look"]
    )
    for task in await run.all_tasks():
        await run.do(CompleteTask(task.key))
    assert await run.state(key) == "COMPLETED"


@pytest.mark.parametrize("tag", ["intermediateThrowEvent", "endEvent"])
async def test_a_process_throws_a_signal(run: Running, tag: str) -> None:
    """To another instance, to a branch of its own, and to a process that it starts."""
    carried = mapping(("=level + 1", "level"))
    thrown = element(tag, "throw", carried, ALARMED)
    begun = row(element("userTask", "begun")).replace(
        '<bpmn:startEvent id="start"/>', element("startEvent", "start", "", ALARMED)
    )
    await run.deploy("started", begun, more=ALARM)
    waiting = await run.start(await run.deploy("waiting", row(WAIT, USER), more=ALARM))
    branches = (
        '<bpmn:startEvent id="start"/>' + element("parallelGateway", "fork") + WAIT + element("userTask", "own")
        + element("userTask", "first") + thrown + element("endEvent", "e1") + flow("start", "fork")
        + flow("fork", "wait") + flow("wait", "own") + flow("own", "e1") + flow("fork", "first")
        + flow("first", "throw")
    )  # fmt: skip
    if tag == "intermediateThrowEvent":
        branches += element("endEvent", "e2") + flow("throw", "e2")
    key = await run.start(await run.deploy("p", branches, more=ALARM), level=1)
    await run.do(CompleteTask((await run.tasks(key))["first"]))
    assert sorted(task.element_id for task in await run.all_tasks()) == ["begun", "own", "work"]
    assert await run.variables(waiting) == {"level": 2}
    assert await run.variables(key) == {"level": 2}
    await run.do(CompleteTask((await run.tasks(key))["own"]))
    assert await run.state(key) == "COMPLETED"
