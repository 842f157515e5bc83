"""Pauses."""

import pytest

from core.engine import Engine
from core.rejections import Conflict, Forbidden, Invalid, NotFound, WrongState
from core.search.query import Is, Isnt, Where
from core.task.commands import CompleteTask, CreateTask, PauseTask, ResumeTask
from core.task.queries import SearchTasks, TaskByKey
from tests.support.graphs import me


async def test_a_pause_ends_by_itself_or_by_hand(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    who = me(engine)
    started = await engine.execute(CreateTask("work", assignee="ann"), who)
    key = started.tasks[0].key
    until = engine.clock() + 60_000

    async def paused(at: int) -> bool:
        found = await engine.ask(SearchTasks((Where("key", "eq", key), Is("paused", at))), who)
        awake = await engine.ask(SearchTasks((Where("key", "eq", key), Isnt("paused", at))), who)
        assert len(found.items) + len(awake.items) == 1
        return bool(found.items)

    with pytest.raises(Conflict):
        await engine.execute(ResumeTask(key), who)
    with pytest.raises(Invalid):
        await engine.execute(PauseTask(key, 2**63), who)
    await engine.execute(PauseTask(key, until), who)
    with pytest.raises(Conflict):
        await engine.execute(PauseTask(key), who)
    assert await paused(until - 1)
    assert not await paused(until)
    await engine.execute(ResumeTask(key), who)
    await engine.execute(PauseTask(key), who)
    assert await paused(2**40), "without an end"
    with pytest.raises(Forbidden):
        await engine.execute(ResumeTask(key, holder="bob"), who)
    await engine.execute(CompleteTask(key), who)
    assert (await engine.ask(TaskByKey(key), who)).task.state == "COMPLETED", "a pause is a note, not a lock"
    for command in (PauseTask(key), ResumeTask(key)):
        with pytest.raises(WrongState):
            await engine.execute(command, who)
    with pytest.raises(NotFound):
        await engine.execute(PauseTask(1), who)
