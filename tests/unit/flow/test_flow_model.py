"""Running processes against a plain model: random block-structured processes, finished task by task in random order.

The model walks the tree of blocks that a process was made from; the engine moves tokens through the graph of it.
"""

import itertools
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.graph.check import check
from core.graph.elements import Element, ElementKind, Flow, TaskTemplate
from core.graph.graph import Graph
from core.instance.commands import StartInstance
from core.instance.queries import InstanceByKey
from core.process.commands import DeployProcess
from core.rejections import WrongState
from core.search.query import Where
from core.storage.rows import load_any
from core.tables.instance import ElementInstance
from core.task.commands import CompleteTask
from core.task.queries import SearchTasks
from core.turn.command import Several
from tests.support.rounds import rounds
from tests.support.watch import watch
from tests.unit.conftest import Living

# A block is ("task",), ("sequence", [blocks]), ("parallel", [blocks]), ("choice", [blocks]) or ("sub", block).
BLOCK = st.recursive(
    st.just(("task",)),
    lambda inner: st.one_of(
        st.tuples(st.just("sequence"), st.lists(inner, max_size=3)),
        st.tuples(st.just("parallel"), st.lists(inner, min_size=2, max_size=3)),
        st.tuples(st.just("choice"), st.lists(inner, min_size=2, max_size=3)),
        st.tuples(st.just("sub"), inner),
    ),
    max_leaves=6,
)


@dataclass
class Builder:
    """Turns a block into elements and flows, and into the tree that the model walks."""

    elements: list[Element] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    ids: Any = field(default_factory=lambda: itertools.count())

    def element(self, kind: ElementKind, parent: str, **more: Any) -> str:
        id = f"e{next(self.ids)}"
        self.elements.append(Element(id, kind, parent=parent, **more))
        return id

    def flow(self, source: str, target: str, condition: str = "") -> str:
        id = f"f{next(self.ids)}"
        self.flows.append(Flow(id, source, target, condition))
        return id

    def scope(self, block: Any, parent: str) -> Any:
        start = self.element(ElementKind.START_EVENT, parent)
        last, tree = self.block(block, start, parent)
        self.flow(last, self.element(ElementKind.END_EVENT, parent))
        return tree

    def block(self, block: Any, after: str, parent: str) -> tuple[str, Any]:
        """(the element that the block ends with, the model's tree)"""
        kind = block[0]
        if kind == "task":
            id = self.element(ElementKind.USER_TASK, parent, task=TaskTemplate())
            self.flow(after, id)
            return id, ("task", id)
        if kind == "sequence":
            trees = []
            for inner in block[1]:
                after, tree = self.block(inner, after, parent)
                trees.append(tree)
            return after, ("sequence", trees)
        if kind == "sub":
            id = self.element(ElementKind.SUB_PROCESS, parent)
            self.flow(after, id)
            return id, self.scope(block[1], id)
        gateway = ElementKind.PARALLEL_GATEWAY if kind == "parallel" else ElementKind.EXCLUSIVE_GATEWAY
        fork, join = self.element(gateway, parent), self.element(gateway, parent)
        self.flow(after, fork)
        trees = []
        for number, inner in enumerate(block[1]):
            hop = self.element(ElementKind.EXCLUSIVE_GATEWAY, parent)
            self.flow(fork, hop, f"way = {number}" if kind == "choice" else "")
            last, tree = self.block(inner, hop, parent)
            self.flow(last, join)
            trees.append(tree)
        return join, (kind, trees)


def open_tasks(tree: Any, done: list[str], way: int) -> tuple[list[str], bool]:
    """(the tasks that are open, is the block finished?)"""
    kind, inside = tree
    if kind == "task":
        return ([], True) if inside in done else ([inside], False)
    if kind == "choice":
        return open_tasks(inside[way % len(inside)], done, way)
    if kind == "parallel":
        parts = [open_tasks(part, done, way) for part in inside]
        return [t for tasks, _ in parts for t in tasks], all(finished for _, finished in parts)
    for part in inside:
        tasks, finished = open_tasks(part, done, way)
        if not finished:
            return tasks, False
    return [], True


_names = itertools.count()


@settings(max_examples=rounds(20))
@given(block=BLOCK, way=st.integers(0, 1), picks=st.lists(st.integers(0, 100), max_size=12))
def test_the_open_tasks_are_those_of_the_model(living: Living, block: Any, way: int, picks: list[int]) -> None:
    builder = Builder()
    tree = builder.scope(block, "")
    graph = Graph(f"p{next(_names)}", "Random", tuple(builder.elements), tuple(builder.flows))
    assert check(graph) == []
    assert Graph.from_json(graph.to_json()) == graph
    living.run(_walk(living, graph, tree, way, picks))


async def _walk(living: Living, graph: Graph, tree: Any, way: int, picks: list[int]) -> None:
    engine, who = living.engine, living.who
    deployed = await engine.execute(DeployProcess(graph), who)
    started = await engine.execute(StartInstance(deployed.process_key, variables={"way": way}), who)
    done: list[str] = []
    choices = itertools.chain(picks, itertools.repeat(0))
    while True:
        expected, finished = open_tasks(tree, done, way)
        is_open = SearchTasks((Where("instance_key", "eq", started.key), Where("state", "eq", "CREATED")))
        found = {v.task.element_id: v.task for v in (await engine.ask(is_open, who)).items}
        assert sorted(found) == sorted(expected)
        instance = (await engine.ask(InstanceByKey(started.key), who)).instance
        assert (instance.state == "COMPLETED") == finished
        if finished:
            break
        chosen = expected[next(choices) % len(expected)]
        again = CompleteTask(found[chosen].key)
        with watch(engine) as seen, pytest.raises(WrongState):
            await engine.execute(Several((again, again)), who)
        assert seen.writing == []
        await engine.execute(again, who)
        done.append(chosen)
    rows = load_any(living.connection, ElementInstance, "instance_key", [started.key])
    assert {row.state for row in rows} == {"COMPLETED"}
    assert {row.live for row in rows} == {0}
    assert not any(row.arrived for row in rows)
