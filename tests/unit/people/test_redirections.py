"""Redirections."""

import pytest

from core.engine import Engine
from core.instance.commands import StartInstance
from core.people.commands import RemoveRedirection, SetRedirection
from core.people.queries import Redirections
from core.process.commands import DeployProcess
from core.rejections import Conflict, Invalid
from core.task.commands import CreateTask
from core.task.queries import TaskByKey
from tests.support.clock import MovableClock
from tests.support.papers import HOUR, key_of, library, review, who


async def test_redirected_while_it_lasts(engine: Engine, clock: MovableClock) -> None:
    await library(engine)
    me = who(engine)
    now = clock()
    with pytest.raises(Invalid):
        await engine.execute(SetRedirection("ann", "ann", now, now + HOUR), me)
    await engine.execute(SetRedirection("ann", "bob", now - HOUR, now + HOUR), me)
    ((row, source, target),) = await engine.ask(Redirections(await key_of(engine, "bob"), to=True), me)
    assert row.starts_at >= now, "not in the past"
    assert (source.username, target.username) == ("ann", "bob")
    for name, other in (("bob", "cec"), ("cec", "ann")):
        with pytest.raises(Conflict, match="redirection"):
            await engine.execute(SetRedirection(name, other, now, None), me)
    (task,) = (await engine.execute(CreateTask("x", assignee="ann", redirect=True), me)).tasks
    assert task.assignee == "bob"
    plain = await engine.execute(CreateTask("x", assignee="ann"), me)
    assert plain.tasks[0].assignee == "ann"
    deployed = await engine.execute(DeployProcess(review((await key_of(engine, "ann"),))), me)
    (made,) = (await engine.execute(StartInstance(deployed.process_key), me)).tasks
    found = (await engine.ask(TaskByKey(made.key), me)).task
    assert (found.assignee, found.redirected_from, found.description) == ("bob", "ann", "Read it")
    assert found.due_at is not None
    assert found.due_at >= now + HOUR
    clock.forward(2 * HOUR)
    (late,) = (await engine.execute(CreateTask("x", assignee="ann", redirect=True), me)).tasks
    assert late.assignee == "ann"
    assert (await engine.execute(RemoveRedirection("ann"), me)).count == 1
    assert (await engine.execute(RemoveRedirection("ann"), me)).count == 0
