"""Tasks that end in another way than by completion: planned anew, canceled, deleted; deleted instances."""

from collections.abc import Mapping
from typing import Any

from core.flow import holdings, listeners, losing
from core.flow.plans import plan_held_task, plan_loss
from core.flow.termination import settle_termination
from core.flow.usertasks import end_task, open_task
from core.principal import Principal
from core.rejections import Invalid, WrongState
from core.states import Trigger, transition
from core.tables.instance import ElementInstance
from core.tables.task import Task
from core.task.commands import CancelTask, DeleteTask, PlanTask
from core.task.decisions import find_task, go_on, instance_of, plan_completion, run_of, with_task
from core.turn.command import Done
from core.turn.context import Context, Plan, handles
from core.turn.known import KnownDefinition
from core.turn.workingset import Load, Read, WorkingSet
from core.types import ENDED_TASK_STATES, Action, ElementState, TaskState


def _plan_planning(cmd: PlanTask, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Read(Task, "key", (cmd.task_key,))]
    task = ws.get(Task, cmd.task_key)
    if task is not None:
        yield from plan_held_task(task, Load(Task, "instance_key", (task.instance_key,)))


@handles(PlanTask, with_task(_plan_planning))
def plan_task(cmd: PlanTask, ctx: Context) -> Done:
    task = find_task(ctx, cmd.task_key, cmd.holder)
    template = ctx.definitions[task.definition_key].program.elements[task.element_id].task
    if template is None:
        raise Invalid("task", "template")
    if not cmd.planned:
        if task.state != TaskState.PLANNED:
            raise WrongState("task", task.key, task.state)
        open_task(ctx, instance_of(ctx, task), task, template)
        return Done()
    if task.state != TaskState.CREATED:
        raise WrongState("task", task.key, task.state)
    before: dict[str, Any] = {"state": TaskState.CREATED.value}
    if task.paused_at is not None:
        before["paused_at"] = task.paused_at
    holdings.take_back(ctx, instance_of(ctx, task), task)
    ctx.ws.change(task, state=TaskState.PLANNED.value, started_at=None, changed_at=ctx.now)
    ctx.emit(
        "task.shelved", "task", task.key, instance_key=task.instance_key, before=before, after={"state": task.state}
    )
    return Done()


def _plan_cancel(cmd: CancelTask, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    return plan_completion(cmd.task_key, ws, known, sets_variables=True)


@handles(CancelTask, with_task(_plan_cancel))
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
    """All that may end with it, up to the outermost caller."""
    yield [Read(Task, "key", (cmd.task_key,))]
    task = ws.get(Task, cmd.task_key)
    if task is not None:
        yield from plan_held_task(task)
        yield from plan_loss(task.instance_key, task.element_instance_key, ws)


@handles(DeleteTask, with_task(_plan_deletion, Action.DELETE_TASK))
def delete_task(cmd: DeleteTask, ctx: Context) -> Done:
    """Nobody is asked, and nothing goes on behind it."""
    task = find_task(ctx, cmd.task_key, action=Action.DELETE_TASK)
    if task.state in ENDED_TASK_STATES:
        raise WrongState("task", task.key, task.state)
    before = {"state": task.state, "assignee": task.assignee, "name": task.name}
    listeners.forget(ctx, task)
    ended = {"state": TaskState.CANCELED.value, "ended_at": ctx.now, "changed_at": ctx.now}
    ctx.ws.change(task, **ended, pending={}, removed=1)
    ctx.emit(
        "task.deleted", "task", task.key, instance_key=task.instance_key, before=before, after={"state": task.state}
    )
    waiting = ctx.ws.get(ElementInstance, task.element_instance_key)
    if waiting is not None and waiting.state == ElementState.ACTIVE and not losing.has_open_tasks(ctx, waiting):
        losing.lose(run_of(ctx, task), waiting)
    settle_termination(ctx, instance_of(ctx, task))
    return Done()


# Instances
