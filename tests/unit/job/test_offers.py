"""User tasks that workers may do, too, on both databases."""

import pytest

from core.graph.elements import Offer
from core.instance.commands import CancelInstance, FinishInstance
from core.job.commands import CompleteJob, FailJob
from core.rejections import NotFound
from core.search.query import Where
from core.task.commands import AssignTask, CancelTask, ClaimTask, CompleteTask, DeleteTask, UnassignTask, UpdateTask
from core.task.queries import SearchTasks
from tests.support.bpmn import element, mapping, row, unmarked
from tests.support.running import Running

OFFER = Offer("do", retries=2)


async def begin(run: Running, *elements: str) -> tuple[int, int]:
    """The keys of an instance and of its one task."""
    process_key = await run.deploy("p", row(*elements), offer=OFFER)
    key = await run.start(process_key)
    (task_key,) = (await run.tasks(key)).values()
    return key, task_key


async def test_a_worker_does_it(run: Running) -> None:
    outputs = (("=said", "heard"),)
    key, task_key = await begin(run, unmarked("work", mapping(outputs=outputs)), element("userTask", "next"))
    job = await run.job("do")
    assert (job.key, job.task_key, job.retries) == (task_key, task_key, 2)
    await run.do(CompleteJob(job.key, {"said": 1}))
    task = await run.task(task_key)
    assert (task.state, task.assignee, await run.variables(key)) == ("COMPLETED", None, {"heard": 1})
    assert list(await run.tasks(key)) == ["next"]
    with pytest.raises(NotFound):
        await run.do(CompleteJob(job.key))


async def test_a_worker_that_fails_leaves_it_to_others(run: Running) -> None:
    _, task_key = await begin(run, unmarked("work"))
    await run.do(FailJob((await run.job("do")).key, retries=0))
    assert (await run.jobs("do"), (await run.task(task_key)).state) == ((), "CREATED")
    await run.do(CompleteTask(task_key))
    assert (await run.task(task_key)).state == "COMPLETED"


@pytest.mark.parametrize(
    "ends",
    [
        lambda key, task_key: CompleteTask(task_key),
        lambda key, task_key: CancelTask(task_key),
        lambda key, task_key: DeleteTask(task_key),
        lambda key, task_key: CancelInstance(key),
        lambda key, task_key: FinishInstance(key),
    ],
    ids=["completed", "cancelled", "deleted", "with its instance", "as finished"],
)
async def test_no_worker_does_what_is_over(run: Running, ends) -> None:  # type: ignore[no-untyped-def]
    key, task_key = await begin(run, unmarked("work"))
    await run.do(ends(key, task_key))
    assert await run.jobs("do") == ()
    assert (await run.task(task_key)).ended_at is not None


async def test_who_does_not_know_of_such_tasks_does_not_find_them(run: Running) -> None:
    _, task_key = await begin(run, unmarked("work"))
    for command in (
        CompleteTask(task_key, unoffered=True),
        AssignTask(task_key, "ann", unoffered=True),
        ClaimTask(task_key, "ann", unoffered=True),
        UnassignTask(task_key, unoffered=True),
        UpdateTask(task_key, priority=3, unoffered=True),
    ):
        with pytest.raises(NotFound):
            await run.do(command)
    for offered in (0, 1):
        rows = await run.engine.ask(SearchTasks((Where("offered", "eq", offered),)), run.who)
        assert [view.task.key for view in rows.items] == [task_key] * offered


async def test_a_marked_task_is_for_people(run: Running) -> None:
    await begin(run, element("userTask", "work"))
    assert await run.jobs("do") == ()
