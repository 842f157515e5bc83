"""What cannot go on stands still, and goes on when somebody resolves it, on both databases."""

import pytest

from core.incident.commands import ResolveIncident, ResolveIncidents
from core.incident.fields import IncidentWhere
from core.incident.queries import Counted, IncidentByKey, IncidentsByMessage, SearchIncidents
from core.instance.commands import CancelInstance, DeleteInstance, SetVariables
from core.instance.queries import ElementByKey, ElementView, InstanceByKey, SearchElements, SearchInstances
from core.job.commands import CompleteJob, FailJob, ThrowError, UpdateJob
from core.rejections import ExecutionFailed, NotFound, WrongState
from core.search.query import Is, Isnt, Where
from core.task.commands import CompleteTask
from core.task.queries import SearchTasks
from core.types import Trouble
from tests.support.bpmn import boundary, call, element, error, flow, listeners, loop, mapping, row, timer
from tests.support.running import Running

WORK = "<zeebe:taskDefinition type='work' retries='1'/>"
SERVED = element("serviceTask", "served", WORK)
USER = element("userTask", "work")
INSIDE = f'<bpmn:startEvent id="begin"/>{SERVED}{flow("begin", "served")}'
SCRIPT = "<zeebe:script expression='=assert(n, n != null)' resultVariable='m'/>"
CROSSING = (
    '<bpmn:startEvent id="start"/><bpmn:exclusiveGateway id="way"/><bpmn:userTask id="work">'
    "<bpmn:extensionElements><zeebe:userTask/></bpmn:extensionElements></bpmn:userTask>"
    '<bpmn:endEvent id="end"/><bpmn:endEvent id="other"/>'
    + flow("start", "way")
    + flow("way", "work", "=go = 1")
    + flow("way", "other", "=go = 2")
    + flow("work", "end")
)


async def begun(run: Running, content: str, **variables: object) -> int:
    return await run.start(await run.deploy("p", content, incidents=True), **variables)


async def test_where_no_flow_is_taken_the_token_stands_still(run: Running) -> None:
    key = await begun(run, CROSSING, go=0)
    incident = await run.incident()
    assert (incident.element_id, incident.trouble, incident.job_key) == ("way", Trouble.CONDITION, 0)
    assert await run.elements(key) == {"p": "ACTIVE", "start": "COMPLETED", "way": "ACTIVE"}
    await run.do(SetVariables(key, {"go": 1}))
    await run.do(ResolveIncident(incident.key))
    assert (await run.incidents(), list(await run.tasks())) == ([], ["work"])
    with pytest.raises(NotFound):
        await run.do(ResolveIncident(incident.key))
    await run.do(CompleteTask((await run.tasks())["work"]))
    assert await run.state(key) == "COMPLETED"


async def test_what_fails_again_is_another_incident(run: Running) -> None:
    await begun(run, CROSSING, go=0)
    first = await run.incident()
    await run.do(ResolveIncident(first.key))
    second = await run.incident()
    assert (second.key > first.key, second.element_instance_key) == (True, first.element_instance_key)


@pytest.mark.parametrize(
    ("work", "trouble"),
    [
        (element("scriptTask", "x", SCRIPT), Trouble.VALUE),
        (element("task", "x", mapping(("=assert(n, n != null)", "m"))), Trouble.MAPPING),
        (element("task", "x", mapping(outputs=(("=assert(n, n != null)", "m"),))), Trouble.MAPPING),
        (element("serviceTask", "x", "<zeebe:taskDefinition type='=n'/>"), Trouble.VALUE),
        (element("userTask", "x", "<zeebe:assignmentDefinition assignee='=assert(n, n != null)'/>"), Trouble.VALUE),
        (call("x", "nobody"), Trouble.CALL),
        (call("x", "=n"), Trouble.VALUE),
        (element("intermediateCatchEvent", "x", "", timer("timeDuration", "=n")), Trouble.VALUE),
        (element("task", "x", listeners("execution", ("start", "=n"))), Trouble.VALUE),
        (element("task", "x", listeners("execution", ("end", "=n"))), Trouble.VALUE),
    ],
    ids=lambda value: value if isinstance(value, Trouble) else "",
)
async def test_whatever_cannot_be_computed(run: Running, work: str, trouble: Trouble) -> None:
    key = await begun(run, row(USER, work))
    await run.do(CompleteTask((await run.tasks())["work"]))
    incident = await run.incident()
    assert (incident.element_id, incident.trouble, await run.state(key)) == ("x", trouble, "ACTIVE")
    assert (await run.elements(key))["x"] == "ACTIVE"
    await run.do(CancelInstance(key))
    assert (await run.incidents(), await run.state(key)) == ([], "TERMINATED")


async def test_a_process_that_knows_no_incidents_refuses(run: Running) -> None:
    with pytest.raises(ExecutionFailed):
        await run.start(await run.deploy("p", row(element("scriptTask", "x", SCRIPT))))


async def test_other_tokens_go_on(run: Running) -> None:
    content = (
        '<bpmn:startEvent id="start"/><bpmn:parallelGateway id="fork"/>'
        + element("scriptTask", "x", SCRIPT)
        + USER
        + '<bpmn:parallelGateway id="join"/><bpmn:endEvent id="end"/>'
        + flow("start", "fork") + flow("fork", "x") + flow("fork", "work") + flow("x", "join") + flow("work", "join")
        + flow("join", "end")
    )  # fmt: skip
    key = await begun(run, content)
    await run.do(CompleteTask((await run.tasks())["work"]))
    assert await run.state(key) == "ACTIVE"
    await run.do(SetVariables(key, {"n": 1}))
    await run.do(ResolveIncident((await run.incident()).key))
    assert (await run.state(key), (await run.variables(key))["m"]) == ("COMPLETED", 1)


async def test_a_process_without_end_stands_still(run: Running) -> None:
    content = (
        '<bpmn:startEvent id="start"/><bpmn:exclusiveGateway id="a"/><bpmn:exclusiveGateway id="b"/>'
        + flow("start", "a") + flow("a", "b") + flow("b", "a")
    )  # fmt: skip
    key = await begun(run, content)
    incident = await run.incident()
    assert (incident.trouble, await run.state(key)) == (Trouble.EFFORT, "ACTIVE")


async def test_a_job_without_retries_is_an_incident(run: Running) -> None:
    key = await begun(run, row(SERVED))
    job = await run.job("work")
    await run.do(FailJob(job.key, 0, "no paper", variables={"tried": 1}))
    incident = await run.incident()
    assert (incident.trouble, incident.message, incident.job_key) == (Trouble.JOB, "no paper", job.key)
    assert await run.variables(key) == {}
    for command in (CompleteJob(job.key), FailJob(job.key, 1), ResolveIncident(incident.key)):
        with pytest.raises(WrongState):
            await run.do(command)
    await run.do(UpdateJob(job.key, retries=2))
    assert await run.jobs("work") == ()
    await run.do(ResolveIncident(incident.key))
    job = await run.job("work")
    assert (job.retries, job.error) == (2, "no paper")
    await run.do(CompleteJob(job.key))
    assert (await run.state(key), await run.incidents()) == ("COMPLETED", [])


async def test_the_job_of_a_listener_is_one_too(run: Running) -> None:
    await begun(run, row(element("userTask", "work", listeners("task", ("creating", "a"))), SERVED))
    await run.do(FailJob((await run.job("a")).key, 0))
    assert (await run.incident()).trouble == Trouble.TASK_LISTENER


async def test_all_of_an_instance_at_once(run: Running) -> None:
    await run.deploy("inner", row(SERVED), incidents=True)
    key = await begun(run, row(call("c", "inner")))
    await run.do(FailJob((await run.job("work")).key, 0))
    incident = await run.incident()
    assert (await run.do(ResolveIncidents(key))).number == 1
    assert (await run.job("work")).retries == 1
    assert incident.key not in [i.key for i in await run.incidents()]


async def test_it_is_seen_at_whoever_called(run: Running) -> None:
    await run.deploy("inner", row(element("subProcess", "s", "", INSIDE)), incidents=True)
    key = await begun(run, row(call("c", "inner")))
    inner = await run.called(key)
    seen = [view.element.element_id for view in await standing(run)]
    assert seen == []
    await run.do(FailJob((await run.job("work")).key, 0, "oops"))
    assert [view.element.element_id for view in await standing(run)] == ["p", "c", "inner", "s", "served"]
    for each in (key, inner):
        assert (await run.engine.ask(InstanceByKey(each), run.who)).has_incident
    found = await run.engine.ask(SearchInstances((Is("standing"),)), run.who)
    assert {view.instance.key: view.has_incident for view in found.items} == {key: True, inner: True}
    assert (await run.engine.ask(SearchInstances((Isnt("standing"),)), run.who)).items == ()
    named = await run.engine.ask(SearchInstances((Where("error", "eq", "oops"),)), run.who)
    assert [view.instance.key for view in named.items] == [inner]
    incident = await run.incident()
    of_element = await run.engine.ask(SearchElements((Where("incident_key", "eq", incident.key),)), run.who)
    assert [(v.element.element_id, v.incident_key) for v in of_element.items] == [("served", incident.key)]
    view = await run.engine.ask(IncidentByKey(incident.key), run.who)
    assert view.known.definition.process_id == "inner"
    inside: tuple[IncidentWhere, ...] = (Where("root_key", "eq", key), Where("path", "like", f"*/{key}/*"))
    assert (await run.engine.ask(SearchIncidents(inside), run.who)).total == 1
    assert await run.engine.ask(IncidentsByMessage(), run.who) == (Counted("oops", 0, 1),)
    (by_version,) = await run.engine.ask(IncidentsByMessage("oops"), run.who)
    assert by_version.definition_key == view.known.definition.key
    await run.do(UpdateJob(incident.job_key, retries=1))
    await run.do(ResolveIncident(incident.key))
    assert await standing(run) == []


async def standing(run: Running) -> list[ElementView]:
    page = await run.engine.ask(SearchElements((Is("standing"),)), run.who)
    for view in page.items:
        assert view.has_incident
        assert (await run.engine.ask(ElementByKey(view.element.key), run.who)).has_incident
    return list(page.items)


async def test_who_is_interrupted_takes_it_along(run: Running) -> None:
    late = boundary("late", "served", timer("timeDuration", "PT0S"))
    after = USER + flow("late", "work") + '<bpmn:endEvent id="done"/>' + flow("work", "done")
    key = await begun(run, row(SERVED, more=late + after))
    await run.do(FailJob((await run.job("work")).key, 0))
    assert len(await run.incidents()) == 1
    await run.until(run.tasks)
    assert (await run.incidents(), (await run.elements(key))["served"]) == ([], "TERMINATED")
    resolved = await run.engine.ask(SearchIncidents((Where("state", "eq", "RESOLVED"),)), run.who)
    assert [view.incident.element_id for view in resolved.items] == ["served"]


async def test_a_deleted_instance_has_none(run: Running) -> None:
    key = await begun(run, CROSSING, go=0)
    await run.do(DeleteInstance(key))
    assert (await run.engine.ask(SearchIncidents(), run.who)).items == ()


async def test_an_error_that_nobody_catches(run: Running) -> None:
    key = await begun(run, row(SERVED))
    job = await run.job("work")
    await run.do(ThrowError(job.key, "broke", "no money"))
    incident = await run.incident()
    assert (incident.trouble, incident.job_key, await run.state(key)) == (Trouble.ERROR, job.key, "ACTIVE")
    with pytest.raises(WrongState):
        await run.do(ThrowError(job.key, "broke"))
    await run.do(ResolveIncident(incident.key))
    await run.do(CompleteJob((await run.job("work")).key))
    assert await run.state(key) == "COMPLETED"


async def test_an_end_that_throws_one(run: Running) -> None:
    content = '<bpmn:startEvent id="start"/>' + element("endEvent", "x", "", error("broke")) + flow("start", "x")
    key = await begun(run, content)
    assert ((await run.incident()).trouble, await run.state(key)) == (Trouble.ERROR, "ACTIVE")


async def test_a_loop_over_no_list(run: Running) -> None:
    key = await begun(run, row(element("userTask", "x", "", loop("=things", inputElement="thing"))))
    incident = await run.incident()
    assert (incident.element_id, await run.elements(key)) == ("x", {"p": "ACTIVE", "start": "COMPLETED", "x": "ACTIVE"})
    await run.do(SetVariables(key, {"things": [1, 2]}))
    await run.do(ResolveIncident(incident.key))
    for task in (await run.engine.ask(SearchTasks(), run.who)).items:
        await run.do(CompleteTask(task.task.key))
    assert (await run.state(key), await run.incidents()) == ("COMPLETED", [])


async def test_one_time_of_several(run: Running) -> None:
    mapped = mapping(("=assert(thing, thing != 2 or good)", "m"))
    key = await begun(run, row(element("task", "x", mapped, loop("=[1, 2, 3]", inputElement="thing"))), good=False)
    incident = await run.incident()
    assert incident.trouble == Trouble.MAPPING
    await run.do(SetVariables(key, {"good": True}))
    await run.do(ResolveIncident(incident.key))
    assert (await run.state(key), await run.incidents()) == ("COMPLETED", [])


async def test_what_comes_of_an_event_may_stand_still(run: Running) -> None:
    """The boundary event interrupts, and what it came to cannot be mapped."""
    failing = mapping(outputs=(("=assert(n, n != null)", "m"),))
    late = element(
        "boundaryEvent", "late", failing, timer("timeDuration", "PT0S"), attachedToRef="served", cancelActivity="true"
    )
    key = await begun(run, row(SERVED, more=late + USER + flow("late", "work")))
    await run.until(run.incidents)
    assert (await run.elements(key))["served"] == "TERMINATED"
    await run.do(SetVariables(key, {"n": 1}))
    await run.do(ResolveIncident((await run.incident()).key))
    assert list(await run.tasks()) == ["work"]
