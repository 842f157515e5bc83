"""Graphs are checked before anything is deployed."""

import pytest

from core.graph.check import check
from core.graph.elements import Element, ElementKind, Flow, TaskTemplate
from core.graph.graph import Graph
from core.graph.program import Program

START, END = Element("s", ElementKind.START_EVENT), Element("e", ElementKind.END_EVENT)


GATE = Element("g", ElementKind.EXCLUSIVE_GATEWAY)


UNREADABLE = (
    "failed to parse expression '1 +': "
    'Expected (binaryComparison | between | instanceOf | in | "and" | "or" | end-of-input):1:3, found "+"'
)


@pytest.mark.parametrize(
    ("elements", "flows", "complaint"),
    [
        ((END,), (), ("p", "Must have at least one start event")),
        (
            (
                START,
                Element("u", ElementKind.SUB_PROCESS),
                *(Element(id, ElementKind.START_EVENT, parent="u") for id in "ab"),
            ),
            (),
            ("u", "Must have at most one start event"),
        ),
        ((START, START), (), ("s", "Must have a unique id")),
        (
            (START, Element("x", ElementKind.END_EVENT, parent="no")),
            (),
            ("x", "Must be part of a sub-process or of the process"),
        ),
        ((START,), (Flow("f", "s", "nowhere"),), ("f", "Must lead from one element to another")),
        ((START, END), (Flow("f", "e", "s"),), ("s", "Must not have incoming sequence flows")),
        (
            (START, GATE, END),
            (Flow("a", "g", "e"), Flow("b", "g", "e", "x")),
            ("a", "Must have a condition or be default flow"),
        ),
        ((START, END), (Flow("f", "s", "e", "1 +"),), ("f", UNREADABLE)),
        (
            (START, Element("t", ElementKind.USER_TASK, task=TaskTemplate(assignee="=("))),
            (),
            (
                "t",
                "failed to parse expression '(': "
                'Expected (start-of-input | ifOp | forOp | quantifiedOp | disjunction):1:1, found "("',
            ),
        ),
        ((START, Element("t", ElementKind.USER_TASK)), (), ("t", "Only a user task has task attributes")),
    ],
)
def test_graphs_are_checked(elements: tuple[Element, ...], flows: tuple[Flow, ...], complaint: tuple[str, str]) -> None:
    assert complaint in [(p.element_id, p.text) for p in check(Graph("p", "", elements, flows))]


def test_a_process_may_begin_in_several_ways() -> None:
    second = Element("s2", ElementKind.START_EVENT)
    tasks = tuple(Element(id, ElementKind.USER_TASK, task=TaskTemplate()) for id in ("t1", "t2"))
    flows = (Flow("a", "s", "t1"), Flow("b", "s2", "t2"), Flow("c", "t1", "e"), Flow("d", "t2", "e"))
    graph = Graph("p", "", (START, second, *tasks, END), flows)
    assert check(graph) == []
    program = Program(graph)
    assert program.first_tasks == tasks
    assert program.starts == {"": START}
