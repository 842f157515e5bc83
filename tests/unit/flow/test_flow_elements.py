"""Script tasks, mappings, call activities, timers and listeners, on both databases."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from adapters.common.bpmn import NotDeployable, graphs
from core.clock import MINUTE
from core.engine import Engine
from core.instance.commands import CancelInstance, SetVariables, StartInstance
from core.instance.queries import InstanceByKey, SearchElements, SearchInstances, Variables
from core.job.commands import ActivateJobs, CompleteJob, FailJob, FireTimer, UpdateJob
from core.job.queries import NextTimers, PendingOf
from core.principal import Principal, system
from core.process.commands import DeployProcess
from core.rejections import Conflict, ExecutionFailed, Invalid, NotFound
from core.search.query import Sort, Where
from core.tables.job import Job
from core.task.commands import CancelTask, CompleteTask, DeleteTask, UpdateTask
from core.task.queries import SearchTasks, TaskByKey
from tests.support.bpmn import document, element, flow, listeners, mapping, row, timer
from tests.support.clock import MovableClock


class Running:
    """An engine with somebody at work."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.who: Principal = system(engine.default_tenant)

    async def deploy(self, id: str, content: str, extensions: str = "") -> int:
        (graph,) = graphs(document(id, content, extensions).encode())
        return (await self.engine.execute(DeployProcess(graph), self.who)).process_key

    async def start(self, process_key: int, **variables: Any) -> int:
        return (await self.engine.execute(StartInstance(process_key, variables=variables), self.who)).key

    async def run(self, content: str, **variables: Any) -> int:
        return await self.start(await self.deploy("p", content), **variables)

    async def do(self, command: Any) -> Any:
        return await self.engine.execute(command, self.who)

    async def tasks(self, key: int = 0) -> dict[str, int]:
        """Open tasks by their elements."""
        where = (Where("state", "notin", ["COMPLETED", "CANCELED"]),)
        found = await self.engine.ask(SearchTasks(where, (Sort("key"),)), self.who)
        return {v.task.element_id: v.task.key for v in found.items if key in (0, v.task.instance_key)}

    async def task(self, key: int) -> Any:
        return (await self.engine.ask(TaskByKey(key), self.who)).task

    async def variables(self, key: int) -> dict[str, Any]:
        return dict(await self.engine.ask(Variables(key), self.who))

    async def state(self, key: int) -> str:
        return (await self.engine.ask(InstanceByKey(key), self.who)).instance.state

    async def elements(self, key: int) -> dict[str, str]:
        found = await self.engine.ask(SearchElements((Where("instance_key", "eq", key),), (Sort("key"),)), self.who)
        return {view.element.element_id: view.element.state for view in found.items}

    async def called(self, key: int) -> int:
        found = await self.engine.ask(SearchInstances((Where("parent_key", "eq", key),)), self.who)
        (view,) = found.items
        return view.instance.key

    async def jobs(self, type: str) -> tuple[Job, ...]:
        found: tuple[Job, ...] = await self.do(ActivateJobs(type, "worker", 60_000, 10))
        return found

    async def job(self, type: str) -> Job:
        (found,) = await self.jobs(type)
        return found

    async def until(self, holds: Callable[[], Any]) -> None:
        """Wait for something that is to happen in its time."""
        while not await holds():  # noqa: ASYNC110  other connections may do it
            await asyncio.sleep(0.05)


@pytest.fixture
def run(engine: Engine) -> Running:
    return Running(engine)


SCRIPT = '<zeebe:script expression="=price * count" resultVariable="total"/>'
USER = element("userTask", "work")


# Script tasks and mappings


async def test_a_script_task_computes_a_variable(run: Running) -> None:
    key = await run.run(
        row(element("scriptTask", "sum", SCRIPT), element("manualTask", "m"), element("task", "t")), price=2, count=3
    )
    assert await run.state(key) == "COMPLETED"
    assert (await run.variables(key))["total"] == 6
    assert await run.elements(key) == dict.fromkeys(("p", "start", "sum", "m", "t", "end"), "COMPLETED")


async def test_mappings_make_variables_inside_and_let_out_what_they_name(run: Running) -> None:
    mapped = mapping(
        ("=order.price", "price"),
        ("= 3", "count"),
        ("fixed", "a.b"),
        outputs=(("=total + 1", "result.sum"), ("=a.b", "text")),
    )
    key = await run.run(row(element("scriptTask", "sum", SCRIPT + mapped)), order={"price": 5}, result={"kept": True})
    assert await run.variables(key) == {"order": {"price": 5}, "result": {"kept": True, "sum": 16}, "text": "fixed"}


async def test_what_a_user_sends_goes_through_the_outputs(run: Running) -> None:
    task = element(
        "userTask", "work", mapping(("=who", "name"), outputs=(("=approved and name = &quot;ann&quot;", "good"),))
    )
    key = await run.run(row(task), who="ann")
    await run.do(CompleteTask((await run.tasks())["work"], {"approved": True, "secret": 1}))
    assert await run.variables(key) == {"who": "ann", "good": True}


async def test_attributes_see_the_inputs_of_their_element(run: Running) -> None:
    assigned = '<zeebe:assignmentDefinition assignee="=boss" candidateGroups="=[team, &quot;all&quot;]"/>'
    schedule = '<zeebe:taskSchedule dueDate="=now() + duration(&quot;P1D&quot;)"/>'
    await run.run(
        row(element("userTask", "work", mapping(("=name", "boss")) + assigned + schedule)), name="ann", team="x"
    )
    task = await run.task((await run.tasks())["work"])
    assert (task.assignee, task.candidate_groups) == ("ann", ("x", "all"))
    assert abs(task.due_at - task.created_at - 86_400_000) < 2


async def test_a_value_that_cannot_be_computed_leaves_no_trace(run: Running) -> None:
    process = await run.deploy("p", row(element("userTask", "work", '<zeebe:assignmentDefinition assignee="=who"/>')))
    with pytest.raises(ExecutionFailed) as failed:
        await run.start(process, who=7)
    assert failed.value.element_id == "work"
    assert (await run.engine.ask(SearchInstances(()), run.who)).total == 0


# Call activities


def call(id: str, process: str, extensions: str = "", **attributes: str) -> str:
    shown = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return element("callActivity", id, f'<zeebe:calledElement processId="{process}"{shown}/>{extensions}')


async def test_a_called_process_works_on_the_variables_of_its_caller(run: Running) -> None:
    await run.deploy("inner", row(USER))
    key = await run.run(row(call("c", "inner"), element("userTask", "then")), a=1)
    inner = await run.called(key)
    view = (await run.engine.ask(InstanceByKey(inner), run.who)).instance
    assert (view.parent_key, view.root_key, await run.variables(inner)) == (key, key, {"a": 1})
    assert (await run.task((await run.tasks())["work"])).root_key == key
    await run.do(CompleteTask((await run.tasks(inner))["work"], {"b": 2}))
    assert (await run.state(inner), list(await run.tasks(key))) == ("COMPLETED", ["then"])
    assert await run.variables(key) == {"a": 1, "b": 2}
    await run.do(CompleteTask((await run.tasks(key))["then"]))
    assert await run.state(key) == "COMPLETED"


async def test_a_call_can_be_limited_to_what_is_mapped(run: Running) -> None:
    await run.deploy("inner", row(element("scriptTask", "sum", SCRIPT)))
    io = mapping(("=p", "price"), ("=2", "count"), outputs=(("=total", "sum"),))
    closed = call("c", "inner", io, propagateAllParentVariables="false", propagateAllChildVariables="false")
    key = await run.run(row(closed), p=4, other=1)
    assert await run.variables(key) == {"p": 4, "other": 1, "sum": 8}
    assert await run.variables(await run.called(key)) == {"price": 4, "count": 2, "total": 8}


async def test_calls_go_deep_but_not_for_ever(run: Running) -> None:
    await run.deploy("c3", row(USER))
    await run.deploy("c2", row(call("c", "c3")))
    key = await run.run(row(call("c", "c2")))
    middle = await run.called(key)
    await run.do(CompleteTask((await run.tasks())["work"], {"x": 1}))
    assert [await run.state(k) for k in (key, middle)] == ["COMPLETED", "COMPLETED"]
    assert await run.variables(key) == {"x": 1}
    endless = await run.deploy("endless", row(call("c", "endless")))
    with pytest.raises(ExecutionFailed, match="deep"):
        await run.start(endless)
    nobody = await run.deploy("nobody", row(call("c", "not there")))
    with pytest.raises(ExecutionFailed, match="no process 'not there'"):
        await run.start(nobody)


async def test_who_is_cancelled_takes_along_whom_he_called(run: Running) -> None:
    await run.deploy("inner", row(USER))
    key = await run.run(row(call("c", "inner")))
    inner = await run.called(key)
    with pytest.raises(Conflict) as refused:
        await run.do(CancelInstance(inner))
    assert (refused.value.reason, refused.value.id) == ("called", str(key))
    await run.do(CancelInstance(key))
    assert [await run.state(k) for k in (key, inner)] == ["TERMINATED", "TERMINATED"]
    assert await run.tasks() == {}
    assert (await run.elements(inner))["work"] == "TERMINATED"


# Timers


def boundary(id: str, host: str, definition: str, *, interrupting: bool = True) -> str:
    return element("boundaryEvent", id, "", definition, attachedToRef=host, cancelActivity=str(interrupting).lower())


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


# Listeners


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
        return found.task.state, dict(found.changes), found.action, found.denied

    assert await pending() == ("CREATING", {"assignee": "ann"}, None, None)
    await run.do(CompleteJob((await run.job("new")).key))
    assert await pending() == ("CREATED", {}, None, None)
    await run.do(UpdateTask(task_key, priority=3, candidate_users=("bob",), action="escalate"))
    await run.do(CompleteJob((await run.job("one")).key, corrections={"priority": 4}))
    changes = {"priority": 4, "candidate_users": ["bob"]}
    assert await pending() == ("UPDATING", changes, "escalate", None)
    await run.do(CompleteJob((await run.job("two")).key, denied=True, reason="not now"))
    assert await pending() == ("CREATED", {}, None, "not now")
    with pytest.raises(NotFound):
        await run.engine.ask(PendingOf(1), run.who)


async def test_a_cancelled_task_waits_for_who_listens_to_that(run: Running) -> None:
    key = await run.run(row(element("userTask", "work", listeners("task", ("creating", "new"), ("canceling", "gone")))))
    task_key = (await run.tasks())["work"]
    await run.do(CancelInstance(key))
    assert (await run.task(task_key)).state == "CANCELING"
    assert await run.jobs("new") == ()
    job = await run.job("gone")
    with pytest.raises(Invalid):
        await run.do(CompleteJob(job.key, denied=True))
    await run.do(CompleteJob(job.key))
    assert ((await run.task(task_key)).state, await run.state(key)) == ("CANCELED", "TERMINATED")


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


# Where to start and to end


async def test_several_places_to_start_and_one_to_end(run: Running) -> None:
    process = await run.deploy(
        "p", row(element("userTask", "one"), element("userTask", "two"), element("userTask", "three"))
    )
    started = await run.do(StartInstance(process, element_ids=("one", "two"), end_after=("two",)))
    assert set(await run.tasks()) == {"one", "two"}
    await run.do(CompleteTask((await run.tasks())["two"]))
    assert (await run.state(started.key), await run.tasks()) == ("TERMINATED", {})


# What is refused


@pytest.mark.parametrize(
    ("content", "element_id", "why"),
    [
        (row(element("serviceTask", "x")), "x", "type 'serviceTask'"),
        (row(element("scriptTask", "x")), "x", None),
        (
            row(element("scriptTask", "x", '<zeebe:script expression="=1 +" resultVariable="r"/>')),
            "x",
            "Expression not",
        ),
        (row(element("scriptTask", "x", '<zeebe:script expression="=1"/>')), "x", "resultVariable"),
        (row(element("callActivity", "x")), "x", "processId"),
        (row(call("x", "=dynamic")), "x", "An expression for the id"),
        (row(element("intermediateCatchEvent", "x")), "x", "timer event definition"),
        (
            row(element("intermediateCatchEvent", "x", "", timer("timeDuration", "soon"))),
            "x",
            "Time duration is invalid",
        ),
        (row(element("intermediateCatchEvent", "x", "", timer("timeCycle", "R/PT1H"))), "x", "cycle"),
        (row(element("intermediateCatchEvent", "x", "", "<bpmn:messageEventDefinition/>")), "x", "not supported here"),
        (row(USER, more=boundary("x", "nobody", timer("timeDuration", "PT1H"))), "x", "attached to an activity"),
        (
            row(USER, more=boundary("x", "work", timer("timeCycle", "R/PT0S"), interrupting=False)),
            "x",
            "cycle is invalid",
        ),
        (row(element("userTask", "x", mapping(("=1", "a b")))), "x", "path expression 'a b'"),
        (row(element("userTask", "x", mapping(("=)", "a")))), "x", "Expression not supported"),
        (row(element("userTask", "x", listeners("task", ("dancing", "t")))), "x", "Event type 'dancing'"),
        (row(element("exclusiveGateway", "x", mapping(("=1", "a")))), "x", "zeebe:input"),
        (row(element("userTask", "x", "<zeebe:taskDefinition type='x'/>")), "x", "zeebe:taskDefinition"),
        (row(element("userTask", "x", "", "<bpmn:multiInstanceLoopCharacteristics/>")), "x", "multiInstance"),
    ],
)
def test_what_is_not_supported_is_named(content: str, element_id: str, why: str | None) -> None:
    with pytest.raises(NotDeployable) as refused:
        graphs(document("p", content).encode())
    texts = [problem.text for problem in refused.value.problems if problem.element_id == element_id]
    assert any((why or "") in text for text in texts), refused.value.problems
