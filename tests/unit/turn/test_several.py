"""Commands that belong together."""

import pytest

from core.registry.commands import CreateReference, UpdateReference
from core.registry.queries import ReferenceByNumber
from core.rejections import NotFound, WrongState
from core.task.commands import AssignTask, CompleteTask
from core.turn.command import Several
from tests.support.bpmn import element, row
from tests.support.running import Running

WORK = element("userTask", "work")


async def test_several_commands_are_carried_out_together_or_not_at_all(run: Running) -> None:
    made = await run.do(Several((CreateReference("unit", "a"), CreateReference("unit", "b"))))
    assert [created.number for created in made] == [1, 2]
    rename = UpdateReference(made[0].key, name="lost")
    with pytest.raises(NotFound):
        await run.do(Several((rename, UpdateReference(99))))
    assert (await run.engine.ask(ReferenceByNumber("unit", 1), run.who)).name == "a"
    await run.do(Several(()))


async def test_a_command_sees_what_the_one_before_it_did(run: Running) -> None:
    key = await run.run(row(WORK))
    (task,) = (await run.tasks(key)).values()
    with pytest.raises(WrongState):
        await run.do(Several((CompleteTask(task), AssignTask(task, "ann"))))
    await run.do(Several((AssignTask(task, "ann"), CompleteTask(task, holder="ann"))))
    assert await run.state(key) == "COMPLETED"
