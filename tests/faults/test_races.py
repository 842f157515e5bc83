"""Many clients at one task, through all dialects at once: rows S1 and S2 of the fault matrix.

Requests of all of them are on their way before the first is answered. What came of it is compared with the history of
the task: one order, in which each step begins where the one before it ended.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from core.clock import HOUR
from core.identity.commands import IssueCredential
from core.people.commands import AddMember, CreateUser
from core.principal import Principal
from core.types import CredentialKind, Permission
from gateway import demo
from tests.cross.test_cases import pm
from tests.cross.test_pairs import JSON, STARTER, find
from tests.support.asgi import Answer, basic
from tests.support.exchange import add
from tests.support.leave import ASK, PROJECT
from tests.support.rounds import rounds
from tests.support.world import World

CLAIMANTS = 21
WORKER = frozenset((Permission.START, Permission.WORK))


async def colleagues(world: World) -> dict[str, str]:
    """People of the office, with a token of ProcessMaker each."""
    hashed, tokens = await world.engine.hash_password("pw"), {}
    for n in range(CLAIMANTS):
        name = f"clerk{n}"
        user = await world.engine.execute(CreateUser(name, hashed, name, permissions=WORKER), world.system)
        await world.engine.execute(AddMember("Employees", name), world.system)
        who = Principal(world.engine.default_tenant, user.key, name, "processmaker")
        issue = IssueCredential(CredentialKind.ACCESS, user.key, HOUR, demo.CLIENT_ID, "*")
        tokens[name] = (await world.engine.execute(issue, who)).text
    return tokens


async def history(world: World, key: object) -> list[dict[str, Any]]:
    answer = await world.call("GET", f"/history/{key}", user="admin")
    events: list[dict[str, Any]] = answer.json()
    return [event for event in events if event["entity"] == "task"]


def has_taken(dialect: str, answer: Answer) -> bool:
    """Whether who asked has it now; if not, the dialect has said so in its own words."""
    if dialect == "ProcessMaker":
        assert (answer.status, answer.json()["status"] in ("ok", "fail")) == (200, True), answer
        return bool(answer.json()["status"] == "ok")
    if dialect == "INUBIT":
        assert answer.status in (200, 423), answer
        return answer.status == 200
    assert answer.status == 204 or (answer.status, answer.json()["title"]) == (409, "INVALID_STATE"), answer
    return answer.status == 204


async def test_one_of_64_takes_it(world: World, seed: int) -> None:
    """Through the three dialects in which a task is taken."""
    await add(world, ["world leave"])
    tokens = await colleagues(world)
    case = (await pm(world, "mary", "POST", "/cases", {"pro_uid": PROJECT, "tas_uid": ASK}))["app_uid"]
    await pm(world, "mary", "PUT", f"/cases/{case}/route-case")
    (task,) = await find(world, name="Office")
    key = task["userTaskKey"]
    listed = await world.call("GET", "/ibis/rest/task/tasks?nameFilter=Office", user="robert")
    uid = listed.text.partition('<Task id="')[2][:36]
    asked: list[tuple[str, str, Awaitable[Answer]]] = []
    assign = f"/v2/user-tasks/{key}/assignment"
    for name, token in tokens.items():
        lock = f"/ibis/rest/task/tasks/{uid}?{urlencode({'path': '@locked', 'value': name})}"
        claim = f"/api/1.0/workflow/light/case/{case}/claim?del_index=3"
        body = orjson.dumps({"assignee": name, "allowOverride": False})
        asked += [
            (name, "INUBIT", world.call("PUT", lock, {"authorization": basic(name, "pw")})),
            (name, "ProcessMaker", world.call("POST", claim, {"authorization": f"Bearer {token}"})),
            (name, "Camunda", world.call("POST", assign, JSON, body=body, user="demo")),
        ]
    one_more = b'{"assignee":"lisa","allowOverride":false}'
    asked.append(("lisa", "Camunda", world.call("POST", assign, JSON, body=one_more, user="demo")))
    assert len(asked) == 64
    random.Random(seed).shuffle(asked)
    answers = await asyncio.gather(*(work for _, _, work in asked))
    winners = {name for (name, dialect, _), answer in zip(asked, answers, strict=True) if has_taken(dialect, answer)}
    assert len(winners) == 1, winners
    (winner,) = winners
    created, *takings = await history(world, key)
    assert created["kind"] == "task.created"
    assert {event["kind"] for event in takings} == {"task.claimed"}
    assert [event["before"]["assignee"] for event in takings] == [None, *[winner] * (len(takings) - 1)]
    assert {event["after"]["assignee"] for event in takings} == {winner}


def replayed(events: list[dict[str, Any]]) -> tuple[str, str]:
    """The state and the assignee that the history ends with: each event begins where the one before it ended."""
    known: dict[str, Any] = {}
    for number, event in enumerate(events):
        assert known.get("state") not in ("COMPLETED", "CANCELED"), "nothing happens behind the end"
        assert (event["kind"] == "task.created") == (number == 0)
        for name in ("state", "assignee"):
            assert event["before"].get(name, known.get(name)) == known.get(name), event
        known |= event["after"]
    return known["state"], known["assignee"]


ENDS = {"completed": {"Camunda completes", "INUBIT submits"}, "deleted": {"INUBIT deletes"}}


@pytest.mark.rounds
async def test_a_task_has_one_end_whatever_is_done_to_it_at_once(world: World, seed: int) -> None:
    """S2: who was told that it is done has an event, who was not has none; no other order than that of the events."""
    chance, jwt = random.Random(seed), await world.jwt()
    moved = urlencode({"authenticationTicket": demo.TICKET, "fromUserName": "testuser", "toUserName": "mary"})
    seen: set[str] = set()
    for _ in range(rounds(15)):
        uid = (await world.call("POST", STARTER, user="testuser")).text
        (task,) = await find(world, assignee="testuser", state="CREATED")
        listed = await world.call("GET", f"/ibis/rest/task/tasks/{uid}", user="testuser")
        number = listed.text.partition('process="')[2].partition('"')[0]
        key, instance = task["userTaskKey"], task["processInstanceKey"]
        ways: dict[str, tuple[str, str, Any, bytes, str]] = {
            "Camunda completes": ("POST", f"/v2/user-tasks/{key}/completion", JSON, b"{}", "demo"),
            "Camunda cancels": ("POST", f"/v2/process-instances/{instance}/cancellation", JSON, b"", "demo"),
            "Camunda assigns lisa": ("POST", f"/v2/user-tasks/{key}/assignment", JSON, b'{"assignee":"lisa"}', "demo"),
            "Camunda assigns mark": ("POST", f"/v2/user-tasks/{key}/assignment", JSON, b'{"assignee":"mark"}', "demo"),
            "INUBIT submits": ("POST", f"/ibis/rest/task/submit/{uid}", None, b"", "testuser"),
            "INUBIT deletes": ("DELETE", f"/ibis/rest/task/tasks/{uid}", None, b"", "testuser"),
            "infoRouter transfers": ("GET", f"/srv.asmx/TransferUserTasks?{moved}", None, b"", ""),
            "facilioo deletes": ("DELETE", f"/api/processes/{number}", jwt, b"", ""),
        }
        names = chance.sample(list(ways), chance.randint(2, len(ways)))
        works = (
            world.call(m, path, headers, body=body, user=user)
            for m, path, headers, body, user in (ways[name] for name in names)
        )
        answers = dict(zip(names, await asyncio.gather(*works), strict=True))
        done = {name for name, answer in answers.items() if answer.status < 300}
        for name in answers.keys() - done:
            assert answers[name].status in (403, 404, 409, 423), (name, answers[name])

        events = await history(world, key)
        kinds = Counter(event["kind"].removeprefix("task.") for event in events)
        for kind, by in ENDS.items():
            assert kinds[kind] == len(done & by), (kind, done, events)
        assert kinds["assigned"] == len(done & {"Camunda assigns lisa", "Camunda assigns mark"})
        assert kinds["canceled"] <= len(done & {"Camunda cancels", "facilioo deletes"})
        assert kinds["completed"] + kinds["deleted"] + kinds["canceled"] <= 1
        state, assignee = replayed(events)
        (now,) = await find(world, userTaskKey=key)
        assert (now["state"], now["assignee"]) == (state, assignee)
        seen |= kinds.keys()
        if state == "CREATED":  # out of the way of the next one
            await world.call("POST", f"/v2/user-tasks/{key}/completion", user="demo")
    assert seen >= {"created", "completed", "canceled"}
