"""A case that is started in ProcessMaker is worked on in the other dialects, and what they start is a case there."""

from typing import Any

import orjson

from tests.cross.test_pairs import find, inubit_list
from tests.cross.test_workflows import ask
from tests.support.exchange import add
from tests.support.leave import ASK, MARY, PROJECT, ROBERT
from tests.support.world import World

JSON = {"content-type": "application/json"}


async def pm(world: World, user: str, method: str, path: str, body: Any = None) -> Any:
    sent = orjson.dumps(body) if body is not None else b""
    headers = {**await world.token(user), **JSON}
    answer = await world.call(method, f"/api/1.0/workflow{path}", headers, body=sent)
    assert answer.status < 300, f"{method} {path}: {answer.status} {answer.text}"
    return answer.json() if answer.body else None


async def complete(world: World, task: dict[str, object], variables: dict[str, object]) -> None:
    body = orjson.dumps({"variables": variables})
    target = f"/v2/user-tasks/{task['userTaskKey']}/completion"
    answer = await world.call("POST", target, JSON, body=body, user="demo")
    assert answer.status == 204, answer.text


async def test_a_case_is_worked_on_elsewhere(world: World) -> None:
    await add(world, ["world leave"])
    start = {"pro_uid": PROJECT, "tas_uid": ASK, "variables": [{"amount": "few"}]}
    case = (await pm(world, "mary", "POST", "/cases", start))["app_uid"]
    (mine,) = await find(world, name="Ask")
    assert mine["assignee"] == "mary"
    assert "Ask" in await inubit_list(world, "mary")
    await pm(world, "mary", "PUT", f"/cases/{case}/route-case")

    # Camunda does the boss's part, with a variable that the case sees
    (boss,) = await find(world, name="Boss")
    assert boss["assignee"] == "admin"
    await complete(world, boss, {"amount": "many"})
    assert (await pm(world, "mary", "GET", f"/cases/{case}/variables"))["amount"] == "many"

    # INUBIT sees the office's as one for a group, and Camunda gives it to robert
    (office,) = await find(world, name="Office")
    assert (office["assignee"], office["candidateGroups"]) == (None, ["Employees"])
    assert "Office" in await inubit_list(world, "robert")
    unassigned = await pm(world, "robert", "GET", "/cases/unassigned")
    assert [row["app_uid"] for row in unassigned] == [case]
    target = f"/v2/user-tasks/{office['userTaskKey']}/assignment"
    given = await world.call("POST", target, JSON, body=b'{"assignee":"robert"}', user="demo")
    assert given.status == 204
    assert await pm(world, "robert", "GET", "/cases/unassigned") == []
    (row,) = [r for r in await pm(world, "robert", "GET", "/cases") if r["app_uid"] == case]
    assert row["app_tas_title"] == "Office"

    # infoRouter's administrator moves all of robert's work to mary, who routes it where it began
    text = await ask(world, "TransferUserTasks", "admin", fromUserName="robert", toUserName="mary")
    assert 'success="true"' in text
    assert [r["usr_uid"] for r in await pm(world, "mary", "GET", "/cases") if r["app_uid"] == case] == [MARY]
    await pm(world, "mary", "PUT", f"/cases/{case}/route-case")
    (look,) = await find(world, name="Look")
    await complete(world, look, {})
    done = await pm(world, "mary", "GET", f"/cases/{case}")
    assert done["app_status"] == "COMPLETED"


async def test_what_another_dialect_starts_is_a_case(world: World) -> None:
    starter = "/ibis/rest/task/adhoc/testuser/74933f6c-72c6-44c5-9e90-91070f98c7dd"
    assert (await world.call("POST", starter, user="testuser")).status == 201
    (task,) = [t for t in await find(world, processDefinitionId="request") if t["assignee"] == "testuser"]
    (row,) = [r for r in await pm(world, "testuser", "GET", "/cases") if r["app_tas_title"] == task["name"]]
    case = row["app_uid"]
    activity = f"/project/{row['pro_uid']}/activity/{row['tas_uid']}/adhoc-assignee"
    await pm(world, "admin", "POST", activity, {"ada_uid": ROBERT, "ada_type": "user"})
    passed_on = {"usr_uid_source": row["usr_uid"], "usr_uid_target": ROBERT}
    await pm(world, "admin", "PUT", f"/cases/{case}/reassign-case", passed_on)
    mine = [t for t in await find(world, processDefinitionId="request") if t["assignee"] in ("testuser", "robert")]
    assert [(t["userTaskKey"], t["assignee"], t["state"]) for t in mine] == [(task["userTaskKey"], "robert", "CREATED")]
    assert str(task["name"]) in await inubit_list(world, "robert")
    await pm(world, "robert", "PUT", f"/cases/{case}/route-case")
    assert "COMPLETED" in {t["state"] for t in await find(world, processDefinitionId="request")}


async def test_who_pauses_a_case_still_has_the_task(world: World) -> None:
    """A pause is ProcessMaker's note: other dialects go on."""
    await add(world, ["world leave"])
    case = (await pm(world, "mary", "POST", "/cases", {"pro_uid": PROJECT, "tas_uid": ASK}))["app_uid"]
    await pm(world, "mary", "PUT", f"/cases/{case}/pause")
    assert [row["app_uid"] for row in await pm(world, "mary", "GET", "/cases/paused")] == [case]
    (mine,) = await find(world, name="Ask")
    await complete(world, mine, {})
    assert await pm(world, "mary", "GET", "/cases/paused") == []
    assert (await find(world, name="Boss"))[0]["state"] == "CREATED"
