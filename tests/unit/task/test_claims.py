"""Who takes a task, and that they do it once."""

import pytest

from core.rejections import Conflict
from core.task.commands import ClaimTask
from tests.support.bpmn import element, row
from tests.support.running import Running

WORK = element("userTask", "work")


async def test_whoever_claims_what_must_be_free_gets_it_once(run: Running) -> None:
    key = await run.run(row(WORK))
    (task,) = (await run.tasks(key)).values()
    await run.do(ClaimTask(task, "ann", unclaimed=True))
    with pytest.raises(Conflict):
        await run.do(ClaimTask(task, "ann", unclaimed=True))
    await run.do(ClaimTask(task, "ann"))
