"""Tasks as this dialect sees them: their status, their shape, who may do what with them."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.inforouter.auth import Call
from adapters.inforouter.errors import TASK_DENIED, Denied, Failure
from adapters.inforouter.paths import folder_path, version_text
from adapters.inforouter.people import NAMESPACE, full_name
from adapters.inforouter.priorities import from_core
from core.instance.queries import InstanceByKey
from core.library.queries import Documents
from core.principal import Principal
from core.tables.people import User
from core.tables.task import Holding, Task
from core.task.queries import DetailTasks, TaskByHolding, TaskDetail
from core.types import ONE_TASK, Action, TaskState
from schemas.inforouter import task as shapes
from schemas.inforouter.flow import Requirement
from schemas.inforouter.task import AttachmentShape, DocumentShape, TaskShape, Who

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
        return Who()
    user = users.get(name)
    if user is None:
        return Who(0, name)
    return Who(user.number, full_name(user) if full else user.username)


def _requirements(ext: Mapping[str, Any]) -> tuple[Requirement, ...]:
    return tuple(Requirement(**r) for r in ext.get("requirements", ()))


def shape(
    detail: TaskDetail,
    users: Mapping[str, User],
    *,
    full_names: bool,
    decimals: bool,
    passed: Holding | None = None,
) -> TaskShape:
    """`decimals`: versions as 1.0, as the lists write them. `passed`: as the task went by an earlier number."""
    task, ext = detail.task, kept(detail.task)
    alone = detail.process.process_id == ONE_TASK
    view = detail.document
    document = DocumentShape()
    version = 0
    if view is not None:
        version = view.document.version
        document = DocumentShape(
            number=view.document.number,
            name=view.document.name,
            folder=view.folder.number,
            library=view.library.number,
            library_name=view.library.name,
            type_number=view.document.type_number,
            type_name=view.document.type_name,
            checked_out=_who(users, view.document.checked_out_by, full=full_names),
        )
    flow = 0 if alone else detail.instance.number
    step = ext.get("step", 0 if alone else 1)
    step_name = ext.get("step_name", "" if alone else task.name)
    attachments = tuple(
        AttachmentShape(
            date=shapes.BLANK_DATES(a.created_at),
            document=v.document.number,
            name=v.document.name,
            path=folder_path(v.folder, v.library),
            workflow=flow,
            step=step,
            step_name=step_name,
            user=_who(users, a.username, full=False).number,
        )
        for a, v in detail.attachments
    )
    finished = task.ended_at if task.state in (TaskState.COMPLETED, TaskState.CANCELED) else None
    if passed is not None:
        comment = passed.before.get("comment", "")
    else:
        comment = detail.comment.text if detail.comment is not None else ""
    return TaskShape(
        number=number_of(task),
        name=task.name,
        instruction=task.description,
        comment=comment,
        step=step,
        step_name=step_name,
        flow=flow,
        flow_name="" if alone else detail.process.name,
        flow_def=0 if alone else detail.process.number,
        priority=from_core(task.priority),
        status=status(task) if passed is None else REASSIGNED,
        approval=ext.get("approval", 0),
        started_at=task.started_at,
        finished_at=finished,
        due_at=task.due_at,
        task_def=ext.get("task_def", 0),
        linked=ext.get("linked", 0),
        assignee=_who(users, task.assignee, full=full_names),
        assigned_by=_who(users, task.assigned_by, full=full_names),
        supervisor=_who(users, task.supervisor, full=full_names),
        redirected_from=_who(users, task.redirected_from, full=full_names),
        document=document,
        start_version=version_text(version, decimals=decimals),
        end_version=version_text(version if finished is not None else 0, decimals=decimals),
        ad_hoc=alone,
        deadline=ext.get("deadline", 0),
        right=ext.get("right", 2),
        permissions=tuple(ext.get("permissions", ())),
        requirements=_requirements(ext),
        notify=ext.get("notify", 0),
        start_span=ext.get("start_span", 0),
        remind=ext.get("remind", 0),
        attachments=attachments,
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
    found = await call.ask(DetailTasks(tuple(task for task, _ in tasks)), who)
    full = full_names or call.profile.full_names
    return [
        shape(detail, found.users, full_names=full, decimals=decimals, passed=passed[id(detail.task)])
        for detail in found.details
    ]


async def find_task(call: Call, who: Principal, number: int) -> Task:
    """Raises NotFound, and Failure for a number that the task does not go by any more."""
    found = await call.ask(TaskByHolding(number), who)
    if found.passed is not None:
        raise Failure(PASSED)
    return found.task


async def detail_of(call: Call, who: Principal, task: Task) -> TaskDetail:
    return (await call.ask(DetailTasks((task,)), who)).details[0]


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
