"""What a turn and a query ask of the database, in the log of whoever wants to see it."""

import logging

import pytest

from core.engine import Engine
from core.principal import system
from core.rejections import NotFound
from core.storage import open_store
from core.task.commands import CompleteTask, CreateTask
from core.task.queries import TaskByKey


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    lines = [record.getMessage() for record in caplog.records if record.name in ("dragoman.sql", "dragoman.engine")]
    caplog.clear()
    return lines


async def test_the_statements_of_a_turn_and_of_a_query_are_told(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    engine = Engine(open_store(database_url))
    await engine.start()
    who = system(engine.default_tenant)
    made = await engine.execute(CreateTask("Nobody's business", assignee="ann"), who)
    key = made.tasks[0].key
    said(caplog)

    await engine.execute(CompleteTask(key), who)
    turn = said(caplog)
    assert turn[0] == "turn of CompleteTask"
    heads = [line.split()[1] for line in turn if line.startswith("turn: ")]
    assert heads.index("SELECT") < heads.index("UPDATE") < heads.index("COMMIT")
    assert heads.index("BEGIN") < heads.index("UPDATE")
    assert any("FROM task" in line for line in turn)
    assert all("\n" not in line for line in turn)

    await engine.ask(TaskByKey(key), who)
    assert any(line.startswith("read: SELECT") for line in said(caplog))

    with pytest.raises(NotFound):
        await engine.execute(CompleteTask(1), who)
    assert not any("UPDATE" in line for line in said(caplog))
    await engine.stop()


async def test_values_are_never_told(database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    engine = Engine(open_store(database_url))
    await engine.start()
    await engine.execute(CreateTask("Nobody's business", variables={"wage": 47114711}), system(engine.default_tenant))
    await engine.stop()
    text = "\n".join(said(caplog))
    assert "INTO variable" in text
    assert "Nobody" not in text
    assert "47114711" not in text


async def test_as_long_as_nobody_looks_there_is_nothing_in_between(database_url: str) -> None:
    store = open_store(database_url)
    engine = Engine(store)
    await engine.start()
    assert type(engine._runner._connection) is type(engine._inline)
    assert type(engine._inline).__module__ in ("core.storage.sqlite", "core.storage.postgresql")
    await engine.stop()
