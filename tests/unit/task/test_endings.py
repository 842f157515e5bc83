"""Tasks that have ended, and what can still be done with them."""

import pytest

from core.engine import Engine
from core.instance.commands import CancelInstance
from core.instance.queries import InstanceByKey
from core.rejections import NotFound, WrongState
from core.task.commands import CompleteTask, CreateTask, DeleteTask, PauseTask, PlanTask, UpdateTask
from core.task.queries import SearchTasks, TaskByKey
from core.types import InstanceState
from tests.support.bpmn import element, listeners, row
from tests.support.papers import who
from tests.support.running import Running

WORK = element("userTask", "work")


async def test_a_draft_of_the_vendors_is_kept_with_an_ended_task(run: Running) -> None:
    key = await run.run(row(WORK))
    (task,) = (await run.tasks(key)).values()
    await run.do(CompleteTask(task))
    await run.do(UpdateTask(task, ext={"x": {"deletedAt": 1}}))
    assert (await run.engine.ask(TaskByKey(task), run.who)).task.ext == {"x": {"deletedAt": 1}}
    with pytest.raises(WrongState):
        await run.do(UpdateTask(task, name="new", ext={"x": {}}))


async def test_deleting_the_only_task_cancels_its_instance(engine: Engine) -> None:
    made = await engine.execute(CreateTask("Gone", candidate_users=("ann",)), who(engine))
    await engine.execute(DeleteTask(made.tasks[0].key), who(engine))
    task = (await engine.ask(TaskByKey(made.tasks[0].key), who(engine))).task
    assert (task.state, task.removed) == ("CANCELED", 1)
    instance = (await engine.ask(InstanceByKey(made.key), who(engine))).instance
    assert instance.state == InstanceState.TERMINATED
    with pytest.raises(WrongState):
        await engine.execute(DeleteTask(made.tasks[0].key), who(engine))


async def test_a_task_without_a_workflow_is_put_back_and_started_again(run: Running) -> None:
    made = await run.do(CreateTask("t", assignee="ann"))
    (task,) = made.tasks
    await run.do(PauseTask(task.key))
    await run.do(PlanTask(task.key, planned=True, holder="ann"))
    with pytest.raises(NotFound):
        await run.engine.ask(TaskByKey(task.key), run.who)
    assert not (await run.engine.ask(SearchTasks(), run.who)).items
    with pytest.raises(WrongState):
        await run.do(CompleteTask(task.key))
    with pytest.raises(WrongState):
        await run.do(PlanTask(task.key, planned=True))
    assert await run.state(made.key) == InstanceState.ACTIVE

    await run.do(PlanTask(task.key))
    started = await run.task(task.key)
    assert (started.state, started.assignee, started.number) == ("CREATED", "ann", task.number)
    assert (started.ordinal, started.paused_at) == (2, None)
    await run.do(CompleteTask(task.key))
    assert await run.state(made.key) == InstanceState.COMPLETED


async def test_deleting_a_task_that_was_put_back_cancels_its_instance(run: Running) -> None:
    made = await run.do(CreateTask("t", assignee="ann"))
    await run.do(PlanTask(made.tasks[0].key, planned=True))
    await run.do(DeleteTask(made.tasks[0].key))
    assert await run.state(made.key) == InstanceState.TERMINATED


async def test_a_task_that_was_put_back_stays_with_its_element(run: Running) -> None:
    """A token waits there, and goes on when the task is completed after all."""
    key = await run.run(row(WORK, element("userTask", "next")))
    (task,) = (await run.tasks(key)).values()
    await run.do(PlanTask(task, planned=True))
    await run.do(PlanTask(task))
    await run.do(CompleteTask(task))
    assert list(await run.tasks(key)) == ["next"]
    (task,) = (await run.tasks(key)).values()
    await run.do(PlanTask(task, planned=True))
    await run.do(CancelInstance(key))
    assert await run.state(key) == InstanceState.TERMINATED


async def test_nobody_listens_to_a_task_that_was_put_back(run: Running) -> None:
    heard = listeners("task", ("updating", "job"), ("canceling", "job"))
    key = await run.run(row(element("userTask", "work", "<zeebe:userTask/>" + heard)))
    (task,) = (await run.tasks(key)).values()
    await run.do(PlanTask(task, planned=True))
    with pytest.raises(WrongState):
        await run.do(UpdateTask(task, priority=1))
    assert not (await run.do(UpdateTask(task, priority=1, planned=True))).pending
    await run.do(PlanTask(task))
    assert (await run.task(task)).priority == 1
    assert (await run.do(UpdateTask(task, priority=2))).pending
