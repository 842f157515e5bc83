"""Holdings where the flow is not a row, and tasks that are deleted there, on both databases."""

import pytest

from core.graph.elements import Element, ElementKind, Flow, Participants, TaskTemplate
from core.graph.graph import Graph
from core.job.commands import CompleteJob, FireTimer
from core.job.queries import NextTimers
from core.people.commands import CloseUser, CreateUser, RenameUser
from core.people.queries import ListUsers
from core.process.commands import DeployProcess
from core.rejections import Forbidden, NotFound, WrongState
from core.search.query import Sort, Where
from core.task.commands import (
    AssignTask,
    CompleteTask,
    CreateTask,
    DeleteTask,
    PauseTask,
    PlanTask,
    ReassignTask,
    TransferTasks,
)
from core.task.fields import TaskColumn, TaskWhere
from core.task.queries import HoldingsOf, SearchNumbered, TaskByHolding
from core.turn.command import Transferred
from tests.support.bpmn import element, flow, listeners, row, timer
from tests.support.running import Running

USER = element("userTask", "work")


async def hands(run: Running, key: int) -> list[tuple[str, int, int, int, str | None]]:
    """(element, ordinal, thread, previous, holder)"""
    held = (await run.engine.ask(HoldingsOf((key,)), run.who))[key]
    return [
        (h.task.element_id, h.holding.ordinal, h.holding.thread, h.holding.previous, h.holding.holder) for h in held
    ]


SPLIT = (
    '<bpmn:startEvent id="start"/><bpmn:parallelGateway id="split"/>'
    + "".join(element("userTask", id) for id in ("one", "two", "three", "four"))
    + '<bpmn:endEvent id="end"/>'
    + flow("start", "split")
    + "".join(flow("split", id) for id in ("one", "two", "three"))
    + flow("one", "four")
    + "".join(flow(id, "end") for id in ("two", "three", "four"))
)
AT_BOUNDARY = (
    '<bpmn:boundaryEvent id="late" attachedToRef="{host}" cancelActivity="{cancel}">'
    + timer("timeDuration", "PT0S")
    + "</bpmn:boundaryEvent>"
    + element("userTask", "remind")
    + flow("late", "remind")
    + flow("remind", "end")
)


# Threads


async def test_threads_begin_where_several_tasks_do_and_go_on_with_each(run: Running) -> None:
    key = await run.run(SPLIT)
    tasks = await run.tasks(key)
    await run.do(AssignTask(tasks["one"], "ann"))
    await run.do(AssignTask(tasks["one"], "bob"))
    await run.do(CompleteTask(tasks["two"]))
    await run.do(CompleteTask(tasks["one"]))
    assert await hands(run, key) == [
        ("one", 1, 1, 0, "ann"),
        ("two", 2, 2, 0, None),
        ("three", 3, 3, 0, None),
        ("one", 4, 1, 1, "bob"),
        ("four", 5, 1, 4, None),
    ], "behind its own task, not behind the one that ended last"


async def test_where_several_tasks_follow_one_each_begins_a_thread(run: Running) -> None:
    forks = '<bpmn:parallelGateway id="split"/>' + flow("ask", "split") + flow("split", "a") + flow("split", "b")
    both = element("userTask", "a") + element("userTask", "b") + flow("a", "end") + flow("b", "end")
    ask = (
        '<bpmn:startEvent id="start"/>'
        + element("userTask", "ask")
        + '<bpmn:endEvent id="end"/>'
        + flow("start", "ask")
    )
    key = await run.run(ask + forks + both)
    await run.do(CompleteTask((await run.tasks(key))["ask"]))
    assert await hands(run, key) == [("ask", 1, 1, 0, None), ("a", 2, 2, 1, None), ("b", 3, 3, 1, None)]


async def test_what_a_job_lets_go_on_comes_behind_the_task_before(run: Running) -> None:
    work = element("userTask", "two", listeners("execution", ("start", "before")))
    key = await run.run(row(element("userTask", "one"), work))
    await run.do(CompleteTask((await run.tasks(key))["one"]))
    await run.do(CompleteJob((await run.job("before")).key))
    assert await hands(run, key) == [("one", 1, 1, 0, None), ("two", 2, 1, 1, None)]


async def _fire(run: Running) -> None:
    for timer_ in await run.engine.ask(NextTimers(2**62), run.who):
        await run.do(FireTimer(timer_.key))


@pytest.mark.parametrize(
    ("cancel", "expected"),
    [("true", ("remind", 3, 1, 2, None)), ("false", ("remind", 3, 2, 1, None))],
    ids=["in its place", "besides"],
)
async def test_what_a_timer_begins(run: Running, cancel: str, expected: tuple[object, ...]) -> None:
    """In place of the task it goes on with its thread, and besides it begins one."""
    more = AT_BOUNDARY.format(host="two", cancel=cancel)
    key = await run.run(row(element("userTask", "one"), element("userTask", "two"), more=more))
    await run.do(CompleteTask((await run.tasks(key))["one"]))
    await run.until(lambda: _there(run, key, "remind"))
    assert (await hands(run, key))[-1] == expected


async def _there(run: Running, key: int, element_id: str) -> bool:
    return element_id in await run.tasks(key)


async def test_a_called_instance_has_holdings_of_its_own(run: Running) -> None:
    await run.deploy("inner", row(element("userTask", "inside")))
    call = element("callActivity", "call", '<zeebe:calledElement processId="inner"/>')
    key = await run.run(row(element("userTask", "one"), call, element("userTask", "two")))
    await run.do(CompleteTask((await run.tasks(key))["one"]))
    inner = await run.called(key)
    assert await hands(run, inner) == [("inside", 1, 1, 0, None)]
    await run.do(CompleteTask((await run.tasks(inner))["inside"]))
    assert await hands(run, key) == [("one", 1, 1, 0, None), ("two", 2, 1, 1, None)]


async def test_a_listener_fills_the_holding_that_is_open(run: Running) -> None:
    key = await run.run(row(element("userTask", "work", listeners("task", ("creating", "new")))))
    assert await hands(run, key) == [("work", 1, 1, 0, None)]
    await run.do(CompleteJob((await run.job("new")).key, corrections={"assignee": "bob"}))
    assert await hands(run, key) == [("work", 1, 1, 0, "bob")]


# Hand-overs


async def test_a_pause_ends_with_the_holding_that_it_belongs_to(run: Running) -> None:
    for name in ("ann", "bob"):
        await run.do(CreateUser(name))
    one, two = [(await run.do(CreateTask("t", assignee="ann"))).tasks[0].key for _ in range(2)]
    for key in (one, two):
        await run.do(PauseTask(key))
    await run.do(AssignTask(one, "bob"))
    await run.do(TransferTasks("ann", "bob"))
    assert [(await run.task(key)).paused_at for key in (one, two)] == [None, None]


async def test_no_ordinal_is_taken_twice_after_a_transfer(run: Running) -> None:
    """Whether another task was open beside or not, and whatever begins the next holding."""
    for name in ("ann", "bob"):
        await run.do(CreateUser(name))
    key = await run.run(SPLIT)
    tasks = await run.tasks(key)
    for id in ("one", "two"):
        await run.do(AssignTask(tasks[id], "ann"))
    await run.do(TransferTasks("ann", "bob"))
    for id in ("two", "three"):
        await run.do(CompleteTask(tasks[id]))
    await run.do(TransferTasks("bob", "ann"))
    await run.do(TransferTasks("ann", "bob"))
    await run.do(AssignTask(tasks["one"], "ann"))
    await run.do(TransferTasks("ann", "bob"))
    await run.do(CompleteTask(tasks["one"]))
    assert [hand[:2] for hand in await hands(run, key)] == [
        *(("one", 1), ("two", 2), ("three", 3), ("one", 4), ("two", 5)),
        *(("one", 6), ("one", 7), ("one", 8), ("one", 9), ("four", 10)),
    ]


async def test_what_is_planned_moves_without_a_holding(run: Running) -> None:
    for name in ("ann", "bob"):
        await run.do(CreateUser(name))
    (ann,) = (u for u in await run.engine.ask(ListUsers(), run.who) if u.username == "ann")
    work = TaskTemplate(participants=Participants((ann.key,)))
    graph = Graph(
        "ahead",
        "Ahead",
        (
            Element("start", ElementKind.START_EVENT),
            *(Element(id, ElementKind.USER_TASK, id, task=work) for id in ("one", "two")),
            Element("end", ElementKind.END_EVENT),
        ),
        (Flow("f1", "start", "one"), Flow("f2", "one", "two"), Flow("f3", "two", "end")),
    )
    process = (await run.do(DeployProcess(graph))).process_key
    key = await run.start(process)
    assert await run.do(TransferTasks("ann", "bob")) == Transferred(2, 0)
    assert await hands(run, key) == [("one", 1, 1, 0, "ann"), ("one", 2, 1, 1, "bob")]
    (one,) = (await run.tasks(key)).values()
    await run.do(PlanTask(one, planned=True))
    assert await run.do(TransferTasks("bob", "ann")) == Transferred(2, 0)
    assert await run.do(TransferTasks("ann", "bob")) == Transferred(2, 0)
    await run.do(PlanTask(one))
    await run.do(CompleteTask(one))
    assert await hands(run, key) == [
        ("one", 1, 1, 0, "ann"),
        ("one", 2, 1, 1, "bob"),
        ("one", 3, 2, 0, "bob"),
        ("two", 4, 2, 3, "bob"),
    ]


async def test_who_has_it_no_more_does_not_pass_it_on(run: Running) -> None:
    key = (await run.do(CreateTask("t", assignee="ann"))).tasks[0].key
    await run.do(AssignTask(key, "bob", holder="ann"))
    with pytest.raises(Forbidden):
        await run.do(AssignTask(key, "cec", holder="ann"))
    with pytest.raises(NotFound, match="user"):
        await run.do(ReassignTask(key, "nobody"))
    await run.do(CompleteTask(key))
    with pytest.raises(WrongState):
        await run.do(ReassignTask(key, "nobody"))


async def test_renamed_and_closed_users_held_what_they_held(run: Running) -> None:
    for name in ("ann", "bob"):
        await run.do(CreateUser(name))
    made = await run.do(CreateTask("t", assignee="ann"))
    await run.do(ReassignTask(made.tasks[0].key, "bob"))
    await run.do(RenameUser("ann", "anna"))
    assert [hand[-1] for hand in await hands(run, made.key)] == ["anna", "bob"]
    await run.do(CloseUser("anna"))
    (gone, _) = [hand[-1] for hand in await hands(run, made.key)]
    assert gone not in ("ann", "anna", None)


async def test_a_task_is_found_by_all_of_its_numbers(run: Running) -> None:
    for name in ("ann", "bob"):
        await run.do(CreateUser(name))
    made = (await run.do(CreateTask("t", assignee="ann", due_at=5))).tasks[0]
    numbers = [made.number]
    for name, due in (("bob", 7), ("ann", 6), ("ann", None)):
        numbers.append((await run.do(ReassignTask(made.key, name, due))).number)

    async def found(*where: TaskWhere, passed: bool = False, sort: TaskColumn = "key") -> list[int]:
        page = await run.engine.ask(SearchNumbered(where, (Sort(sort),), passed=passed), run.who)
        return [item.task.holding_number or item.task.number for item in page.items]

    assert await found() == [*numbers[:3], numbers[3]]
    assert await found(passed=True, sort="due_at") == [numbers[0], numbers[2], numbers[1]]
    assert await found(Where("assignee", "eq", "ann")) == [numbers[0], numbers[2], numbers[3]]
    assert await found(Where("state", "eq", "CANCELED")) == numbers[:3]
    assert await found(Where("number", "eq", numbers[1])) == [numbers[1]]
    await run.do(DeleteTask(made.key))
    assert await found() == numbers[:3]
    with pytest.raises(NotFound):
        await run.engine.ask(TaskByHolding(numbers[3]), run.who)


# Deletions


async def test_a_deleted_task_takes_its_sub_process_with_it(run: Running) -> None:
    inside = element("startEvent", "in") + USER + element("endEvent", "out") + flow("in", "work") + flow("work", "out")
    key = await run.run(row(element("subProcess", "sub", more=inside), element("userTask", "behind")))
    await run.do(DeleteTask((await run.tasks(key))["work"]))
    assert await run.elements(key) == {
        "p": "TERMINATED", "start": "COMPLETED", "sub": "TERMINATED", "in": "COMPLETED", "work": "TERMINATED"
    }  # fmt: skip
    assert (await run.tasks(key), await run.state(key)) == ({}, "TERMINATED")


async def test_what_is_beside_a_deleted_task_goes_on(run: Running) -> None:
    key = await run.run(SPLIT)
    tasks = await run.tasks(key)
    await run.do(DeleteTask(tasks["one"]))
    assert set(await run.tasks(key)) == {"two", "three"}
    await run.do(CompleteTask(tasks["two"]))
    await run.do(DeleteTask(tasks["three"]))
    assert await run.state(key) == "TERMINATED", "the last token was taken, not used up"
    key = await run.run(SPLIT)
    tasks = await run.tasks(key)
    await run.do(DeleteTask(tasks["one"]))
    await run.do(CompleteTask(tasks["three"]))
    await run.do(CompleteTask(tasks["two"]))
    assert await run.state(key) == "COMPLETED", "what was left came to its end"


async def test_a_deleted_task_takes_its_timers_with_it(run: Running) -> None:
    late = AT_BOUNDARY.format(host="work", cancel="true").replace("PT0S", "PT1H")
    key = await run.run(row(USER, more=late))
    assert len(await run.engine.ask(NextTimers(2**62), run.who)) == 1
    await run.do(DeleteTask((await run.tasks(key))["work"]))
    assert await run.engine.ask(NextTimers(2**62), run.who) == ()
    assert await run.state(key) == "TERMINATED"


async def test_a_call_is_terminated_with_the_instance_that_it_is(run: Running) -> None:
    """Beside other tokens of the caller, which go on."""
    await run.deploy("inner", row(element("userTask", "inside")))
    await run.deploy("middle", row(element("callActivity", "deeper", '<zeebe:calledElement processId="inner"/>')))
    content = SPLIT.replace(
        element("userTask", "one"), element("callActivity", "one", '<zeebe:calledElement processId="middle"/>')
    )
    key = await run.run(content)
    middle = await run.called(key)
    inner = await run.called(middle)
    await run.do(DeleteTask((await run.tasks(inner))["inside"]))
    assert [await run.state(k) for k in (inner, middle, key)] == ["TERMINATED", "TERMINATED", "ACTIVE"]
    assert (await run.elements(key))["one"] == "TERMINATED"
    tasks = await run.tasks(key)
    assert set(tasks) == {"two", "three"}
    for task in tasks.values():
        await run.do(DeleteTask(task))
    assert await run.state(key) == "TERMINATED"


async def test_a_task_that_a_listener_holds_is_deleted(run: Running) -> None:
    key = await run.run(
        row(element("userTask", "work", listeners("task", ("completing", "check"), ("canceling", "gone"))))
    )
    task = (await run.tasks(key))["work"]
    await run.do(CompleteTask(task))
    await run.do(DeleteTask(task))
    assert ((await run.task(task)).state, await run.state(key)) == ("CANCELED", "TERMINATED")
    assert (await run.jobs("check"), await run.jobs("gone")) == ((), ()), "nobody is asked"
