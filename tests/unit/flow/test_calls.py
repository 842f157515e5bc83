"""Call activities, on both databases."""

import pytest

from core.instance.commands import CancelInstance
from core.instance.queries import InstanceByKey
from core.rejections import Conflict, ExecutionFailed
from core.task.commands import CompleteTask
from tests.support.bpmn import call, element, mapping, row
from tests.support.running import Running

SCRIPT = '<zeebe:script expression="=price * count" resultVariable="total"/>'
USER = element("userTask", "work")


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


async def test_which_process_is_called_may_be_computed(run: Running) -> None:
    for id in ("one", "two"):
        await run.deploy(id, row(element("userTask", id)))
    await run.deploy("middle", row(call("c", "=next")))
    behind = row(element("userTask", "first"), call("c", "=which"), call("d", "=&quot;mid&quot; + &quot;dle&quot;"))
    key = await run.run(behind, next="one")
    await run.do(CompleteTask((await run.tasks())["first"], {"which": "two"}))
    (second,) = (await run.tasks()).items()
    assert second[0] == "two"
    await run.do(CompleteTask(second[1]))
    assert list(await run.tasks()) == ["one"]
    await run.do(CompleteTask((await run.tasks())["one"]))
    assert await run.state(key) == "COMPLETED"


async def test_a_computed_call_leads_somewhere_or_nothing_is_done(run: Running) -> None:
    process = await run.deploy("p", row(element("userTask", "first"), call("c", "=which")))
    await run.start(process)
    task = (await run.tasks())["first"]
    for which, reason in (("nobody", "no process 'nobody' to call"), (7, "is no text"), ("", "is no text")):
        with pytest.raises(ExecutionFailed, match=reason):
            await run.do(CompleteTask(task, {"which": which}))
    assert list(await run.tasks()) == ["first"]


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
