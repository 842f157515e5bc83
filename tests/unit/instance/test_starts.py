"""Instances: where they start, as a draft or not, and with which variables."""

import pytest

from core.engine import Engine
from core.instance.commands import SetVariables, StartInstance
from core.instance.queries import Variables
from core.rejections import ExecutionFailed, WrongState
from core.search.query import Where
from core.task.commands import CompleteTask, CreateTask
from core.task.queries import SearchTasks, TasksOf
from tests.support.graphs import deploy, me, row


async def test_a_draft_is_one_until_it_is_sent_on(engine: Engine) -> None:
    who = me(engine)
    process, _ = await deploy(engine, who, row("draft", "ask", "decide"))
    started = await engine.execute(StartInstance(process, assignee="ann", draft=True), who)
    drafts = SearchTasks((Where("draft", "eq", 1), Where("ended_at", "exists", False)))
    assert [v.task.key for v in (await engine.ask(drafts, who)).items] == [started.tasks[0].key]
    await engine.execute(CompleteTask(started.tasks[0].key), who)
    first, second = (await engine.ask(TasksOf((started.key,)), who))[started.key]
    assert (first.draft, second.draft) == (1, 0), "what was a draft remains known"
    assert (await engine.ask(drafts, who)).items == ()


async def test_where_to_start(engine: Engine) -> None:
    who = me(engine)
    process, _ = await deploy(engine, who, row("middle", "one", "two"))
    started = await engine.execute(StartInstance(process, element_id="two"), who)
    (task,) = (await engine.ask(TasksOf((started.key,)), who))[started.key]
    assert task.element_id == "two"
    with pytest.raises(ExecutionFailed):
        await engine.execute(StartInstance(process, element_id="three"), who)


async def test_variables_are_merged_while_the_instance_runs(engine: Engine) -> None:
    who = me(engine)
    started = await engine.execute(CreateTask("work"), who)
    await engine.execute(SetVariables(started.key, {"a": 1, "b": {"x": [1]}}), who)
    await engine.execute(SetVariables(started.key, {"a": None}), who)
    assert await engine.ask(Variables(started.key), who) == {"a": None, "b": {"x": [1]}}
    await engine.execute(CompleteTask(started.tasks[0].key), who)
    with pytest.raises(WrongState):
        await engine.execute(SetVariables(started.key, {"a": 2}), who)
