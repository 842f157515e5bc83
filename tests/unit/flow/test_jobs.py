"""What a worker does: an element waits for its job."""

import pytest

from core.instance.commands import StartInstance
from core.job.commands import CompleteJob
from core.rejections import NotFound
from core.tables.job import Job
from core.task.commands import CompleteTask
from tests.support.bpmn import element, mapping, row
from tests.support.running import Running

WORK = (
    "<zeebe:taskDefinition type='=kind' retries='=1 + 1'/>"
    "<zeebe:taskHeaders><zeebe:header key='k' value='v'/></zeebe:taskHeaders>"
)
USER = element("userTask", "work")


async def taken(run: Running, type: str) -> Job:
    (job,) = await run.jobs(type)
    return job


@pytest.mark.parametrize("tag", ["serviceTask", "sendTask", "businessRuleTask", "scriptTask", "intermediateThrowEvent"])
async def test_an_element_waits_for_its_job(run: Running, tag: str) -> None:
    process = await run.deploy("p", row(element(tag, "served", WORK), USER))
    started = await run.do(StartInstance(process, variables={"kind": "pay"}))
    assert await run.tasks() == {}
    job = await taken(run, "pay")
    assert (job.element_id, job.retries, job.headers) == ("served", 2, {"k": "v"})
    await run.do(CompleteJob(job.key, {"paid": True}))
    assert (await run.variables(started.key))["paid"] is True
    await run.do(CompleteTask((await run.tasks())["work"]))
    assert await run.state(started.key) == "COMPLETED"
    with pytest.raises(NotFound):
        await run.do(CompleteJob(job.key))


async def test_what_a_job_came_to_is_seen_outside_as_the_outputs_say(run: Running) -> None:
    outputs = mapping(("=kind", "mine"), outputs=(("=answer + 1", "result"),))
    process = await run.deploy("p", row(element("serviceTask", "served", WORK + outputs), USER))
    started = await run.do(StartInstance(process, variables={"kind": "pay"}))
    await run.do(CompleteJob((await taken(run, "pay")).key, {"answer": 41}))
    assert await run.variables(started.key) == {"kind": "pay", "result": 42}


async def test_an_element_behind_a_task_is_served_too(run: Running) -> None:
    process = await run.deploy("p", row(USER, element("serviceTask", "served", WORK)))
    started = await run.do(StartInstance(process, variables={"kind": "pay"}))
    await run.do(CompleteTask((await run.tasks())["work"]))
    assert await run.state(started.key) == "ACTIVE"
    await run.do(CompleteJob((await taken(run, "pay")).key))
    assert await run.state(started.key) == "COMPLETED"
