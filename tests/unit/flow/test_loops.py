"""Multi-instance: activities that are done once for each item of a list."""

from typing import Any

import pytest

from core.instance.queries import SearchElements, Variables
from core.job.commands import CompleteJob
from core.job.queries import NextTimers
from core.rejections import ExecutionFailed
from core.search.query import Sort, Where
from core.task.commands import CompleteTask
from core.task.queries import SearchTasks
from tests.support.bpmn import boundary, call, element, flow, loop, mapping, row, sub, timer, within
from tests.support.running import Running

BOTH = pytest.mark.parametrize("sequential", [False, True], ids=["parallel", "sequential"])
ASSIGNED = '<zeebe:assignmentDefinition assignee="=who"/>'
TYPED = '<zeebe:taskDefinition type="pay"/>'


def users(**more: Any) -> str:
    """A user task for each of `people`."""
    return element("userTask", "each", ASSIGNED, loop("=people", inputElement="who", **more))


async def listed(run: Running) -> list[Any]:
    """The open tasks, the oldest first."""
    wanted = SearchTasks((Where("state", "eq", "CREATED"),), (Sort("key"),))
    return [view.task for view in (await run.engine.ask(wanted, run.who)).items]


async def rows(run: Running, key: int, id: str) -> list[Any]:
    found = await run.engine.ask(SearchElements((Where("instance_key", "eq", key),), (Sort("key"),)), run.who)
    return [view.element for view in found.items if view.element.element_id == id]


async def test_in_parallel_everybody_has_a_task_at_once(run: Running) -> None:
    key = await run.run(row(users(), element("userTask", "behind")), people=["ann", "bob", "cec"])
    tasks = await listed(run)
    assert [task.assignee for task in tasks] == ["ann", "bob", "cec"]
    body, *times = await rows(run, key, "each")
    assert (body.kind, body.state) == ("MULTI_INSTANCE_BODY", "ACTIVE")
    assert [(each.kind, each.scope_key, each.place) for each in times] == [
        ("USER_TASK", body.key, n) for n in (1, 2, 3)
    ]
    for task in reversed(tasks):
        assert "behind" not in await run.tasks()
        await run.do(CompleteTask(task.key))
    assert list(await run.tasks()) == ["behind"]
    assert {each.state for each in await rows(run, key, "each")} == {"COMPLETED"}
    await run.do(CompleteTask((await run.tasks())["behind"]))
    assert await run.state(key) == "COMPLETED"


async def test_one_after_the_other(run: Running) -> None:
    key = await run.run(row(users(sequential=True)), people=["ann", "bob", "cec"])
    for name in ("ann", "bob", "cec"):
        (task,) = await listed(run)
        assert task.assignee == name
        await run.do(CompleteTask(task.key, {"people": []}))  # whom it is for was settled as it began
    assert await run.state(key) == "COMPLETED"


@BOTH
async def test_for_nobody_nothing_is_done(run: Running, sequential: bool) -> None:
    each = users(sequential=sequential, outputCollection="results", outputElement="=who")
    key = await run.run(row(each), people=[])
    assert (await run.state(key), (await run.variables(key))["results"]) == ("COMPLETED", [])
    (body,) = await rows(run, key, "each")
    assert (body.kind, body.state) == ("MULTI_INSTANCE_BODY", "COMPLETED")


@pytest.mark.parametrize("people", [None, "ann", 3, {"ann": 1}], ids=str)
async def test_it_is_for_a_list(run: Running, people: Any) -> None:
    with pytest.raises(ExecutionFailed):
        await run.run(row(users()), people=people)


@BOTH
async def test_results_are_collected_in_the_order_of_the_items(run: Running, sequential: bool) -> None:
    more = loop("=items", sequential=sequential, inputElement="n", outputCollection="squares", outputElement="=square")
    key = await run.run(row(element("serviceTask", "each", TYPED, more)), items=[3, 1, 2])
    jobs = [] if sequential else list(await run.jobs("pay"))
    for _ in range(3):
        job = jobs.pop() if jobs else await run.job("pay")
        seen = await run.engine.ask(Variables(key, job.element_instance_key), run.who)
        assert seen["loopCounter"] == [3, 1, 2].index(seen["n"]) + 1
        assert (seen["square"], "squares" in await run.variables(key)) == (None, False)
        await run.do(CompleteJob(job.key, {"square": seen["n"] ** 2}))
    assert await run.variables(key) == {"items": [3, 1, 2], "squares": [9, 1, 4]}
    assert await run.state(key) == "COMPLETED"


@BOTH
async def test_what_is_done_at_once_is_a_loop_too(run: Running, sequential: bool) -> None:
    script = '<zeebe:script expression="=n * loopCounter" resultVariable="product"/>'
    more = loop("=items", sequential=sequential, inputElement="n", outputCollection="all", outputElement="=product")
    key = await run.run(row(element("scriptTask", "each", script, more)), items=[5, 6, 7])
    assert (await run.state(key), (await run.variables(key))["all"]) == ("COMPLETED", [5, 12, 21])


async def test_what_comes_to_nothing_is_null(run: Running) -> None:
    more = loop("=items", outputCollection="all", outputElement="=nothing.of.that")
    key = await run.run(row(element("task", "each", "", more)), items=[5, 6])
    assert await run.variables(key) == {"items": [5, 6], "all": [None, None]}


async def test_mappings_are_those_of_each_time(run: Running) -> None:
    mapped = mapping(("=n.price * 2", "doubled"), outputs=(("=doubled + loopCounter", "result"),))
    more = loop("=items", inputElement="n", outputCollection="all", outputElement="=result")
    key = await run.run(row(element("task", "each", mapped, more)), items=[{"price": 10}, {"price": 20}])
    assert await run.variables(key) == {"items": [{"price": 10}, {"price": 20}], "all": [21, 42]}


@pytest.mark.parametrize(
    "condition",
    ["=numberOfCompletedInstances = 2", "=numberOfActiveInstances = 1", "=approved", "=count(all[item != null]) = 2"],
    ids=["completed", "active", "variable", "collected"],
)
async def test_it_is_over_as_soon_as_the_condition_holds(run: Running, condition: str) -> None:
    collected = {"outputCollection": "all", "outputElement": "=approved"}
    each = users(condition=condition, **collected)
    key = await run.run(row(each, element("userTask", "behind")), people=["ann", "bob", "cec"])
    for task, approved in zip((await listed(run))[:2], (False, True), strict=True):
        assert "behind" not in await run.tasks()
        await run.do(CompleteTask(task.key, {"approved": approved}))
    assert list(await run.tasks()) == ["behind"]
    assert [each.state for each in await rows(run, key, "each")] == [
        "COMPLETED",
        "COMPLETED",
        "COMPLETED",
        "TERMINATED",
    ]
    assert (await run.variables(key))["all"] == [False, True, None]
    await run.do(CompleteTask((await run.tasks())["behind"]))
    assert await run.state(key) == "COMPLETED"


async def test_numbers_of_times_one_after_the_other(run: Running) -> None:
    numbers = ("Instances", "ActiveInstances", "CompletedInstances", "TerminatedInstances")
    condition = "=" + " and ".join(f"numberOf{name} = {n}" for name, n in zip(numbers, (3, 0, 2, 0), strict=True))
    key = await run.run(row(users(sequential=True, condition=condition)), people=["ann", "bob", "cec"])
    for _ in range(2):
        await run.do(CompleteTask((await listed(run))[0].key))
    assert await run.state(key) == "COMPLETED"


async def test_what_would_be_done_at_once_is_not_done_any_more(run: Running) -> None:
    script = '<zeebe:script expression="=done + 1" resultVariable="done"/>'
    more = loop("=items", condition="=done = 2")
    key = await run.run(row(element("scriptTask", "each", script, more), element("userTask", "behind")), items=[1] * 5,
                        done=0)  # fmt: skip
    assert (list(await run.tasks()), (await run.variables(key))["done"]) == (["behind"], 2)
    await run.do(CompleteTask((await run.tasks())["behind"]))
    assert await run.state(key) == "COMPLETED"


@BOTH
async def test_sub_processes_and_calls(run: Running, sequential: bool) -> None:
    """Sub-processes that each call a process for each of several items."""
    await run.deploy(
        "inner", row(element("userTask", "work", '<zeebe:assignmentDefinition assignee="=who + string(n)"/>'))
    )
    inside = within("in", call("c", "inner").replace("</bpmn:call", loop("=[1, 2]", inputElement="n") + "</bpmn:call"))
    each = sub("each", inside, more=loop("=people", inputElement="who", sequential=sequential))
    key = await run.run(row(each), people=["ann", "bob"])
    seen: list[str] = []
    while tasks := await listed(run):
        assert len(tasks) == (2 - len(seen) % 2 if sequential else 4 - len(seen))
        seen.append(tasks[0].assignee)
        await run.do(CompleteTask(tasks[0].key))
    assert seen == ["ann1", "ann2", "bob1", "bob2"]
    assert await run.state(key) == "COMPLETED"


async def test_events_at_the_boundary_are_of_all_times_together(run: Running) -> None:
    late = boundary("late", "each", timer("timeDuration", "PT0.05S")) + element("endEvent", "e2") + flow("late", "e2")
    each = users(outputCollection="all", outputElement="=who")
    key = await run.run(row(each, more=late), people=["ann", "bob", "cec"])
    assert len(await run.engine.ask(NextTimers(), run.who)) == 1

    async def over() -> bool:
        return await run.state(key) == "COMPLETED"

    await run.until(over)
    assert (await listed(run), await run.variables(key)) == ([], {"people": ["ann", "bob", "cec"]})
    assert {each.state for each in await rows(run, key, "each")} == {"TERMINATED"}


async def test_one_that_is_done_in_time_leaves_no_timer(run: Running) -> None:
    late = boundary("late", "each", timer("timeDuration", "PT1H")) + element("endEvent", "e2") + flow("late", "e2")
    key = await run.run(row(users(), more=late), people=["ann", "bob"])
    for task in await listed(run):
        await run.do(CompleteTask(task.key))
    assert (await run.state(key), await run.engine.ask(NextTimers(), run.who)) == ("COMPLETED", ())


async def test_many_times(run: Running) -> None:
    more = loop("=for n in 1..1000 return n", inputElement="n", outputCollection="all", outputElement="=n")
    key = await run.run(row(element("task", "each", "", more)))
    assert (await run.state(key), sum((await run.variables(key))["all"])) == ("COMPLETED", 500_500)
