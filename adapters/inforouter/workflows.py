"""Running workflows. Source: dossier inforouter.md, section 3.8."""

import re
from datetime import UTC, datetime
from typing import Any

from adapters.common.rights import OWN, SIGNED_IN, WORKER
from adapters.inforouter import flows, searching, work
from adapters.inforouter.auth import Call, required
from adapters.inforouter.declare import DONE, S_, Answer, I, S, Service, T, X, web
from adapters.inforouter.drafting import read_checked
from adapters.inforouter.errors import TASK_DENIED, Denied, Failure
from adapters.inforouter.flows import Draft, DraftTask, element_id, task_ext
from adapters.inforouter.paths import find_document
from adapters.inforouter.people import NAMESPACE, libraries_by_key, short_name
from adapters.inforouter.priorities import to_core
from core.clock import HOUR
from core.instance.commands import CancelInstance, DeleteInstance, StartInstance
from core.instance.queries import InstanceByKey, InstancesOfDocument
from core.library.queries import DocumentView, FoldersByKey
from core.people.queries import GroupMembers, GroupsByNumber, UserNumbers, UsersByNumber
from core.principal import Principal
from core.process.queries import Drafted, DraftedByNumber, ProcessView
from core.rejections import NotFound
from core.search.query import PageRequest, Sort, Where
from core.tables.instance import Instance
from core.tables.task import Task
from core.task.commands import AssignTask, UpdateTask
from core.task.fields import TaskWhere
from core.turn.command import KEEP
from core.types import ENDED_TASK_STATES, Action, InstanceState, ProcessStatus, TaskState
from schemas.common.numbers import whole
from schemas.inforouter import task as shapes
from schemas.inforouter.element import Element
from schemas.inforouter.flow import TaskDef
from schemas.inforouter.task import StepShape, TaskShape, Who, WorkflowShape

NO_WORKFLOW = "Document is not in a workflow"


async def _submit(
    call: Call, ticket: str | None, path: str | None, definition: int, users: str | None, groups: str | None
) -> Answer:
    who = await call.principal(ticket)
    view = await find_document(call, who, required("Path", path))
    try:
        flow = await call.ask(DraftedByNumber(definition), who)
    except NotFound:
        raise NotFound("process", definition) from None
    if flow.process.status != ProcessStatus.ACTIVE:
        raise Failure("Workflow definition is not active")
    if flow.library is None or flow.library.key != view.library.key:
        raise Failure("The workflow belongs to another library")
    chosen = await _players(call, who, flow, users, groups)
    command = StartInstance(
        process_key=flow.process.key,
        title=f"{flow.process.name}: {view.document.name}",
        document_key=view.document.key,
        participants=chosen,
    )
    await call.execute(command, who)
    return DONE


def _ids(text: str | None) -> tuple[int, ...]:
    parts = [part for part in re.split(r"[,;\s]+", text or "") if part]
    numbers = [whole(part, 9) for part in parts]
    if None in numbers:
        raise Failure("Input string was not in a correct format.")
    return tuple(number for number in numbers if number is not None)


async def _players(
    call: Call, who: Principal, flow: ProcessView, users: str | None, groups: str | None
) -> dict[str, tuple[int, ...]]:
    """Who does the first step instead of those of the definition."""
    user_ids, group_ids = _ids(users), _ids(groups)
    if not user_ids and not group_ids:
        return {}
    users_by_number = await call.ask(UsersByNumber(user_ids), who)
    groups_by_number = await call.ask(GroupsByNumber(group_ids), who)
    if len(users_by_number) < len(set(user_ids)):
        raise NotFound("user", user_ids)
    if len(groups_by_number) < len(set(group_ids)):
        raise NotFound("group", group_ids)
    members = await call.ask(GroupMembers(tuple(g.key for g in groups_by_number.values())), who)
    keys = tuple(dict.fromkeys((*(u.key for u in users_by_number.values()), *(u.key for u in members))))
    steps = sorted(Draft.of(flow).steps, key=lambda s: s.number)
    return {element_id(task.id): keys for task in steps[0].tasks}


async def _current(call: Call, ticket: str | None, path: str | None) -> tuple[Principal, Instance]:
    """The workflow that a document is in; the caller has to have submitted it or to supervise it."""
    who = await call.principal(ticket)
    view = await find_document(call, who, required("path", path))
    if not view.document.instance_key:
        raise Failure(NO_WORKFLOW)
    instance = (await call.ask(InstanceByKey(view.document.instance_key), who)).instance
    await _check_charge(call, who, instance)
    return who, instance


async def _check_charge(call: Call, who: Principal, instance: Instance) -> None:
    """Raises Denied for who neither submitted it nor supervises it."""
    if not await call.may(who, Action.UPDATE_INSTANCE, instance):
        raise Denied(TASK_DENIED)


async def _instance(call: Call, who: Principal, view: DocumentView, number: int) -> Instance:
    for instance in await call.ask(InstancesOfDocument(view.document.key), who):
        if instance.number == number:
            return instance
    raise NotFound("instance", number)


async def _tasks(call: Call, who: Principal, instance: Instance) -> searching.Numbered:
    """Under all the numbers that they go or went by."""
    where: tuple[TaskWhere, ...] = (Where("instance_key", "eq", instance.key),)
    page = PageRequest(limit=None, cap=None)
    return (await searching.by_all_numbers(call, who, where, (Sort("key"),), page, passed=False)).tasks


class Workflows(Service):
    @web(SIGNED_IN, T, S, I)
    async def GetDocumentWorkflow(
        ctx: Call, AuthenticationTicket: str | None, documentPath: str | None, workflowId: int
    ) -> Answer:
        """A workflow that a document is or was in."""
        who = await ctx.principal(AuthenticationTicket)
        view = await find_document(ctx, who, required("documentPath", documentPath))
        instance = await _instance(ctx, who, view, workflowId)
        return Answer((await _element(ctx, who, view, instance),))

    @web(SIGNED_IN, T, S, S_)
    async def GetDocumentWorkflows(
        ctx: Call, AuthenticationTicket: str | None, documentPath: str | None, filter: str | None
    ) -> Answer:
        """The workflows of a document: `current`, `history` or, with anything else, all."""
        who = await ctx.principal(AuthenticationTicket)
        view = await find_document(ctx, who, required("documentPath", documentPath))
        elements = []
        for instance in await ctx.ask(InstancesOfDocument(view.document.key), who):
            running = instance.state == InstanceState.ACTIVE
            if (filter == "current" and not running) or (filter == "history" and running):
                continue
            element = await _element(ctx, who, view, instance)
            if element is not None:
                elements.append(element)
        return Answer((Element("Workflows", children=tuple(elements)),))

    @web(OWN, T, S)
    async def RemoveCurrentWorkflow(ctx: Call, AuthenticationTicket: str | None, path: str | None) -> Answer:
        """Removes the workflow that a document is in, unless a task was completed."""
        who, instance = await _current(ctx, AuthenticationTicket, path)
        await ctx.execute(DeleteInstance(instance.key), who)
        return DONE

    @web(OWN, T, S)
    async def StopCurrentWorkflow(ctx: Call, AuthenticationTicket: str | None, path: str | None) -> Answer:
        """Ends the workflow that a document is in; its open tasks are dropped."""
        who, instance = await _current(ctx, AuthenticationTicket, path)
        await ctx.execute(CancelInstance(instance.key), who)
        return DONE

    @web(WORKER, T, S, I)
    async def SubmitDocumentToFlow(
        ctx: Call, AuthenticationTicket: str | None, Path: str | None, FlowDefID: int
    ) -> Answer:
        """Starts a workflow with a document."""
        return await _submit(ctx, AuthenticationTicket, path=Path, definition=FlowDefID, users=None, groups=None)

    @web(WORKER, T, S, I, S_, S_)
    async def SubmitDocumentToFlow1(
        ctx: Call,
        AuthenticationTicket: str | None,
        Path: str | None,
        FlowDefID: int,
        StepPlayerIDs: str | None,
        StepGroupIDs: str | None,
    ) -> Answer:
        """Starts a workflow with a document, with other people for its first step."""
        return await _submit(
            ctx, AuthenticationTicket, path=Path, definition=FlowDefID, users=StepPlayerIDs, groups=StepGroupIDs
        )

    @web(OWN, T, S, I, I, I, X)
    async def UpdateRunningWorkflowTaskDef(
        ctx: Call,
        AuthenticationTicket: str | None,
        documentPath: str | None,
        workflowId: int,
        stepNumber: int,
        taskDefId: int,
        taskDefXML: str | None,
    ) -> Answer:
        """Replaces a task definition in a running workflow: that of its tasks which are not over."""
        who = await ctx.principal(AuthenticationTicket)
        view = await find_document(ctx, who, required("documentPath", documentPath))
        instance = await _instance(ctx, who, view, workflowId)
        await _check_charge(ctx, who, instance)
        definition = await read_checked(ctx, who, taskDefXML)
        tasks = [task for task, passed in await _tasks(ctx, who, instance) if passed is None]
        if not any(work.kept(t).get("step") == stepNumber for t in tasks):
            raise Failure("Step not found", 4041)
        chosen = [t for t in tasks if t.element_id == element_id(taskDefId) and work.kept(t).get("step") == stepNumber]
        if not chosen:
            raise Failure("Task definition not found")
        open_tasks = [t for t in chosen if t.state not in ENDED_TASK_STATES]
        await _redefine(ctx, who, open_tasks, definition, taskDefId)
        return DONE


async def _redefine(call: Call, who: Principal, tasks: list[Task], definition: TaskDef, id: int) -> None:
    users = await call.ask(UsersByNumber((*definition.users, definition.supervisor)), who)
    supervisor = users.get(definition.supervisor)
    for n, task in enumerate(tasks):
        kept = work.kept(task)
        step = flows.DraftStep(kept.get("step", 0), kept.get("step_name", ""))
        started = task.started_at
        command = UpdateTask(
            task.key,
            due_at=started + definition.deadline * HOUR if started is not None else KEEP,
            priority=to_core(definition.priority),
            ext={NAMESPACE: task_ext(step, DraftTask(id, definition))},
            name=definition.name,
            description=definition.instruction,
            supervisor=supervisor.username if supervisor is not None else "",
            planned=True,
        )
        await call.execute(command, who)
        # who has it changes only where it is clear whose task becomes whose
        if len(definition.users) == len(tasks) and not definition.groups and task.state == TaskState.CREATED:
            wanted = users[definition.users[n]].username
            if wanted != task.assignee:
                await call.execute(AssignTask(task.key, wanted), who)


def _utc(milliseconds: int | None, *, empty: bool) -> str:
    """UTC with Z; a date that is not set is the year 1 in 8.7 and empty in 9.0."""
    if milliseconds is None:
        return "" if empty else "0001-01-01T00:00:00Z"
    return f"{datetime.fromtimestamp(milliseconds // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


async def _element(call: Call, who: Principal, view: DocumentView, instance: Instance) -> Any:
    """The Workflow element; None for an instance that is only an ad hoc task."""
    if not instance.title:
        return None
    instance_view = await call.ask(InstanceByKey(instance.key), who)
    process = instance_view.known.process
    drafts = await call.ask(Drafted(keys=(process.key,)), who)
    if not drafts and not process.library_key:
        return None
    draft = Draft.of(drafts[0]) if drafts else Draft(0)
    tasks = await _tasks(call, who, instance)
    due = max((t.due_at for t, _ in tasks if t.due_at is not None), default=None)
    people = await call.ask(UsersByNumber(tuple(draft.users)), who)
    groups = await call.ask(GroupsByNumber(tuple(draft.groups)), who)
    libraries = await libraries_by_key(call, who)
    submitter = (await call.ask(UserNumbers((instance.creator_key,)), who)).get(instance.creator_key)
    folders = await call.ask(FoldersByKey((draft.end_folder,)), who)
    empty = call.profile.steps
    steps = await _steps(call, who, draft, instance, tasks) if call.profile.steps else None
    return shapes.workflow(
        WorkflowShape(
            number=instance.number,
            name=process.name,
            definition=process.number,
            document=view.document.number,
            domain=view.library.number,
            start=_utc(instance.created_at, empty=empty),
            due=_utc(due, empty=empty),
            finish=_utc(instance.ended_at, empty=empty),
            submitter=Who(submitter.number, submitter.username) if submitter is not None else Who(0, instance.creator),
            end_folder=folders[draft.end_folder][0].number if draft.end_folder in folders else 0,
            end_url=draft.end_url,
            users=tuple(Who(u.number, u.username) for u in people.values()),
            groups=tuple(
                (g.number, short_name(g), libraries[g.library_key].name if g.library_key in libraries else "")
                for g in groups.values()
            ),
            steps=steps,
        )
    )


async def _steps(
    call: Call, who: Principal, draft: Draft, instance: Instance, tasks: searching.Numbered
) -> tuple[Element, ...]:
    """The steps of an instance with all of their tasks, future ones too."""
    rows = await work.shaped(call, who, tasks, full_names=True, decimals=True)
    by_step: dict[int, list[tuple[Task, TaskShape]]] = {}
    for (task, _), row in zip(tasks, rows, strict=True):
        by_step.setdefault(row.step, []).append((task, row))
    folders = await call.ask(FoldersByKey(tuple(s.folder for s in draft.steps)), who)
    move_to = {s.number: folders[s.folder][0].number for s in draft.steps if s.folder in folders}
    return tuple(shapes.step(_step(instance, by_step[number], move_to.get(number, 0))) for number in sorted(by_step))


def _step(instance: Instance, rows: list[tuple[Task, TaskShape]], folder: int) -> StepShape:
    """It is past when all of its tasks are over, active when one has begun and the instance runs."""
    tasks = [task for task, _ in rows]
    over = all(task.state in ENDED_TASK_STATES for task in tasks)
    begin_times = [task.started_at for task in tasks if task.started_at is not None]
    due = [task.due_at for task in tasks if task.due_at is not None]
    open_status = "Active" if begin_times and instance.state == InstanceState.ACTIVE else "Future"
    first = rows[0][1]
    return StepShape(
        number=first.step,
        name=first.step_name,
        status="Past" if over else open_status,
        start=_utc(min(begin_times, default=None), empty=True),
        due=_utc(max(due, default=None), empty=True),
        finish=_utc(max(task.ended_at or 0 for task in tasks) if over else None, empty=True),
        folder=folder,
        tasks=tuple(shapes.task(row, names=True) for _, row in rows),
    )
