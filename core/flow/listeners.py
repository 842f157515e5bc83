"""Listeners: each event waits for the jobs of those who listen to it, one after the other."""

from collections.abc import Mapping, Sequence

from core.flow.state import State
from core.graph.expressions import ExpressionError, attribute, whole
from core.graph.graph import Listener
from core.rejections import ExecutionFailed
from core.tables.instance import ElementInstance, Instance, Variable
from core.tables.job import Job
from core.tables.task import Task
from core.turn.context import Context
from core.types import JobKind


def heard(run: State, waiting: ElementInstance, event: str) -> tuple[Listener, ...]:
    graph = run.known.program.graph
    listeners = run.known.program.elements[waiting.element_id].listeners if waiting.scope_key else graph.listeners
    return tuple(listener for listener in listeners if listener.event == event)


def begin(run: State, waiting: ElementInstance, event: str, element_ids: Sequence[str] = ()) -> bool:
    """False if nobody listens."""
    if not heard(run, waiting, event):
        return False
    run.ctx.ws.change(waiting, pending={"event": event, "at": list(element_ids)})
    go_on(run, waiting, event, 0)
    return True


def go_on(run: State, waiting: ElementInstance, event: str, position: int) -> bool:
    """Ask the next listener; False if all have been asked."""
    listeners = heard(run, waiting, event)
    if position >= len(listeners):
        return False
    ctx, listener = run.ctx, listeners[position]
    element = run.known.program.elements.get(waiting.element_id)
    job = _job(
        ctx,
        run.instance,
        listener,
        position,
        element_id=waiting.element_id,
        variables=run.variables(waiting.key),
        headers=element.task.headers if element is not None and element.task is not None else {},
    )
    job.kind, job.element_instance_key = JobKind.OF_ELEMENT.value, waiting.key
    ctx.ws.add(job)
    return True


def _job(
    ctx: Context,
    instance: Instance,
    listener: Listener,
    position: int,
    *,
    element_id: str,
    variables: dict[str, object],
    headers: Mapping[str, str],
) -> Job:
    """For the listener of an element or of a task, which is still to be said. `headers` are those of the task."""
    try:
        retries = attribute(listener.retries, variables, ctx.now, ctx.effort.budget)
        type = attribute(listener.type, variables, ctx.now, ctx.effort.budget)
    except ExpressionError as error:
        raise ExecutionFailed(element_id, f"a listener: {error}") from error
    if not isinstance(type, str) or not type:
        raise ExecutionFailed(element_id, "the type of a listener is no text")
    count = whole(retries)
    if count is None or abs(count) >= 2**31:
        raise ExecutionFailed(element_id, "the retries of a listener are no number")
    return Job(
        key=ctx.key(),
        tenant_key=instance.tenant_key,
        instance_key=instance.key,
        definition_key=instance.definition_key,
        type=type,
        event=listener.event,
        element_id=element_id,
        headers={**headers, **listener.headers},
        position=position,
        retries=count,
        created_at=ctx.now,
    )


def ask_of_task(ctx: Context, task: Task, listeners: tuple[Listener, ...], position: int) -> None:
    instance = ctx.ws.get(Instance, task.instance_key)
    assert instance is not None, "it is loaded where somebody listens"
    rows = ctx.ws.find(Variable, "instance_key", instance.key)
    variables = {row.name: row.parsed for row in rows if row.scope_key == instance.key}
    listener = listeners[position]
    job = _job(ctx, instance, listener, position, element_id=task.element_id, variables=variables, headers=task.headers)
    job.kind, job.task_key, job.element_instance_key = JobKind.OF_TASK.value, task.key, task.element_instance_key
    ctx.ws.add(job)


def forget(ctx: Context, task: Task) -> None:
    """The task is over: nobody is asked any more, if anybody was, and no worker may do it."""
    if not (task.pending or task.offered):
        return
    for job in list(ctx.ws.find(Job, "instance_key", task.instance_key)):
        if job.task_key == task.key:
            ctx.ws.remove(job)
