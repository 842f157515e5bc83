"""Who has a task, against a plain model: through any hands, by the commands of all dialects, in SQLite and PostgreSQL.

Two tasks side by side, and a third one when both are completed. Whatever happens to them, a task stays itself; it has
one open holding as long as it is open, and all dialects agree on whose it is.
"""

import asyncio
import itertools
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.inubit.tasks import lock_of
from adapters.processmaker.case import case_of
from core.graph.elements import Element, ElementKind, Flow, TaskTemplate
from core.graph.graph import Graph
from core.instance.commands import StartInstance
from core.instance.queries import InstanceByKey, SearchInstances
from core.people.commands import CreateUser
from core.process.commands import DeployProcess
from core.rejections import NotFound, Rejection
from core.search.query import Is, Where
from core.tables.task import Task
from core.task.commands import (
    AssignTask,
    ClaimTask,
    CompleteTask,
    DeleteTask,
    ReassignTask,
    TransferTasks,
    UnassignTask,
    UpdateTask,
)
from core.task.queries import History, HoldingsOf, SearchTasks, TaskByHolding, TaskByKey
from core.turn.command import Command, Several
from tests.unit.conftest import Living

GRAPH = Graph(
    "hands",
    "Hands",
    (
        Element("start", ElementKind.START_EVENT),
        Element("split", ElementKind.PARALLEL_GATEWAY),
        *(
            Element(id, ElementKind.USER_TASK, id, task=TaskTemplate(candidate_groups="staff"))
            for id in ("a", "b", "c")
        ),
        Element("join", ElementKind.PARALLEL_GATEWAY),
        Element("end", ElementKind.END_EVENT),
    ),
    (
        Flow("f1", "start", "split"),
        *(Flow(f"to-{id}", "split", id) for id in ("a", "b")),
        *(Flow(f"from-{id}", id, "join") for id in ("a", "b")),
        Flow("f2", "join", "c"),
        Flow("f3", "c", "end"),
    ),
)


@dataclass
class Hand:
    """A holding."""

    task: str
    ordinal: int
    thread: int
    previous: int
    holder: str | None
    number: int
    passed: bool = False


@dataclass
class Model:
    """`tasks` are the states, by element; `hands` are in the order in which they began, the last of a task its own."""

    tasks: dict[str, str] = field(default_factory=dict)
    hands: list[Hand] = field(default_factory=list)
    events: dict[str, list[str]] = field(default_factory=dict)
    state: str = "ACTIVE"
    numbers: int = 0

    def open(self, id: str, thread: int, previous: int) -> None:
        self.tasks[id], self.events[id] = "CREATED", ["task.created"]
        self.hands.append(
            Hand(
                task=id,
                ordinal=len(self.hands) + 1,
                thread=thread,
                previous=previous,
                holder=None,
                number=self._number(),
            )
        )

    def _number(self) -> int:
        self.numbers -= 1  # a stand-in until the engine has told the number
        return self.numbers

    def last(self, id: str) -> Hand:
        return next(h for h in reversed(self.hands) if h.task == id)

    def give(self, id: str, holder: str | None, *, renumbered: bool = False) -> None:
        last = self.last(id)
        if not renumbered and (last.holder is None or last.holder == holder):
            last.holder = holder
            return
        last.passed = renumbered
        number = self._number() if renumbered else last.number
        self.hands.append(
            Hand(
                task=id,
                ordinal=len(self.hands) + 1,
                thread=last.thread,
                previous=last.ordinal,
                holder=holder,
                number=number,
            )
        )

    def apply(self, kind: str, id: str, user: str, other: str) -> bool:
        """False if it has to be refused."""
        if kind == "transfer":
            if user != other:
                for each in [t for t in self.tasks if self.tasks[t] == "CREATED" and self.last(t).holder == user]:
                    self.give(each, other)
                    self.events[each].append("task.transferred")
            return True
        if self.tasks.get(id) != "CREATED":
            return False
        holder = self.last(id).holder
        match kind:
            case "claim" | "lock" if holder not in (None, user) or (kind == "lock" and holder is not None):
                return False
            case "claim" | "lock":
                self.give(id, user)
                self.events[id].append("task.claimed")
            case "assign":
                self.give(id, user)
                self.events[id].append("task.assigned")
            case "pass on":
                if holder != other:
                    return False
                self.give(id, user)
                self.events[id].append("task.assigned")
            case "unassign":
                self.give(id, None)
                self.events[id].append("task.unassigned")
            case "delegate":
                self.give(id, None)
                self.events[id] += ["task.updated", "task.unassigned"]
            case "reassign":
                self.give(id, user, renumbered=True)
                self.events[id].append("task.reassigned")
            case "complete":
                self._end(id, "COMPLETED")
                self.events[id].append("task.completed")
            case "delete":
                self._end(id, "CANCELED")
                self.events[id].append("task.deleted")
        return True

    def _end(self, id: str, state: str) -> None:
        self.tasks[id] = state
        if id == "c":
            self.state = "COMPLETED" if state == "COMPLETED" else "TERMINATED"
        elif [self.tasks["a"], self.tasks["b"]] == ["COMPLETED", "COMPLETED"]:
            last = self.last(id)
            self.open("c", last.thread, last.ordinal)
        elif [self.tasks["a"], self.tasks["b"]] == ["CANCELED", "CANCELED"]:
            self.state = "TERMINATED"


def command(kind: str, key: int, user: str, other: str) -> Command[Any]:
    match kind:
        case "claim":
            return ClaimTask(key, user)
        case "lock":
            return ClaimTask(key, user, unclaimed=True)
        case "assign":
            return AssignTask(key, user)
        case "pass on":
            return AssignTask(key, user, holder=other)
        case "unassign":
            return UnassignTask(key)
        case "delegate":
            return Several((UpdateTask(key, candidate_groups=("staff",)), UnassignTask(key)))
        case "reassign":
            return ReassignTask(key, user, ext={"words": {"n": key}})
        case "transfer":
            return TransferTasks(user, other)
        case "complete":
            return CompleteTask(key)
    return DeleteTask(key)


KINDS = ("claim", "lock", "assign", "pass on", "unassign", "delegate", "reassign", "transfer", "complete", "delete")
STEP = st.tuples(
    st.sampled_from([*KINDS, *KINDS[:8]]), st.sampled_from(["a", "a", "b", "c"]), st.integers(0, 2), st.integers(0, 2)
)
BATCHES = st.lists(st.lists(STEP, min_size=1, max_size=4), min_size=1, max_size=8)
_rounds = itertools.count()


class Hands:
    """An instance, and what is seen of it."""

    def __init__(self, living: Living) -> None:
        self.engine, self.who = living.engine, living.who
        self.model = Model()
        self.first: dict[str, Task] = {}
        self.numbers: dict[int, int] = {}

    async def begin(self) -> None:
        n = next(_rounds)
        self.users = tuple(f"{name}{n}" for name in ("ann", "bob", "cec"))
        for name in self.users:
            await self.engine.execute(CreateUser(name), self.who)
        process = (await self.engine.execute(DeployProcess(GRAPH), self.who)).process_key
        self.instance = (await self.engine.execute(StartInstance(process), self.who)).key
        self.model.open("a", 1, 0)
        self.model.open("b", 2, 0)
        await self.compare()

    async def play(self, batch: list[Any]) -> None:
        """All at once: the outcome is that of one after the other."""
        wanted = []
        for kind, id, user, other in batch:
            key = self.first[id].key if id in self.first else 1
            wanted.append(self.engine.execute(command(kind, key, self.users[user], self.users[other]), self.who))
        outcomes = await asyncio.gather(*wanted, return_exceptions=True)
        for (kind, id, user, other), outcome in zip(batch, outcomes, strict=True):
            known = id in self.first or kind == "transfer"
            allowed = known and self.model.apply(kind, id, self.users[user], self.users[other])
            assert isinstance(outcome, Rejection) != allowed, (kind, id, outcome)
        await self.compare()

    async def compare(self) -> None:
        view = await self.engine.ask(InstanceByKey(self.instance), self.who)
        assert view.instance.state == self.model.state
        held = (await self.engine.ask(HoldingsOf((self.instance,)), self.who))[self.instance]
        found = [
            (h.task.element_id, h.holding.ordinal, h.holding.thread, h.holding.previous, h.holding.holder) for h in held
        ]
        hands = self.model.hands
        assert found == [(h.task, h.ordinal, h.thread, h.previous, h.holder) for h in hands]
        for hand, (task, holding) in zip(hands, held, strict=True):
            assert self.numbers.setdefault(hand.number, holding.number) == holding.number
            self.first.setdefault(hand.task, task)
        case = case_of(view, held)
        assert [d.index for d in case.open] == sorted(
            self.model.last(id).ordinal for id, state in self.model.tasks.items() if state == "CREATED"
        )
        assert case.participants == {h.holder for h in hands if h.holder}
        for id in self.model.tasks:
            await self._compare_task(id)
        for user in self.users:
            took_part_in_this = SearchInstances((Is("participant", user), Where("key", "eq", self.instance)))
            took_part = (await self.engine.ask(took_part_in_this, self.who)).total
            assert bool(took_part) == (user in case.participants)

    async def _compare_task(self, id: str) -> None:
        """All dialects have the same task, of the same user."""
        first, last = self.first[id], self.model.last(id)
        task = (await self.engine.ask(TaskByKey(first.key), self.who)).task
        assert (task.key, task.uid, task.number) == (first.key, first.uid, first.number)
        assert (task.state, task.assignee) == (self.model.tasks[id], last.holder)
        assert lock_of(task) == (last.holder or "")
        if last.holder:
            theirs = SearchTasks((Where("assignee", "eq", last.holder), Where("key", "eq", task.key)))
            assert (await self.engine.ask(theirs, self.who)).total == 1
        for hand in [h for h in self.model.hands if h.task == id and (h.passed or (h is last and not task.removed))]:
            numbered = await self.engine.ask(TaskByHolding(self.numbers[hand.number]), self.who)
            assert (numbered.task.key, numbered.task.assignee) == (task.key, hand.holder)
            assert (numbered.passed is not None) == hand.passed
        if task.removed:
            try:
                numbered = await self.engine.ask(TaskByHolding(self.numbers[last.number]), self.who)
                raise AssertionError(numbered)
            except NotFound:
                pass
        events = [e for e in await self.engine.ask(History(task.key), self.who) if e.entity_key == task.key]
        assert [e.kind for e in events] == self.model.events[id]
        holder = None
        for event in events[1:]:
            before, after = event.before, event.after
            if "assignee" in before and event.kind != "task.deleted":
                assert before["assignee"] == holder
                holder = after["assignee"]
        assert holder == last.holder


async def _play(living: Living, batches: list[list[Any]]) -> None:
    hands = Hands(living)
    await hands.begin()
    for batch in batches:
        await hands.play(batch)


@given(batches=BATCHES)
@settings(max_examples=60)
def test_a_task_stays_itself_through_all_hands(living: Living, batches: list[list[Any]]) -> None:
    living.run(_play(living, batches))
