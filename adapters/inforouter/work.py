"""Tasks as this dialect sees them: their status, their shape, who may do what with them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from adapters.inforouter.auth import Call
from adapters.inforouter.errors import TASK_DENIED, Denied, Failure
from adapters.inforouter.paths import folder_path, version_text
from adapters.inforouter.people import NAMESPACE, full_name
from adapters.inforouter.priorities import from_core
from core.instance.queries import InstanceByKey
from core.library.queries import Documents, DocumentView
from core.principal import Principal
from core.tables.people import User
from core.tables.task import Attachment, Holding, Task
from core.task.queries import DetailsOf, TaskByHolding, TaskDetail
from core.types import ENDED_TASK_STATES, ONE_TASK, Action, TaskState
from schemas.inforouter import task as shapes
from schemas.inforouter.flow import Requirement
from schemas.inforouter.task import AttachmentShape, DocumentShape, TaskShape, Who

NOBODY, NO_DOCUMENT = Who(), DocumentShape()
PASSED = "this task has been reassigned"
REASSIGNED, DROPPED, NOT_STARTED, IN_PROGRESS, DUE_DATE_CHANGED, COMPLETED = -2, -1, 0, 10, 20, 30


def kept(task: Task) -> Mapping[str, Any]:
    """What this dialect keeps on a task."""
    return task.ext.get(NAMESPACE, {})


def number_of(task: Task) -> int:
    """What a task goes by here: another number for each time that it was reassigned."""
    return task.holding_number or task.number


def status(task: Task) -> int:
    match task.state:
        case TaskState.PLANNED:
            return NOT_STARTED
        case TaskState.COMPLETED:
            return COMPLETED
        case TaskState.CANCELED:
            return DROPPED
    return DUE_DATE_CHANGED if kept(task).get("due_changed") else IN_PROGRESS


def _who(users: Mapping[str, User], name: str | None, *, full: bool) -> Who:
    if not name:
        return NOBODY
    user = users.get(name)
    if user is None:
        return Who(0, name)
    return Who(user.number, full_name(user) if full else user.username)


def _requirements(ext: Mapping[str, Any]) -> tuple[Requirement, ...]:
    return tuple(Requirement(**r) for r in ext.get("requirements", ()))


class Position(NamedTuple):
    """Where a task stands: in a step of a workflow or, made ad hoc, in none."""

    flow: int
    flow_name: str
    flow_def: int
    step: int
    step_name: str


def _position(detail: TaskDetail, ext: Mapping[str, Any]) -> Position:
    process = detail.process
    if process.process_id == ONE_TASK:
        return Position(0, "", 0, ext.get("step", 0), ext.get("step_name", ""))
    step, step_name = ext.get("step", 1), ext.get("step_name", detail.task.name)
    return Position(detail.instance.number, process.name, process.number, step, step_name)


def _document(view: DocumentView | None, users: Mapping[str, User], *, full_names: bool) -> DocumentShape:
    if view is None:
        return NO_DOCUMENT
    document = view.document
    return DocumentShape(
        number=document.number,
        name=document.name,
        folder=view.folder.number,
        library=view.library.number,
        library_name=view.library.name,
        type_number=document.type_number,
        type_name=document.type_name,
        checked_out=_who(users, document.checked_out_by, full=full_names),
    )


def _attachment(row: Attachment, view: DocumentView, users: Mapping[str, User], position: Position) -> AttachmentShape:
    return AttachmentShape(
        date=shapes.BLANK_DATES(row.created_at),
        document=view.document.number,
        name=view.document.name,
        path=folder_path(view.folder, view.library),
        workflow=position.flow,
        step=position.step,
        step_name=position.step_name,
        user=_who(users, row.username, full=False).number,
    )


def _comment(detail: TaskDetail, passed: Holding | None) -> str:
    if passed is not None:
        return str(passed.before.get("comment", ""))
    return detail.comment.text if detail.comment is not None else ""


def shape(
    detail: TaskDetail,
    users: Mapping[str, User],
    *,
    full_names: bool,
    decimals: bool,
    passed: Holding | None = None,
) -> TaskShape:
    """`decimals`: versions as 1.0, as the lists write them. `passed`: as the task went by an earlier number."""
    task, view = detail.task, detail.document
    ext = kept(task)
    position = _position(detail, ext)
    version = view.document.version if view is not None else 0
    finished_at = task.ended_at if task.state in ENDED_TASK_STATES else None
    return TaskShape(
        number=number_of(task),
        name=task.name,
        instruction=task.description,
        comment=_comment(detail, passed),
        step=position.step,
        step_name=position.step_name,
        flow=position.flow,
        flow_name=position.flow_name,
        flow_def=position.flow_def,
        priority=from_core(task.priority),
        status=status(task) if passed is None else REASSIGNED,
        approval=ext.get("approval", 0),
        started_at=task.started_at,
        finished_at=finished_at,
        due_at=task.due_at,
        task_def=ext.get("task_def", 0),
        linked=ext.get("linked", 0),
        assignee=_who(users, task.assignee, full=full_names),
        assigned_by=_who(users, task.assigned_by, full=full_names),
        supervisor=_who(users, task.supervisor, full=full_names),
        redirected_from=_who(users, task.redirected_from, full=full_names),
        document=_document(view, users, full_names=full_names),
        start_version=version_text(version, decimals=decimals),
        end_version=version_text(version if finished_at is not None else 0, decimals=decimals),
        ad_hoc=detail.process.process_id == ONE_TASK,
        deadline=ext.get("deadline", 0),
        right=ext.get("right", 2),
        permissions=tuple(ext.get("permissions", ())),
        requirements=_requirements(ext),
        notify=ext.get("notify", 0),
        start_span=ext.get("start_span", 0),
        remind=ext.get("remind", 0),
        attachments=tuple(_attachment(row, v, users, position) for row, v in detail.attachments),
    )


async def shaped(
    call: Call,
    who: Principal,
    tasks: Sequence[tuple[Task, Holding | None]],
    *,
    full_names: bool,
    decimals: bool,
) -> list[TaskShape]:
    """Each as it is, or with the holding that it was passed on with; without those that are gone meanwhile."""
    passed = {id(task): holding for task, holding in tasks}
    details = await call.ask(DetailsOf(tuple(task for task, _ in tasks)), who)
    full = full_names or call.profile.full_names
    return [
        shape(detail, details.users, full_names=full, decimals=decimals, passed=passed[id(detail.task)])
        for detail in details.details
    ]


async def find_task(call: Call, who: Principal, number: int) -> Task:
    """Raises NotFound, and Failure for a number that the task does not go by any more."""
    numbered = await call.ask(TaskByHolding(number), who)
    if numbered.passed is not None:
        raise Failure(PASSED)
    return numbered.task


async def detail_of(call: Call, who: Principal, task: Task) -> TaskDetail:
    return (await call.ask(DetailsOf((task,)), who)).details[0]


def is_assignee(who: Principal, task: Task) -> bool:
    return task.assignee == who.username


def check_assignee(who: Principal, task: Task) -> None:
    """Raises Denied for anybody but the assignee, administrators too."""
    if not is_assignee(who, task):
        raise Denied(TASK_DENIED)


async def holder_of(call: Call, who: Principal, task: Task, *, permission: str = "") -> str:
    """Who has to have the task for the caller to change it: the caller, or whoever it is (empty) for a supervisor. An
    assignee may need a permission of the task. Raises Denied."""
    if is_assignee(who, task) and (not permission or permission in kept(task).get("permissions", ())):
        return who.username
    if await call.may(who, Action.SUPERVISE_TASK, task):
        return ""
    raise Denied(TASK_DENIED)


async def document_of(call: Call, who: Principal, task: Task) -> Any:
    """The document that a task is about, None for none."""
    instance = (await call.ask(InstanceByKey(task.instance_key), who)).instance
    if not instance.document_key:
        return None
    return next(iter(await call.ask(Documents((instance.document_key,)), who)), None)
