"""Event sub-processes: what begins in a scope when something happens, beside what is there or in its place."""

from core.job.commands import CompleteJob, ThrowError
from core.job.queries import NextTimers
from core.task.commands import CompleteTask
from tests.support.bpmn import boundary, call, element, error, escalation, flow, mapping, row, sub, timer, within
from tests.support.running import Running

SERVED = element("serviceTask", "served", '<zeebe:taskDefinition type="pay"/>')
USER = element("userTask", "work")
SOON = timer("timeDuration", "PT0.05S")


def reaction(start: str, *, interrupting: bool = True, extensions: str = "", id: str = "sub") -> str:
    """An event sub-process with a user task `react`."""
    content = within(id, element("userTask", "react"), start=start, interrupting=interrupting)
    return sub(id, content, event=True, extensions=extensions)


async def test_one_that_interrupts_takes_the_place_of_what_was_there(run: Running) -> None:
    key = await run.run(row(SERVED, more=reaction(error("broke"))))
    await run.do(ThrowError((await run.job("pay")).key, "broke", variables={"left": 3}))
    tasks = await run.tasks()
    assert (list(tasks), await run.variables(key)) == (["react"], {"left": 3})
    states = await run.elements(key)
    assert (states["served"], states["sub"], states["sub-start"]) == ("TERMINATED", "ACTIVE", "COMPLETED")
    await run.do(CompleteTask(tasks["react"]))
    assert await run.state(key) == "COMPLETED"


async def test_one_that_does_not_goes_on_beside(run: Running) -> None:
    key = await run.run(row(USER, more=reaction(SOON, interrupting=False)))

    async def both() -> bool:
        return len(await run.tasks()) == 2

    await run.until(both)
    tasks = await run.tasks()
    await run.do(CompleteTask(tasks["work"]))
    assert await run.state(key) == "ACTIVE"
    await run.do(CompleteTask(tasks["react"]))
    assert await run.state(key) == "COMPLETED"


async def test_it_may_begin_again_and_again(run: Running) -> None:
    cycle = timer("timeCycle", "R3/PT0.05S")
    inside = within("sub", element("scriptTask", "count", '<zeebe:script expression="=n + 1" resultVariable="n"/>'),
                    start=cycle, interrupting=False)  # fmt: skip
    key = await run.run(row(USER, more=sub("sub", inside, event=True)), n=0)

    async def three() -> bool:
        return bool((await run.variables(key))["n"] == 3)

    await run.until(three)
    assert list(await run.tasks()) == ["work"]
    await run.do(CompleteTask((await run.tasks())["work"]))
    assert await run.state(key) == "COMPLETED"


async def test_nothing_begins_in_a_scope_that_is_over(run: Running) -> None:
    content = within("in", USER) + reaction(timer("timeDuration", "PT1H"), id="late")
    late = boundary("limit", "around", timer("timeDuration", "PT1H")) + element("endEvent", "e2") + flow("limit", "e2")
    key = await run.run(row(sub("around", content), element("userTask", "behind"), more=late))
    assert len(await run.engine.ask(NextTimers(), run.who)) == 2
    await run.do(CompleteTask((await run.tasks())["work"]))
    assert (list(await run.tasks()), await run.engine.ask(NextTimers(), run.who)) == (["behind"], ())
    assert await run.state(key) == "ACTIVE"


async def test_of_several_that_interrupt_only_the_first_does(run: Running) -> None:
    """What it is in waits for nothing else in there; what is around goes on waiting."""
    content = within("in", SERVED) + reaction(error("broke"), id="first")
    content += reaction(timer("timeDuration", "PT1H"), id="second").replace('"react"', '"react-2"')
    late = boundary("limit", "around", timer("timeDuration", "PT2H")) + element("endEvent", "e2") + flow("limit", "e2")
    key = await run.run(row(sub("around", content), more=late))
    await run.do(ThrowError((await run.job("pay")).key, "broke"))
    timers = await run.engine.ask(NextTimers(), run.who)
    assert [t.element_id for t in timers] == ["limit"]
    await run.do(CompleteTask((await run.tasks())["react"]))
    assert (await run.state(key), await run.engine.ask(NextTimers(), run.who)) == ("COMPLETED", ())


async def test_an_error_out_of_it_is_not_caught_by_itself(run: Running) -> None:
    again = sub("again", within("sub", SERVED.replace("served", "served-2"), start=error("broke")), event=True)
    content = within("in", SERVED) + again
    more = boundary("caught", "around", error("broke")) + element("userTask", "outside") + flow("caught", "outside")
    key = await run.run(row(sub("around", content), more=more))
    for _ in range(2):
        await run.do(ThrowError((await run.job("pay")).key, "broke"))
    assert list(await run.tasks()) == ["outside"]
    await run.do(CompleteTask((await run.tasks())["outside"]))
    assert await run.state(key) == "COMPLETED"


async def test_what_is_inside_comes_before_what_is_at_the_boundary(run: Running) -> None:
    content = within("in", SERVED) + reaction(error("broke"))
    more = boundary("caught", "around", error("broke")) + element("userTask", "outside") + flow("caught", "outside")
    await run.run(row(sub("around", content), more=more))
    await run.do(ThrowError((await run.job("pay")).key, "broke"))
    assert list(await run.tasks()) == ["react"]


async def test_it_has_variables_of_its_own_and_sees_those_around(run: Running) -> None:
    mine = mapping(("=total * 2", "doubled"), outputs=(("=doubled + 1", "result"),))
    content = within("in", SERVED) + reaction(error(), extensions=mine)
    around = sub("around", content, extensions=mapping(("=21", "total"), outputs=(("=result", "answer"),)))
    key = await run.run(row(around))
    await run.do(ThrowError((await run.job("pay")).key, "any"))
    await run.do(CompleteTask((await run.tasks())["react"]))
    assert (await run.variables(key), await run.state(key)) == ({"result": 43, "answer": 43}, "COMPLETED")


async def test_a_caller_catches_what_comes_out_of_the_one_that_it_called(run: Running) -> None:
    await run.deploy("inner", row(SERVED))
    key = await run.run(row(call("c", "inner"), more=reaction(error("broke"))))
    inner = await run.called(key)
    await run.do(ThrowError((await run.job("pay")).key, "broke"))
    assert (list(await run.tasks()), await run.state(inner)) == (["react"], "TERMINATED")
    await run.do(CompleteTask((await run.tasks())["react"]))
    assert await run.state(key) == "COMPLETED"


# Escalations


def rising(kind: str = "intermediateThrowEvent", code: str = "high") -> str:
    return element(kind, "raise", "", escalation(code))


async def test_an_escalation_is_told_and_it_goes_on(run: Running) -> None:
    await_it = boundary("told", "around", escalation("high"), interrupting=False)
    more = await_it + element("userTask", "boss") + flow("told", "boss")
    key = await run.run(row(sub("around", within("in", rising(), USER)), more=more))
    tasks = await run.tasks()
    assert list(tasks) == ["boss", "work"]
    for task in tasks.values():
        await run.do(CompleteTask(task))
    assert await run.state(key) == "COMPLETED"


async def test_who_catches_an_escalation_may_end_what_threw_it(run: Running) -> None:
    more = boundary("told", "around", escalation()) + element("userTask", "boss") + flow("told", "boss")
    key = await run.run(row(sub("around", within("in", rising(), USER)), more=more))
    assert list(await run.tasks()) == ["boss"]
    assert (await run.elements(key))["around"] == "TERMINATED"
    await run.do(CompleteTask((await run.tasks())["boss"]))
    assert await run.state(key) == "COMPLETED"


async def test_an_escalation_that_nobody_catches_is_no_failure(run: Running) -> None:
    key = await run.run(row(rising(), USER))
    await run.do(CompleteTask((await run.tasks())["work"]))
    assert await run.state(key) == "COMPLETED"


async def test_an_end_that_escalates_begins_an_event_sub_process(run: Running) -> None:
    content = row(USER, more=reaction(escalation("high"), interrupting=False))
    content = content.replace('<bpmn:endEvent id="end">', '<bpmn:endEvent id="end">' + escalation("high"), 1)
    content = content.replace('<bpmn:endEvent id="end"/>', element("endEvent", "end", "", escalation("high")))
    key = await run.run(content)
    await run.do(CompleteTask((await run.tasks())["work"]))
    assert list(await run.tasks()) == ["react"]
    await run.do(CompleteTask((await run.tasks())["react"]))
    assert await run.state(key) == "COMPLETED"


async def test_a_called_process_escalates_to_its_caller_and_goes_on(run: Running) -> None:
    await run.deploy("inner", row(USER, rising(), element("userTask", "more")))
    told = boundary("told", "c", escalation("high"), interrupting=False) + element("userTask", "boss")
    key = await run.run(row(call("c", "inner"), more=told + flow("told", "boss")))
    await run.do(CompleteTask((await run.tasks())["work"]))
    tasks = await run.tasks()
    assert sorted(tasks) == ["boss", "more"]
    for task in tasks.values():
        await run.do(CompleteTask(task))
    assert await run.state(key) == "COMPLETED"


async def test_a_called_process_that_escalates_at_once_may_be_ended_by_that(run: Running) -> None:
    await run.deploy("inner", row(rising(), USER))
    more = boundary("told", "c", escalation("high")) + element("userTask", "boss") + flow("told", "boss")
    key = await run.run(row(call("c", "inner"), more=more))
    assert (list(await run.tasks()), await run.state(await run.called(key))) == (["boss"], "TERMINATED")
    await run.do(CompleteTask((await run.tasks())["boss"]))
    assert await run.state(key) == "COMPLETED"


async def test_two_that_begin_beside_each_other_each_have_a_token(run: Running) -> None:
    more = reaction(escalation("high"), interrupting=False)
    key = await run.run(row(rising(), rising().replace('"raise"', '"raise-2"'), SERVED, more=more))
    await run.do(CompleteJob((await run.job("pay")).key))
    assert await run.state(key) == "ACTIVE"
    for _ in range(2):
        await run.do(CompleteTask((await run.tasks())["react"]))
    assert await run.state(key) == "COMPLETED"
