"""Listeners: each event waits for the jobs of those who listen to it, one after the other."""

from collections.abc import Sequence

from core.flow.state import State
from core.graph.expressions import ExpressionError, attribute
from core.graph.graph import Listener
from core.rejections import ExecutionFailed
from core.tables.instance import ElementInstance, Instance, Variable
from core.tables.job import Job
from core.tables.task import Task
from core.turn.context import Context

OF_TASK, OF_ELEMENT = "TASK_LISTENER", "EXECUTION_LISTENER"


def heard(run: State, waiting: ElementInstance, event: str) -> tuple[Listener, ...]:
    graph = run.known.program.graph
    found = run.known.program.elements[waiting.element_id].listeners if waiting.scope_key else graph.listeners
    return tuple(listener for listener in found if listener.event == event)


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
    ask(run.ctx, run.instance, listeners[position], position, waiting=waiting, variables=run.variables(waiting.key))
    return True


def ask(
    ctx: Context,
    instance: Instance,
    listener: Listener,
    position: int,
    *,
    waiting: ElementInstance | None = None,
    task: Task | None = None,
    variables: dict[str, object] | None = None,
) -> None:
    """Make the job for a listener of an element or of a task."""
    element_id = task.element_id if task is not None else waiting.element_id if waiting is not None else ""
    try:
        retries = int(attribute(listener.retries, variables or {}, ctx.now, ctx.effort.budget))
    except (ExpressionError, ValueError, TypeError) as error:
        raise ExecutionFailed(element_id, f"retries: {error}") from error
    job = Job(
        key=ctx.key(),
        tenant_key=instance.tenant_key,
        instance_key=instance.key,
        element_instance_key=task.element_instance_key if task is not None else waiting.key if waiting else 0,
        task_key=task.key if task is not None else 0,
        definition_key=instance.definition_key,
        type=listener.type,
        kind=OF_TASK if task is not None else OF_ELEMENT,
        event=listener.event,
        element_id=element_id,
        headers=listener.headers,
        position=position,
        retries=retries,
        created_at=ctx.now,
    )
    ctx.ws.add(job)


def ask_of_task(ctx: Context, task: Task, listeners: tuple[Listener, ...], position: int) -> None:
    instance = ctx.ws.get(Instance, task.instance_key)
    assert instance is not None, "it is loaded where somebody listens"
    rows = ctx.ws.find(Variable, "instance_key", instance.key)
    variables = {row.name: row.parsed for row in rows if row.scope_key == instance.key}
    ask(ctx, instance, listeners[position], position, task=task, variables=variables)


def forget(ctx: Context, task: Task) -> None:
    """The task is over: nobody is asked any more, if anybody was."""
    if not task.pending:
        return
    for job in list(ctx.ws.find(Job, "instance_key", task.instance_key)):
        if job.task_key == task.key:
            ctx.ws.remove(job)
