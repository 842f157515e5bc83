"""Building workflow definitions step by step. Source: dossier inforouter.md, section 3.6."""

from adapters.common.rights import MANAGER
from adapters.inforouter.auth import Call, required
from adapters.inforouter.declare import DONE, S_, Answer, I, S, Service, T, X, web
from adapters.inforouter.errors import Failure
from adapters.inforouter.flows import MAX_TASKS, Draft, DraftStep, DraftTask, change, check_designer, find_flow
from adapters.inforouter.paths import find_folder
from adapters.inforouter.people import find_library
from core.library.queries import FolderAt
from core.people.queries import GroupsByNumber, UsersByNumber
from core.principal import Principal
from core.process.queries import ProcessView
from core.rejections import NotFound
from schemas.inforouter.flow import BadDefinition, TaskDef, read_task_def, valid_name


async def editing(
    call: Call, ticket: str | None, domain: str | None, name: str | None
) -> tuple[Principal, ProcessView]:
    """(the caller, who may change it, the definition)"""
    who = await call.principal(ticket)
    library = await find_library(call, who, required("DomainName", domain))
    view = await find_flow(call, who, library, required("FlowName", name))
    await check_designer(call, who, view)
    return who, view


async def read_checked(call: Call, who: Principal, text: str | None) -> TaskDef:
    """The task definition of a document, whose users and groups are there. Raises Failure."""
    try:
        task = read_task_def(required("TaskDefXML", text), all_permissions=call.profile.error_codes)
    except BadDefinition as error:
        raise Failure(str(error), 5000 if str(error).startswith("SystemError") else 4000) from None
    wanted = tuple(n for n in (*task.users, task.supervisor) if n)
    users = await call.ask(UsersByNumber(wanted), who)
    groups = await call.ask(GroupsByNumber(task.groups), who)
    if any(n not in users for n in wanted):
        raise NotFound("user", wanted)
    if any(n not in groups for n in task.groups):
        raise NotFound("group", task.groups)
    return task


async def _add_step(
    call: Call, ticket: str | None, domain: str | None, flow_name: str | None, name: str | None, folder_id: int
) -> Answer:
    who, view = await editing(call, ticket, domain, flow_name)
    step_name = required("StepName", name)
    if not valid_name(step_name):
        raise Failure("Step name is invalid")
    folder_key = 0
    if folder_id:
        folder, library = await call.ask(FolderAt(number=folder_id), who)
        if view.library is None or library.key != view.library.key:
            raise Failure("The folder belongs to another library", 4041)
        folder_key = folder.key
    added = 0

    def add(draft: Draft) -> None:
        nonlocal added
        added = max((s.number for s in draft.steps), default=0) + 1
        draft.steps.append(DraftStep(added, step_name, folder_key))

    await change(call, who, view, add)
    return Answer(attributes=(("StepNumber", str(added)),))


class Drafting(Service):
    @web(MANAGER, T, S, S, S)
    async def AddFlowStepDef(
        ctx: Call,
        AuthenticationTicket: str | None,
        DomainName: str | None,
        FlowName: str | None,
        StepName: str | None,
    ) -> Answer:
        """Adds a step behind the last one."""
        return await _add_step(
            ctx, AuthenticationTicket, domain=DomainName, flow_name=FlowName, name=StepName, folder_id=0
        )

    @web(MANAGER, T, S, S, S, I)
    async def AddFlowStepDef1(
        ctx: Call,
        AuthenticationTicket: str | None,
        DomainName: str | None,
        FlowName: str | None,
        StepName: str | None,
        OnStartMoveTo: int,
    ) -> Answer:
        """Adds a step behind the last one, to whose folder (by id) the document moves."""
        return await _add_step(
            ctx, AuthenticationTicket, domain=DomainName, flow_name=FlowName, name=StepName, folder_id=OnStartMoveTo
        )

    @web(MANAGER, T, S, S, I, X)
    async def AddFlowTaskDef(
        ctx: Call,
        AuthenticationTicket: str | None,
        DomainName: str | None,
        FlowName: str | None,
        StepNumber: int,
        TaskDefXML: str | None,
    ) -> Answer:
        """Adds a task definition to a step."""
        who, view = await editing(ctx, AuthenticationTicket, DomainName, FlowName)
        task = await read_checked(ctx, who, TaskDefXML)

        def add(draft: Draft) -> None:
            if draft.last_task >= MAX_TASKS:
                raise Failure("Too many task definitions")
            draft.last_task += 1
            id = view.process.number * (MAX_TASKS + 1) + draft.last_task
            draft.step(StepNumber).tasks.append(DraftTask(id, task))

        await change(ctx, who, view, add)
        return DONE

    @web(MANAGER, T, S, S, S, root="response", silent=True)
    async def DeleteFlowStepDef(
        ctx: Call,
        AuthenticationTicket: str | None,
        DomainName: str | None,
        FlowName: str | None,
        StepName: str | None,
    ) -> Answer:
        """Deletes a step with its task definitions; of several with the name the first."""
        who, view = await editing(ctx, AuthenticationTicket, DomainName, FlowName)
        name = required("StepName", StepName).casefold()

        def delete(draft: Draft) -> None:
            for step in draft.steps:
                if step.name.casefold() == name:
                    draft.steps.remove(step)
                    return
            raise Failure("Step not found", 4041)

        await change(ctx, who, view, delete)
        return DONE

    @web(MANAGER, T, S, S, I, I, root="response", silent=True)
    async def DeleteFlowTaskDef(
        ctx: Call,
        AuthenticationTicket: str | None,
        DomainName: str | None,
        FlowName: str | None,
        StepNumber: int,
        TaskDefId: int,
    ) -> Answer:
        """Deletes a task definition."""
        who, view = await editing(ctx, AuthenticationTicket, DomainName, FlowName)

        def delete(draft: Draft) -> None:
            step = draft.step(StepNumber)
            step.tasks.remove(step.task(TaskDefId))

        await change(ctx, who, view, delete)
        return DONE

    @web(MANAGER, T, S, S, I, S, S_)
    async def UpdateWorkflowStepDef(
        ctx: Call,
        AuthenticationTicket: str | None,
        domainName: str | None,
        workflowName: str | None,
        stepNumber: int,
        newStepName: str | None,
        onStartMoveToFolderPath: str | None,
    ) -> Answer:
        """Changes name and folder of a step; an empty path clears it."""
        who, view = await editing(ctx, AuthenticationTicket, domainName, workflowName)
        name = required("newStepName", newStepName)
        if not valid_name(name):
            raise Failure("Step name is invalid")
        folder = 0
        if (onStartMoveToFolderPath or "").strip():
            folder = (await find_folder(ctx, who, onStartMoveToFolderPath))[0].key

        def update(draft: Draft) -> None:
            step = draft.step(stepNumber)
            step.name, step.folder = name, folder

        await change(ctx, who, view, update)
        return DONE

    @web(MANAGER, T, S, S, I, I, X)
    async def UpdateWorkflowTaskDef(
        ctx: Call,
        AuthenticationTicket: str | None,
        domainName: str | None,
        flowName: str | None,
        stepNumber: int,
        taskDefId: int,
        taskDefXML: str | None,
    ) -> Answer:
        """Replaces a task definition; what is left out goes to its default."""
        who, view = await editing(ctx, AuthenticationTicket, domainName, flowName)
        task = await read_checked(ctx, who, taskDefXML)

        def update(draft: Draft) -> None:
            draft.step(stepNumber).task(taskDefId).task = task

        await change(ctx, who, view, update)
        return DONE
