"""Passing a task on as if it were a new one: under a new number, with what goes with it."""

from collections.abc import Mapping
from typing import Any

from core.flow import holdings
from core.flow.plans import plan_held_task, plan_redirections
from core.flow.usertasks import redirect
from core.principal import Principal
from core.rejections import NotFound, WrongState
from core.tables.instance import Comment
from core.tables.people import User
from core.tables.task import Task
from core.task.commands import ReassignTask
from core.task.decisions import find_task, with_task
from core.turn.command import StartedTask
from core.turn.context import Context, Plan, handles, merge_ext
from core.turn.known import KnownDefinition
from core.turn.workingset import Load, Read, WorkingSet
from core.types import HandOver, TaskState


def _plan(cmd: ReassignTask, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    folded = cmd.assignee.casefold()
    yield [Read(Task, "key", (cmd.task_key,)), Read(User, "username_folded", (folded,))]
    task = ws.get(Task, cmd.task_key)
    if task is not None:
        yield from plan_held_task(task, Load(Comment, "task_key", (cmd.task_key,)))
    yield from plan_redirections([u.key for u in ws.find(User, "username_folded", folded)], ws)


@handles(ReassignTask, with_task(_plan))
def reassign_task(cmd: ReassignTask, ctx: Context) -> StartedTask:
    task = find_task(ctx, cmd.task_key, cmd.holder)
    if task.state != TaskState.CREATED:
        raise WrongState("task", task.key, task.state)
    users = [
        u for u in ctx.ws.find(User, "username_folded", cmd.assignee.casefold()) if u.tenant_key == task.tenant_key
    ]
    if not users:
        raise NotFound("user", cmd.assignee)
    assignee, redirected_from = redirect(ctx, users[0]) if cmd.redirect else (users[0].username, "")
    new: dict[str, Any] = {
        "assignee": assignee,
        "holding_number": ctx.number("task"),
        "assigned_by": ctx.principal.username,
        "redirected_from": redirected_from,
        "due_at": cmd.due_at,
    }
    if cmd.description is not None:
        new["description"] = cmd.description
    old = {name: getattr(task, name) for name in new}
    old["holding_number"] = task.holding_number or task.number
    kept = {name: old[name] for name in ("description",) if name in old}
    if cmd.ext:
        kept["ext"] = {dialect: task.ext.get(dialect, {}) for dialect in cmd.ext}
        new["ext"] = merge_ext(task.ext, cmd.ext)
    for row in list(ctx.ws.find(Comment, "task_key", task.key)):
        kept["comment"] = old["comment"] = row.text
        ctx.ws.remove(row)
    holdings.pass_on(ctx, task, HandOver.RENUMBERED, kept)
    ctx.ws.change(task, **new, started_at=ctx.now, changed_at=ctx.now)
    after = {name: new[name] for name in old if name in new}
    ctx.emit("task.reassigned", "task", task.key, instance_key=task.instance_key, before=old, after=after)
    return StartedTask(task.key, task.uid, task.holding_number, assignee)
