"""BPMN documents as the engine's graphs."""

from dataclasses import asdict

from core.graph.check import ONE_START, check
from core.graph.elements import (
    AdHoc,
    Assign,
    Binding,
    BindingKind,
    Call,
    CalledDecision,
    Element,
    ElementKind,
    Event,
    EventKind,
    Flow,
    Listener,
    Loop,
    Offer,
    Script,
    TaskTemplate,
    Timing,
    Work,
)
from core.graph.graph import Graph
from core.graph.problems import Problem
from core.graph.program import happens
from schemas.bpmn.reader import read
from schemas.bpmn.records import BindingRecord, EventRecord, ListenerRecord, Node, ProcessRecord, TaskAttributes


class NotDeployable(ValueError):
    """What is wrong with a document, element by element."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{p.element_id}: {p.text}" for p in problems))
        self.problems = problems


def graphs(document: bytes) -> list[Graph]:
    """The executable processes of a document. Raises schemas.bpmn.reader.BadBpmn or NotDeployable."""
    return [graph(record) for record in read(document)]


def graph(record: ProcessRecord, *, one_start: bool = False, strict: bool = True, offer: Offer | None = None) -> Graph:
    """`one_start`: it begins in one way only if nothing happens; `strict`: nor is it deployed with what can only be a
    mistake; `offer`: what user tasks are to workers that are not marked as for people. Raises NotDeployable."""
    flows = tuple(Flow(e.id, e.source, e.target, e.condition) for e in record.edges)
    elements = tuple(_element(node, offer) for node in record.nodes)
    compiled = Graph(record.id, record.name, elements, flows, _listeners(record.listeners))
    unsupported = [Problem(id, text) for id, text in record.unsupported]
    missing = {problem.element_id for problem in unsupported}
    # flows that lead to what is not supported are no problems of their own
    ends = {f.id for f in flows if {f.source, f.target} & missing}
    problems = unsupported + [p for p in check(compiled, strict=strict) if p.element_id not in missing | ends]
    starts = [e for e in compiled.elements if e.kind is ElementKind.START_EVENT and not (e.parent or happens(e))]
    if one_start and len(starts) > 1:
        problems.append(Problem(compiled.id, ONE_START))
    if problems:
        raise NotDeployable(problems)
    return compiled


def _element(node: Node, offer: Offer | None) -> Element:
    return Element(
        id=node.id,
        kind=ElementKind(node.kind),
        name=node.name,
        parent=node.parent,
        default_flow=node.default_flow,
        task=None if node.task is None else _template(node.task, offer),
        form_id=node.form_id,
        form_binding=_binding(node.form_binding),
        inputs=tuple(Assign(*pair) for pair in node.inputs),
        outputs=tuple(Assign(*pair) for pair in node.outputs),
        listeners=_listeners(node.listeners),
        script=None if node.script is None else Script(*node.script),
        call=None if node.call is None else Call(*node.call[:3], _binding(node.call[3])),
        decision=None if node.decision is None else CalledDecision(*node.decision[:2], _binding(node.decision[2])),
        timing=None if node.timing is None else Timing(*node.timing),
        event=None if node.event is None else _event(node.event),
        work=None if node.work is None else Work(*node.work),
        attached_to=node.attached_to,
        interrupting=node.interrupting,
        loop=None if node.loop is None else Loop(**asdict(node.loop)),
        ad_hoc=None if node.ad_hoc is None else AdHoc(**asdict(node.ad_hoc)),
        undone_by=node.undone_by,
        undoing=node.undoing,
    )


def _event(record: EventRecord) -> Event:
    return Event(EventKind(record.kind), record.name, record.code, record.correlation)


def _template(task: TaskAttributes, offer: Offer | None) -> TaskTemplate:
    texts = asdict(task)
    marked, form_key = texts.pop("marked"), texts.pop("form_key")
    read = {"listeners": _listeners(task.listeners), "form_binding": _binding(task.form_binding)}
    read["form_reference"], read["offer"] = form_key or task.form_reference, None if marked else offer
    return TaskTemplate(**{**texts, **read})


def _binding(record: BindingRecord) -> Binding:
    known = record.kind in list(BindingKind)
    return Binding(BindingKind(record.kind) if known else BindingKind.LATEST, record.version_tag)


def _listeners(records: list[ListenerRecord]) -> tuple[Listener, ...]:
    return tuple(Listener(**asdict(record)) for record in records)
