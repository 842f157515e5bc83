"""Listeners that hold a transition until they proceed or deny."""

import asyncio
from typing import Any

import pytest

from core.engine import Engine
from core.graph.elements import Element, ElementKind, Flow, Listener, TaskTemplate
from core.graph.graph import Graph
from core.identity.passwords import hash_password
from core.instance.commands import StartInstance
from core.instance.queries import InstanceByKey, Variables
from core.job.commands import ActivateJobs, CompleteJob
from core.people.commands import CreateUser
from core.principal import Principal, system
from core.process.commands import DeployProcess
from core.rejections import WrongState
from core.search.query import Where
from core.task.commands import AssignTask, ClaimTask, CompleteTask, UpdateTask
from core.task.queries import History, SearchTasks, TaskByKey
from core.turn.command import Done, Started
from tests.support.world import World

LISTENERS = tuple(Listener(event, "audit") for event in ("assigning", "updating", "completing"))
GUARDED = Graph(
    "guarded",
    "Guarded",
    (
        Element("s", ElementKind.START_EVENT),
        Element("t", ElementKind.USER_TASK, task=TaskTemplate(listeners=LISTENERS)),
        Element("e", ElementKind.END_EVENT),
    ),
    (Flow("1", "s", "t"), Flow("2", "t", "e")),
)


async def answer(engine: Engine, who: Principal, proceed: bool, reason: str) -> None:
    """The listener says what it thinks of the transition that waits for it."""
    (job,) = await engine.execute(ActivateJobs("audit", "auditor", 60_000, 10), who)
    await engine.execute(CompleteJob(job.key, denied=not proceed, reason=reason), who)


async def guarded(engine: Engine, who: Principal) -> Started:
    deployed = await engine.execute(DeployProcess(GUARDED), who)
    return await engine.execute(StartInstance(deployed.process_key), who)


@pytest.mark.parametrize(
    ("asked", "held", "after"),
    [
        (lambda key: AssignTask(key, "ann"), "ASSIGNING", {"state": "CREATED", "assignee": "ann"}),
        (lambda key: ClaimTask(key, "ann"), "ASSIGNING", {"state": "CREATED", "assignee": "ann"}),
        (lambda key: UpdateTask(key, priority=9), "UPDATING", {"state": "CREATED", "priority": 9}),
        (lambda key: CompleteTask(key, {"n": 1}), "COMPLETING", {"state": "COMPLETED"}),
    ],
)
@pytest.mark.parametrize("proceed", [True, False])
async def test_a_held_transition(engine: Engine, asked: Any, held: str, after: dict[str, Any], proceed: bool) -> None:
    who = system(engine.default_tenant)
    started = await guarded(engine, who)
    key = started.tasks[0].key
    assert await engine.execute(asked(key), who) == Done(pending=True)
    task = (await engine.ask(TaskByKey(key), who)).task
    assert (task.state, task.assignee, task.priority) == (held, None, 50)
    for other in (AssignTask(key, "bob"), CompleteTask(key)):
        with pytest.raises(WrongState) as refused:
            await engine.execute(other, who)
        assert refused.value.state == held
    await answer(engine, who, proceed, "no")
    task = (await engine.ask(TaskByKey(key), who)).task
    expected = after if proceed else {"state": "CREATED", "assignee": None, "priority": 50}
    assert {name: getattr(task, name) for name in expected} == expected
    ended = (await engine.ask(InstanceByKey(started.key), who)).instance.state
    assert ended == ("COMPLETED" if task.state == "COMPLETED" else "ACTIVE")
    assert await engine.ask(Variables(started.key), who) == ({"n": 1} if task.state == "COMPLETED" else {})
    kinds = [e.kind for e in await engine.ask(History(key), who)]
    assert kinds.count("task.denied") == (not proceed)
    assert await engine.execute(ActivateJobs("audit", "auditor", 60_000, 10), who) == ()


@pytest.mark.parametrize(
    ("proceed", "status", "detail"),
    [
        (True, 204, ""),
        (
            False,
            409,
            "Command 'COMPLETE' rejected with code 'INVALID_STATE': Completion of the User Task with key 'KEY' was "
            "denied by Task Listener. Reason to deny: 'not yet'",
        ),
    ],
)
async def test_a_caller_waits_for_the_listener(world: World, proceed: bool, status: int, detail: str) -> None:
    started = await guarded(world.engine, world.system)
    key = started.tasks[0].key
    waiting = asyncio.ensure_future(world.call("POST", f"/v2/user-tasks/{key}/completion", user="demo"))
    held = SearchTasks((Where("key", "eq", key), Where("state", "eq", "COMPLETING")))
    while not (await world.engine.ask(held, world.system)).items:  # noqa: ASYNC110  another coroutine makes it so
        await asyncio.sleep(0.01)
    assert not waiting.done()
    await answer(world.engine, world.system, proceed, "not yet")
    answered = await waiting
    assert answered.status == status
    if detail:
        assert answered.json()["detail"] == detail.replace("KEY", str(key))


async def test_who_may_not_work_is_told_so(world: World) -> None:
    """Camunda's 403, in the words of its profile."""
    await world.engine.execute(CreateUser("guest", hash_password("guest")), world.system)
    (view, *_) = (await world.engine.ask(SearchTasks(), world.system)).items
    answer = await world.call("POST", f"/v2/user-tasks/{view.task.key}/completion", user="guest")
    assert (answer.status, answer.json()["title"]) == (403, "FORBIDDEN")
    missing = (
        "Insufficient permissions to perform operation '{}' on resource '{}', required resource identifiers are one of "
        "'[*, {}]'"
    )
    needs = (
        ("UPDATE_USER_TASK", "PROCESS_DEFINITION", "approve"),
        ("COMPLETE_USER_TASK", "PROCESS_DEFINITION", "approve"),
        *(("UPDATE", "USER_TASK", view.task.key), ("COMPLETE", "USER_TASK", view.task.key)),
    )
    told = "; and ".join(missing.format(*need) for need in needs)
    assert answer.json()["detail"] == f"Command 'COMPLETE' rejected with code 'FORBIDDEN': {told}"
