"""Tasks that end in another way than by completion: replaced, planned anew, canceled, deleted; deleted instances."""

from collections.abc import Mapping
from copy import copy
from typing import Any

from core.commands import CancelTask, DeleteInstance, DeleteTask, Done, PlanTask, ReplaceTask, StartedTask
from core.engine.context import Context, KnownDefinition, Plan, handles
from core.engine.instances import find_instance
from core.engine.tasks import find_task, go_on, plan_completion, run_of
from core.engine.workingset import Load, WorkingSet
from core.flow import listeners
from core.flow.plans import plan_document, plan_redirections
from core.flow.usertasks import add_candidates, end_task, merge_ext, open_task, redirect
from core.ids import new_uid
from core.principal import Principal
from core.rejections import Conflict, Invalid, NotFound, WrongState
from core.states import Trigger, transition
from core.storage.records import (
    Attachment,
    Candidate,
    Comment,
    Document,
    ElementInstance,
    Instance,
    Involvement,
    Job,
    Task,
    Timer,
    User,
    Variable,
)
from core.types import ENDED_TASK_STATES, TaskState


def _plan_replacement(cmd: ReplaceTask, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    folded = cmd.assignee.casefold()
    yield [
        Load(Task, "key", (cmd.task_key,)),
        Load(Candidate, "task_key", (cmd.task_key,)),
        Load(Attachment, "task_key", (cmd.task_key,)),
        Load(User, "username_folded", (folded,)),
    ]
    yield from plan_redirections([u.key for u in ws.find(User, "username_folded", folded)], ws)


@handles(ReplaceTask, _plan_replacement)
def replace_task(cmd: ReplaceTask, ctx: Context) -> StartedTask:
    task = find_task(ctx, cmd.task_key, cmd.holder)
    if task.state != TaskState.CREATED:
        raise WrongState("task", task.key, task.state)
    users = [
        u for u in ctx.ws.find(User, "username_folded", cmd.assignee.casefold()) if u.tenant_key == task.tenant_key
    ]
    if not users:
        raise NotFound("user", cmd.assignee)
    assignee, redirected_from = redirect(ctx, users[0]) if cmd.redirect else (users[0].username, "")
    successor = copy(task)
    successor.key, successor.uid, successor.number = ctx.key(), new_uid(), ctx.number("task")
    successor.assignee, successor.redirected_from = assignee, redirected_from
    successor.assigned_by = ctx.principal.username
    successor.created_at = successor.started_at = successor.changed_at = ctx.now
    successor.due_at, successor.pending = cmd.due_at, {}
    successor.paused_at = successor.paused_until = None
    if cmd.description is not None:
        successor.description = cmd.description
    if cmd.ext:
        successor.ext = merge_ext(task.ext, cmd.ext)
    ctx.ws.add(successor)
    add_candidates(ctx.ws, successor.key, successor.candidate_users, successor.candidate_groups)
    for row in list(ctx.ws.find(Attachment, "task_key", task.key)):
        again = copy(row)
        again.key, again.task_key = ctx.key(), successor.key
        ctx.ws.add(again)
    before = {"state": task.state, "assignee": task.assignee}
    ctx.ws.change(
        task,
        state=TaskState.CANCELED.value,
        ended_at=ctx.now,
        changed_at=ctx.now,
        successor_key=successor.key,
        pending={},
    )
    after = {"state": task.state, "assignee": assignee, "successor": successor.key}
    ctx.emit("task.replaced", "task", task.key, instance_key=task.instance_key, before=before, after=after)
    made = {"state": successor.state, "assignee": assignee, "name": successor.name}
    ctx.emit("task.created", "task", successor.key, instance_key=task.instance_key, after=made)
    return StartedTask(successor.key, successor.uid, successor.number, assignee)


def _plan_one(cmd: PlanTask, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Task, "key", (cmd.task_key,))]


@handles(PlanTask, _plan_one)
def plan_task(cmd: PlanTask, ctx: Context) -> Done:
    task = find_task(ctx, cmd.task_key, cmd.holder)
    template = ctx.definitions[task.definition_key].program.elements[task.element_id].task
    if template is None:
        raise Invalid("task", "template")
    if not cmd.planned:
        if task.state != TaskState.PLANNED:
            raise WrongState("task", task.key, task.state)
        open_task(ctx, task, template)
        return Done()
    if task.state != TaskState.CREATED or template.participants is None:
        raise WrongState("task", task.key, task.state)
    ctx.ws.change(task, state=TaskState.PLANNED.value, started_at=None, changed_at=ctx.now)
    before = {"state": TaskState.CREATED.value}
    ctx.emit(
        "task.planned", "task", task.key, instance_key=task.instance_key, before=before, after={"state": task.state}
    )
    return Done()


@handles(CancelTask, plan_completion)
def cancel_task(cmd: CancelTask, ctx: Context) -> Done:
    task = find_task(ctx, cmd.task_key, cmd.holder)
    if transition(TaskState(task.state), Trigger.CANCEL) is None:
        raise WrongState("task", task.key, task.state)
    end_task(ctx, task, Trigger.CANCEL, {}, {})
    if cmd.ended_at:
        ctx.ws.change(task, ended_at=cmd.ended_at)
    go_on(run_of(ctx, task), task)
    return Done()


def _plan_deletion(cmd: DeleteTask, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    keys = (cmd.task_key,)
    yield [Load(Candidate, "task_key", keys), Load(Comment, "task_key", keys), Load(Attachment, "task_key", keys)]
    yield from plan_completion(cmd, who, ws, known)


def remove_task(ctx: Context, task: Task) -> None:
    """The row, and all that hangs on it; they have to be loaded by `task_key`."""
    for cls in (Candidate, Comment, Attachment):
        for row in list(ctx.ws.find(cls, "task_key", task.key)):
            ctx.ws.remove(row)
    ctx.ws.remove(task)


@handles(DeleteTask, _plan_deletion)
def delete_task(cmd: DeleteTask, ctx: Context) -> Done:
    task = find_task(ctx, cmd.task_key)
    before = {"state": task.state, "assignee": task.assignee, "name": task.name}
    was_open = task.state not in ENDED_TASK_STATES
    if was_open:
        listeners.forget(ctx, task)
        ctx.ws.change(task, state=TaskState.CANCELED.value, ended_at=ctx.now)
    ctx.emit("task.deleted", "task", task.key, instance_key=task.instance_key, before=before)
    if was_open:
        go_on(run_of(ctx, task), task)
    remove_task(ctx, task)
    return Done()


# Instances


#: rows that go with an instance
_HELD: tuple[type[Any], ...] = (ElementInstance, Variable, Comment, Attachment, Timer, Job, Involvement)


def _plan_instance_deletion(
    cmd: DeleteInstance, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]
) -> Plan:
    keys = (cmd.instance_key,)
    yield [Load(Instance, "key", keys), Load(Task, "instance_key", keys)]
    yield [Load(cls, "instance_key", keys) for cls in _HELD]
    yield [Load(Candidate, "task_key", tuple(t.key for t in ws.find(Task, "instance_key", cmd.instance_key)))]
    for instance in ws.find(Instance, "key", cmd.instance_key):
        yield from plan_document(instance.document_key)


@handles(DeleteInstance, _plan_instance_deletion)
def delete_instance(cmd: DeleteInstance, ctx: Context) -> Done:
    instance = find_instance(ctx, cmd.instance_key)
    tasks = list(ctx.ws.find(Task, "instance_key", instance.key))
    if any(t.state == TaskState.COMPLETED for t in tasks):
        raise Conflict("instance", instance.key, "started")
    document = ctx.ws.get(Document, instance.document_key) if instance.document_key else None
    if document is not None and document.instance_key == instance.key:
        ctx.ws.change(document, instance_key=0)
    ctx.emit("instance.deleted", "instance", instance.key, instance_key=instance.key, before={"state": instance.state})
    for task in tasks:
        for candidate in list(ctx.ws.find(Candidate, "task_key", task.key)):
            ctx.ws.remove(candidate)
        ctx.ws.remove(task)
    for cls in _HELD:
        for row in list(ctx.ws.find(cls, "instance_key", instance.key)):
            ctx.ws.remove(row)
    ctx.ws.remove(instance)
    return Done()
