"""A process as plain records, its check, and its compiled form."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

import orjson

from core.flow.expressions import ExpressionError, parse


class ElementKind(StrEnum):
    START_EVENT = "START_EVENT"
    END_EVENT = "END_EVENT"
    USER_TASK = "USER_TASK"
    EXCLUSIVE_GATEWAY = "EXCLUSIVE_GATEWAY"
    PARALLEL_GATEWAY = "PARALLEL_GATEWAY"
    SUB_PROCESS = "SUB_PROCESS"


#: the kind of the element instance that stands for the process itself
PROCESS = "PROCESS"


class Completion(StrEnum):
    """When a user task that several people have at once is done."""

    ALL = "all"  # each of them has to complete his own
    FIRST = "first"  # one of them is enough, the others' tasks are canceled
    PICK = "pick"  # only one of them gets it


@dataclass(frozen=True, slots=True)
class Participants:
    """Multi-instance: a task for each of these users, of the members of these groups (by key), and for the owner of
    the document."""

    users: tuple[int, ...] = ()
    groups: tuple[int, ...] = ()
    owner: bool = False
    completion: Completion = Completion.ALL


@dataclass(frozen=True, slots=True)
class TaskTemplate:
    """What a user task starts with. A text that begins with `=` is an expression over the variables.

    `listeners` names the transitions (assigning, updating, completing, canceling) that wait for somebody's consent.
    `due_after` are milliseconds from the start of the task, 0 for none; `ext` is what a dialect keeps on each task.
    """

    assignee: str = ""
    candidate_users: str = ""
    candidate_groups: str = ""
    priority: str = ""
    due: str = ""
    follow_up: str = ""
    form_id: str = ""
    form_reference: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    listeners: tuple[str, ...] = ()
    description: str = ""
    supervisor_key: int = 0
    due_after: int = 0
    participants: Participants | None = None
    ext: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Element:
    """`parent` is the id of the sub-process that holds the element, empty for the process itself. When it is entered,
    the document of the instance moves to the folder with the key `folder_key`, unless that is 0. `form_id` is the form
    of a start event."""

    id: str
    kind: ElementKind
    name: str = ""
    parent: str = ""
    default_flow: str = ""
    task: TaskTemplate | None = None
    folder_key: int = 0
    form_id: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    id: str
    source: str
    target: str
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    id: str
    name: str
    elements: tuple[Element, ...]
    flows: tuple[Flow, ...]

    def to_json(self) -> str:
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def from_json(cls, text: str) -> "Graph":
        data: dict[str, Any] = orjson.loads(text)
        elements = []
        for e in data["elements"]:
            task = e.pop("task")
            if task is not None:
                task["listeners"] = tuple(task["listeners"])
                task["participants"] = _participants(task.get("participants"))
            template = None if task is None else TaskTemplate(**task)
            elements.append(Element(**{**e, "kind": ElementKind(e["kind"]), "task": template}))
        return cls(data["id"], data["name"], tuple(elements), tuple(Flow(**f) for f in data["flows"]))


def _participants(data: dict[str, Any] | None) -> Participants | None:
    if data is None:
        return None
    completion = Completion(data["completion"])
    return Participants(tuple(data["users"]), tuple(data["groups"]), data["owner"], completion)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a graph cannot be deployed: the element and what is wrong with it."""

    element_id: str
    text: str


def check(graph: Graph) -> list[Problem]:
    problems: list[Problem] = []
    ids: set[str] = set()
    for id in (*(e.id for e in graph.elements), *(f.id for f in graph.flows)):
        if id in ids:
            problems.append(Problem(id, "Must have a unique id"))
        ids.add(id)
    elements = {e.id: e for e in graph.elements}
    scopes = {"": graph.id} | {e.id: e.id for e in graph.elements if e.kind is ElementKind.SUB_PROCESS}
    for scope, name in scopes.items():
        starts = [e for e in graph.elements if e.parent == scope and e.kind is ElementKind.START_EVENT]
        if not starts:
            problems.append(Problem(name, "Must have at least one start event"))
        elif len(starts) > 1:
            problems.append(Problem(name, "Must have at most one start event"))
    for element in graph.elements:
        if element.parent not in scopes:
            problems.append(Problem(element.id, "Must be part of a sub-process or of the process"))
        if (element.kind is ElementKind.USER_TASK) != (element.task is not None):
            problems.append(Problem(element.id, "Only a user task has task attributes"))
        if element.task is not None:
            problems.extend(_check_template(element))
    for flow in graph.flows:
        source, target = elements.get(flow.source), elements.get(flow.target)
        if source is None or target is None:
            problems.append(Problem(flow.id, "Must lead from one element to another"))
            continue
        if source.parent != target.parent:
            problems.append(Problem(flow.id, "Must not cross the border of a sub-process"))
        if target.kind is ElementKind.START_EVENT:
            problems.append(Problem(target.id, "Must not have incoming sequence flows"))
        if source.kind is ElementKind.END_EVENT:
            problems.append(Problem(source.id, "Must not have outgoing sequence flows"))
        problems.extend(_check_expression(flow.id, flow.condition))
    problems.extend(_check_gateways(graph))
    return problems


def _check_gateways(graph: Graph) -> list[Problem]:
    problems = []
    for element in graph.elements:
        outgoing = [f for f in graph.flows if f.source == element.id]
        if element.default_flow and element.default_flow not in {f.id for f in outgoing}:
            problems.append(Problem(element.id, "Default flow must start at this element"))
        if element.kind is ElementKind.EXCLUSIVE_GATEWAY and len(outgoing) > 1:
            for flow in outgoing:
                if not flow.condition and flow.id != element.default_flow:
                    problems.append(Problem(flow.id, "Must have a condition or be default flow"))
        if element.kind is ElementKind.PARALLEL_GATEWAY and any(f.condition for f in outgoing):
            problems.append(Problem(element.id, "Flows that leave a parallel gateway must not have a condition"))
    return problems


def _check_expression(id: str, text: str) -> list[Problem]:
    if not text:
        return []
    try:
        parse(text)
    except ExpressionError as error:
        return [Problem(id, f"Expression not supported: {error}")]
    return []


def _check_template(element: Element) -> list[Problem]:
    task = element.task
    assert task is not None
    texts = (task.assignee, task.candidate_users, task.candidate_groups, task.priority, task.due, task.follow_up)
    return [p for text in texts if text.startswith("=") for p in _check_expression(element.id, text[1:])]


class Program:
    """A graph ready to run: look-ups instead of searches."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.elements: dict[str, Element] = {e.id: e for e in graph.elements}
        self.outgoing: dict[str, tuple[Flow, ...]] = {
            e.id: tuple(f for f in graph.flows if f.source == e.id) for e in graph.elements
        }
        self.incoming: dict[str, tuple[Flow, ...]] = {
            e.id: tuple(f for f in graph.flows if f.target == e.id) for e in graph.elements
        }
        self.starts: dict[str, Element] = {e.parent: e for e in graph.elements if e.kind is ElementKind.START_EVENT}

    @cached_property
    def start_form(self) -> str:
        """The id of the form that an instance starts with, empty if there is none."""
        return self.starts[""].form_id if "" in self.starts else ""

    @cached_property
    def first_tasks(self) -> tuple[Element, ...]:
        """The user tasks that a token can reach from the start without waiting at another."""
        found: dict[str, Element] = {}
        todo = [self.starts[""].id] if "" in self.starts else []
        seen: set[str] = set()
        while todo:
            id = todo.pop(0)
            if id in seen:
                continue
            seen.add(id)
            element = self.elements[id]
            if element.kind is ElementKind.USER_TASK:
                found[id] = element
            elif element.kind is ElementKind.SUB_PROCESS:
                todo.append(self.starts[id].id)
            else:
                todo.extend(flow.target for flow in self.outgoing[id])
        return tuple(found.values())

    def following(self, id: str) -> tuple[tuple["Element", Flow], ...]:
        """The user tasks that can come right after an element, each with the first flow that leads there; gateways are
        passed through, and at the end of a sub-process what follows it."""
        found: dict[str, tuple[Element, Flow]] = {}
        todo = [(flow.target, flow) for flow in self.outgoing[id]] or self._behind(id)
        seen: set[str] = set()
        while todo:
            target, flow = todo.pop(0)
            if target in seen:
                continue
            seen.add(target)
            element = self.elements[target]
            if element.kind is ElementKind.USER_TASK:
                found[target] = (element, flow)
            elif element.kind is ElementKind.SUB_PROCESS:
                todo.append((self.starts[target].id, flow))
            elif element.kind is ElementKind.END_EVENT:
                todo.extend(self._behind(target))
            else:
                todo.extend((f.target, f if f.condition else flow) for f in self.outgoing[target])
        return tuple(found.values())

    @cached_property
    def leading(self) -> frozenset[str]:
        """The user tasks behind which others can come."""
        return frozenset(e.id for e in self.graph.elements if e.task is not None and self.following(e.id))

    def _behind(self, id: str) -> list[tuple[str, Flow]]:
        parent = self.elements[id].parent
        return [(flow.target, flow) for flow in self.outgoing[parent]] if parent else []

    @cached_property
    def participants(self) -> tuple[Participants, ...]:
        """Those of all user tasks that have some; such a process plans its tasks ahead."""
        tasks = (e.task for e in self.graph.elements if e.task is not None)
        return tuple(t.participants for t in tasks if t.participants is not None)

    @cached_property
    def reads_variables(self) -> bool:
        """Does running it need variables: a condition or a computed attribute?"""
        return any(f.condition for f in self.graph.flows) or any(
            text.startswith("=")
            for e in self.graph.elements
            if e.task is not None
            for text in (e.task.assignee, e.task.candidate_users, e.task.candidate_groups, e.task.priority, e.task.due)
        )
