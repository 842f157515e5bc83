"""Errors of a process: who throws them, who catches them, and what goes on behind that."""

import pytest

from core.job.commands import CompleteJob, ThrowError
from core.rejections import Invalid, NotFound, Uncaught
from core.task.commands import CompleteTask
from tests.support.bpmn import boundary, call, element, error, flow, listeners, loop, mapping, row, sub, timer, within
from tests.support.running import Running

SERVED = element("serviceTask", "served", '<zeebe:taskDefinition type="pay"/>')
USER = element("userTask", "work")


def failing(id: str, code: str) -> str:
    """start, then an end that throws."""
    return (
        f'<bpmn:startEvent id="{id}-start"/>'
        + element("endEvent", f"{id}-end", "", error(code))
        + flow(f"{id}-start", f"{id}-end")
    )


def caught(host: str, *codes: str) -> str:
    """Boundary events of an activity, each with a user task behind that has the code for a name."""
    events = ""
    for code in codes:
        name = code or "any"
        events += boundary(f"caught-{name}", host, error(code)) + element("userTask", name)
        events += element("endEvent", f"e-{name}") + flow(f"caught-{name}", name) + flow(name, f"e-{name}")
    return events


async def test_a_worker_throws_an_error_that_is_caught_at_the_boundary(run: Running) -> None:
    key = await run.run(row(SERVED, more=caught("served", "broke", "other")))
    job = await run.job("pay")
    await run.do(ThrowError(job.key, "broke", "no money", {"left": 3}))
    tasks = await run.tasks()
    assert (list(tasks), await run.variables(key)) == (["broke"], {"left": 3})
    states = await run.elements(key)
    assert (states["served"], states["caught-broke"]) == ("TERMINATED", "COMPLETED")
    assert "caught-other" not in states
    with pytest.raises(NotFound):
        await run.do(CompleteJob(job.key))
    await run.do(CompleteTask(tasks["broke"]))
    assert await run.state(key) == "COMPLETED"


async def test_outputs_of_the_event_choose_what_is_seen_of_its_variables(run: Running) -> None:
    outputs = mapping(outputs=(("=left + 1", "kept"),))
    more = element("boundaryEvent", "b", outputs, error("broke"), attachedToRef="served")
    more += element("endEvent", "e2") + flow("b", "e2")
    key = await run.run(row(SERVED, more=more))
    await run.do(ThrowError((await run.job("pay")).key, "broke", variables={"left": 3, "other": 1}))
    assert (await run.variables(key), await run.state(key)) == ({"kept": 4}, "COMPLETED")


@pytest.mark.parametrize(("codes", "first"), [(("", "broke"), "broke"), (("", "other"), "any")])
async def test_who_names_the_code_comes_before_who_takes_all(run: Running, codes: tuple[str, ...], first: str) -> None:
    await run.run(row(SERVED, more=caught("served", *codes)))
    await run.do(ThrowError((await run.job("pay")).key, "broke"))
    assert list(await run.tasks()) == [first]


async def test_an_error_goes_outwards_until_somebody_catches_it(run: Running) -> None:
    inner = sub("inner", failing("in", "broke")) + caught("inner", "other")
    outer = sub("outer", row(inner).replace('"start"', '"o-start"').replace('"end"', '"o-end"'))
    outer = outer.replace('sourceRef="start"', 'sourceRef="o-start"').replace('targetRef="end"', 'targetRef="o-end"')
    key = await run.run(row(outer, more=caught("outer", "broke")))
    assert list(await run.tasks()) == ["broke"]
    states = await run.elements(key)
    assert (states["inner"], states["in-end"], states["outer"]) == ("TERMINATED",) * 3


async def test_what_is_beside_in_the_scope_ends(run: Running) -> None:
    fork = element("parallelGateway", "fork") + element("userTask", "beside") + SERVED
    inside = '<bpmn:startEvent id="s0"/>' + fork + flow("s0", "fork") + flow("fork", "beside") + flow("fork", "served")
    key = await run.run(row(sub("sub", inside), more=caught("sub", "broke")))
    beside = (await run.tasks())["beside"]
    await run.do(ThrowError((await run.job("pay")).key, "broke"))
    assert list(await run.tasks()) == ["broke"]
    assert (await run.task(beside)).state == "CANCELED"
    await run.do(CompleteTask((await run.tasks())["broke"]))
    assert await run.state(key) == "COMPLETED"


async def test_an_error_ends_a_called_process_and_is_caught_by_its_caller(run: Running) -> None:
    await run.deploy("innermost", row(SERVED))
    await run.deploy("inner", row(call("c", "innermost")))
    key = await run.run(row(call("c", "inner"), more=caught("c", "broke")))
    inner = await run.called(key)
    innermost = await run.called(inner)
    await run.do(ThrowError((await run.job("pay")).key, "broke", variables={"left": 3}))
    assert (list(await run.tasks()), await run.variables(key)) == (["broke"], {"left": 3})
    assert [await run.state(k) for k in (inner, innermost, key)] == ["TERMINATED", "TERMINATED", "ACTIVE"]
    await run.do(CompleteTask((await run.tasks())["broke"]))
    assert await run.state(key) == "COMPLETED"


@pytest.mark.parametrize("waits", [False, True])
async def test_a_called_process_ends_in_an_error(run: Running, waits: bool) -> None:
    """At once, in the command that called it, or in a later one."""
    before = failing("in", "broke")
    if waits:
        before = before.replace(flow("in-start", "in-end"), USER + flow("in-start", "work") + flow("work", "in-end"))
    await run.deploy("inner", before)
    key = await run.run(row(call("c", "inner"), more=caught("c", "broke")))
    if waits:
        await run.do(CompleteTask((await run.tasks())["work"]))
    assert list(await run.tasks()) == ["broke"]
    assert await run.state(await run.called(key)) == "TERMINATED"
    await run.do(CompleteTask((await run.tasks())["broke"]))
    assert await run.state(key) == "COMPLETED"


async def test_the_code_may_be_computed(run: Running) -> None:
    content = failing("in", "CODE").replace('errorRef="CODE-error"', 'errorRef="=kind-error"')
    await run.run(row(sub("sub", content), more=caught("sub", "broke")), kind="broke")
    assert list(await run.tasks()) == ["broke"]


async def test_an_error_that_nobody_catches_is_told(run: Running) -> None:
    key = await run.run(row(SERVED, more=caught("served", "other")))
    job = await run.job("pay")
    with pytest.raises(Uncaught) as refused:
        await run.do(ThrowError(job.key, "broke", "no money"))
    told = refused.value
    assert (told.element_id, told.code, told.message, told.caught) == ("served", "broke", "no money", ("other",))
    await run.do(CompleteJob(job.key))
    assert await run.state(key) == "COMPLETED"


async def test_a_listener_of_a_task_throws_no_errors(run: Running) -> None:
    await run.run(row(element("userTask", "work", listeners("task", ("creating", "new")))))
    with pytest.raises(Invalid):
        await run.do(ThrowError((await run.job("new")).key, "broke"))


async def test_a_listener_of_an_element_does(run: Running) -> None:
    listening = element("userTask", "work", listeners("execution", ("start", "new")))
    await run.run(row(listening, more=caught("work", "broke")))
    await run.do(ThrowError((await run.job("new")).key, "broke"))
    assert list(await run.tasks()) == ["broke"]


async def test_an_error_ends_all_times_of_an_activity(run: Running) -> None:
    many = element("serviceTask", "served", '<zeebe:taskDefinition type="pay"/>', loop("=[1, 2, 3]"))
    key = await run.run(row(many, more=caught("served", "broke")))
    first, *others = await run.jobs("pay")
    await run.do(ThrowError(first.key, "broke"))
    assert (list(await run.tasks()), len(others)) == (["broke"], 2)
    with pytest.raises(NotFound):
        await run.do(CompleteJob(others[0].key))
    await run.do(CompleteTask((await run.tasks())["broke"]))
    assert await run.state(key) == "COMPLETED"


async def test_timers_of_what_an_error_ends_are_gone(run: Running) -> None:
    late = boundary("late", "sub", timer("timeDuration", "PT0.01S")) + element("userTask", "too-late")
    more = caught("sub", "broke") + late + flow("late", "too-late")
    key = await run.run(row(sub("sub", within("in", SERVED)), more=more))
    await run.do(ThrowError((await run.job("pay")).key, "broke"))
    assert list(await run.tasks()) == ["broke"]
    await run.do(CompleteTask((await run.tasks())["broke"]))
    assert await run.state(key) == "COMPLETED"
