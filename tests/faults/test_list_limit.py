"""A list without pages has a limit of rows: beyond it it is refused in its dialect's shape, and nothing is read."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.storage.sqlite import SqliteConnection
from tests.faults.test_long_lists import USER, _ask, _list
from tests.support.crowd import crowd
from tests.support.world import World, open_world

MOST = 150
UNPAGED = (
    "inubit",
    "infoRouter",
    "infoRouter, SOAP",
    "processmaker /cases",
    "processmaker /cases/participated",
    "processmaker /light/participated?limit=100000",
)


@pytest.fixture
async def limited(template: Path, tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(template, tmp_path, max_list_rows=MOST) as world:
        there = (await world.call("GET", "/ibis/rest/task/tasks", user=USER)).text.count("<Task ")
        await crowd(world.engine, USER, MOST - there - 1)  # and the one that is copied
        yield world


@pytest.mark.parametrize("name", UNPAGED)
async def test_a_list_may_have_so_many_rows_and_no_more(
    limited: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = await _list(limited, name)
    whole = await _ask(limited, request)
    assert whole.status == 200
    assert whole.text.count("Read &amp; sign") + whole.text.count("Read & sign") > 100
    assert "Too many" not in whole.text

    await crowd(limited.engine, USER, 1)
    most_read = 0
    fetch = SqliteConnection.fetch

    def counted(self: SqliteConnection, *arguments: object) -> list[tuple[object, ...]]:
        nonlocal most_read
        rows = fetch(self, *arguments)  # type: ignore[arg-type]
        if rows and len(rows[0]) > 2:  # not only keys
            most_read = max(most_read, len(rows))
        return rows

    monkeypatch.setattr(SqliteConnection, "fetch", counted)
    refused = await _ask(limited, request)
    assert most_read < MOST
    if name == "inubit":
        assert refused.status == 400
        assert "<statusCode>400</statusCode>" in refused.text
    elif name.startswith("infoRouter"):
        assert refused.status == 200
        assert "Too many tasks match the criteria." in refused.text
        assert "Read &amp; sign" not in refused.text
    else:
        assert refused.status == 400
        assert refused.json()["error"]["message"] == f"Bad Request: The list has more than {MOST} rows."


@pytest.mark.parametrize(
    "target",
    ["/ibis/rest/task/tasks?start=100&count=20", "/ibis/rest/task/tasks?start=10", "/ibis/rest/task/tasks?count=150"],
)
async def test_pages_of_a_longer_list_are_there(limited: World, target: str) -> None:
    await crowd(limited.engine, USER, 1)
    assert (await limited.call("GET", target, user=USER)).status == 200


async def test_without_a_limit_a_list_has_any_number_of_rows(template: Path, tmp_path: Path) -> None:
    async with open_world(template, tmp_path, max_list_rows=0) as world:
        await crowd(world.engine, USER, MOST)
        assert (await world.call("GET", "/ibis/rest/task/tasks", user=USER)).text.count("Read &amp; sign") > MOST
