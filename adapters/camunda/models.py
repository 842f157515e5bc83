"""BPMN files as processes of the engine and DMN files as its decisions, or all that keeps them from being that."""

from collections.abc import Iterator
from dataclasses import replace

from adapters.camunda.values import values
from adapters.common.bpmn import NotDeployable, graph
from adapters.common.dmn import BadDmn, requirements
from core.graph.dmn.compiler import compiled
from core.graph.dmn.model import Requirements
from core.graph.elements import Offer
from core.graph.graph import Graph
from schemas.bpmn.reader import definitions, processes_in
from schemas.bpmn.records import ProcessRecord
from schemas.camunda.bpmn import Complaint, complaints
from schemas.camunda.deployment import BadResource

#: user tasks that are not marked as Camunda's own
_OFFER = Offer("io.camunda.zeebe:userTask")

#: of a file that is no DMN, or not by its schema
_UNREADABLE = "Failed to parse DMN: org.camunda.bpm.model.dmn.DmnModelException: Unable to parse model"

Process = tuple[ProcessRecord, Graph]


def read_model(document: bytes) -> tuple[list[Process], list[Complaint]]:
    """Its executable processes, and why it is refused. Raises BadBpmn."""
    root = definitions(document)
    refused = [*complaints(root), *values(root)]
    named = {complaint.element.partition(" > ")[0] for complaint in refused}
    processes: list[Process] = []
    for record in processes_in(root):
        try:
            compiled = graph(record, one_start=True, strict=False, offer=_OFFER)
            processes.append((record, replace(compiled, incidents=True)))
        except NotDeployable as error:
            refused += _besides(record, error, named)
    return processes, refused


def _besides(record: ProcessRecord, error: NotDeployable, named: set[str]) -> Iterator[Complaint]:
    """What keeps a process from running here. Where elements are named anyway, what only follows from that is not."""
    limits = {id for id, _ in record.unsupported}
    for problem in error.problems:
        is_own = problem.element_id in limits or problem.is_expression
        if problem.element_id not in named and (is_own or not named):
            yield Complaint(problem.element_id, problem.text)


def refusals(document: bytes) -> list[Complaint]:
    """Why a document cannot be deployed. Raises BadBpmn."""
    return read_model(document)[1]


def read_decisions(document: bytes) -> Requirements:
    """What a DMN file says. Raises BadResource."""
    try:
        graph = requirements(document)
    except BadDmn as error:
        raise BadResource(str(error) if error.is_told else _UNREADABLE) from None
    problems = compiled(graph.to_json()).problems
    if problems:
        raise BadResource("\n".join(problems))
    if not graph.id or not all(decision.id for decision in graph.decisions):
        raise BadResource("Expected the decision requirements and all decisions to have an id")
    return graph
