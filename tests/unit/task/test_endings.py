"""Tasks that have ended, and what can still be done with them."""

import pytest

from core.engine import Engine
from core.instance.queries import InstanceByKey
from core.rejections import WrongState
from core.task.commands import CompleteTask, CreateTask, DeleteTask, UpdateTask
from core.task.queries import TaskByKey
from core.types import InstanceState
from tests.support.bpmn import element, row
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
