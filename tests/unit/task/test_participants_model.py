"""Processes with tasks for several people, against a plain model, in SQLite and in PostgreSQL.

A process is a row of steps; a step has tasks side by side, each for some people. Whatever is done with the tasks, in
whatever order, and ahead of time: a step ends when all its tasks are done, then the next one begins. Where the last
task that was left was deleted, nothing goes on: the step never ends, and where no others are left, the instance does.
"""

import itertools
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.graph.elements import Completion, Element, ElementKind, Flow, Participants, TaskTemplate
from core.graph.graph import Graph
from core.instance.commands import StartInstance
from core.instance.queries import InstanceByKey
from core.people.commands import CreateUser
from core.people.queries import ListUsers
from core.process.commands import DeployProcess
from core.rejections import Rejection
from core.search.query import PageRequest, Sort, Where
from core.task.commands import CancelTask, CompleteTask, DeleteTask, PlanTask, ReassignTask
from core.task.fields import TaskWhere
from core.task.queries import History, SearchTasks
from tests.support.rounds import rounds
from tests.support.watch import watch
from tests.unit.conftest import Living

USERS = ("ann", "bob", "cec")
ENDS = ("task.completed", "task.canceled", "task.deleted")
_count = itertools.count()


@dataclass
class Definition:
    users: tuple[str, ...]
    completion: Completion


@dataclass
class Model:
    """`tasks` are [step, definition, assignee, state, deleted] in the order of their making; `lost` are the definitions
    of the current step behind which nothing goes on."""

    steps: list[list[Definition]]
    tasks: list[list[Any]] = field(default_factory=list)
    current: int = -1
    lost: set[int] = field(default_factory=set)
    terminated: bool = False

    def start(self) -> None:
        self._begin(0)
        for number, step in enumerate(self.steps[1:], 1):
            if number > self.current:
                self._make(number, step, "PLANNED")

    def _make(self, number: int, step: list[Definition], state: str) -> None:
        for d, definition in enumerate(step):
            if any(t[0] == number and t[1] == d for t in self.tasks):
                continue
            users = definition.users
            if definition.completion is Completion.PICK:
                users = ("?",)
            self.tasks += [[number, d, user, state, False] for user in users]

    def _begin(self, number: int) -> None:
        self.current = number
        if number == len(self.steps):
            return
        self._make(number, self.steps[number], "CREATED")
        for task in self.tasks:
            if task[0] == number and task[3] == "PLANNED":
                task[3] = "CREATED"
        for d in range(len(self.steps[number])):
            if all(t[4] for t in self.tasks if t[:2] == [number, d]):
                self.lost.add(d)
        self._settle()

    def done(self, number: int, d: int) -> bool:
        mine = [t for t in self.tasks if t[0] == number and t[1] == d]
        first = self.steps[number][d].completion is Completion.FIRST
        if first and any(t[3] == "COMPLETED" for t in mine):
            for task in mine:
                if task[3] not in ("COMPLETED", "CANCELED"):
                    task[3] = "CANCELED"
        return all(t[3] in ("COMPLETED", "CANCELED") for t in mine)

    def _settle(self) -> None:
        number = self.current
        done = [self.done(number, d) for d in range(len(self.steps[number]))]
        if len(self.lost) == len(done):
            self.terminated = True
            for task in self.tasks:
                task[3] = task[3] if task[3] in ("COMPLETED", "CANCELED") else "CANCELED"
        elif all(done) and not self.lost:
            self._begin(number + 1)

    def apply(self, operation: str, index: int) -> bool:
        """False if it has to be refused."""
        task = self.tasks[index]
        if operation == "complete" and task[3] == "CREATED":
            task[3] = "COMPLETED"
        elif operation == "cancel" and task[3] in ("CREATED", "PLANNED"):
            task[3] = "CANCELED"
        elif operation == "open" and task[3] == "PLANNED":
            task[3] = "CREATED"
            return True
        elif operation == "put back" and task[3] == "CREATED":
            task[3] = "PLANNED"
            return True
        elif operation == "delete" and task[3] in ("CREATED", "PLANNED"):
            task[3], task[4] = "CANCELED", True
            mine = [t for t in self.tasks if t[:2] == task[:2]]
            if task[0] == self.current and all(t[3] in ("COMPLETED", "CANCELED") for t in mine):
                self.lost.add(task[1])
        elif operation == "reassign" and task[3] == "CREATED":
            task[2] = "ann"
            return True
        else:
            return False
        if task[0] == self.current:
            self._settle()
        return True


definitions = st.builds(
    Definition,
    st.lists(st.sampled_from(USERS), min_size=1, max_size=3, unique=True).map(tuple),
    st.sampled_from(list(Completion)),
)
processes = st.lists(st.lists(definitions, min_size=1, max_size=2), min_size=1, max_size=3)
operations = st.lists(
    st.tuples(
        st.sampled_from(["complete", "complete", "cancel", "open", "put back", "reassign", "delete"]),
        st.integers(0, 30),
    ),
    max_size=14,
)


def graph(steps: list[list[Definition]], keys: dict[str, int]) -> Graph:
    elements = [Element("start", ElementKind.START_EVENT)]
    flows: list[Flow] = []
    last = "start"

    def connect(source: str, target: str) -> None:
        flows.append(Flow(f"f{len(flows)}", source, target))

    for n, step in enumerate(steps):
        elements.append(Element(f"s{n}", ElementKind.PARALLEL_GATEWAY))
        connect(last, f"s{n}")
        for d, definition in enumerate(step):
            participants = Participants(tuple(keys[u] for u in definition.users), completion=definition.completion)
            template = TaskTemplate(participants=participants)
            elements.append(Element(f"t{n}-{d}", ElementKind.USER_TASK, f"{n}-{d}", task=template))
            connect(f"s{n}", f"t{n}-{d}")
            connect(f"t{n}-{d}", f"e{n}")
        elements.append(Element(f"e{n}", ElementKind.PARALLEL_GATEWAY))
        last = f"e{n}"
    elements.append(Element("end", ElementKind.END_EVENT))
    connect(last, "end")
    return Graph(f"row-{next(_count)}", "Row", tuple(elements), tuple(flows))


async def _play(living: Living, steps: list[list[Definition]], wishes: list[tuple[str, int]]) -> None:
    engine, who = living.engine, living.who
    known = {u.username: u.key for u in await engine.ask(ListUsers(), who)}
    for name in USERS:
        if name not in known:
            known[name] = (await engine.execute(CreateUser(name), who)).key
    deployed = await engine.execute(DeployProcess(graph(steps, known)), who)
    started = await engine.execute(StartInstance(deployed.process_key), who)
    model = Model(steps)
    model.start()

    async def rows() -> list[Any]:
        where: tuple[TaskWhere, ...] = (Where("instance_key", "eq", started.key),)
        page = PageRequest(limit=None, cap=None)
        found = await engine.ask(SearchTasks(where, (Sort("key"),), page, planned=True), who)
        return [view.task for view in found.items]

    async def compare() -> list[Any]:
        tasks = await rows()
        assert [(t.name, t.state) for t in tasks] == [(f"{s}-{d}", state) for s, d, _, state, _ in model.tasks]
        for task, (_, _, user, _, _) in zip(tasks, model.tasks, strict=True):
            assert user in ("?", task.assignee)
        state = (await engine.ask(InstanceByKey(started.key), who)).instance.state
        ended = "COMPLETED" if model.current == len(steps) else "TERMINATED" if model.terminated else ""
        assert state == (ended or "ACTIVE")
        for task in tasks:
            kinds = [e.kind for e in await engine.ask(History(task.key), who) if e.entity_key == task.key]
            assert kinds[0] in ("task.planned", "task.created"), kinds
            assert kinds.count("task.created") <= kinds.count("task.shelved") + 1, kinds
            assert (kinds[-1] in ENDS) == (task.state in ("COMPLETED", "CANCELED")), kinds
        visible = await engine.ask(SearchTasks((Where("instance_key", "eq", started.key),)), who)
        assert visible.total == sum(t.state != "PLANNED" for t in tasks)
        return tasks

    tasks = await compare()
    for operation, pick in wishes:
        index = pick % len(tasks)
        key = tasks[index].key
        command: Any = {
            "complete": CompleteTask(key),
            "cancel": CancelTask(key),
            "open": PlanTask(key),
            "put back": PlanTask(key, planned=True),
            "delete": DeleteTask(key),
            "reassign": ReassignTask(key, "ann"),
        }[operation]
        allowed = model.apply(operation, index)
        with watch(engine) as seen:
            try:
                await engine.execute(command, who)
                assert allowed, operation
            except Rejection:
                assert not allowed, operation
                assert (seen.writing, seen.counters) == ([], [])
        tasks = await compare()


@given(processes, operations)
@settings(max_examples=rounds(20))
def test_steps_follow_each_other(living: Living, steps: list[list[Definition]], wishes: list[tuple[str, int]]) -> None:
    living.run(_play(living, steps, wishes))
