"""INUBIT's query grammar and bodies with anything in them: an ApiError that says so, or none."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.dialects import load
from schemas.inubit.tasklist import COMPARISONS, SUFFIXES
from tests.cross.test_pairs import STARTER
from tests.faults.test_bad_input import Caller, fair, headers_for, too_long
from tests.faults.test_cases import ODD, text_of
from tests.support.rounds import rounds
from tests.support.world import UNTHROTTLED, World, open_world

OPERATIONS = {o.name: o for o in load("inubit").operations}
COLUMNS = ("name", "description", "creation", "expiration", "process", "action", "locked", "user", "id", "inactive")
columns = st.one_of(st.sampled_from([*COLUMNS, "Unit/@name", "UNIT/@TYPE", "Ort"]), st.text(max_size=4))
values = st.one_of(
    st.sampled_from([*COMPARISONS, "ascending", "descending", "true", "Za*", "%", "?", "\\", "1795311396738", "Role"]),
    st.text(max_size=6),
    st.sampled_from([str(value) for value in ODD]),
)
parameters = st.lists(
    st.tuples(
        st.one_of(
            st.tuples(columns, st.sampled_from(SUFFIXES)).map("".join),
            st.sampled_from(["start", "count", "lang", "enableDIN5007Sort", "user", "path", "value", "x"]),
        ),
        values,
    ),
    max_size=5,
)
units = st.lists(
    st.dictionaries(
        st.sampled_from(["Unit/@name", "Unit/@type", "unit/@NAME"]),
        st.one_of(
            st.sampled_from(["Role", "User", "Unit", "", None, 7]),
            st.lists(st.sampled_from(["Role", "x", 1]), max_size=2),
            st.dictionaries(st.sampled_from(["Role", "User", "x"]), st.sampled_from(["a", ["a"], [1], None])),
        ),
    ),
    max_size=3,
)
bodies = st.one_of(
    units.map(text_of),
    st.sampled_from(ODD).map(text_of),
    st.fixed_dictionaries({"roles": st.sampled_from([[], ["Managers"], "Managers", [1], None])}).map(text_of),
    st.binary(max_size=20),
    st.builds(
        "<TaskListRequest><Sorting><SortField><Field>{}</Field><Order>{}</Order></SortField></Sorting></TaskListRequest>".format,
        st.sampled_from(["NAME", "UNIT/@NAME", "X", "<a/>", ""]),
        st.sampled_from(["ASCENDING", "DESCENDING", "x", ""]),
    ).map(str.encode),
    st.sampled_from(
        [b"<TaskListRequest>x</TaskListRequest>", b"<TaskListRequest><Sorting>1</Sorting></TaskListRequest>"]
    ),
)


@pytest.fixture(scope="module")
def caller(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Caller, str]]:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def begin() -> tuple[World, str]:
            folder = tmp_path_factory.mktemp("inubit")
            world = await stack.enter_async_context(open_world(template, folder, **UNTHROTTLED))
            return world, (await world.call("POST", STARTER, user="testuser")).text

        world, task = runner.run(begin())
        yield Caller(runner.run, world, {"inubit": runner.run(headers_for(world, "inubit"))}), task
        runner.run(stack.aclose())


ASKED = (
    *("listTasks", "listTasksOfRoles", "getTaskForRoles", "filterTasks", "filterTasksAlias", "listTasksOfUnits"),
    *("getFormDataForRoles", "listDelegates", "delegateTask", "changeTask", "nextTask", "listUsers"),
)


@settings(max_examples=rounds(150))
@given(st.sampled_from(ASKED), parameters, bodies, st.booleans())
@example("listTasks", [("nameFilter", "a" * 5000)] * 4, b"", False)  # longer than the gateway reads
def test_whatever_is_asked(
    caller: tuple[Caller, str], name: str, asked: list[tuple[str, str]], body: bytes, standalone: bool
) -> None:
    calls, task = caller
    operation = OPERATIONS[name]
    pairs = [*asked, *([("portal", "standalone")] if standalone else [])]
    query = "&".join(f"{quote(k.encode(errors='replace'))}={quote(v.encode(errors='replace'))}" for k, v in pairs)
    path = re.sub(r"\{\w+\}", task, operation.path)
    answer = calls.call("inubit", operation.method, f"{path}?{query}", body, "")
    if too_long(f"{path}?{query}"):
        assert answer.status == 414
        return
    assert fair(answer, "inubit"), f"{name} {query} {body!r}: {answer.status} {answer.text[:300]}"
    assert answer.status in operation.statuses, f"{name} {query} {body!r}: {answer.status}"


@settings(max_examples=rounds(40))
@given(st.sampled_from(["nameFilter", "OrtFieldFilter", "Unit/@nameFilter", "descriptionFilter"]), st.text(max_size=8))
def test_any_text_can_be_filtered_by(caller: tuple[Caller, str], name: str, text: str) -> None:
    """Quotes, wildcards and whatever else there is in Unicode are no grammar of ours."""
    calls, _ = caller
    sent = quote(text.encode(errors="replace"))
    answer = calls.call("inubit", "GET", f"/ibis/rest/task/tasks?{name}={sent}", b"", "")
    assert answer.status == 200, answer.text


def test_odd_values_in_every_path(caller: tuple[Caller, str]) -> None:
    calls, _ = caller
    odd: list[Any] = [*ODD, "a@@@b@@@c@@@1", "%2F", "10f66801-77e7-4dfa-8f40-0f5039d4552a"]
    for operation in OPERATIONS.values():
        for value in odd:
            text = quote(str(value).encode(errors="replace"), safe="") or "x"
            path = re.sub(r"\{\w+\}", text.replace("\\", ""), operation.path)
            if operation.name == "switchReady":
                continue
            answer = calls.call("inubit", operation.method, path, b"", "")
            assert fair(answer, "inubit"), f"{operation.name} {path}: {answer.status} {answer.text[:300]}"
