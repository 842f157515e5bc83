"""What a BPMN document says of its processes, with texts as they are there."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class ListenerRecord:
    event: str
    type: str
    retries: str
    headers: dict[str, str]


@dataclass(slots=True)
class BindingRecord:
    kind: str = ""
    version_tag: str = ""


@dataclass(slots=True)
class TaskAttributes:
    """Texts as in the document: those with a `=` in front are expressions. `marked` as a task for people, and not for
    workers."""

    assignee: str = ""
    candidate_users: str = ""
    candidate_groups: str = ""
    priority: str = ""
    due: str = ""
    follow_up: str = ""
    form_id: str = ""
    form_binding: BindingRecord = field(default_factory=BindingRecord)
    form_reference: str = ""
    form_key: str = ""
    marked: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    listeners: list[ListenerRecord] = field(default_factory=list)


@dataclass(slots=True)
class EventRecord:
    """What happens at an event: its kind, the name or the code by which it is thrown and caught, and the expression by
    which a message is met."""

    kind: str
    name: str = ""
    code: str = ""
    correlation: str = ""


@dataclass(slots=True)
class LoopRecord:
    """That an activity is done once for each item of a collection; all but names are expressions, without `=`."""

    collection: str = ""
    item: str = ""
    results: str = ""
    result: str = ""
    condition: str = ""
    sequential: bool = False


@dataclass(slots=True)
class AdHocRecord:
    """How a sub-process goes on whose elements are activated as somebody likes; expressions as in a loop. `own` are the
    variables that it begins with."""

    active: str = ""
    condition: str = ""
    cancels: bool = True
    results: str = ""
    result: str = ""
    own: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Node:
    """`inputs` and `outputs` are (source, target), `script` is (expression, result variable), `call` is (process
    id, gets all variables?, gives all back?, which version), `decision` is (decision id, result variable, which
    version), `work` is (type of job, retries, headers), `timing` is (date, duration or cycle; text)."""

    id: str
    kind: str
    name: str
    parent: str
    default_flow: str
    task: TaskAttributes | None
    form_id: str = ""
    form_binding: BindingRecord = field(default_factory=BindingRecord)
    inputs: list[tuple[str, str]] = field(default_factory=list)
    outputs: list[tuple[str, str]] = field(default_factory=list)
    listeners: list[ListenerRecord] = field(default_factory=list)
    script: tuple[str, str] | None = None
    call: tuple[str, bool, bool, BindingRecord] | None = None
    decision: tuple[str, str, BindingRecord] | None = None
    timing: tuple[str, str] | None = None
    event: EventRecord | None = None
    work: tuple[str, str, dict[str, str]] | None = None
    attached_to: str = ""
    interrupting: bool = True
    loop: LoopRecord | None = None
    ad_hoc: AdHocRecord | None = None
    undone_by: str = ""
    undoing: bool = False


@dataclass(slots=True)
class Edge:
    id: str
    source: str
    target: str
    condition: str
    name: str = ""


@dataclass(slots=True)
class ProcessRecord:
    """`unsupported` holds (element id, what about it)."""

    id: str
    name: str
    version_tag: str = ""
    listeners: list[ListenerRecord] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    unsupported: list[tuple[str, str]] = field(default_factory=list)
