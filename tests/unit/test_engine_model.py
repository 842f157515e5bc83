"""The engine against a plain model: any commands, many at once, in SQLite and in PostgreSQL.

Commands that arrive together share turns. Whatever the turns are, the outcome has to be that of the same commands one
after the other, in the order of their arrival.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.instance.commands import CancelInstance
from core.instance.queries import InstanceByKey
from core.people.commands import CreateUser
from core.rejections import Conflict, NotFound, Rejection, WrongState
from core.task.commands import AssignTask, ClaimTask, CompleteTask, CreateTask, TransferTasks, UnassignTask, UpdateTask
from core.task.queries import History, TaskByKey
from core.turn.command import Command, Done, Transferred
from tests.support.rounds import rounds
from tests.support.watch import watch
from tests.unit.conftest import Living

USERS = ("ann", "bob", "cec")
TASKS = 3


@dataclass
class ModelTask:
    state: str = "CREATED"
    assignee: str | None = None
    priority: int = 50
    candidates: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=lambda: ["task.created"])


def apply(task: ModelTask, step: tuple[Any, ...]) -> str:
    """What the engine should say: `done`, or the kind of refusal."""
    kind, *arguments = step
    if kind == "update" and arguments[0] > 100:
        return "invalid"
    if task.state != "CREATED":
        return "state"
    if kind == "complete":
        task.state = "COMPLETED"
        task.events.append("task.completed")
    elif kind == "assign":
        task.assignee = arguments[0]
        task.events.append("task.assigned")
    elif kind == "claim":
        if task.assignee not in (None, arguments[0]):
            return "claimed"
        task.assignee = arguments[0]
        task.events.append("task.claimed")
    elif kind == "unassign":
        task.assignee = None
        task.events.append("task.unassigned")
    elif kind == "update":
        task.priority = arguments[0]
        task.candidates = list(arguments[1])
        task.events.append("task.updated")
    elif kind == "cancel":
        task.state = "CANCELED"
        task.events.append("task.canceled")
    return "done"


def command(key: int, instance: int, step: tuple[Any, ...]) -> Command[Done]:
    kind, *arguments = step
    match kind:
        case "complete":
            return CompleteTask(key, {"by": "model"})
        case "assign":
            return AssignTask(key, arguments[0])
        case "claim":
            return ClaimTask(key, arguments[0])
        case "unassign":
            return UnassignTask(key)
        case "update":
            return UpdateTask(key, priority=arguments[0], candidate_users=tuple(arguments[1]))
    return CancelInstance(instance)


def verdict(outcome: Any) -> str:
    match outcome:
        case Done(pending=False):
            return "done"
        case WrongState():
            return "state"
        case Conflict(reason="claimed"):
            return "claimed"
        case Rejection():
            return "invalid"
    raise AssertionError(repr(outcome))


STEP = st.one_of(
    st.just(("complete",)),
    st.tuples(st.just("assign"), st.sampled_from(USERS)),
    st.tuples(st.just("claim"), st.sampled_from(USERS)),
    st.just(("unassign",)),
    st.tuples(st.just("update"), st.integers(0, 120), st.lists(st.sampled_from(USERS), unique=True)),
    st.just(("cancel",)),
)
BATCHES = st.lists(
    st.lists(st.tuples(st.integers(0, TASKS - 1), STEP), min_size=1, max_size=12), min_size=1, max_size=4
)


@settings(max_examples=rounds(20))
@given(batches=BATCHES)
def test_any_commands_have_the_outcome_of_a_sequence(living: Living, batches: list[list[Any]]) -> None:
    living.run(_compare(living, batches))


async def _compare(living: Living, batches: list[list[Any]]) -> None:
    engine, who = living.engine, living.who
    started = await asyncio.gather(*(engine.execute(CreateTask(f"t{n}"), who) for n in range(TASKS)))
    models = [ModelTask() for _ in range(TASKS)]
    for batch in batches:
        wanted = [engine.execute(command(started[n].tasks[0].key, started[n].key, step), who) for n, step in batch]
        with watch(engine) as seen:
            outcomes = await asyncio.gather(*wanted, return_exceptions=True)
        expected = [apply(models[n], step) for n, step in batch]
        assert [verdict(o) for o in outcomes] == expected
        if "done" not in expected:
            assert (seen.writing, seen.counters) == ([], [])
    for instance, model in zip(started, models, strict=True):
        key = instance.tasks[0].key
        task = (await engine.ask(TaskByKey(key), who)).task
        assert (task.state, task.assignee, task.priority) == (model.state, model.assignee, model.priority)
        assert list(task.candidate_users) == model.candidates
        await _check_history(living, key, model)
        ended = (await engine.ask(InstanceByKey(instance.key), who)).instance
        assert (ended.state == "ACTIVE") == (model.state == "CREATED")


async def _check_history(living: Living, key: int, model: ModelTask) -> None:
    """Exactly one event for each change, and each begins where the last one ended."""
    events = [e for e in await living.engine.ask(History(key), living.who) if e.entity == "task"]
    assert [e.kind for e in events] == model.events
    assert [e.key for e in events] == sorted(e.key for e in events)
    assignee = None
    for event in events[1:]:
        before, after = event.before, event.after
        if "assignee" in before:
            assert before["assignee"] == assignee
            assignee = after["assignee"]
        assert (event.actor, event.dialect) == ("system", "test")


@settings(max_examples=rounds(10))
@given(counts=st.lists(st.integers(0, 4), min_size=2, max_size=2), steps=st.lists(STEP, max_size=4))
def test_a_transfer_moves_what_is_open_in_one_moment(living: Living, counts: list[int], steps: list[Any]) -> None:
    """A command over a set keeps its place in the order among others."""
    living.run(_transfer(living, counts, steps))


_rounds = iter(range(1_000_000))


async def _transfer(living: Living, counts: list[int], steps: list[Any]) -> None:
    engine, who = living.engine, living.who
    n = next(_rounds)
    giver, taker = f"giver{n}", f"taker{n}"
    for name in (giver, taker):
        await engine.execute(CreateUser(name), who)
    mine = await asyncio.gather(*(engine.execute(CreateTask("t", assignee=giver), who) for _ in range(counts[0])))
    models = [ModelTask(assignee=giver) for _ in mine]
    before = [(i, s) for i, s in enumerate(steps[: len(mine)]) if s[0] != "assign"]
    wanted = [engine.execute(command(mine[i].tasks[0].key, mine[i].key, s), who) for i, s in before]
    moved, *outcomes = (
        await asyncio.gather(*wanted, engine.execute(TransferTasks(giver, taker), who), return_exceptions=True)
    )[::-1]
    for (i, step), outcome in zip(before, outcomes[::-1], strict=True):
        assert verdict(outcome) == apply(models[i], step)
    movable = [m for m in models if m.state == "CREATED" and m.assignee == giver]
    assert moved == Transferred(len(movable), 0)
    for model in movable:
        model.assignee = taker
        model.events.append("task.transferred")
    for started, model in zip(mine, models, strict=True):
        task = (await engine.ask(TaskByKey(started.tasks[0].key), who)).task
        assert (task.state, task.assignee) == (model.state, model.assignee)
        history = await engine.ask(History(task.key), who)
        assert [e.kind for e in history if e.entity == "task"] == model.events


async def _missing(living: Living) -> None:
    with pytest.raises(NotFound):
        await living.engine.execute(CompleteTask(1), living.who)
    with pytest.raises(NotFound):
        await living.engine.execute(TransferTasks("nobody", "nobody else"), living.who)


def test_what_is_not_there(living: Living) -> None:
    living.run(_missing(living))
