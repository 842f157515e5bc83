"""Working on tasks. Source: dossier inforouter.md, section 3.7."""

from dataclasses import asdict
from typing import Any

from adapters.common.rights import OWN, SIGNED_IN
from adapters.inforouter import work
from adapters.inforouter.auth import Call, required
from adapters.inforouter.completion import unmet
from adapters.inforouter.declare import DONE, S_, Answer, B, D, I, S, Service, T, X, web
from adapters.inforouter.errors import TASK_DENIED, Denied, Failure
from adapters.inforouter.paths import check_version, find_document
from adapters.inforouter.people import NAMESPACE, find_user, full_name
from adapters.inforouter.priorities import to_core
from core.library.queries import DocumentView
from core.people.queries import UsersByName
from core.principal import Principal
from core.tables.task import Task
from core.task.commands import AttachDocument, CancelTask, PlanTask, SetComment, UpdateTask
from core.task.commands import CompleteTask as Complete
from core.task.commands import CreateTask as Create
from core.task.commands import DeleteTask as Delete
from core.task.commands import ReassignTask as Reassign
from core.turn.command import KEEP
from core.types import ENDED_TASK_STATES, Action, TaskState
from schemas.inforouter import words
from schemas.inforouter.criteria import BadCriteria, NewTask, read_new_task
from schemas.inforouter.moments import Moment
from schemas.inforouter.people import fields


def _in_progress(task: Task) -> None:
    """Raises Failure unless the task is under way."""
    if task.state == TaskState.COMPLETED:
        raise Failure("The task is already completed")
    if task.state == TaskState.CANCELED:
        raise Failure("The task is no longer active")
    if task.state == TaskState.PLANNED:
        raise Failure("The task has not been started")


def _comment(text: str | None) -> str:
    """Line ends as they are kept."""
    return (text or "").replace("\r\n", "\n").replace("\r", "\n")


def _value(*values: tuple[str, object]) -> Answer:
    return Answer((fields("Value", *values),))


async def _mine(call: Call, ticket: str | None, task_id: int) -> tuple[Principal, Task]:
    """A task under way that is the caller's."""
    who = await call.principal(ticket)
    task = await work.find_task(call, who, task_id)
    work.check_assignee(who, task)
    _in_progress(task)
    return who, task


def _future(call: Call, moment: Moment) -> int:
    at = moment.milliseconds() if moment.given else 0
    if at <= call.now:
        raise Failure("The due date cannot be in the past")
    return at


async def _create(call: Call, who: Principal, view: DocumentView | None, new: NewTask, more: dict[str, Any]) -> Answer:
    wanted = await find_user(call, who, required("RequestedAssigneeName", new.assignee))
    ext = {
        "right": new.right,
        "permissions": list(new.permissions),
        "requirements": [asdict(r) for r in new.requirements],
        "start_span": new.start_span,
        "remind": new.remind,
        "notice": new.notice,
        "on_complete": new.on_complete,
        **more,
    }
    if new.due is not None:
        ext["deadline"] = max(0, (new.due.milliseconds() - call.now) // 3_600_000)
    name = " ".join(new.instructions.split())[:32] or "AdHoc"
    command = Create(
        name,
        new.instructions,
        wanted.username,
        priority=to_core(new.priority),
        due_at=new.due.milliseconds() if new.due is not None else None,
        ext={NAMESPACE: ext},
        document_key=view.document.key if view is not None else 0,
        assigned_by=who.username,
        redirect=True,
    )
    task = (await call.execute(command, who)).tasks[0]
    redirected = task.assignee if task.assignee != wanted.username else ""
    return _value(("TaskId", task.number), ("RedirectedUserName", redirected or ""))


async def _attach(
    call: Call, ticket: str | None, task_id: int, path: str | None, version: int, *, attached: bool
) -> Answer:
    who = await call.principal(ticket)
    task = await work.find_task(call, who, task_id)
    await work.holder_of(call, who, task)
    view = await find_document(call, who, required("documentPath", path))
    command = AttachDocument(task.key, view.document.key, check_version(view, version), attached)
    await call.execute(command, who)
    return DONE


class TaskChanges(Service):
    @web(OWN, T, I, S, I)
    async def AddWorkflowAttachment(
        ctx: Call, AuthenticationTicket: str | None, taskId: int, documentPath: str | None, versionNumber: int
    ) -> Answer:
        """Puts a version of a document to a task; 0 is the current one."""
        return await _attach(ctx, AuthenticationTicket, taskId, documentPath, versionNumber, attached=True)

    @web(OWN, T, I, S, I)
    async def RemoveWorkflowAttachment(
        ctx: Call, AuthenticationTicket: str | None, taskId: int, documentPath: str | None, versionNumber: int
    ) -> Answer:
        """Takes a version of a document from a task."""
        return await _attach(ctx, AuthenticationTicket, taskId, documentPath, versionNumber, attached=False)

    @web(OWN, T, I, D, I)
    async def ChangeTaskDueDate(
        ctx: Call, AuthenticationTicket: str | None, taskId: int, newDueDate: Moment, allowedStartTimeSpan: int
    ) -> Answer:
        """Gives a task another due date, and the hours before it from which it may be completed."""
        who = await ctx.principal(AuthenticationTicket)
        task = await work.find_task(ctx, who, taskId)
        holder = await work.holder_of(ctx, who, task, permission="Postpone")
        _in_progress(task)
        ext = {NAMESPACE: {"due_changed": True, "start_span": max(0, allowedStartTimeSpan)}}
        await ctx.execute(UpdateTask(task.key, _future(ctx, newDueDate), ext=ext, holder=holder), who)
        return DONE

    @web(OWN, T, I, S_)
    async def CompleteTask(ctx: Call, AuthenticationTicket: str | None, taskId: int, comments: str | None) -> Answer:
        """Completes a task of the caller; with its last task a step ends."""
        who, task = await _mine(ctx, AuthenticationTicket, taskId)
        text = _comment(comments)
        detail = await work.detail_of(ctx, who, task)
        missing = unmet(ctx, who, detail, comment=text, completing=True)
        if missing:
            raise Failure(missing)
        comment = text if text.strip() else None
        await ctx.execute(Complete(task.key, holder=who.username, comment=comment), who)
        return DONE

    @web(SIGNED_IN, T, S, X, root="response", silent=True)
    async def CreateTask(
        ctx: Call, AuthenticationTicket: str | None, documentPath: str | None, xmlParameters: str | None
    ) -> Answer:
        """Creates a task about a document, outside of any workflow."""
        who = await ctx.principal(AuthenticationTicket)
        view = await find_document(ctx, who, required("documentPath", documentPath))
        return await _create(ctx, who, view, _read(xmlParameters), {})

    @web(SIGNED_IN, T, I, X, root="response", silent=True)
    async def CreateRelatedTask(
        ctx: Call, AuthenticationTicket: str | None, taskId: int, xmlParameters: str | None
    ) -> Answer:
        """Creates a task that belongs to another one, about the same document."""
        who = await ctx.principal(AuthenticationTicket)
        task = await work.find_task(ctx, who, taskId)
        _in_progress(task)
        view = await work.document_of(ctx, who, task)
        return await _create(ctx, who, view, _read(xmlParameters), {"linked": work.number_of(task)})

    @web(OWN, T, I)
    async def DeleteTask(ctx: Call, AuthenticationTicket: str | None, taskId: int) -> Answer:
        """Removes a task; nothing goes on behind it."""
        who = await ctx.principal(AuthenticationTicket)
        task = await work.find_task(ctx, who, taskId)
        if not await ctx.may(who, Action.DELETE_TASK, task):
            raise Denied(TASK_DENIED)
        if task.state in ENDED_TASK_STATES:
            _in_progress(task)
        await ctx.execute(Delete(task.key), who)
        return DONE

    @web(OWN, T, I, S, D, S, B, root="response", silent=True)
    async def ReassignTask(
        ctx: Call,
        AuthenticationTicket: str | None,
        taskId: int,
        reassignTo: str | None,
        newDueDate: Moment,
        newInstructions: str | None,
        sendTaskNotice: bool,
    ) -> Answer:
        """Gives a task to somebody else, under a new number."""
        who = await ctx.principal(AuthenticationTicket)
        task = await work.find_task(ctx, who, taskId)
        holder = await work.holder_of(ctx, who, task)
        _in_progress(task)
        wanted = await find_user(ctx, who, required("reassignTo", reassignTo))
        text = (newInstructions or "").strip()
        ext = {NAMESPACE: {"due_changed": False, "approval": 0}}
        command = Reassign(
            task_key=task.key,
            assignee=wanted.username,
            due_at=_future(ctx, newDueDate),
            description=newInstructions if text else None,
            ext=ext,
            redirect=True,
            holder=holder,
        )
        reassigned = await ctx.execute(command, who)
        users = await ctx.ask(UsersByName((reassigned.assignee or "",)), who)
        taker = users[reassigned.assignee or ""]
        redirected = taker.key != wanted.key
        return _value(
            ("TaskId", reassigned.number),
            ("AssigneeId", taker.number),
            ("AssigneeFullName", full_name(taker)),
            ("RedirectedfromUserId", wanted.number if redirected else 0),
            ("RedirectedfromUserFullName", full_name(wanted) if redirected else ""),
        )

    @web(OWN, T, I, I)
    async def SetTaskApprovalStatus(
        ctx: Call, AuthenticationTicket: str | None, taskId: int, approvalDecision: int
    ) -> Answer:
        """Keeps the decision of the caller: none (0), rejected (5), approved (6)."""
        who, task = await _mine(ctx, AuthenticationTicket, taskId)
        if approvalDecision not in words.APPROVAL:
            raise Failure("Invalid approval decision")
        ext = {NAMESPACE: {"approval": approvalDecision}}
        await ctx.execute(UpdateTask(task.key, ext=ext, holder=who.username), who)
        return DONE

    @web(OWN, T, I, S)
    async def SetTaskComment(ctx: Call, AuthenticationTicket: str | None, taskId: int, comments: str | None) -> Answer:
        """Replaces the comment of the caller; an empty one removes it."""
        who, task = await _mine(ctx, AuthenticationTicket, taskId)
        await ctx.execute(SetComment(task.key, _comment(comments), who.username), who)
        return DONE

    @web(OWN, T, I, I)
    async def SetTaskPriority(ctx: Call, AuthenticationTicket: str | None, taskId: int, taskPriority: int) -> Answer:
        """Sets the priority: none (0), low (1), normal (5), high (10), urgent (11)."""
        who = await ctx.principal(AuthenticationTicket)
        task = await work.find_task(ctx, who, taskId)
        holder = await work.holder_of(ctx, who, task, permission="ChangePriority")
        if taskPriority not in words.PRIORITY:
            raise Failure("Invalid priority")
        if task.state != TaskState.PLANNED:
            _in_progress(task)
        command = UpdateTask(task.key, priority=to_core(taskPriority), holder=holder, planned=True)
        await ctx.execute(command, who)
        return DONE

    @web(OWN, T, I, D)
    async def UpdateTaskFinishDate(
        ctx: Call, AuthenticationTicket: str | None, taskId: int, finishDate: Moment
    ) -> Answer:
        """Corrects the date on which a task was completed."""
        who = await ctx.principal(AuthenticationTicket)
        task = await work.find_task(ctx, who, taskId)
        holder = await work.holder_of(ctx, who, task, permission="ChangeFinishdate")
        if task.state != TaskState.COMPLETED:
            raise Failure("The task has not been completed")
        at = finishDate.milliseconds() if finishDate.given else ctx.now
        await ctx.execute(UpdateTask(task.key, ended_at=at, holder=holder), who)
        return DONE

    @web(OWN, T, I, I, D, S_)
    async def UpdateTaskStatus(
        ctx: Call,
        AuthenticationTicket: str | None,
        taskId: int,
        taskStatus: int,
        finishDate: Moment,
        comments: str | None,
    ) -> Answer:
        """Sets the status of a task of the caller, the comment first."""
        who = await ctx.principal(AuthenticationTicket)
        task = await work.find_task(ctx, who, taskId)
        work.check_assignee(who, task)
        if taskStatus not in words.TASK_STATUS:
            raise Failure("Invalid task status")
        if task.state != TaskState.PLANNED:
            _in_progress(task)
        if comments is not None and (comments.strip() or comments == ""):
            await ctx.execute(SetComment(task.key, _comment(comments), who.username), who)
        await _set_status(ctx, who, task, taskStatus, finishDate)
        return DONE


def _read(text: str | None) -> NewTask:
    try:
        return read_new_task(required("xmlParameters", text))
    except BadCriteria as error:
        raise Failure(str(error)) from None


async def _set_status(call: Call, who: Principal, task: Task, status: int, finish: Moment) -> None:
    holder = who.username
    may_date = "ChangeFinishdate" in work.kept(task).get("permissions", ())
    ended_at = finish.milliseconds() if finish.given and may_date else 0
    planned = task.state == TaskState.PLANNED
    if status == work.COMPLETED:
        detail = await work.detail_of(call, who, task)
        missing = unmet(call, who, detail, comment="", completing=True)
        if missing:
            raise Failure(missing)
        await call.execute(Complete(task.key, holder=holder), who)
        if ended_at:
            await call.execute(UpdateTask(task.key, ended_at=ended_at, holder=holder), who)
    elif status == work.DROPPED:
        await call.execute(CancelTask(task.key, ended_at, holder), who)
    elif status == work.NOT_STARTED:
        if not planned:
            await call.execute(PlanTask(task.key, planned=True, holder=holder), who)
    elif status in (work.IN_PROGRESS, work.DUE_DATE_CHANGED):
        if planned:
            await call.execute(PlanTask(task.key, holder=holder), who)
        changed = {NAMESPACE: {"due_changed": status == work.DUE_DATE_CHANGED}}
        await call.execute(UpdateTask(task.key, due_at=KEEP, ext=changed, holder=holder), who)
    else:
        raise Failure("A task can only be reassigned to somebody")
