"""Every route of ProcessMaker with values of the wrong kind, in each of its parameters: a clear error or none."""

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

from gateway.dialects import load
from tests.faults.test_bad_input import Caller, fair, headers_for, too_long
from tests.support.exchange import add
from tests.support.leave import ASK, EMPLOYEES, MARY, OFFICE, PROJECT
from tests.support.rounds import rounds
from tests.support.world import UNTHROTTLED, World, open_world

OPERATIONS = [o for o in load("processmaker").operations if "oauth2" not in o.path]
NAMES = (
    *("start", "limit", "filter", "lfilter", "rfilter", "sort", "dir", "search", "cat_uid", "pro_uid", "tas_uid"),
    *("app_uid", "usr_uid", "usr_uid_source", "usr_uid_target", "del_index", "variables", "note_content", "date_from"),
    *("date_to", "app_status", "unpaused_date", "unpauseDate", "cases", "aas_uid", "aas_type", "ada_uid", "ada_type"),
    *("usr_username", "usr_email", "usr_due_date", "usr_status", "usr_role", "usr_new_pass", "usr_firstname"),
    *("usr_lastname", "grp_title", "grp_status", "users", "groups", "properties", "definition", "executeTriggers"),
    *("reason", "taskId", "type", "type_view", "wrap", "send_mail", "suppress_response_codes", "method"),
)
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 2**63, 10**400, 1.5, "", " ", "0", "-1", "1e9", "²", "٣", "\x00", "\ud800", "a" * 5000),
    *("2026-02-30", "<b>", "'; --", "%", "_", "*", "[", "\\", [], {}, [[]], [None], ["x"], [{}], {"a": {"b": []}}),
)


@pytest.fixture(scope="module")
def caller(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Caller, str]]:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def begin() -> tuple[World, str]:
            world = await stack.enter_async_context(
                open_world(template, tmp_path_factory.mktemp("cases"), **UNTHROTTLED)
            )
            await add(world, ["world leave"])
            headers = {**await world.token(), "content-type": "application/json"}
            body = orjson.dumps({"pro_uid": PROJECT, "tas_uid": ASK})
            case = await world.call("POST", "/api/1.0/workflow/cases", headers, body=body)
            return world, case.json()["app_uid"]

        world, case = runner.run(begin())
        yield Caller(runner.run, world, {"processmaker": runner.run(headers_for(world, "processmaker"))}), case
        runner.run(stack.aclose())


def target(path: str, case: str, odd: Any = None) -> str:
    """With ids of things that are there, or with something odd."""
    known = {
        "workspace": "workflow", "prj_uid": PROJECT, "pro_uid": PROJECT, "act_uid": OFFICE, "tas_uid": OFFICE,
        "usr_uid": MARY, "grp_uid": EMPLOYEES, "app_uid": case, "rol_uid": f"{'0' * 31}2", "assignee": MARY,
    }  # fmt: skip

    def fill(match: re.Match[str]) -> str:
        name = match[1]
        if odd is None or name == "workspace":
            return known.get(name, "1")
        return quote(str(odd).encode(errors="replace"), safe="")

    return re.sub(r"\{(\w+)\}", fill, path)


def text_of(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:  # what orjson refuses to write, others do write
        import json

        return json.dumps(value).encode()


def test_every_odd_value_in_every_path(caller: tuple[Caller, str]) -> None:
    calls, case = caller
    for operation in OPERATIONS:
        for odd in ODD:
            path = target(operation.path, case, odd if odd is not None else "null")
            answer = calls.call("processmaker", operation.method, path, b"", "application/json")
            assert fair(answer, "processmaker"), f"{operation.method} {path}: {answer.status} {answer.text[:300]}"


@settings(max_examples=rounds(150))
@given(
    operation=st.sampled_from(OPERATIONS),
    body=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(ODD), max_size=5),
    query=st.dictionaries(st.sampled_from(NAMES), st.sampled_from([v for v in ODD if isinstance(v, str)]), max_size=2),
    form=st.booleans(),
)
def test_odd_values_in_bodies_and_queries(
    caller: tuple[Caller, str], operation: Any, body: dict[str, Any], query: dict[str, str], form: bool
) -> None:
    calls, case = caller
    path = target(operation.path, case)
    path += "?" + "&".join(f"{k}={quote(v.encode(errors='replace'), safe='')}" for k, v in query.items())
    sent = text_of(body)
    content_type = "application/json"
    if form:
        pairs = ((k, str(v).encode(errors="replace")) for k, v in body.items())
        sent = "&".join(f"{k}={quote(v, safe='')}" for k, v in pairs).encode()
        content_type = "application/x-www-form-urlencoded"
    answer = calls.call("processmaker", operation.method, path, sent, content_type)
    if too_long(path):
        assert answer.status == 414
        return
    assert fair(answer, "processmaker"), f"{operation.method} {path} {body!r}: {answer.status} {answer.text[:300]}"
