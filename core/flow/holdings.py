"""Who has a task: its holdings, one after the other.

Somebody's holding opens with the task; one of nobody is filled by who takes it. Another holder closes it and opens the
next, with the next ordinal of the instance. The end of the task is the end of its last holding, and writes nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from core.tables.instance import Instance
from core.tables.task import Holding, Task
from core.turn.context import Context
from core.types import ENDED_TASK_STATES, HandOver


def open_first(ctx: Context, instance: Instance, task: Task, behind: Task | None, beside: Iterable[Task] = ()) -> None:
    """The first holding of a task that begins behind another one, `beside` those that began at the same moment.

    It goes on with the thread of the one before; where several come behind one, each begins a thread. Without a task
    that made the flow go on it is the one that ended last: then all tasks of the instance have to be loaded.
    """
    rows: list[Task] = []
    if behind is None:
        rows = [t for t in ctx.ws.find(Task, "instance_key", instance.key) if t.ordinal and t is not task]
        ended = [t for t in rows if t.ended_at is not None]
        behind = max(ended, key=lambda t: (t.ended_at, t.ordinal), default=None)
    threads, previous = instance.threads, behind.ordinal if behind is not None else 0
    siblings = [other for other in beside if other.previous == previous]
    taken = bool(siblings) or any(behind is not None and t.thread == behind.thread and _is_open(t) for t in rows)
    if behind is not None and not taken:
        thread = behind.thread
    else:
        if behind is not None and len(siblings) == 1 and siblings[0].thread == behind.thread:
            threads += 1
            ctx.ws.change(siblings[0], thread=threads)
        threads += 1
        thread = threads
    ordinal = next_ordinal(instance, *rows, *([behind] if behind is not None else ()))
    ctx.ws.change(instance, ordinals=ordinal, threads=threads)
    ctx.ws.change(task, ordinal=ordinal, thread=thread, previous=previous, held_since=ctx.now)


def _is_open(task: Task) -> bool:
    return task.state not in ENDED_TASK_STATES


def next_ordinal(instance: Instance, *tasks: Task) -> int:
    """An instance knows the last ordinal, but for one: where a single task was open when all that its holder had was
    transferred, that task alone has it. Whatever opens the next holding comes behind that task, passes it on, or has
    all tasks of the instance before it."""
    return max(instance.ordinals, *(t.ordinal for t in tasks), 0) + 1


def give(ctx: Context, task: Task, holder: str | None) -> None:
    """The task is somebody's from now on, or nobody's."""
    if task.ordinal and task.assignee is not None and holder != task.assignee:
        pass_on(ctx, task, HandOver.RELEASED if holder is None else HandOver.ASSIGNED)
    ctx.ws.change(task, assignee=holder, changed_at=ctx.now)


def pass_on(ctx: Context, task: Task, how: HandOver, before: Mapping[str, Any] | None = None) -> None:
    """The holding closes, with its pause, and the next one opens. Its instance has to be loaded."""
    instance = ctx.ws.get(Instance, task.instance_key)
    assert instance is not None, "whoever passes a task on loads its instance"
    _close(ctx, task, how, before)
    ordinal = next_ordinal(instance, task)
    ctx.ws.change(instance, ordinals=ordinal)
    ctx.ws.change(task, ordinal=ordinal, previous=task.ordinal, held_since=ctx.now)
    if task.paused_at is not None:
        ctx.ws.change(task, paused_at=None, paused_until=None)


def take_back(ctx: Context, instance: Instance, task: Task) -> None:
    """A task that is planned again is nobody's to work on, nor paused."""
    _close(ctx, task, HandOver.PLANNED)
    ctx.ws.change(instance, ordinals=max(instance.ordinals, task.ordinal))
    ctx.ws.change(task, ordinal=0, thread=0, previous=0, paused_at=None, paused_until=None)


def _close(ctx: Context, task: Task, how: HandOver, before: Mapping[str, Any] | None = None) -> None:
    closed = last_of(task)
    closed.key, closed.ended_at, closed.how = ctx.key(), ctx.now, how.value
    if before:
        closed.before = before
    ctx.ws.add(closed)


def last_of(task: Task) -> Holding:
    """The holding that is on the task itself, open or ended with it."""
    return Holding(
        key=task.key,
        tenant_key=task.tenant_key,
        instance_key=task.instance_key,
        instance_number=task.instance_number,
        task_key=task.key,
        ordinal=task.ordinal,
        thread=task.thread,
        previous=task.previous,
        holder=task.assignee,
        number=task.holding_number or task.number,
        began_at=task.held_since,
        ended_at=task.ended_at or 0,
        how=task.state if task.state in ENDED_TASK_STATES else "",
        assigned_by=task.assigned_by,
        redirected_from=task.redirected_from,
        due_at=task.due_at,
        started_at=task.started_at,
    )
