"""Ending instances and elements before their time, with all that is inside of them."""

from core.flow import events, incidents, starts, subscriptions
from core.flow.usertasks import cancel
from core.tables.instance import ElementInstance, Instance
from core.tables.job import Job, Timer
from core.tables.library import Document
from core.tables.task import Task
from core.turn.context import Context
from core.types import ENDED_TASK_STATES, JOBS_OF_ELEMENTS, ElementState, InstanceState, TaskState


def end_instance(ctx: Context, instance: Instance, state: InstanceState) -> None:
    ctx.ws.change(instance, state=state.value, ended_at=ctx.now, changed_at=ctx.now)
    incidents.end_at(ctx, instance)
    document = ctx.ws.get(Document, instance.document_key) if instance.document_key else None
    if document is not None and document.instance_key == instance.key:
        ctx.ws.change(document, instance_key=0)
    starts.release(ctx, instance)
    ctx.emit(
        f"instance.{'completed' if state is InstanceState.COMPLETED else 'terminated'}",
        "instance",
        instance.key,
        instance_key=instance.key,
        before={"state": InstanceState.ACTIVE.value},
        after={"state": state.value},
    )


#: what the scope of an instance waits for whose cancellation somebody listens to
_TERMINATE = {"event": "terminate"}


def terminate_instance(ctx: Context, instance: Instance, *, waits: bool = False) -> None:
    """Its tasks, elements, timers and jobs, and the instances that it called; if it `waits`, not before those are done
    who listen to the end of one of its tasks."""
    active = [row for row in ctx.ws.find(ElementInstance, "instance_key", instance.key) if _is_active(row)]
    for row in active:
        _terminate_called(ctx, row, waits=waits)
    for task in ctx.ws.find(Task, "instance_key", instance.key):
        if task.state not in ENDED_TASK_STATES:
            cancel(ctx, task)
    for timer in list(ctx.ws.find(Timer, "instance_key", instance.key)):
        ctx.ws.remove(timer)
    subscriptions.close(ctx, subscriptions.of_instance(ctx, instance.key))
    for job in list(ctx.ws.find(Job, "instance_key", instance.key)):
        if job.kind in JOBS_OF_ELEMENTS:
            ctx.ws.remove(job)
    waiting = _waiting(ctx, instance, active) if waits else set()
    for row in active:
        if row.key not in waiting:
            _end(ctx, row)
        elif row.key == instance.key:
            ctx.ws.change(row, pending=_TERMINATE)
    if not waiting:
        end_instance(ctx, instance, InstanceState.TERMINATED)


def is_terminating(ctx: Context, instance: Instance) -> bool:
    rows = ctx.ws.find(ElementInstance, "instance_key", instance.key)
    return any(row.key == instance.key and row.pending == _TERMINATE for row in rows)


def settle_termination(ctx: Context, instance: Instance) -> None:
    """Somebody who listened is done: the instance ends if it waited for nobody else, and so do those that called it."""
    if instance.state != InstanceState.ACTIVE or not is_terminating(ctx, instance):
        return
    active = [row for row in ctx.ws.find(ElementInstance, "instance_key", instance.key) if _is_active(row)]
    waiting = _waiting(ctx, instance, active)
    for row in active:
        if row.key not in waiting:
            _end(ctx, row)
    if waiting:
        return
    end_instance(ctx, instance, InstanceState.TERMINATED)
    caller = ctx.ws.get(Instance, instance.parent_key) if instance.parent_key else None
    if caller is not None:
        settle_termination(ctx, caller)


def _is_active(row: ElementInstance) -> bool:
    return row.state == ElementState.ACTIVE


def _waiting(ctx: Context, instance: Instance, active: list[ElementInstance]) -> set[int]:
    """The keys of elements that cannot end yet: of tasks, of called instances, and what is around them."""
    keys = {
        task.element_instance_key
        for task in ctx.ws.find(Task, "instance_key", instance.key)
        if task.state == TaskState.CANCELING
    }
    keys |= {
        called.parent_element_key
        for called in ctx.ws.find(Instance, "parent_key", instance.key)
        if called.state == InstanceState.ACTIVE
    }
    waiting = {row.key for row in active if row.key in keys}
    while more := {row.scope_key for row in active if row.key in waiting and row.scope_key} - waiting:
        waiting |= more
    return waiting


def terminate_element(ctx: Context, element: ElementInstance) -> None:
    """An activity that a boundary event interrupts, and what is inside of it."""
    _terminate_all(ctx, element.instance_key, {element.key})


def terminate_beside(ctx: Context, element: ElementInstance) -> None:
    """All else that is in its scope."""
    rows = ctx.ws.find(ElementInstance, "instance_key", element.instance_key)
    _terminate_all(
        ctx, element.instance_key, {row.key for row in rows if row.scope_key == element.scope_key} - {element.key}
    )


def terminate_inside(ctx: Context, scope: ElementInstance) -> None:
    """All that is in a scope, which goes on."""
    rows = ctx.ws.find(ElementInstance, "instance_key", scope.instance_key)
    _terminate_all(ctx, scope.instance_key, {row.key for row in rows if row.scope_key == scope.key})


def _terminate_all(ctx: Context, instance_key: int, keys: set[int]) -> None:
    """The elements with these keys that are active, and what is inside of them."""
    rows = [r for r in ctx.ws.find(ElementInstance, "instance_key", instance_key) if r.state == ElementState.ACTIVE]
    inside = set(keys)
    while more := {row.key for row in rows if row.scope_key in inside} - inside:
        inside |= more
    for row in rows:
        if row.key in inside:
            _terminate(ctx, row)
            events.disarm(ctx, row)
    for task in ctx.ws.find(Task, "instance_key", instance_key):
        if task.element_instance_key in inside and task.state not in ENDED_TASK_STATES:
            cancel(ctx, task)
    for job in list(ctx.ws.find(Job, "instance_key", instance_key)):
        if job.kind in JOBS_OF_ELEMENTS and job.element_instance_key in inside:
            ctx.ws.remove(job)
    instance = ctx.ws.get(Instance, instance_key)
    if instance is not None:
        incidents.end_at(ctx, instance, inside)


def _terminate(ctx: Context, row: ElementInstance) -> None:
    _end(ctx, row)
    _terminate_called(ctx, row)


def _end(ctx: Context, row: ElementInstance) -> None:
    ctx.ws.change(row, state=ElementState.TERMINATED.value, ended_at=ctx.now, pending={})


def _terminate_called(ctx: Context, row: ElementInstance, *, waits: bool = False) -> None:
    for called in ctx.ws.find(Instance, "parent_key", row.instance_key):
        if called.parent_element_key == row.key and called.state == InstanceState.ACTIVE:
            terminate_instance(ctx, called, waits=waits)
