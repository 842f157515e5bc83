"""Starting and cancelling instances."""

from collections.abc import Mapping

from core.flow import subscriptions
from core.flow.beginning import add_instance
from core.flow.plans import plan_document, plan_tree
from core.flow.run import Run
from core.flow.termination import end_instance, is_terminating, terminate_instance
from core.flow.usertasks import end_task
from core.ids import new_uid
from core.instance.commands import CancelInstance, StartInstance
from core.principal import Principal
from core.process.versions import plan_process, version
from core.reach import Place
from core.rejections import Conflict, Forbidden, NotFound, WrongState
from core.states import Trigger
from core.tables.instance import ElementInstance, Instance, Involvement
from core.tables.job import Job, Timer
from core.tables.library import Document
from core.tables.process import Process, Starter
from core.tables.task import Task
from core.turn.command import Done, Started, StartedTask
from core.turn.context import Context, Plan, handles
from core.turn.known import KnownDefinition
from core.turn.reaching import Planner, reaching
from core.turn.workingset import Load, Read, WorkingSet
from core.types import ENDED_TASK_STATES, Action, ElementState, InstanceState, Permission, ProcessStatus, TaskState


def _plan_start(cmd: StartInstance, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    process_key = cmd.process_key
    if cmd.starter_key:
        yield [Read(Starter, "key", (cmd.starter_key,))]
        starter = ws.get(Starter, cmd.starter_key)
        if starter is None:
            return
        process_key = starter.process_key
    yield from plan_process(
        process_key,
        ws,
        known,
        definition_key=cmd.definition_key,
        document_key=cmd.document_key,
        chosen=cmd.participants,
    )


def begin(ctx: Context, process_key: int, start: StartInstance) -> Run:
    """A new instance of this process, with what the command says of it; no token has moved yet."""
    process = ctx.ws.get(Process, process_key)
    definition = version(ctx.ws, process_key, start.definition_key)
    if process is None or definition is None or process.tenant_key != ctx.principal.tenant_key:
        raise NotFound("process", process_key)
    if process.status != ProcessStatus.ACTIVE:
        raise WrongState("process", process_key, process.status)
    instance = Instance(
        key=ctx.key(),
        uid=start.uid or new_uid(),
        number=ctx.number("instance"),
        tenant_key=process.tenant_key,
        process_key=process.key,
        definition_key=definition.key,
        title=start.title,
        description=start.description,
        stage_key=start.stage_key,
        document_key=start.document_key,
        creator_key=ctx.principal.user_key,
        creator=ctx.principal.username,
        created_at=ctx.now,
        changed_at=ctx.now,
        tags=start.tags,
        business_id=start.business_id,
        reference_key=start.reference_key,
        end_after=start.end_after,
        ext=start.ext,
    )
    add_instance(ctx, instance, definition)
    return Run(ctx, ctx.definitions[definition.key], instance)


def started(run: Run) -> Started:
    instance = run.instance
    open_tasks = [t for t in run.started if t.state == TaskState.CREATED]
    return Started(
        key=instance.key,
        uid=instance.uid,
        number=instance.number,
        definition_key=instance.definition_key,
        ended=instance.state != InstanceState.ACTIVE,
        tasks=tuple(StartedTask(t.key, t.uid, t.number, t.assignee) for t in open_tasks),
    )


def _place(cmd: StartInstance, ws: WorkingSet) -> Place | None:
    """The library of a process and of the document that it is started with, if that is the same."""
    if not cmd.document_key or cmd.starter_key:
        return None
    process, document = ws.get(Process, cmd.process_key), ws.get(Document, cmd.document_key)
    same = process is not None and document is not None and process.library_key == document.library_key
    return Place(process.library_key) if process is not None and same else None


@handles(StartInstance, _plan_start)
def start_instance(cmd: StartInstance, ctx: Context) -> Started:
    ctx.require_reach(Action.START_INSTANCE, _place(cmd, ctx.ws))
    process_key, element_id = cmd.process_key, cmd.element_id
    if cmd.starter_key:
        starter = ctx.ws.get(Starter, cmd.starter_key)
        if starter is None or starter.tenant_key != ctx.principal.tenant_key:
            raise NotFound("starter", cmd.starter_key)
        process_key, element_id = starter.process_key, starter.element_id
    run = begin(ctx, process_key, cmd)
    if cmd.document_key:
        _occupy(ctx, cmd.document_key, run.instance)
    for role, kind, member_key in cmd.involved:
        involve_in(
            ctx, run.instance.key, instance_key=run.instance.key, role=role, member_kind=kind, member_key=member_key
        )
    run.assignee = cmd.assignee
    run.task_ext = cmd.task_ext
    run.participants = cmd.participants
    run.draft = cmd.draft
    if cmd.variables:
        run.merge(run.instance.key, cmd.variables)
    run.start(*(cmd.element_ids or ((element_id,) if element_id else ())))
    if cmd.finished and run.instance.state == InstanceState.ACTIVE:
        finish_instance(ctx, run.instance)
    return started(run)


def involve_in(ctx: Context, entity_key: int, instance_key: int, role: str, member_kind: str, member_key: int) -> None:
    """In an instance, or in something that belongs to it."""
    ctx.ws.add(
        Involvement(
            key=ctx.key(),
            tenant_key=ctx.principal.tenant_key,
            instance_key=instance_key,
            entity_key=entity_key,
            role=role,
            member_kind=member_kind,
            member_key=member_key,
            created_at=ctx.now,
        )
    )


def _occupy(ctx: Context, document_key: int, instance: Instance) -> None:
    """The document is with this instance now, and with no other."""
    document = ctx.ws.get(Document, document_key)
    if document is None or document.tenant_key != instance.tenant_key:
        raise NotFound("document", document_key)
    if document.checked_out_by:
        raise Conflict("document", document.number, "checked-out")
    if document.instance_key:
        raise Conflict("document", document.number, "busy")
    ctx.ws.change(document, instance_key=instance.key)


def finish_instance(ctx: Context, instance: Instance) -> None:
    """All that it waits for is done."""
    for task in ctx.ws.find(Task, "instance_key", instance.key):
        if task.state not in ENDED_TASK_STATES:
            trigger = Trigger.CANCEL if task.state == TaskState.PLANNED else Trigger.COMPLETE
            end_task(ctx, task, trigger, {}, {})
    for element in ctx.ws.find(ElementInstance, "instance_key", instance.key):
        if element.state == ElementState.ACTIVE:
            ctx.ws.change(element, state=ElementState.COMPLETED.value, ended_at=ctx.now, pending={})
    subscriptions.close(ctx, subscriptions.of_instance(ctx, instance.key))
    for cls in (Timer, Job):
        for row in list(ctx.ws.find(cls, "instance_key", instance.key)):
            ctx.ws.remove(row)
    for called in ctx.ws.find(Instance, "parent_key", instance.key):
        if called.state == InstanceState.ACTIVE:
            terminate_instance(ctx, called)
    end_instance(ctx, instance, InstanceState.COMPLETED)


def _plan_cancel(cmd: CancelInstance, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    keys = (cmd.instance_key,)
    yield [Load(Instance, "key", keys)]
    for instance in ws.find(Instance, "key", cmd.instance_key):
        yield from plan_document(instance.document_key)
        yield from plan_tree(keys, ws)


def with_instance(plan: Planner, action: Action = Action.UPDATE_INSTANCE) -> Planner:
    """A plan, and what `find_instance` looks at besides."""
    return reaching(plan, lambda cmd, ws: ((action, ws.get(Instance, cmd.instance_key)),))


def find_instance(ctx: Context, key: int, action: Action = Action.UPDATE_INSTANCE) -> Instance:
    """One of the caller's tenant, with which they may do this."""
    instance = ctx.ws.get(Instance, key)
    if instance is None or instance.tenant_key != ctx.principal.tenant_key:
        raise NotFound("instance", key)
    ended = instance.state != InstanceState.ACTIVE
    ctx.require_reach(
        action, instance, kind="instance", id=instance.key, definition_key=instance.definition_key, ended=ended
    )
    return instance


@handles(CancelInstance, with_instance(_plan_cancel, Action.CANCEL_INSTANCE))
def cancel_instance(cmd: CancelInstance, ctx: Context) -> Done:
    instance = find_instance(ctx, cmd.instance_key, Action.CANCEL_INSTANCE)
    if instance.state != InstanceState.ACTIVE or is_terminating(ctx, instance):
        raise WrongState("instance", instance.key, instance.state)
    if instance.parent_key:
        raise Conflict("instance", instance.root_key, "called")
    open_tasks = [t for t in ctx.ws.find(Task, "instance_key", instance.key) if t.state not in ENDED_TASK_STATES]
    if cmd.sole_holder:
        _only_his(instance, open_tasks, cmd.sole_holder)
    terminate_instance(ctx, instance, waits=cmd.waits)
    return Done()


def _only_his(instance: Instance, open_tasks: list[Task], holder: str) -> None:
    reached = [t for t in open_tasks if t.state != TaskState.PLANNED]
    if len(reached) != 1:
        raise Conflict("instance", instance.key, "threads")
    if reached[0].assignee != holder:
        raise Forbidden(Permission.WORK, kind="instance", id=str(instance.key))
