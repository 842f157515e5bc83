"""Pausing tasks and taking them up again."""

from collections.abc import Mapping

from core.principal import Principal
from core.rejections import Conflict, Invalid, WrongState
from core.tables.task import Task, is_paused
from core.task.commands import PauseTask, ResumeTask
from core.task.decisions import find_task, with_task
from core.turn.command import Done
from core.turn.context import Context, Plan, handles
from core.turn.known import KnownDefinition
from core.turn.workingset import Load, WorkingSet
from core.types import ENDED_TASK_STATES, TaskState


def _plan(cmd: PauseTask | ResumeTask, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Task, "key", (cmd.task_key,))]


def _open_task(ctx: Context, cmd: PauseTask | ResumeTask) -> Task:
    task = find_task(ctx, cmd.task_key, cmd.holder)
    if task.state in (*ENDED_TASK_STATES, TaskState.PLANNED):
        raise WrongState("task", task.key, task.state)
    return task


@handles(PauseTask, with_task(_plan))
def pause_task(cmd: PauseTask, ctx: Context) -> Done:
    task = _open_task(ctx, cmd)
    if is_paused(task, ctx.now):
        raise Conflict("task", task.key, "paused")
    if cmd.until is not None and not -(2**62) < cmd.until < 2**62:
        raise Invalid("until", "range", cmd.until)
    ctx.ws.change(task, paused_at=ctx.now, paused_until=cmd.until, changed_at=ctx.now)
    after = {"until": cmd.until} if cmd.until is not None else {}
    ctx.emit("task.paused", "task", task.key, instance_key=task.instance_key, after=after)
    return Done()


@handles(ResumeTask, with_task(_plan))
def resume_task(cmd: ResumeTask, ctx: Context) -> Done:
    task = _open_task(ctx, cmd)
    if not is_paused(task, ctx.now):
        raise Conflict("task", task.key, "running")
    before = {"until": task.paused_until} if task.paused_until is not None else {}
    ctx.ws.change(task, paused_at=None, paused_until=None, changed_at=ctx.now)
    ctx.emit("task.resumed", "task", task.key, instance_key=task.instance_key, before=before)
    return Done()
