"""A process as plain records, its check, and its compiled form."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

import orjson


class ElementKind(StrEnum):
    """BPMN's elements, by BPMN's names for them."""

    START_EVENT = "START_EVENT"
    END_EVENT = "END_EVENT"
    INTERMEDIATE_CATCH_EVENT = "INTERMEDIATE_CATCH_EVENT"
    INTERMEDIATE_THROW_EVENT = "INTERMEDIATE_THROW_EVENT"
    BOUNDARY_EVENT = "BOUNDARY_EVENT"
    USER_TASK = "USER_TASK"
    SCRIPT_TASK = "SCRIPT_TASK"
    MANUAL_TASK = "MANUAL_TASK"
    TASK = "TASK"
    CALL_ACTIVITY = "CALL_ACTIVITY"
    EXCLUSIVE_GATEWAY = "EXCLUSIVE_GATEWAY"
    PARALLEL_GATEWAY = "PARALLEL_GATEWAY"
    SUB_PROCESS = "SUB_PROCESS"


ACTIVITIES = frozenset(
    {
        *(ElementKind.USER_TASK, ElementKind.SCRIPT_TASK, ElementKind.MANUAL_TASK, ElementKind.TASK),
        *(ElementKind.CALL_ACTIVITY, ElementKind.SUB_PROCESS),
    }
)

#: the kind of the element instance that stands for the process itself
PROCESS = "PROCESS"


class BindingKind(StrEnum):
    """Which version of something else is meant."""

    LATEST = "latest"  # the newest when it is needed
    DEPLOYMENT = "deployment"  # the newest when the process was deployed
    VERSION_TAG = "versionTag"  # the newest that has this tag


@dataclass(frozen=True, slots=True)
class Binding:
    kind: BindingKind = BindingKind.LATEST
    version_tag: str = ""


NEWEST = Binding()


class Completion(StrEnum):
    """When a user task that several people have at once is done."""

    ALL = "all"  # each of them has to complete their own
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
class Listener:
    """Work of type `type` that an `event` waits for: creating, assigning, updating, completing, canceling of a user
    task, start or end of an element. `retries` is a number or an expression."""

    event: str
    type: str = ""
    retries: str = "3"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Assign:
    """The value of `source` (a text, or an expression behind `=`) becomes the variable `target`, or a member of one
    (`order.total`)."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Script:
    """The value of an expression becomes the variable `result`."""

    expression: str
    result: str


@dataclass(frozen=True, slots=True)
class Call:
    """A version of another process is run: its id may be an expression, which one says `binding`. Does it get all
    variables, and does it give all of its own back?"""

    process_id: str
    gives_all: bool = True
    returns_all: bool = True
    binding: Binding = NEWEST


@dataclass(frozen=True, slots=True)
class Timing:
    """`kind` is date, duration or cycle; `text` as in ISO 8601, or an expression behind `=`."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Offer:
    """That workers may do a task instead of people: as a job of this `type`."""

    type: str
    retries: int = 1


@dataclass(frozen=True, slots=True)
class TaskTemplate:
    """What a user task starts with. A text that begins with `=` is an expression over the variables.

    `listeners` are those of its transitions; who does them consents, or denies.
    `due_after` are milliseconds from the start of the task, 0 for none; `ext` is what a dialect keeps on each task.
    """

    assignee: str = ""
    candidate_users: str = ""
    candidate_groups: str = ""
    priority: str = ""
    due: str = ""
    follow_up: str = ""
    form_id: str = ""
    form_binding: Binding = NEWEST
    form_reference: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    listeners: tuple[Listener, ...] = ()
    description: str = ""
    supervisor_key: int = 0
    due_after: int = 0
    participants: Participants | None = None
    offer: Offer | None = None
    ext: dict[str, Any] = field(default_factory=dict)

    def heard(self, event: str) -> tuple[Listener, ...]:
        """The listeners of an event, in their order."""
        return tuple(listener for listener in self.listeners if listener.event == event)


@dataclass(frozen=True, slots=True)
class Element:
    """`parent` is the id of the sub-process that holds the element, empty for the process itself. When it is entered,
    the document of the instance moves to the folder with the key `folder_key`, unless that is 0. `form_id` is the form
    of a start event. `inputs` make variables of the element's own, `outputs` what remains of them behind it. A boundary
    event is `attached_to` an activity, which it ends if it is `interrupting`."""

    id: str
    kind: ElementKind
    name: str = ""
    parent: str = ""
    default_flow: str = ""
    task: TaskTemplate | None = None
    folder_key: int = 0
    form_id: str = ""
    form_binding: Binding = NEWEST
    inputs: tuple[Assign, ...] = ()
    outputs: tuple[Assign, ...] = ()
    listeners: tuple[Listener, ...] = ()
    script: Script | None = None
    call: Call | None = None
    timing: Timing | None = None
    attached_to: str = ""
    interrupting: bool = True

    @property
    def plain(self) -> bool:
        """Nothing happens at it but that a token comes through."""
        return not (self.inputs or self.outputs or self.listeners)


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
    listeners: tuple[Listener, ...] = ()

    def to_json(self) -> str:
        return orjson.dumps(self).decode()

    @classmethod
    def from_json(cls, text: str) -> "Graph":
        data: dict[str, Any] = orjson.loads(text)
        elements = tuple(map(_element, data["elements"]))
        flows = tuple(Flow(**f) for f in data["flows"])
        return cls(data["id"], data["name"], elements, flows, _listeners(data.get("listeners", ())))


def _element(data: dict[str, Any]) -> Element:
    task = data.pop("task")
    if task is not None:
        task["listeners"] = _listeners(task["listeners"])
        task["participants"] = _participants(task.get("participants"))
        task["form_binding"] = _binding(task.get("form_binding"))
        task["offer"] = Offer(**task["offer"]) if task.get("offer") else None
    data["listeners"] = _listeners(data.get("listeners", ()))
    data["form_binding"] = _binding(data.get("form_binding"))
    if data.get("call"):
        data["call"]["binding"] = _binding(data["call"].get("binding"))
    for name in ("inputs", "outputs"):
        data[name] = tuple(Assign(**a) for a in data.get(name, ()))
    for name, cls in (("script", Script), ("call", Call), ("timing", Timing)):
        data[name] = cls(**data[name]) if data.get(name) else None
    return Element(
        **{**data, "kind": ElementKind(data["kind"]), "task": None if task is None else TaskTemplate(**task)}
    )


def _listeners(data: Iterable[Any]) -> tuple[Listener, ...]:
    """Once they were but the names of their events."""
    return tuple(Listener(event) if isinstance(event, str) else Listener(**event) for event in data)


def _binding(data: dict[str, Any] | None) -> Binding:
    return NEWEST if data is None else Binding(BindingKind(data["kind"]), data["version_tag"])


def _participants(data: dict[str, Any] | None) -> Participants | None:
    if data is None:
        return None
    completion = Completion(data["completion"])
    return Participants(tuple(data["users"]), tuple(data["groups"]), data["owner"], completion)


class Program:
    """A graph ready to run: look-ups instead of searches."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.elements: dict[str, Element] = {e.id: e for e in graph.elements}
        outgoing, incoming = defaultdict[str, list[Flow]](list), defaultdict[str, list[Flow]](list)
        for flow in graph.flows:
            outgoing[flow.source].append(flow)
            incoming[flow.target].append(flow)
        self.outgoing: dict[str, tuple[Flow, ...]] = {e.id: tuple(outgoing[e.id]) for e in graph.elements}
        self.incoming: dict[str, tuple[Flow, ...]] = {e.id: tuple(incoming[e.id]) for e in graph.elements}
        self.boundaries: dict[str, tuple[Element, ...]] = {}
        for e in graph.elements:
            if e.attached_to:
                self.boundaries[e.attached_to] = (*self.boundaries.get(e.attached_to, ()), e)
        #: where a scope begins if nobody says where: at the first of its start events
        self.starts: dict[str, Element] = {}
        for e in graph.elements:
            if e.kind is ElementKind.START_EVENT:
                self.starts.setdefault(e.parent, e)

    @cached_property
    def start_form(self) -> str:
        """The id of the form that an instance starts with, empty if there is none."""
        return self.starts[""].form_id if "" in self.starts else ""

    @property
    def start_binding(self) -> Binding:
        return self.starts[""].form_binding if "" in self.starts else NEWEST

    @cached_property
    def first_tasks(self) -> tuple[Element, ...]:
        """The user tasks that a token can reach from a start event without waiting at another."""
        tasks: dict[str, Element] = {}
        todo = [e.id for e in self.graph.elements if e.kind is ElementKind.START_EVENT and not e.parent]
        seen: set[str] = set()
        while todo:
            id = todo.pop(0)
            if id in seen:
                continue
            seen.add(id)
            element = self.elements[id]
            if element.kind is ElementKind.USER_TASK:
                tasks[id] = element
            elif element.kind is ElementKind.SUB_PROCESS:
                todo.append(self.starts[id].id)
            else:
                todo.extend(flow.target for flow in self.outgoing[id])
        return tuple(tasks.values())

    def following(self, id: str) -> tuple[tuple["Element", Flow], ...]:
        """The user tasks that can come right after an element, each with the first flow that leads there; gateways are
        passed through, and at the end of a sub-process what follows it."""
        reached: dict[str, tuple[Element, Flow]] = {}
        todo = [(flow.target, flow) for flow in self.outgoing[id]] or self._behind(id)
        seen: set[str] = set()
        while todo:
            target, flow = todo.pop(0)
            if target in seen:
                continue
            seen.add(target)
            element = self.elements[target]
            if element.kind is ElementKind.USER_TASK:
                reached[target] = (element, flow)
            elif element.kind is ElementKind.SUB_PROCESS:
                todo.append((self.starts[target].id, flow))
            elif element.kind is ElementKind.END_EVENT:
                todo.extend(self._behind(target))
            else:
                todo.extend((f.target, f if f.condition else flow) for f in self.outgoing[target])
        return tuple(reached.values())

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
    def supervisors(self) -> tuple[int, ...]:
        """The keys of those who are named as supervisors of tasks."""
        tasks = (e.task for e in self.graph.elements if e.task is not None)
        return tuple(dict.fromkeys(t.supervisor_key for t in tasks if t.supervisor_key))

    @cached_property
    def reads_variables(self) -> bool:
        """Does running it need variables: a condition or a computed attribute?"""
        of_process = (text for listener in self.graph.listeners for text in (listener.type, listener.retries))
        if any(f.condition for f in self.graph.flows) or any(text.startswith("=") for text in of_process):
            return True
        return any(
            e.inputs or e.outputs or e.script or e.call or any(text.startswith("=") for text in computed_texts(e))
            for e in self.graph.elements
        )

    @cached_property
    def has_timers(self) -> bool:
        return any(e.timing is not None for e in self.graph.elements)

    @cached_property
    def has_listeners(self) -> bool:
        tasks = (e.task for e in self.graph.elements if e.task is not None)
        return bool(self.graph.listeners or any(e.listeners for e in self.graph.elements)) or any(
            task.listeners for task in tasks
        )

    @cached_property
    def has_offers(self) -> bool:
        return any(e.task is not None and e.task.offer is not None for e in self.graph.elements)

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """Of other processes."""
        return tuple(dict.fromkeys(e.call for e in self.graph.elements if e.call is not None))


def computed_texts(element: Element) -> tuple[str, ...]:
    """The attributes of an element that may be expressions."""
    texts = [text for listener in element.listeners for text in (listener.type, listener.retries)]
    if element.timing is not None:
        texts.append(element.timing.text)
    task = element.task
    if task is not None:
        texts += [task.assignee, task.candidate_users, task.candidate_groups, task.priority, task.due, task.follow_up]
        texts += [task.form_id, task.form_reference]
        texts += [text for listener in task.listeners for text in (listener.type, listener.retries)]
    return tuple(texts)
