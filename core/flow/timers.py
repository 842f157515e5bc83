"""Timers of events: when they are due, and taking them back."""

from collections.abc import Container

from core.flow.state import State
from core.graph.durations import Cycle, after
from core.graph.elements import Element, Timing
from core.graph.expressions import ExpressionError, attribute, moment
from core.rejections import ExecutionFailed
from core.tables.instance import ElementInstance
from core.tables.job import Timer
from core.turn.context import Context


def arm(run: State, event: Element, waiting: ElementInstance) -> None:
    """`waiting` is the event itself, or the activity at whose boundary it is."""
    timing = event.timing
    assert isinstance(timing, Timing), "the graph was checked"
    try:
        variables = run.variables(waiting.key) if timing.text.startswith("=") else {}
        text = attribute(timing.text, variables, run.ctx.now, run.ctx.effort.budget)
        if not isinstance(text, str):
            raise ValueError(f"{text!r} is no {timing.kind}")
        due, cycle = _due(timing.kind, text, run.ctx.now)
    except (ExpressionError, ValueError) as error:
        raise ExecutionFailed(event.id, str(error)) from error
    timer = Timer(
        key=run.ctx.key(),
        tenant_key=run.instance.tenant_key,
        instance_key=run.instance.key,
        element_instance_key=waiting.key,
        due_at=due,
        element_id=event.id,
        cycle=cycle.interval if cycle is not None else "",
        remaining=cycle.count if cycle is not None else 1,
    )
    run.ctx.ws.add(timer)


def _due(kind: str, text: str, now: int) -> tuple[int, Cycle | None]:
    """Raises ValueError."""
    if kind == "date":
        return moment(text, offset_required=False), None
    if kind == "duration":
        return after(now, text), None
    cycle = Cycle.parse(text)
    return after(now, cycle.interval), cycle


def disarm(ctx: Context, waiting: ElementInstance, events: Container[str] | None = None) -> None:
    for timer in list(ctx.ws.find(Timer, "instance_key", waiting.instance_key)):
        if timer.element_instance_key == waiting.key and (events is None or timer.element_id in events):
            ctx.ws.remove(timer)
