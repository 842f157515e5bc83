"""A workflow started through infoRouter is worked on in the other dialects, and what they start in infoRouter."""

import re
from urllib.parse import urlencode

import orjson

from gateway import demo
from tests.cross.test_pairs import find, inubit_list
from tests.support.world import World

JSON = {"content-type": "application/json"}
DOCUMENT = "/Corporate/Contracts/Agreement.docx"


async def ticket(world: World, name: str) -> str:
    answer = await world.call("GET", f"/srv.asmx/AuthenticateUser?UID={name}&PWD={name}")
    tickets: list[str] = re.findall(r'ticket="([^"]+)"', answer.text)
    return tickets[0]


async def ask(world: World, method: str, user: str, **values: object) -> str:
    query = urlencode({"authenticationTicket": await ticket(world, user), **values})
    answer = await world.call("GET", f"/srv.asmx/{method}?{query}")
    assert answer.status == 200, answer.text
    return answer.text


async def submit(world: World) -> None:
    flow = await ask(world, "GetFlowDef", "jdoe", DomainName="Corporate", WorkflowName=demo.WORKFLOW)
    number = re.findall(r'FlowDefID="(\d+)"', flow)[0]
    assert 'success="true"' in await ask(world, "SubmitDocumentToFlow", "jdoe", Path=DOCUMENT, FlowDefID=number)


async def test_a_workflow_is_worked_on_elsewhere(world: World) -> None:
    await submit(world)
    reviews = await find(world, name="Legal review", state="CREATED")
    assert {task["assignee"] for task in reviews} == {"mark", "james"}
    assert await find(world, name="Sign") == [], "nobody else sees what has not begun"
    assert "Legal review" in await inubit_list(world, "mark")
    (mine,) = [task for task in reviews if task["assignee"] == "mark"]
    target = f"/v2/user-tasks/{mine['userTaskKey']}"
    body = orjson.dumps({"variables": {"verdict": "fine"}})
    assert (await world.call("POST", f"{target}/completion", JSON, body=body, user="demo")).status == 204
    states = {task["assignee"]: task["state"] for task in await find(world, name="Legal review")}
    assert states == {"mark": "COMPLETED", "james": "CANCELED"}, "one of them is enough"
    (sign,) = await find(world, name="Sign")
    assert (sign["assignee"], sign["state"]) == ("jsmith", "CREATED")
    body = b'{"assignee":"mary"}'
    target = f"/v2/user-tasks/{sign['userTaskKey']}"
    assert (await world.call("POST", f"{target}/assignment", JSON, body=body, user="demo")).status == 204
    assert "Sign" in await inubit_list(world, "mary")
    tasks = await ask(world, "getTasks", "mary", xmlcriteria="<c/>", SortBy="", AscendingOrder="true")
    assert "<AssigneeName>Mary Rose</AssigneeName>" in tasks
    assert (await world.call("POST", f"{target}/completion", JSON, body=b"{}", user="demo")).status == 204
    moved = DOCUMENT.replace("Contracts", "Archive")
    history = await ask(world, "GetDocumentWorkflows", "jdoe", documentPath=moved, filter="history")
    assert history.count("<Workflow>") == 1


async def test_assignees_of_an_activity_come_from_another_dialect(world: World) -> None:
    """ProcessMaker adds an assignee to the activity of a workflow: the next task has her as a candidate."""
    from core.process.queries import ActivitiesByKey, ProcessById

    process = await world.engine.ask(ProcessById(f"{demo.LIBRARY}.{demo.WORKFLOW}"), world.system)
    connection = world.engine.store.connect()
    rows, _ = connection.execute("SELECT key FROM activity WHERE name = 'Sign'", {})
    connection.close()
    (activity,) = (await world.engine.ask(ActivitiesByKey((rows[0][0],)), world.system)).values()
    base = f"/api/1.0/workflow/project/{process.uid}/activity/{activity.uid}/assignee"
    body = orjson.dumps({"aas_uid": "184131195492c7a04cba5f9056989964", "aas_type": "user"})
    added = await world.call("POST", base, {**JSON, **(await world.token())}, body=body)
    assert added.status == 201, added.text
    await submit(world)
    await ask(world, "CompleteTask", "james", taskId=6, comments="")
    (sign,) = await find(world, name="Sign")
    assert sign["candidateUsers"] == ["mary"]


async def test_a_process_from_elsewhere_is_worked_on_in_inforouter(world: World) -> None:
    (approve,) = await find(world, name="Approve request")
    target = f"/v2/user-tasks/{approve['userTaskKey']}"
    body = b'{"assignee":"jdoe"}'
    assert (await world.call("POST", f"{target}/assignment", JSON, body=body, user="demo")).status == 204
    criteria = '<c><param NAME="ASSIGNEEID" VALUE="5"/><param NAME="TASKCOMPLETIONSTATUS" VALUE="Due"/></c>'
    tasks = await ask(world, "getTasks", "jdoe", xmlcriteria=criteria, SortBy="WorkflowName", AscendingOrder="true")
    assert "<TaskName>Approve request</TaskName>" in tasks
    assert "<FlowName>Approve</FlowName>" in tasks

    assert 'success="true"' in await ask(world, "CompleteTask", "jdoe", taskId=1, comments="Approved")
    (done,) = await find(world, name="Approve request")
    assert done["state"] == "COMPLETED"
    history = await world.call("GET", f"/history/{approve['userTaskKey']}", user="admin")
    kinds = [event["kind"] for event in history.json()]
    assert kinds[-3:] == ["task.commented", "task.completed", "instance.completed"]


async def test_a_reassigned_task_is_the_same_elsewhere(world: World) -> None:
    (before,) = await find(world, name="Read document 1")
    text = await ask(
        world,
        "ReassignTask",
        "jdoe",
        taskId=2,
        reassignTo="mary",
        newDueDate="2098-01-01",
        newInstructions="",
        sendTaskNotice="false",
    )
    assert "<AssigneeFullName>Mary Rose</AssigneeFullName>" in text
    (task,) = await find(world, name="Read document 1")
    assert (task["userTaskKey"], task["assignee"], task["state"]) == (before["userTaskKey"], "mary", "CREATED")
    assert "Read document 1" in await inubit_list(world, "mary")
