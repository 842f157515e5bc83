"""Every ordered pair of the five dialects: what is done in the first is seen or acted on in the second, at once.

`WRITES` says what a dialect does to the shared world, `SEES` how another one notices. The grid has no holes.
"""

import itertools
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlencode

import orjson
import pytest

from gateway import demo
from tests.support.world import World

JSON = {"content-type": "application/json"}
STARTER = "/ibis/rest/task/adhoc/testuser/74933f6c-72c6-44c5-9e90-91070f98c7dd"
ASSIGNEES = f"/api/1.0/workflow/project/{demo.PROJECT}/activity/{demo.ACTIVITY}"
MARY = "184131195492c7a04cba5f9056989964"


@dataclass
class Fact:
    """What was done, in words that every dialect can look for."""

    key: str = ""
    uid: str = ""
    number: int = 0
    assignee: str = ""
    candidate: str = ""
    finished: bool = False


async def find(world: World, **conditions: object) -> list[dict[str, object]]:
    """Camunda's view, which has every task."""
    body = orjson.dumps({"filter": conditions, "sort": [{"field": "creationDate", "order": "desc"}]})
    answer = await world.call("POST", "/v2/user-tasks/search", JSON, body=body, user="demo")
    items: list[dict[str, object]] = answer.json()["items"]
    return items


async def inubit_list(world: World, user: str) -> str:
    return (await world.call("GET", "/ibis/rest/task/tasks", user=user)).text


async def transfer(world: World, giver: str, taker: str) -> str:
    query = urlencode({"authenticationTicket": demo.TICKET, "fromUserName": giver, "toUserName": taker})
    return (await world.call("GET", f"/srv.asmx/TransferUserTasks?{query}")).text


async def process(world: World, number: int) -> dict[str, object]:
    answer = await world.call("GET", f"/api/processes/{number}", await world.jwt())
    assert answer.status == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


async def _start(world: World) -> Fact:
    uid = (await world.call("POST", STARTER, user="testuser")).text
    listed = await inubit_list(world, "testuser")
    number = int(re.findall(rf'id="{uid}" process="(\d+)"', listed)[0])
    (task,) = await find(world, assignee="testuser")
    return Fact(str(task["userTaskKey"]), uid, number, "testuser")


# what each dialect does


async def inubit_writes(world: World) -> Fact:
    """INUBIT starts a process for testuser."""
    return await _start(world)


async def camunda_writes(world: World) -> Fact:
    """Camunda assigns a task that INUBIT started to mary, and completes the first task of the demo world."""
    fact = await _start(world)
    body = b'{"assignee":"mary"}'
    answer = await world.call("POST", f"/v2/user-tasks/{fact.key}/assignment", JSON, body=body, user="demo")
    assert answer.status == 204
    fact.assignee = "mary"
    return fact


async def processmaker_writes(world: World) -> Fact:
    """ProcessMaker makes mary an ordinary assignee of the activity; then a process is started."""
    body = f'{{"aas_uid":"{MARY}","aas_type":"user"}}'
    answer = await world.call("POST", f"{ASSIGNEES}/assignee", {**await world.token(), **JSON}, body=body)
    assert answer.status == 201
    fact = await _start(world)
    fact.candidate = "mary"
    return fact


async def inforouter_writes(world: World) -> Fact:
    """infoRouter transfers what testuser has to mary."""
    fact = await _start(world)
    assert 'success="true"' in await transfer(world, "testuser", "mary")
    fact.assignee = "mary"
    return fact


async def facilioo_writes(world: World) -> Fact:
    """facilioo creates a process, whose task is everybody's business."""
    body = b'{"subject":"Heizung","report":"kalt","contactId":4422685,"typeId":3,"unitId":9001}'
    made = (await world.call("POST", "/api/processes", {**await world.jwt(), **JSON}, body=body)).json()
    (task,) = await find(world, processDefinitionId="matter")
    body = b'{"assignee":"mary"}'
    await world.call("POST", f"/v2/user-tasks/{task['userTaskKey']}/assignment", JSON, body=body, user="demo")
    return Fact(str(task["userTaskKey"]), number=made["id"], assignee="mary")


# what each dialect notices


async def inubit_sees(world: World, fact: Fact) -> None:
    listed = await inubit_list(world, fact.assignee)
    assert f'process="{fact.number}"' in listed
    if fact.candidate:
        assert f'<Unit name="{fact.candidate}" type="User"/>' in listed


async def camunda_sees(world: World, fact: Fact) -> None:
    answer = await world.call("GET", f"/v2/user-tasks/{fact.key}", user="lisa")
    task = answer.json()
    assert (task["state"], task["assignee"]) == ("CREATED", fact.assignee)
    if fact.candidate:
        assert task["candidateUsers"] == [fact.candidate]
    done = await world.call("POST", f"/v2/user-tasks/{fact.key}/completion", user="lisa")
    assert done.status == 204
    assert f'process="{fact.number}"' not in await inubit_list(world, fact.assignee)


async def processmaker_sees(world: World, fact: Fact) -> None:
    """ProcessMaker widens whom the activity may be passed to; the history of the task tells it."""
    path = f"{ASSIGNEES}/adhoc-assignee"
    if fact.key and not fact.uid:
        # a facilioo process is a project of its own; its activity is known under the uid of the engine
        connection = world.engine.store.connect()
        rows, _ = connection.execute(
            "SELECT p.uid, a.uid FROM task t JOIN activity a ON a.key = t.activity_key "
            "JOIN process p ON p.key = t.process_key WHERE t.key = :key",
            {"key": int(fact.key)},
        )
        connection.close()
        path = f"/api/1.0/workflow/project/{rows[0][0]}/activity/{rows[0][1]}/adhoc-assignee"
    token = await world.token()
    body = f'{{"ada_uid":"{MARY}","ada_type":"user"}}'
    assert (await world.call("POST", path, {**token, **JSON}, body=body)).status == 201
    assert "mary" in (await world.call("GET", path, token)).text
    events = (await world.call("GET", f"/history/{fact.key}", user="admin")).json()
    assert ("processmaker", "assignee.added", {"kind": "adhoc", "user": "mary"}) in [
        (e["dialect"], e["kind"], e["after"]) for e in events
    ]


async def inforouter_sees(world: World, fact: Fact) -> None:
    assert 'success="true"' in await transfer(world, fact.assignee, "robert")
    task = (await world.call("GET", f"/v2/user-tasks/{fact.key}", user="demo")).json()
    assert task["assignee"] == "robert"


async def facilioo_sees(world: World, fact: Fact) -> None:
    assert (await process(world, fact.number))["isFinished"] is False
    await world.call("POST", f"/v2/user-tasks/{fact.key}/completion", user="demo")
    found = await process(world, fact.number)
    remaining = await find(world, processInstanceKey="0")
    assert remaining == []
    while found["isFinished"] is False:
        (task,) = [t for t in await find(world, state="CREATED") if t["elementId"] == "welcome"]
        await world.call("POST", f"/v2/user-tasks/{task['userTaskKey']}/completion", user="demo")
        found = await process(world, fact.number)
    assert found["finishDate"] is None
    assert found["lastModified"] != found["created"]


WRITES: dict[str, Callable[[World], Awaitable[Fact]]] = {
    "inubit": inubit_writes,
    "processmaker": processmaker_writes,
    "camunda": camunda_writes,
    "inforouter": inforouter_writes,
    "facilioo": facilioo_writes,
}
SEES: dict[str, Callable[[World, Fact], Awaitable[None]]] = {
    "inubit": inubit_sees,
    "processmaker": processmaker_sees,
    "camunda": camunda_sees,
    "inforouter": inforouter_sees,
    "facilioo": facilioo_sees,
}


@pytest.mark.parametrize(("first", "second"), list(itertools.permutations(WRITES, 2)))
async def test_done_here_seen_there(world: World, first: str, second: str) -> None:
    fact = await WRITES[first](world)
    await SEES[second](world, fact)


async def test_the_tour(world: World) -> None:
    """The story of the README, and a history that has all of it in order."""
    fact = await inubit_writes(world)
    await processmaker_sees(world, fact)
    await transfer(world, "testuser", "jsmith")
    await world.call("POST", f"/v2/user-tasks/{fact.key}/completion", user="demo")
    events = (await world.call("GET", f"/history/{fact.key}", user="admin")).json()
    assert [(e["kind"], e["actor"], e["dialect"]) for e in events] == [
        ("instance.started", "testuser", "inubit"),
        ("task.created", "testuser", "inubit"),
        ("assignee.added", "admin", "processmaker"),
        ("task.transferred", "admin", "inforouter"),
        ("task.completed", "demo", "camunda"),
    ]


async def test_one_task_is_claimed_through_all_dialects_that_claim(world: World) -> None:
    """A task that Camunda assigned is locked for INUBIT's candidates."""
    (task,) = await find(world, candidateUser="lisa")
    assert "locked=" not in await inubit_list(world, "mark")
    body = b'{"assignee":"lisa","allowOverride":false}'
    await world.call("POST", f"/v2/user-tasks/{task['userTaskKey']}/assignment", JSON, body=body, user="lisa")
    for user in ("mark", "lisa"):
        assert 'locked="lisa"' in await inubit_list(world, user)
