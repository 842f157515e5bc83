"""Script tasks, and mappings of variables, on both databases."""

import pytest

from core.instance.queries import SearchInstances
from core.rejections import ExecutionFailed
from core.task.commands import CompleteTask
from tests.support.bpmn import element, mapping, row
from tests.support.running import Running

SCRIPT = '<zeebe:script expression="=price * count" resultVariable="total"/>'


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
