"""A process of facilioo is worked on in the other dialects, and what INUBIT starts is one there."""

import re
from typing import Any

import orjson

from tests.cross.test_cases import complete, pm
from tests.cross.test_pairs import STARTER, find, inubit_list
from tests.cross.test_workflows import ask
from tests.support.exchange import add
from tests.support.facilioo import NEW
from tests.support.leave import ASK, PROJECT
from tests.support.world import World

JSON = {"content-type": "application/json"}
JDOE, MARY = 5, 10


async def api(world: World, method: str, path: str, body: Any = None, user: str = "jdoe") -> Any:
    sent = orjson.dumps(body) if body is not None else b""
    answer = await world.call(method, f"/api{path}", {**await world.jwt(user), **JSON}, body=sent)
    assert answer.status == 200, f"{method} {path}: {answer.status} {answer.text}"
    return answer.json() if answer.body else None


async def test_a_process_is_worked_on_elsewhere(world: World) -> None:
    made = await api(world, "POST", "/processes", {**NEW, "subject": "Heating"})
    (task,) = await find(world, processDefinitionId="matter")
    assert (task["assignee"], task["state"]) == (None, "CREATED")

    # whoever is responsible has the task: INUBIT lists it, infoRouter moves it with the rest of her work
    await api(world, "PUT", f"/processes/{made['id']}/responsible-clerks/{MARY}")
    listed = await inubit_list(world, "mary")
    assert f'process="{made["number"]}"' in listed
    assert '<Unit name="mary" type="User"/>' in listed
    assert 'success="true"' in await ask(world, "TransferUserTasks", "admin", fromUserName="mary", toUserName="robert")
    clerks = await api(world, "GET", f"/processes/{made['id']}/responsible-clerks")
    assert [clerk["email"] for clerk in clerks["items"]] == ["mary@example.com", "robert@example.com"]

    # ProcessMaker knows it as a case, whose notes are feed entries and the other way round
    (case,) = [row["app_uid"] for row in await pm(world, "robert", "GET", "/cases")]
    await pm(world, "robert", "POST", f"/case/{case}/note", {"note_content": "Plumber called", "send_mail": 0})
    entry = {"typeId": 1, "contactTypeId": 1, "text": "He came."}
    feed = await api(world, "POST", f"/processes/{made['id']}/feed", entry)
    assert [(item["text"], item["typeId"]) for item in feed["items"]] == [("Plumber called", None), ("He came.", 1)]
    notes = await pm(world, "robert", "GET", f"/case/{case}/notes")
    assert {note["note_content"] for note in notes} == {"Plumber called", "He came."}

    # Camunda completes it, and facilioo opens it again
    await complete(world, task, {})
    assert (await api(world, "GET", f"/processes/{made['id']}"))["isFinished"] is True
    await api(world, "PATCH", f"/processes/{made['id']}", {"isFinished": False})
    again = await find(world, processDefinitionId="matter", state="CREATED")
    assert len(again) == 1
    assert again[0]["userTaskKey"] != task["userTaskKey"]
    await api(world, "DELETE", f"/processes/{made['id']}")
    assert await find(world, processDefinitionId="matter", state="CREATED") == []
    states = {row["state"] for row in await find(world, processDefinitionId="matter")}
    assert states == {"COMPLETED", "CANCELED"}


async def test_what_inubit_starts_is_a_process_with_a_task(world: World) -> None:
    uid = (await world.call("POST", STARTER, user="testuser")).text
    listed = await inubit_list(world, "testuser")
    number = int(re.findall(rf'id="{uid}" process="(\d+)"', listed)[0])
    (task,) = (await api(world, "POST", "/user-tasks/search", {"processIds": [number]}))["items"]
    assert (task["processId"], task["isFinished"]) == (number, False)
    seen = await api(world, "GET", f"/processes/{number}", user="testuser")
    assert seen["isFinished"] is False, "testuser sees what they started"
    while open_tasks := [
        item
        for item in (await api(world, "POST", "/user-tasks/search", {"processIds": [number]}))["items"]
        if not item["isFinished"]
    ]:
        for item in open_tasks:
            await api(world, "PATCH", f"/user-tasks/{item['id']}", {"isFinished": True})
    assert uid not in await inubit_list(world, "testuser")
    assert (await api(world, "GET", f"/processes/{number}"))["isFinished"] is True


async def test_what_camunda_cancels_is_deleted(world: World) -> None:
    made = await api(world, "POST", "/processes", NEW)
    (task,) = await find(world, processDefinitionId="matter")
    path = f"/v2/process-instances/{task['processInstanceKey']}/cancellation"
    assert (await world.call("POST", path, JSON, user="demo")).status == 204
    gone = await api(world, "GET", f"/processes/{made['id']}")
    assert gone["deleted"] == gone["lastModified"]
    assert gone["isFinished"] is False


async def test_a_user_task_is_done_elsewhere(world: World) -> None:
    made = await api(world, "POST", "/user-tasks", {"subject": "Read the meter", "accountId": JDOE})
    assert "Read the meter" in await inubit_list(world, "jdoe")
    (task,) = await find(world, name="Read the meter")
    assert task["assignee"] == "jdoe"
    await complete(world, task, {})
    assert (await api(world, "GET", f"/user-tasks/{made['id']}"))["isFinished"] is True


async def test_a_case_is_a_process_too(world: World) -> None:
    await add(world, ["world leave"])
    await pm(world, "mary", "POST", "/cases", {"pro_uid": PROJECT, "tas_uid": ASK})
    found = (await api(world, "POST", "/processes/search", {"orderBy": ["id desc"]}))["items"][0]
    types = {row["id"]: row["name"] for row in (await api(world, "GET", "/process-types?pageSize=100"))["items"]}
    assert types[found["typeId"]] == "Leave request"
    stage = await api(world, "POST", "/process-stages", {"name": "On hold", "typeId": found["typeId"]})
    await api(world, "PATCH", f"/processes/{found['id']}", {"stageId": stage["id"], "externalId": "HR-1"})
    (instance,) = (
        await world.call(
            "POST", "/v2/process-instances/search", JSON, body=b'{"filter":{"businessId":"HR-1"}}', user="demo"
        )
    ).json()["items"]
    assert instance["state"] == "ACTIVE"
