"""Every endpoint of facilioo with odd values in paths, queries and bodies: a problem that says so, or none."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.facilioo.calls import Endpoint
from adapters.facilioo.dialect import ENDPOINTS
from schemas.common.shapes import members
from schemas.facilioo.contract import REQUESTS
from tests.faults.test_bad_input import Caller, fair, headers_for, too_long
from tests.faults.test_cases import ODD, text_of
from tests.support.rounds import rounds
from tests.support.world import UNTHROTTLED, World, open_world

HOOKS = "https://erp.example.com"
#: values that are good somewhere, so that more than the first check is met
GOOD = (1, 3, 7, 501, 9001, 4422685, 4422690, "x", True, "2026-12-01T10:00:00+01:00", "0001-01-01", None, HOOKS)
NAMES = sorted({member.name for shape in REQUESTS.values() for member in members(shape)} | {"id", "ids", "orderBy"})
value = st.one_of(st.sampled_from(GOOD), st.sampled_from(ODD), st.integers(-(2**33), 2**33), st.text(max_size=5))
body = st.dictionaries(st.sampled_from(NAMES), value, max_size=6)
query = st.dictionaries(st.sampled_from(["pageNumber", "PageSize", "pagesize", "x"]), value, max_size=3)
#: dates at the ends of the calendar, in every form
moments = st.one_of(
    st.datetimes().map(lambda moment: moment.isoformat()),
    st.builds("{:04}-{:02}-{:02}T{:02}:00:00{}".format, st.integers(0, 9999), *([st.integers(0, 31)] * 3), st.text()),
    st.sampled_from(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31"]),
)


@pytest.fixture(scope="module")
def caller(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def begin() -> World:
            folder = tmp_path_factory.mktemp("facilioo")
            options = {"facilioo": {"webhook_targets": HOOKS}}
            world = await stack.enter_async_context(open_world(template, folder, dialects=options, **UNTHROTTLED))
            headers = {**await world.jwt(), "content-type": "application/json"}
            for path, new in (
                ("contracts", {"type": 4, "unitId": 9001, "partyId": 4422690}),
                ("processes/1/feed", {"typeId": 1, "contactTypeId": 1, "text": "x"}),
                ("webhook-registrations", {"partyId": 4422685, "url": HOOKS, "enabledEvents": []}),
            ):
                answer = await world.call("POST", f"/api/{path}", headers, body=orjson.dumps(new))
                assert answer.status == 200, answer.text
            return world

        world = runner.run(begin())
        yield Caller(runner.run, world, {"facilioo": runner.run(headers_for(world, "facilioo"))})
        runner.run(stack.aclose())


def target(endpoint: Endpoint, id: str = "1") -> str:
    return re.sub(r"\{\w+\}", lambda _: id, endpoint.operation.path)


def check(calls: Caller, endpoint: Endpoint, path: str, sent: bytes) -> None:
    answer = calls.call("facilioo", endpoint.operation.method, path, sent, "application/json")
    if too_long(path):
        assert answer.status == 414
        return
    assert fair(answer, "facilioo"), f"{endpoint.operation.name} {path} {sent!r}: {answer.status} {answer.text[:300]}"
    assert answer.status in endpoint.operation.statuses, f"{endpoint.operation.name} {path} {sent!r}: {answer.status}"


def test_every_odd_value_in_every_path(caller: Caller) -> None:
    for endpoint in ENDPOINTS:
        for odd in ODD:
            text = quote(str(odd).encode(errors="replace"), safe="") or "x"
            answer = caller.call("facilioo", endpoint.operation.method, target(endpoint, text), b"", "application/json")
            assert fair(answer, "facilioo"), f"{endpoint.operation.name} {text}: {answer.status} {answer.text[:300]}"


@settings(max_examples=rounds(150))
@given(st.sampled_from(ENDPOINTS), body, query)
def test_odd_values_in_bodies_and_queries(
    caller: Caller, endpoint: Endpoint, sent: dict[str, Any], asked: dict[str, Any]
) -> None:
    parts = [f"{name}={quote(str(text).encode(errors='replace'), safe='')}" for name, text in asked.items()]
    changes: Any = [{"id": 1, **sent}] if endpoint.body.endswith("batch") else sent
    check(caller, endpoint, f"{target(endpoint)}?{'&'.join(parts)}", text_of(changes))


@settings(max_examples=rounds(40))
@given(moments)
def test_any_date(caller: Caller, text: str) -> None:
    (create,) = [endpoint for endpoint in ENDPOINTS if endpoint.operation.name == "createUserTask"]
    sent = text_of({"subject": "x", "dueDate": text, "finishDate": text})
    answer = caller.call("facilioo", "POST", "/api/user-tasks", sent, "application/json")
    assert answer.status in (200, 400), answer.text
    if answer.status == 200:
        again = text_of({"subject": "x", "dueDate": answer.json()["dueDate"]})
        same = caller.call("facilioo", "POST", target(create), again, "application/json")
        assert same.json()["dueDate"] == answer.json()["dueDate"]
