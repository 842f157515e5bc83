"""Listeners: each event waits for the jobs of those who listen to it, one after the other."""

from collections.abc import Sequence

from core.flow.jobs import new_job
from core.flow.state import State
from core.graph.elements import Listener, Work
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
    element, listener = run.known.program.elements.get(waiting.element_id), listeners[position]
    headers = element.task.headers if element is not None and element.task is not None else {}
    work = Work(listener.type, listener.retries, {**headers, **listener.headers})
    variables = run.variables(waiting.key)
    job = new_job(run.ctx, run.instance, work, element_id=waiting.element_id, variables=variables, what="a listener")
    job.kind, job.element_instance_key = JobKind.OF_ELEMENT.value, waiting.key
    job.event, job.position = listener.event, position
    run.ctx.ws.add(job)
    return True


def ask_of_task(ctx: Context, task: Task, listeners: tuple[Listener, ...], position: int) -> None:
    instance = ctx.ws.get(Instance, task.instance_key)
    assert instance is not None, "it is loaded where somebody listens"
    rows = ctx.ws.find(Variable, "instance_key", instance.key)
    variables = {row.name: row.parsed for row in rows if row.scope_key == instance.key}
    listener = listeners[position]
    work = Work(listener.type, listener.retries, {**task.headers, **listener.headers})
    job = new_job(ctx, instance, work, element_id=task.element_id, variables=variables, what="a listener")
    job.kind, job.task_key, job.element_instance_key = JobKind.OF_TASK.value, task.key, task.element_instance_key
    job.event, job.position = listener.event, position
    ctx.ws.add(job)


def forget(ctx: Context, task: Task) -> None:
    """The task is over: nobody is asked any more, if anybody was, and no worker may do it."""
    if not (task.pending or task.offered):
        return
    for job in list(ctx.ws.find(Job, "instance_key", task.instance_key)):
        if job.task_key == task.key:
            ctx.ws.remove(job)
