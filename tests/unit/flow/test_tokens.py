"""No token is lost or doubled: random processes with errors, escalations, event sub-processes, loops and compensation,
of which random tasks and jobs are done, or fail with an error of the process."""

import itertools
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.graph.check import check
from core.graph.elements import Element, ElementKind, Event, EventKind, Flow, Loop, TaskTemplate, Work
from core.graph.graph import Graph
from core.instance.commands import StartInstance
from core.job.commands import ActivateJobs, CompleteJob, ThrowError
from core.process.commands import DeployProcess
from core.rejections import Uncaught
from core.tables.instance import ElementInstance, Instance
from core.tables.job import Job, Timer
from core.tables.task import Task
from core.task.commands import CompleteTask
from core.types import ENDED_TASK_STATES, JobKind
from tests.support.examples import rows
from tests.support.rounds import rounds
from tests.unit.conftest import Living

KIND = "work"
CODES = ("a", "b", "")
#: what a process may consist of: (kind, what is inside, what else there is to say)
LEAVES = st.sampled_from(["task", "job", "undoable", "undo", "escalate"]).map(lambda kind: (kind, (), 0))
BLOCK = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(st.just("sequence"), st.lists(inner, min_size=1, max_size=3), st.just(0)),
        st.tuples(st.just("parallel"), st.lists(inner, min_size=2, max_size=3), st.just(0)),
        st.tuples(st.just("loop"), st.tuples(inner), st.integers(0, 3)),
        st.tuples(st.just("fails"), st.tuples(inner), st.integers(0, 1)),
        st.tuples(st.just("caught"), st.tuples(inner, inner), st.integers(0, 5)),
        st.tuples(st.just("begun"), st.tuples(inner, inner), st.integers(0, 5)),
        st.tuples(st.just("ended"), st.tuples(inner), st.just(0)),
    ),
    max_leaves=8,
)


@dataclass
class Builder:
    elements: list[Element] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    ids: Any = field(default_factory=itertools.count)

    def element(self, kind: ElementKind, parent: str, **more: Any) -> str:
        id = f"e{next(self.ids)}"
        self.elements.append(Element(id, kind, parent=parent, **more))
        return id

    def flow(self, source: str, target: str) -> None:
        self.flows.append(Flow(f"f{next(self.ids)}", source, target))

    def after(self, source: str, kind: ElementKind, parent: str, **more: Any) -> str:
        id = self.element(kind, parent, **more)
        self.flow(source, id)
        return id

    def scope(self, block: Any, parent: str, *, start: Event | None = None, beside: bool = False,
              end: Event | None = None) -> None:  # fmt: skip
        first = self.element(ElementKind.START_EVENT, parent, event=start, interrupting=not beside)
        self.after(self.block(block, first, parent), ElementKind.END_EVENT, parent, event=end)

    def block(self, block: Any, after: str, parent: str) -> str:
        """The element that it ends with."""
        kind, inside, what = block
        if kind in ("task", "undoable"):
            id = self.after(after, ElementKind.USER_TASK, parent, task=TaskTemplate())
            if kind == "undoable":
                undo = self.element(ElementKind.USER_TASK, parent, task=TaskTemplate(), undoing=True)
                self.element(ElementKind.BOUNDARY_EVENT, parent, event=Event(EventKind.COMPENSATION), attached_to=id,
                             undone_by=undo)  # fmt: skip
            return id
        if kind == "job":
            return self.after(after, ElementKind.SERVICE_TASK, parent, work=Work(KIND))
        if kind in ("undo", "escalate"):
            event = Event(EventKind.COMPENSATION) if kind == "undo" else Event(EventKind.ESCALATION, code="a")
            return self.after(after, ElementKind.INTERMEDIATE_THROW_EVENT, parent, event=event)
        if kind == "sequence":
            for part in inside:
                after = self.block(part, after, parent)
            return after
        if kind == "parallel":
            fork, join = self.after(after, ElementKind.PARALLEL_GATEWAY, parent), ""
            lasts = [self.block(part, fork, parent) for part in inside]
            join = self.element(ElementKind.PARALLEL_GATEWAY, parent)
            for last in lasts:
                self.flow(last, join)
            return join
        return self.part(kind, inside, what, after, parent)

    def part(self, kind: str, inside: Any, what: int, after: str, parent: str) -> str:
        """A sub-process, with what makes it special."""
        loop = None
        if kind == "loop":
            condition = "numberOfCompletedInstances = 1" if what == 3 else ""
            loop = Loop("[1, 2]", "n", "all", "n", condition, sequential=what == 1)
        id = self.after(after, ElementKind.SUB_PROCESS, parent, loop=loop)
        end = Event(EventKind.ERROR, code=CODES[what]) if kind == "fails" else None
        self.scope(inside[0], id, end=Event(EventKind.TERMINATE) if kind == "ended" else end)
        thrown = EventKind.ESCALATION if what > 2 else EventKind.ERROR
        event, beside = Event(thrown, code=CODES[what % 3]), what == 4
        if kind == "caught":
            caught = self.element(ElementKind.BOUNDARY_EVENT, parent, event=event, attached_to=id,
                                  interrupting=not beside)  # fmt: skip
            self.after(self.block(inside[1], caught, parent), ElementKind.END_EVENT, parent)
        if kind == "begun":
            self.scope(inside[1], self.element(ElementKind.EVENT_SUB_PROCESS, id), start=event, beside=beside)
        return id


_names = itertools.count()


@settings(max_examples=rounds(25))
@given(block=BLOCK, picks=st.lists(st.tuples(st.integers(0, 100), st.sampled_from(["", "", *CODES[:2]])), max_size=15))
def test_no_token_is_lost_or_doubled(living: Living, block: Any, picks: list[tuple[int, str]]) -> None:
    builder = Builder()
    builder.scope(block, "")
    graph = Graph(f"tokens{next(_names)}", "Random", tuple(builder.elements), tuple(builder.flows))
    assert check(graph) == []
    assert Graph.from_json(graph.to_json()) == graph
    living.run(_walk(living, graph, picks))


async def _walk(living: Living, graph: Graph, picks: list[tuple[int, str]]) -> None:
    engine, who = living.engine, living.who
    deployed = await engine.execute(DeployProcess(graph), who)
    try:
        key = (await engine.execute(StartInstance(deployed.process_key), who)).key
    except Uncaught:
        return
    choices = itertools.chain(picks, itertools.repeat((0, "")))
    stuck: set[int] = set()
    while open_work := [work for work in _check_tokens(living, key) if work.key not in stuck]:
        pick, code = next(choices)
        chosen = open_work[pick % len(open_work)]
        try:
            if isinstance(chosen, Task):
                await engine.execute(CompleteTask(chosen.key), who)
                continue
            await engine.execute(ActivateJobs(KIND, "w", 1, 100), who)
            await engine.execute(ThrowError(chosen.key, code) if code else CompleteJob(chosen.key), who)
        except Uncaught:  # nothing of it stays, and nobody helps: an end that throws will do so again
            stuck |= set() if code and isinstance(chosen, Job) else {chosen.key}
        else:
            stuck.clear()


def _check_tokens(living: Living, key: int) -> list[Task | Job]:
    """What is still to be done in an instance, of which everything fits together."""
    engine = living.engine
    elements = [row for row in rows(engine, ElementInstance) if row.instance_key == key]
    active = {row.key: row for row in elements if row.state == "ACTIVE"}
    (instance,) = (row for row in rows(engine, Instance) if row.key == key)
    tasks = [t for t in rows(engine, Task) if t.instance_key == key and t.state not in ENDED_TASK_STATES]
    jobs = [job for job in rows(engine, Job) if job.instance_key == key]
    tokens = Counter(row.scope_key for row in active.values())
    for row in active.values():
        waiting = sum(count for flows in row.arrived.values() for count in flows.values())
        assert row.live == tokens[row.key] + waiting, row.element_id
        assert row.scope_key in active or row.key == key
    of_tasks = sorted(row.key for row in active.values() if row.kind == ElementKind.USER_TASK)
    of_jobs = sorted(row.key for row in active.values() if row.kind == ElementKind.SERVICE_TASK)
    assert sorted(task.element_instance_key for task in tasks) == of_tasks
    assert sorted(job.element_instance_key for job in jobs) == of_jobs
    assert {job.kind for job in jobs} <= {JobKind.ELEMENT.value}
    assert (instance.state == "ACTIVE") == bool(active) == bool(tasks or jobs)
    assert [timer for timer in rows(engine, Timer) if timer.instance_key == key] == []
    return [*tasks, *jobs]
