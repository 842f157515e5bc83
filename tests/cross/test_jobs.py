"""A process with work for a worker in between, started and worked on in the other dialects."""

from typing import Any

import orjson

from adapters.camunda.models import read_model
from core.instance.fields import EventField
from core.instance.queries import SearchEvents
from core.principal import system
from core.process.commands import CreateStarter, DeployProcess
from core.search.query import Where
from tests.cross.test_pairs import find, inubit_list
from tests.support.bpmn import document, element, row
from tests.support.world import World

JSON = {"content-type": "application/json"}
MINE = '<zeebe:assignmentDefinition assignee="testuser"/>'
SERVED = element("serviceTask", "pay", '<zeebe:taskDefinition type="pay"/>')


async def call(world: World, method: str, path: str, body: Any = None) -> Any:
    sent = orjson.dumps(body) if body is not None else b""
    answer = await world.call(method, path, JSON, body=sent, user="demo")
    assert answer.status in (200, 204), answer.text
    return answer.json() if answer.body else None


async def test_inubit_starts_it_and_a_worker_does_its_part(world: World) -> None:
    content = row(
        element("userTask", "ask", MINE, name="Ask"), SERVED, element("userTask", "check", MINE, name="Check")
    )
    ((_, graph),), refused = read_model(document("paid", content).encode())
    assert refused == []
    who = system(world.engine.default_tenant)
    deployed = await world.engine.execute(DeployProcess(graph), who)
    starter = await world.engine.execute(CreateStarter(deployed.process_key, "pay", "Pay", "HR_Sachbearbeiter"), who)
    uid = f"{starter.uid[:8]}-{starter.uid[8:12]}-{starter.uid[12:16]}-{starter.uid[16:20]}-{starter.uid[20:]}"
    started = await world.call("POST", f"/ibis/rest/task/adhoc/testuser/{uid}", user="testuser")
    assert started.status == 201, started.text
    assert f'id="{started.text}"' in await inubit_list(world, "testuser")
    (task,) = await find(world, processDefinitionId="paid", state="CREATED")
    # behind the task nobody has anything to do until the worker has done its part, and everybody's lists say so
    await call(world, "POST", f"/v2/user-tasks/{task['userTaskKey']}/completion", {"variables": {"price": 3}})
    assert await find(world, processDefinitionId="paid", state="CREATED") == []
    assert await call(world, "POST", "/v1/tasks/search", {"state": "CREATED", "taskDefinitionId": "check"}) == []
    wanted = {"type": "pay", "worker": "w", "timeout": 60_000, "maxJobsToActivate": 5, "requestTimeout": -1}
    (job,) = (await call(world, "POST", "/v2/jobs/activation", wanted))["jobs"]
    assert job["variables"] == {"price": 3}
    await call(world, "POST", f"/v2/jobs/{job['jobKey']}/failure", {"retries": 0, "errorMessage": "no money"})
    (incident,) = (await call(world, "POST", "/v2/incidents/search", {"filter": {"jobKey": job["jobKey"]}}))["items"]
    await call(world, "PATCH", f"/v2/jobs/{job['jobKey']}", {"changeset": {"retries": 1}})
    await call(world, "POST", f"/v2/incidents/{incident['incidentKey']}/resolution")
    (job,) = (await call(world, "POST", "/v2/jobs/activation", wanted))["jobs"]
    await call(world, "POST", f"/v2/jobs/{job['jobKey']}/completion", {"variables": {"paid": True}})
    (last,) = await find(world, processDefinitionId="paid", state="CREATED")
    assert (last["name"], last["assignee"]) == ("Check", "testuser")
    assert "Check" in await inubit_list(world, "testuser")
    (shown,) = await call(world, "POST", "/v1/tasks/search", {"state": "CREATED", "taskDefinitionId": "check"})
    assert shown["implementation"] == "ZEEBE_USER_TASK"
    where = (Where[EventField]("instance_key", "eq", int(str(task["processInstanceKey"]))),)
    told = {view.event.kind for view in (await world.engine.ask(SearchEvents(where), who)).items}
    assert told >= {"job.failed", "incident.raised", "incident.resolved", "job.completed"}
