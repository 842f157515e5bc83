"""Tasks, documents and running workflows as elements. Source: dossier inforouter.md, sections 1.9, 3.0, 3.7 and 3.8.

The typo `StartDtae` was shipped and has to be there.
"""

from dataclasses import dataclass

from schemas.inforouter import words
from schemas.inforouter.element import Element
from schemas.inforouter.flow import Requirement, permission_rows, right_type
from schemas.inforouter.people import fields, lower, title


@dataclass(frozen=True, slots=True)
class Who:
    """A user as tasks name them; number 0 and empty names for nobody."""

    number: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class AttachmentShape:
    date: str
    document: int
    name: str
    path: str
    workflow: int
    step: int
    step_name: str
    user: int


@dataclass(frozen=True, slots=True)
class DocumentShape:
    """`number` 0 for a task that is about no document."""

    number: int = 0
    name: str = ""
    folder: int = 0
    library: int = 0
    library_name: str = ""
    type_number: int = 0
    type_name: str = ""
    checked_out: Who = Who()


@dataclass(frozen=True, slots=True)
class TaskShape:
    """Times are milliseconds or None; spans and the deadline are hours."""

    number: int
    name: str
    instruction: str
    comment: str
    step: int
    step_name: str
    flow: int
    flow_name: str
    flow_def: int
    priority: int
    status: int
    approval: int
    started_at: int | None
    finished_at: int | None
    due_at: int | None
    task_def: int
    linked: int
    assignee: Who
    assigned_by: Who
    supervisor: Who
    redirected_from: Who
    document: DocumentShape
    start_version: str
    end_version: str
    ad_hoc: bool
    deadline: int
    right: int
    permissions: tuple[str, ...]
    requirements: tuple[Requirement, ...]
    notify: int
    start_span: int
    remind: int
    attachments: tuple[AttachmentShape, ...] = ()

    def before_due(self, hours: int) -> int | None:
        return self.due_at - hours * 3_600_000 if hours and self.due_at is not None else None


class Dates:
    """How a method writes dates; each has its own text for a date that is not set."""

    def __init__(self, pattern: str, missing: str) -> None:
        self.pattern = pattern
        self.missing = missing

    def __call__(self, milliseconds: int | None) -> str:
        return self.missing if milliseconds is None else format_local(milliseconds, self.pattern)


def format_local(milliseconds: int, pattern: str) -> str:
    """In the server's local time, whole seconds."""
    from datetime import datetime

    try:
        return datetime.fromtimestamp(milliseconds // 1000).strftime(pattern)
    except (ValueError, OverflowError, OSError):
        return datetime.max.strftime(pattern)


BLANK_DATES = Dates("%Y-%m-%d %H:%M:%S", "1900-01-01 00:00:00")
ISO_DATES = Dates("%Y-%m-%dT%H:%M:%S", "0001-01-01T00:00:00")


def short(text: str) -> str:
    return text[:255]


def task(shape: TaskShape, *, names: bool, full: bool = False) -> Element:
    """`names`: requirements are named as in the task lists; `full`: with the whole texts, as GetTask."""
    at = BLANK_DATES
    document = shape.document
    head = fields(
        "Task",
        ("TaskID", shape.number),
        ("TaskName", shape.name),
        ("ShortInstruction", short(shape.instruction)),
        ("StepNumber", shape.step),
        ("StepName", shape.step_name),
        ("FlowID", shape.flow),
        ("FlowName", shape.flow_name),
        ("FlowDefID", shape.flow_def),
        ("Priority", words.PRIORITY[shape.priority]),
        ("TaskStatus", words.TASK_STATUS[shape.status]),
        ("ApprovalStatus", words.APPROVAL[shape.approval]),
        ("StartDate", at(shape.started_at)),
        ("StartDtae", at(shape.started_at)),
        ("FinishDate", at(shape.finished_at)),
        ("DueDate", at(shape.due_at)),
        ("ShortComments", short(shape.comment)),
        ("TaskDefID", shape.task_def),
        ("LinkedTaskID", shape.linked),
        ("AssigneeID", shape.assignee.number),
        ("AssigneeType", "User"),
        ("AssigneeName", shape.assignee.name),
        ("AssignedByID", shape.assigned_by.number),
        ("AssignedByName", shape.assigned_by.name),
        ("SuperVisorID", shape.supervisor.number),
        ("SupervisorName", shape.supervisor.name),
        ("DocumentID", document.number),
        ("DocumentName", document.name),
        ("StartVersionNumber", shape.start_version),
        ("EndVersionNumber", shape.end_version),
        ("DocumentTypeId", document.type_number),
        ("DocumentTypeName", document.type_name),
        ("DocumentFolderID", document.folder),
        ("DocumentLibraryID", document.library),
        ("DocumentLibraryName", document.library_name),
        ("DocumentCheckedOutByID", document.checked_out.number),
        ("DocumentCheckedOutByName", document.checked_out.name),
        ("DocumentTemplateID", 0),
        ("RedirectedFrom_UserID", shape.redirected_from.number),
        ("RedirectedFrom_UserName", shape.redirected_from.name),
        ("AdHoc", lower(shape.ad_hoc) if names else title(shape.ad_hoc)),
        ("DeadLine", shape.deadline),
    )
    tail = fields(
        "Task",
        ("Supervisor_NotificationOnDue", shape.notify),
        ("SupervisorNotificationDate", at(shape.before_due(shape.notify))),
        ("AllowedStartTimeSpan", shape.start_span),
        ("AllowedStartDate", at(shape.before_due(shape.start_span))),
        ("ReminderTimeSpan", shape.remind),
        ("ReminderDate", at(shape.before_due(shape.remind))),
    )
    texts = (
        (Element("extendedInstruction", text=shape.instruction), Element("extendedComment", text=shape.comment))
        if full
        else ()
    )
    return Element(
        "Task",
        children=(
            *head.children,
            right_type(shape.right),
            permission_rows(shape.permissions),
            Element("RequirementDetails", children=tuple(_requirement(r, names) for r in shape.requirements)),
            Element("Requirements"),
            *tail.children,
            *texts,
            Element("Attachments", children=tuple(map(_attachment, shape.attachments))),
        ),
    )


def _requirement(requirement: Requirement, names: bool) -> Element:
    kind: object = requirement.name if names else words.REQUIREMENTS[requirement.name]
    return fields(
        "Requirement",
        ("Name", requirement.name),
        ("RequirementType", kind),
        ("Definition", requirement.definition),
        ("ObjectId", requirement.reference),
    )


def _attachment(shape: AttachmentShape) -> Element:
    return fields(
        "Attachment",
        ("AttachmentDate", shape.date),
        ("DocumentId", shape.document),
        ("DocumentName", shape.name),
        ("Path", shape.path),
        ("WorkflowId", shape.workflow),
        ("StepNumber", shape.step),
        ("StepName", shape.step_name),
        ("UserId", shape.user),
    )


def executing_task(shape: TaskShape) -> Element:
    """The same data in the spelling and order of GetDocumentTasks in 8.7."""
    at = ISO_DATES
    document = shape.document
    head = fields(
        "WorkflowExecutingTask",
        ("TaskId", shape.number),
        ("FlowId", shape.flow),
        ("FlowDefId", shape.flow_def),
        ("FlowName", shape.flow_name),
        ("StepNumber", shape.step),
        ("StepName", shape.step_name),
        ("TaskDefId", shape.task_def),
        ("TaskName", shape.name),
        ("ShortInstruction", short(shape.instruction)),
        ("ShortComments", short(shape.comment)),
        ("StartDate", at(shape.started_at)),
        ("FinishDate", at(shape.finished_at)),
        ("DueDate", at(shape.due_at)),
        ("DeadLine", shape.deadline),
    )
    tail = fields(
        "WorkflowExecutingTask",
        ("Priority", words.PRIORITY[shape.priority]),
        ("TaskStatus", words.TASK_STATUS[shape.status]),
        ("ApprovalStatus", words.APPROVAL[shape.approval]),
        ("AssigneeId", shape.assignee.number),
        ("AssigneeType", "User"),
        ("AssigneeName", shape.assignee.name),
        ("AssignedById", shape.assigned_by.number),
        ("AssignedByName", shape.assigned_by.name),
        ("SupervisorId", shape.supervisor.number),
        ("SupervisorName", shape.supervisor.name),
        ("DocumentId", document.number),
        ("DocumentName", document.name),
        ("DocumentFolderId", document.folder),
        ("DocumentLibraryId", document.library),
        ("DocumentLibraryName", document.library_name),
        ("DocumentTypeId", document.type_number),
        ("DocumentTypeName", document.type_name),
        ("DocumentCheckedOutById", document.checked_out.number),
        ("DocumentCheckedOutByName", document.checked_out.name),
        ("DocumentTemplateId", 0),
        ("StartVersionNumber", shape.start_version),
        ("EndVersionNumber", shape.end_version),
        ("LinkedTaskId", shape.linked),
        ("AdHoc", lower(shape.ad_hoc)),
        ("AllowedStartTimeSpan", shape.start_span),
        ("AllowedStartDate", at(shape.before_due(shape.start_span))),
        ("ReminderTimeSpan", shape.remind),
        ("ReminderDate", at(shape.before_due(shape.remind))),
        ("SupervisorNotificationOnDue", shape.notify),
        ("SupervisorNotificationDate", at(shape.before_due(shape.notify))),
        ("RedirectedFromUserId", shape.redirected_from.number),
        ("RedirectedFromUserName", shape.redirected_from.name),
    )
    middle = (right_type(shape.right), permission_rows(shape.permissions))
    return Element("WorkflowExecutingTask", children=(*head.children, *middle, *tail.children))


@dataclass(frozen=True, slots=True)
class WorkflowShape:
    number: int
    name: str
    definition: int
    document: int
    domain: int
    start: str
    due: str
    finish: str
    submitter: Who
    end_folder: int
    end_url: str
    users: tuple[Who, ...]
    groups: tuple[tuple[int, str, str], ...]
    steps: tuple[Element, ...] | None = None


def workflow(shape: WorkflowShape) -> Element:
    head = fields(
        "Workflow",
        ("WorkflowId", shape.number),
        ("WorkflowName", shape.name),
        ("WorkflowDefId", shape.definition),
        ("DocumentId", shape.document),
        ("DomainId", shape.domain),
        ("StartDate", shape.start),
        ("DueDate", shape.due),
        ("FinishDate", shape.finish),
        ("SubmittedById", shape.submitter.number),
        ("SubmittedByName", shape.submitter.name),
        ("OnEndMoveToFolderId", shape.end_folder),
        ("OnEndEventUrl", shape.end_url),
    )
    users = tuple(fields("User", ("UserId", w.number), ("UserName", w.name)) for w in shape.users)
    groups = tuple(
        fields("Usergroup", ("GroupId", number), ("GroupName", name), ("DomainName", domain))
        for number, name, domain in shape.groups
    )
    people = (Element("Users", children=users), Element("Groups", children=groups))
    steps = () if shape.steps is None else (Element("Steps", children=shape.steps),)
    return Element("Workflow", children=(*head.children, Element("Supervisors", children=people), *steps))


@dataclass(frozen=True, slots=True)
class StepShape:
    """`status` is Past, Active or Future, `folder` the number of that to which the document moves at its start."""

    number: int
    name: str
    status: str
    start: str
    due: str
    finish: str
    folder: int
    tasks: tuple[Element, ...]


def step(shape: StepShape) -> Element:
    head = fields(
        "Step",
        ("StepNumber", shape.number),
        ("StepName", shape.name),
        ("StepStatus", shape.status),
        ("StartDate", shape.start),
        ("DueDate", shape.due),
        ("FinishDate", shape.finish),
        ("OnStartMoveToFolderId", shape.folder),
    )
    return Element("Step", children=(*head.children, Element("Tasks", children=shape.tasks)))
