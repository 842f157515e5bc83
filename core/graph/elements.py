"""What a process is made of: elements, and flows between them, as plain records."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class ElementKind(StrEnum):
    """BPMN's elements, by BPMN's names for them."""

    START_EVENT = "START_EVENT"
    END_EVENT = "END_EVENT"
    INTERMEDIATE_CATCH_EVENT = "INTERMEDIATE_CATCH_EVENT"
    INTERMEDIATE_THROW_EVENT = "INTERMEDIATE_THROW_EVENT"
    BOUNDARY_EVENT = "BOUNDARY_EVENT"
    USER_TASK = "USER_TASK"
    SERVICE_TASK = "SERVICE_TASK"
    SEND_TASK = "SEND_TASK"
    BUSINESS_RULE_TASK = "BUSINESS_RULE_TASK"
    SCRIPT_TASK = "SCRIPT_TASK"
    RECEIVE_TASK = "RECEIVE_TASK"
    MANUAL_TASK = "MANUAL_TASK"
    TASK = "TASK"
    CALL_ACTIVITY = "CALL_ACTIVITY"
    EXCLUSIVE_GATEWAY = "EXCLUSIVE_GATEWAY"
    PARALLEL_GATEWAY = "PARALLEL_GATEWAY"
    INCLUSIVE_GATEWAY = "INCLUSIVE_GATEWAY"
    EVENT_BASED_GATEWAY = "EVENT_BASED_GATEWAY"
    SUB_PROCESS = "SUB_PROCESS"
    EVENT_SUB_PROCESS = "EVENT_SUB_PROCESS"
    AD_HOC_SUB_PROCESS = "AD_HOC_SUB_PROCESS"
    #: around each element that is activated in one of these; no document has it
    AD_HOC_ACTIVATION = "AD_HOC_SUB_PROCESS_INNER_INSTANCE"


#: what has elements inside of it
SCOPES = frozenset(
    {
        *(ElementKind.SUB_PROCESS, ElementKind.EVENT_SUB_PROCESS),
        *(ElementKind.AD_HOC_SUB_PROCESS, ElementKind.AD_HOC_ACTIVATION),
    }
)

ACTIVITIES = frozenset(
    {
        *(ElementKind.USER_TASK, ElementKind.SCRIPT_TASK, ElementKind.MANUAL_TASK, ElementKind.TASK),
        *(ElementKind.SERVICE_TASK, ElementKind.SEND_TASK, ElementKind.BUSINESS_RULE_TASK),
        *(ElementKind.RECEIVE_TASK, ElementKind.CALL_ACTIVITY),
        *(ElementKind.SUB_PROCESS, ElementKind.AD_HOC_SUB_PROCESS),
    }
)

#: where the tokens of several flows become one
JOINS = frozenset((ElementKind.PARALLEL_GATEWAY, ElementKind.INCLUSIVE_GATEWAY))

#: the kind of the element instance that stands for the process itself
PROCESS = "PROCESS"
#: ... and of the one that stands for an activity that is done several times, around those of each time
BODY = "MULTI_INSTANCE_BODY"


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
class CalledDecision:
    """What a version of a decision comes to becomes the variable `result`: its id may be an expression, which version
    says `binding`."""

    decision_id: str
    result: str
    binding: Binding = NEWEST


@dataclass(frozen=True, slots=True)
class Timing:
    """`kind` is date, duration or cycle; `text` as in ISO 8601, or an expression behind `=`."""

    kind: str
    text: str


class EventKind(StrEnum):
    """What happens at an event, by BPMN's names; timers are told by their Timing."""

    MESSAGE = "message"
    SIGNAL = "signal"
    ERROR = "error"
    ESCALATION = "escalation"
    LINK = "link"
    COMPENSATION = "compensation"
    TERMINATE = "terminate"
    CONDITIONAL = "conditional"


@dataclass(frozen=True, slots=True)
class Event:
    """What is thrown or caught at an event: by its `name` (of a message, signal or link, or the id of an activity that
    alone is undone) or its `code` (of an error or an escalation; caught without one it is any). `correlation` is what a
    message is met by; it and `name` are expressions behind `=`."""

    kind: EventKind
    name: str = ""
    code: str = ""
    correlation: str = ""


@dataclass(frozen=True, slots=True)
class Loop:
    """That an activity is done once for each item of a collection, one after the other if it is `sequential`. The item
    becomes the variable `item`; the variable `results` is the list of what the expression `result` comes to each time.
    No more is done as soon as the `condition` holds. All but names are expressions, without `=`."""

    collection: str
    item: str = ""
    results: str = ""
    result: str = ""
    condition: str = ""
    sequential: bool = False


@dataclass(frozen=True, slots=True)
class AdHoc:
    """A sub-process whose elements are activated as somebody likes: those that the expression `active` lists, as soon
    as it is entered. It is over when the `condition` holds, then with those that are still there if it `cancels` them.
    `results` and `result` are as in a loop; `own` are the variables that it begins with. One that is `work` is led by
    the worker, who says what is activated, and when it is over."""

    active: str = ""
    condition: str = ""
    cancels: bool = True
    results: str = ""
    result: str = ""
    own: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Work:
    """That a worker does it, as a job of this `type`; `retries` is a number. Both may be expressions behind `=`."""

    type: str
    retries: str = "3"
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def is_computed(self) -> bool:
        return self.type.startswith("=") or self.retries.startswith("=")


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
    of a start event, `work` what a worker does there, `event` or `timing` what happens. `inputs` make variables of the
    element's own, `outputs` what remains of them behind it. A boundary event is `attached_to` an activity, which it
    ends if it is `interrupting`; the start event of an event sub-process ends what else is in its scope. `undone_by` is
    the id of the activity that undoes the one at whose boundary it is written; that is `undoing`."""

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
    decision: CalledDecision | None = None
    timing: Timing | None = None
    event: Event | None = None
    work: Work | None = None
    attached_to: str = ""
    interrupting: bool = True
    loop: Loop | None = None
    ad_hoc: AdHoc | None = None
    undone_by: str = ""
    undoing: bool = False

    @property
    def plain(self) -> bool:
        """Nothing happens at it but that a token comes through."""
        return not (self.inputs or self.outputs or self.listeners or self.work or self.event or self.loop)


@dataclass(frozen=True, slots=True)
class Flow:
    id: str
    source: str
    target: str
    condition: str = ""


def computed_texts(element: Element) -> tuple[str, ...]:
    """The attributes of an element that may be expressions."""
    texts = [text for listener in element.listeners for text in (listener.type, listener.retries)]
    if element.timing is not None:
        texts.append(element.timing.text)
    if element.event is not None:
        texts += [element.event.name, element.event.correlation]
    if element.decision is not None:
        texts.append(element.decision.decision_id)
    if element.work is not None:
        texts += [element.work.type, element.work.retries]
    if element.event is not None:
        texts.append(element.event.code)
    task = element.task
    if task is not None:
        texts += [task.assignee, task.candidate_users, task.candidate_groups, task.priority, task.due, task.follow_up]
        texts += [task.form_id, task.form_reference]
        texts += [text for listener in task.listeners for text in (listener.type, listener.retries)]
    return tuple(texts)
