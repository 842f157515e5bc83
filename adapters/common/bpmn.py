"""BPMN documents as the engine's graphs."""

from dataclasses import asdict

from core.flow.graph import Element, ElementKind, Flow, Graph, Problem, TaskTemplate, check
from schemas.bpmn.reader import ProcessRecord, read


class NotDeployable(ValueError):
    """What is wrong with a document, element by element."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{p.element_id}: {p.text}" for p in problems))
        self.problems = problems


def graphs(document: bytes) -> list[Graph]:
    """The executable processes of a document. Raises schemas.bpmn.reader.BadBpmn or NotDeployable."""
    return [graph(record) for record in read(document)]


def graph(record: ProcessRecord) -> Graph:
    """Raises NotDeployable."""
    problems = [Problem(id, text) for id, text in record.unsupported]
    if problems:
        raise NotDeployable(problems)
    elements = tuple(
        Element(
            n.id,
            ElementKind(n.kind),
            n.name,
            n.parent,
            n.default_flow,
            None if n.task is None else TaskTemplate(**asdict(n.task)),
            form_id=n.form_id,
        )
        for n in record.nodes
    )
    found = Graph(
        record.id, record.name, elements, tuple(Flow(e.id, e.source, e.target, e.condition) for e in record.edges)
    )
    problems = check(found)
    if problems:
        raise NotDeployable(problems)
    return found
