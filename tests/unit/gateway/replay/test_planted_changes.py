"""200 changes of known grade, planted one by one into what a gateway answers to a replay: the report shows those, with
these grades, and nothing else; and what follows from a change stands below it."""

import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
from starlette.types import ASGIApp

from gateway.compare.grades import Grade
from gateway.replay.run import Wanted, replay
from gateway.replay.targets import NoAnswer
from gateway.report.account import account
from gateway.report.sources import summary
from gateway.traffic.exchange import Request, Response
from gateway.traffic.labels import operation_of
from gateway.traffic.results import Result
from tests.support.asgi import basic
from tests.support.elsewhere import move_on
from tests.support.facilioo import NEW
from tests.support.planted import Planting, number_of, plant
from tests.support.planted.kinds import KINDS, Expected
from tests.support.rounds import rounds
from tests.support.script import Asked, Script, with_a_shelf
from tests.support.traffic import STARTER
from tests.support.world import open_world_at
from tests.support.written import write

COUNT = 200


class Varied(Script):
    """With everything asked again for the sake of a change."""

    async def record(self, seed: int) -> dict[int, str]:
        """Everything once as it is, then what a change is for; which kind of change goes where is a matter of chance,
        but there is one of each."""
        bases = await self.prepare()
        answers = [await self.ask(*asked) for asked in bases]
        fitting: dict[str, list[Asked]] = defaultdict(list)
        for asked, answer in zip(bases, answers, strict=True):
            for name in KINDS:
                if plant(name, answer, seed) is not None:
                    fitting[name].append(asked)
        assert fitting.keys() == KINDS.keys(), KINDS.keys() - fitting.keys()
        rng = random.Random(seed)
        chosen, rest = [], []
        for name, those in fitting.items():
            rng.shuffle(those)
            chosen.append((name, those[0]))
            rest += [(name, asked) for asked in those[1:]]
        chosen += rng.sample(rest, COUNT - len(chosen))
        rng.shuffle(chosen)
        planted = {}
        for name, asked in chosen:
            await self.ask(*asked)
            planted[self.recorder.numbers] = name
        return planted


@asynccontextmanager
async def world(template: Path, folder: Path, name: str, *, is_elsewhere: bool = False) -> AsyncIterator[ASGIApp]:
    path = folder / name
    copy(template, path)
    if is_elsewhere:
        move_on(path)
    async with open_world_at(f"sqlite:///{path}", path) as opened:
        yield with_a_shelf(opened.gateway)


def told(file: Path) -> tuple[dict[int, Expected], dict[str, Any]]:
    """What is told of each exchange, and the report."""
    with Result(file) as result:
        differences: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for one in result.differences():
            differences[one.exchange].append((one.place, one.grade))
        report = account(summary(result, datetime.now(UTC).date()), Grade.BREAKING)
    return {number: tuple(sorted(those)) for number, those in differences.items()}, report


def groups(report: dict[str, Any]) -> Counter[tuple[str, str]]:
    """How many exchanges the report has by operation and grade, where nothing is told as a consequence."""
    counted: Counter[tuple[str, str]] = Counter()
    for group in report["differences"]:
        counted[group["operation"], group["grade"]] += group["count"]
    return counted


@pytest.mark.rounds
@pytest.mark.parametrize("one_by_one", [True, False], ids=["one by one", "at once"])
async def test_the_report_shows_what_was_planted_and_nothing_else(
    one_by_one: bool, template: Path, tmp_path: Path, seed: int
) -> None:
    for number in range(rounds(1)):
        folder = tmp_path / str(number)
        folder.mkdir()
        await plant_and_look(template, folder, seed + number, one_by_one=one_by_one)


async def plant_and_look(template: Path, folder: Path, seed: int, *, one_by_one: bool) -> None:
    async with world(template, folder, "old.db") as old:
        script = Varied(old)
        planted = await script.record(seed)
    exchanges = script.recorder.recorded
    file = write(folder / "old.rec", exchanges)
    async with world(template, folder, "new.db", is_elsewhere=True) as new:
        proxy = Planting(new, planted, seed)
        await replay(Wanted(file, folder / "it.replay", one_by_one=one_by_one), proxy)
    differences, report = told(folder / "it.replay")
    assert len(proxy.expected) == COUNT
    expected = {number: places for number, places in proxy.expected.items() if places}
    wrong = {
        n: (planted[n], expected.get(n), differences.get(n)) for n in planted if expected.get(n) != differences.get(n)
    }
    assert wrong == {}
    assert differences == expected
    counts = report["exchanges"]
    assert counts == {
        "seen": len(exchanges),
        "equal": len(exchanges) - len(expected),
        "different": len(expected),
        "not_judged": 0,
    }
    assert report["unmapped"] == []
    operations = {exchange.number: operation_of(exchange.request) for exchange in exchanges}
    assert groups(report) == Counter(
        (operations[number], grade) for number, places in expected.items() for _, grade in places
    )
    assert not any(group["consequences"] for group in report["differences"])


#: a change in an answer, and how many operations need what it should have brought, one request each
FOLLOWED = {
    "a process without its id": ("breaking", "/id", 2),
    "a start that is not answered": ("no-answer", "status", 1),
    "a search that fails": ("breaking", "status", 2),
    "a login without its ticket": ("breaking", "/root[1]/@ticket", 1),
}


class Losing(Planting):
    """Takes away what later requests need. `planted` has which of them an exchange is."""

    async def send(self, request: Request) -> Response:
        answer = await self._app.send(request)
        match self._planted.get(number_of(request)):
            case "a process without its id":
                said = json.loads(answer.body)
                return replace(answer, body=json.dumps({k: v for k, v in said.items() if k != "id"}).encode())
            case "a start that is not answered":
                raise NoAnswer("the connection was closed without an answer")
            case "a search that fails":
                return replace(answer, status=500)
            case "a login without its ticket":
                return replace(answer, body=re.sub(rb' ticket="[^"]*"', b"", answer.body))
        return answer


async def losing(script: Script) -> dict[int, str]:
    """Asks for what `FOLLOWED` says. The numbers of its roots."""
    roots = {}
    demo_user, testuser = ({"Authorization": basic(user)} for user in ("demo", "testuser"))
    credentials = {"email": "admin@example.com", "password": "admin", "skipMultiFactorAuthentication": False}
    told = json.loads((await script.ask("POST", "/api/auth/login", credentials)).body)
    jwt = {"Authorization": f"Bearer {told['accessToken']}", "api-version": "2.0"}
    made = json.loads((await script.ask("POST", "/api/processes", {**NEW, "subject": "cold"}, jwt)).body)
    roots[script.recorder.numbers] = "a process without its id"
    await script.ask("GET", f"/api/processes/{made['id']}", None, jwt)
    await script.ask("PATCH", f"/api/processes/{made['id']}", {"subject": "other"}, jwt)
    started = (await script.ask("POST", STARTER, None, testuser | {"Accept": "application/xml"})).body.decode()
    roots[script.recorder.numbers] = "a start that is not answered"
    await script.ask("GET", f"/ibis/rest/task/tasks/{started}", None, testuser)
    wanted = {"filter": {"assignee": "testuser"}, "sort": [{"field": "creationDate", "order": "desc"}]}
    found = json.loads((await script.ask("POST", "/v2/user-tasks/search", wanted, demo_user)).body)["items"]
    roots[script.recorder.numbers] = "a search that fails"
    await script.ask("GET", f"/v2/user-tasks/{found[0]['userTaskKey']}", None, demo_user)
    await script.ask("POST", f"/v2/user-tasks/{found[0]['userTaskKey']}/completion", {}, demo_user)
    entered = (await script.ask("GET", "/srv.asmx/AuthenticateUser?UID=jdoe&PWD=jdoe")).body.decode()
    roots[script.recorder.numbers] = "a login without its ticket"
    (ticket,) = re.findall('ticket="([^"]*)"', entered)
    await script.ask("GET", f"/srv.asmx/GetCurrentUser?authenticationTicket={ticket}")
    return roots


async def test_what_follows_from_a_change_stands_below_it(template: Path, tmp_path: Path) -> None:
    async with world(template, tmp_path, "old.db") as old:
        script = Script(old)
        roots = await losing(script)
    file = write(tmp_path / "old.rec", script.recorder.recorded)
    async with world(template, tmp_path, "new.db", is_elsewhere=True) as new:
        await replay(Wanted(file, tmp_path / "it.replay"), Losing(new, roots, 0))
    _, report = told(tmp_path / "it.replay")
    seen = {
        roots[group["exchange"]]: (
            group["grade"],
            group["place"],
            len({one["operation"] for one in group["consequences"]}),
        )
        for group in report["differences"]
    }
    assert seen == FOLLOWED
    followers = sum(count for _, _, count in FOLLOWED.values())
    assert report["exchanges"]["different"] == len(FOLLOWED) + followers
    assert {value["first_seen"] for value in report["unmapped"]} == roots.keys()
