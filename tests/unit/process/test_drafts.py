"""Drafts of processes, and their revisions."""

import asyncio

import pytest

from core.engine import Engine
from core.instance.commands import StartInstance
from core.instance.queries import InstanceByKey
from core.process.commands import DraftProcess, ReviseProcess
from core.process.queries import Drafted
from core.rejections import Conflict, NotFound, WrongState
from core.task.commands import CompleteTask
from core.turn.command import Done
from core.types import InstanceState, ProcessStatus
from tests.support.papers import key_of, library, review, who


async def test_drafts_and_their_revisions(engine: Engine) -> None:
    papers = await library(engine)
    me = who(engine)
    draft = DraftProcess("review", "Review", {"steps": []}, papers)
    made = await engine.execute(draft, me)
    with pytest.raises(Conflict):
        await engine.execute(draft, me)
    with pytest.raises(NotFound, match="process"):
        await engine.execute(StartInstance(made.key), me)
    outcomes = await asyncio.gather(
        *(engine.execute(ReviseProcess(made.key, 0, {"n": n}), me) for n in range(5)), return_exceptions=True
    )
    assert sum(isinstance(o, Done) for o in outcomes) == 1
    graph = review((await key_of(engine, "ann"),))
    await engine.execute(ReviseProcess(made.key, 1, graph=graph, status=ProcessStatus.ACTIVE), me)
    started = await engine.execute(StartInstance(made.key), me)
    await engine.execute(ReviseProcess(made.key, 2, status=ProcessStatus.INACTIVE), me)
    with pytest.raises(WrongState):
        await engine.execute(StartInstance(made.key), me)
    await engine.execute(ReviseProcess(made.key, 3, status=ProcessStatus.DELETED), me)
    assert await engine.ask(Drafted(papers), me) == ()
    with pytest.raises(Conflict):
        await engine.execute(ReviseProcess(made.key, 4, name="x"), me)
    await engine.execute(draft, me)
    await engine.execute(CompleteTask(started.tasks[0].key), me)
    assert (await engine.ask(InstanceByKey(started.key), me)).instance.state == InstanceState.COMPLETED
