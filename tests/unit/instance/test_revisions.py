"""Instances that are changed, finished, opened again and removed by hand."""

import pytest

from core.instance.commands import ChangeInstance, FinishInstance, RemoveInstance, ReopenInstance
from core.instance.queries import InstanceByKey
from core.rejections import Conflict, WrongState
from core.task.commands import CompleteTask
from tests.support.bpmn import element, flow, row
from tests.support.running import Running

WORK = element("userTask", "work")


async def test_what_is_known_of_an_instance_changes_and_the_rest_stays(run: Running) -> None:
    key = await run.run(row(WORK))
    (task,) = (await run.tasks(key)).values()
    await run.do(ChangeInstance(key, title="New", business_id="B-1", ext={"x": {"a": 1}}))
    await run.do(ChangeInstance(key, description="Text", ext={"x": {"b": 2}, "y": {"c": 3}}))
    row_ = (await run.engine.ask(InstanceByKey(key), run.who)).instance
    assert (row_.title, row_.description, row_.business_id, row_.state) == ("New", "Text", "B-1", "ACTIVE")
    assert row_.ext == {"x": {"a": 1, "b": 2}, "y": {"c": 3}}
    assert (await run.task(task)).business_id == "B-1"


async def test_a_finished_instance_goes_on_where_it_ended(run: Running) -> None:
    """Its last tasks are open again, as new ones; what was done before them is not."""
    key = await run.run(row(element("userTask", "first"), element("userTask", "last")))
    await run.do(CompleteTask((await run.tasks(key))["first"]))
    last = (await run.tasks(key))["last"]
    await run.do(FinishInstance(key))
    assert (await run.state(key), (await run.task(last)).state) == ("COMPLETED", "COMPLETED")
    for _ in range(2):
        await run.do(ReopenInstance(key))
        tasks = await run.tasks(key)
        assert list(tasks) == ["last"]
        assert tasks["last"] != last
        assert await run.state(key) == "ACTIVE"
        await run.do(CompleteTask(tasks["last"]))
        assert await run.state(key) == "COMPLETED"


async def test_side_by_side_all_that_ended_together_is_open_again(run: Running) -> None:
    content = (
        '<bpmn:startEvent id="start"/><bpmn:endEvent id="end"/>'
        + element("parallelGateway", "split")
        + element("parallelGateway", "join")
        + element("userTask", "a")
        + element("userTask", "b")
        + flow("start", "split")
        + "".join(flow("split", id) + flow(id, "join") for id in "ab")
        + flow("join", "end")
    )
    key = await run.run(content)
    await run.do(FinishInstance(key))
    await run.do(ReopenInstance(key))
    tasks = await run.tasks(key)
    assert set(tasks) == {"a", "b"}
    await run.do(CompleteTask(tasks["a"]))
    assert await run.state(key) == "ACTIVE", "the join waits for both"
    await run.do(CompleteTask(tasks["b"]))
    assert await run.state(key) == "COMPLETED"


async def test_inside_a_sub_process_it_goes_on_at_the_sub_process(run: Running) -> None:
    inner = row(element("userTask", "deep")).replace('id="start"', 'id="s2"').replace('id="end"', 'id="e2"')
    inner = inner.replace('"start', '"s2').replace('end"', 'e2"')
    key = await run.run(row(element("subProcess", "sub", more=inner)))
    await run.do(CompleteTask((await run.tasks(key))["deep"]))
    assert await run.state(key) == "COMPLETED"
    await run.do(ReopenInstance(key))
    await run.do(CompleteTask((await run.tasks(key))["deep"]))
    assert await run.state(key) == "COMPLETED"


async def test_what_another_instance_called_ends_with_that(run: Running) -> None:
    await run.deploy("inner", row(WORK))
    call = element("callActivity", "call", '<zeebe:calledElement processId="inner"/>')
    outer = await run.start(await run.deploy("outer", row(call)))
    called = await run.called(outer)
    for change in (FinishInstance(called), RemoveInstance(called)):
        with pytest.raises(Conflict):
            await run.do(change)
    await run.do(ChangeInstance(called, title="but told what it is about"))
    await run.do(FinishInstance(outer))
    assert (await run.state(outer), await run.state(called)) == ("COMPLETED", "TERMINATED")
    with pytest.raises(WrongState):
        await run.do(ReopenInstance(called))


async def test_a_removed_instance_is_terminated_and_does_not_come_back(run: Running) -> None:
    key = await run.run(row(WORK))
    (task,) = (await run.tasks(key)).values()
    await run.do(RemoveInstance(key))
    assert (await run.state(key), (await run.task(task)).state) == ("TERMINATED", "CANCELED")
    with pytest.raises(WrongState):
        await run.do(ReopenInstance(key))
