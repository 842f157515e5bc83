"""The jobs of listeners, on both databases."""

import asyncio
from typing import Any

import pytest

from core.instance.commands import CancelInstance
from core.job.commands import ActivateJobs, CompleteJob, FailJob, UpdateJob
from core.job.queries import PendingOf
from core.rejections import Invalid, NotFound, WrongState
from core.task.commands import CancelTask, CompleteTask, DeleteTask, UpdateTask
from tests.support.bpmn import boundary, call, element, flow, listeners, row, timer
from tests.support.running import Running


async def test_each_transition_waits_for_its_listeners_in_turn(run: Running) -> None:
    events = (("creating", "new"), ("assigning", "give"), ("completing", "one"), ("completing", "two"))
    assigned = '<zeebe:assignmentDefinition assignee="ann"/>'
    key = await run.run(row(element("userTask", "work", listeners("task", *events) + assigned)))
    task_key = (await run.tasks())["work"]

    async def seen() -> tuple[str, str | None]:
        task = await run.task(task_key)
        return task.state, task.assignee

    assert await seen() == ("CREATING", None)
    await run.do(CompleteJob((await run.job("new")).key))
    assert await seen() == ("ASSIGNING", None)
    await run.do(CompleteJob((await run.job("give")).key, corrections={"assignee": "bob", "priority": 7}))
    assert await seen() == ("CREATED", "bob")
    assert (await run.task(task_key)).priority == 7
    assert (await run.do(CompleteTask(task_key, {"v": 1}))).pending
    assert await run.jobs("two") == ()
    await run.do(CompleteJob((await run.job("one")).key))
    assert await seen() == ("COMPLETING", "bob")
    await run.do(CompleteJob((await run.job("two")).key, corrections={"candidate_groups": ["done"]}))
    assert await seen() == ("COMPLETED", "bob")
    assert (await run.state(key), await run.variables(key)) == ("COMPLETED", {"v": 1})


async def test_a_listener_may_deny(run: Running) -> None:
    await run.run(
        row(
            element(
                "userTask", "work", listeners("task", ("updating", "u"), ("completing", "one"), ("completing", "two"))
            )
        )
    )
    task_key = (await run.tasks())["work"]
    await run.do(CompleteTask(task_key))
    await run.do(CompleteJob((await run.job("one")).key, denied=True, reason="too early"))
    task = await run.task(task_key)
    assert (task.state, task.pending, await run.jobs("two")) == ("CREATED", {"denied": "too early"}, ())
    await run.do(UpdateTask(task_key, priority=3))
    await run.do(CompleteJob((await run.job("u")).key, corrections={"priority": 4}))
    assert (await run.task(task_key)).priority == 4


async def test_what_listeners_decide_about_is_known(run: Running) -> None:
    events = (("creating", "new"), ("updating", "one"), ("updating", "two"))
    assigned = '<zeebe:assignmentDefinition assignee="ann"/>'
    await run.run(row(element("userTask", "work", listeners("task", *events) + assigned)))
    task_key = (await run.tasks())["work"]

    async def pending() -> tuple[str, dict[str, Any], str | None, str | None]:
        found = await run.engine.ask(PendingOf(task_key), run.who)
        return found.task.state, dict(found.changes), found.label, found.denied

    assert await pending() == ("CREATING", {"assignee": "ann"}, None, None)
    await run.do(CompleteJob((await run.job("new")).key))
    assert await pending() == ("CREATED", {}, None, None)
    await run.do(UpdateTask(task_key, priority=3, candidate_users=("bob",), label="escalate"))
    await run.do(CompleteJob((await run.job("one")).key, corrections={"priority": 4}))
    changes = {"priority": 4, "candidate_users": ["bob"]}
    assert await pending() == ("UPDATING", changes, "escalate", None)
    await run.do(CompleteJob((await run.job("two")).key, denied=True, reason="not now"))
    assert await pending() == ("CREATED", {}, None, "not now")
    with pytest.raises(NotFound):
        await run.engine.ask(PendingOf(1), run.who)


async def test_an_instance_waits_for_who_listens_to_its_cancellation(run: Running) -> None:
    heard = listeners("task", ("creating", "new"), ("canceling", "gone"))
    key = await run.run(row(element("userTask", "work", heard)))
    task_key = (await run.tasks())["work"]
    await run.do(CancelInstance(key, waits=True))
    assert ((await run.task(task_key)).state, await run.state(key)) == ("CANCELING", "ACTIVE")
    assert await run.elements(key) == {"p": "ACTIVE", "start": "COMPLETED", "work": "ACTIVE"}
    assert await run.jobs("new") == ()
    for command in (CancelInstance(key, waits=True), CancelInstance(key), CompleteTask(task_key)):
        with pytest.raises(WrongState):
            await run.do(command)
    job = await run.job("gone")
    with pytest.raises(Invalid):
        await run.do(CompleteJob(job.key, denied=True))
    await run.do(CompleteJob(job.key))
    assert ((await run.task(task_key)).state, await run.state(key)) == ("CANCELED", "TERMINATED")
    assert await run.elements(key) == {"p": "TERMINATED", "start": "COMPLETED", "work": "TERMINATED"}


GUARDED = element("userTask", "work", listeners("task", ("canceling", "gone")))


async def test_all_that_is_around_it_waits_and_nothing_else(run: Running) -> None:
    inside = '<bpmn:startEvent id="in"/>' + GUARDED + flow("in", "work")
    await run.deploy("inner", row(element("subProcess", "scope", "", inside)))
    split = '<bpmn:parallelGateway id="split"/>'
    beside = element("userTask", "beside")
    beside += flow("split", "beside") + boundary("soon", "beside", timer("timeDuration", "PT1H"))
    key = await run.run(row(split, call("c", "inner"), more=beside))
    inner, (work, other) = await run.called(key), [(await run.tasks())[id] for id in ("work", "beside")]
    await run.do(CancelInstance(key, waits=True))
    assert [(await run.task(task)).state for task in (work, other)] == ["CANCELING", "CANCELED"]
    assert [await run.state(k) for k in (key, inner)] == ["ACTIVE", "ACTIVE"]
    assert (await run.elements(key))["c"] == "ACTIVE"
    assert (await run.elements(key))["beside"] == "TERMINATED"
    await run.do(CompleteJob((await run.job("gone")).key))
    assert [await run.state(k) for k in (key, inner)] == ["TERMINATED", "TERMINATED"]
    assert set((await run.elements(inner)).values()) == {"TERMINATED", "COMPLETED"}


async def test_whoever_does_not_wait_is_done_at_once(run: Running) -> None:
    key = await run.run(row(GUARDED))
    task_key = (await run.tasks())["work"]
    await run.do(CancelInstance(key))
    assert ((await run.task(task_key)).state, await run.state(key)) == ("CANCELING", "TERMINATED")
    await run.do(CompleteJob((await run.job("gone")).key))
    assert ((await run.task(task_key)).state, await run.state(key)) == ("CANCELED", "TERMINATED")


async def test_two_who_listen_are_both_waited_for(run: Running) -> None:
    second = element("userTask", "also", listeners("task", ("canceling", "gone"))) + flow("split", "also")
    key = await run.run(row('<bpmn:parallelGateway id="split"/>', GUARDED, more=second))
    await run.do(CancelInstance(key, waits=True))
    first, last = await run.jobs("gone")
    await run.do(CompleteJob(first.key))
    assert await run.state(key) == "ACTIVE"
    await run.do(CompleteJob(last.key))
    assert await run.state(key) == "TERMINATED"


async def test_a_task_that_is_deleted_meanwhile_is_not_waited_for(run: Running) -> None:
    key = await run.run(row(GUARDED))
    task_key = (await run.tasks())["work"]
    await run.do(CancelInstance(key, waits=True))
    await run.do(DeleteTask(task_key))
    assert (await run.state(key), await run.jobs("gone")) == ("TERMINATED", ())


async def test_nobody_is_asked_about_a_task_that_is_gone(run: Running) -> None:
    for end in (CancelTask, DeleteTask):
        await run.run(row(element("userTask", "work", listeners("task", ("completing", "check")))))
        key = (await run.tasks())["work"]
        await run.do(CompleteTask(key))
        await run.do(end(key))
        assert await run.jobs("check") == ()


async def test_elements_and_the_process_wait_for_their_listeners(run: Running) -> None:
    task = element("userTask", "work", listeners("execution", ("start", "before"), ("end", "behind")))
    process = await run.deploy("p", row(task), listeners("execution", ("start", "open"), ("end", "close")))
    key = await run.start(process)
    assert await run.elements(key) == {"p": "ACTIVE"}
    await run.do(CompleteJob((await run.job("open")).key, {"opened": True}))
    assert await run.tasks() == {}
    await run.do(CompleteJob((await run.job("before")).key, {"local": 1}))
    await run.do(CompleteTask((await run.tasks())["work"]))
    assert (await run.elements(key))["work"] == "ACTIVE"
    await run.do(CompleteJob((await run.job("behind")).key, {"outer": 2}))
    assert ((await run.elements(key))["work"], await run.state(key)) == ("COMPLETED", "ACTIVE")
    await run.do(CompleteJob((await run.job("close")).key))
    assert (await run.state(key), await run.variables(key)) == ("COMPLETED", {"opened": True, "outer": 2})


async def test_a_job_is_one_workers_until_its_time_is_up(run: Running) -> None:
    for _ in range(3):
        await run.run(row(element("userTask", "work", listeners("task", ("creating", "new")))))
    many = await asyncio.gather(*(run.do(ActivateJobs("new", f"w{n}", 60_000, 1)) for n in range(5)))
    taken = [job.key for jobs in many for job in jobs]
    assert len(taken) == len(set(taken)) == 3
    await run.do(UpdateJob(taken[0], timeout=0))
    (again,) = await run.jobs("new")
    assert again.key == taken[0]
    await run.do(FailJob(taken[0], retries=1, error="oops"))
    assert (await run.job("new")).error == "oops"
    await run.do(FailJob(taken[0], retries=0))
    assert await run.jobs("new") == ()
    await run.do(UpdateJob(taken[0], retries=2))
    await run.do(CompleteJob((await run.job("new")).key))
    with pytest.raises(NotFound):
        await run.do(CompleteJob(taken[0]))
