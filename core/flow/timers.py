"""Timers of events: when they are due, and taking them back."""

from collections.abc import Container, Mapping
from typing import Any

from core.flow.state import State
from core.graph.durations import Cycle, after
from core.graph.elements import Element, Timing
from core.graph.expressions import ExpressionError, attribute, moment
from core.rejections import ExecutionFailed
from core.tables.instance import ElementInstance
from core.tables.job import Timer
from core.tables.process import Definition
from core.turn.context import Context


def arm(run: State, event: Element, waiting: ElementInstance) -> None:
    """`waiting` is the event itself, or the activity at whose boundary it is."""
    timing = event.timing
    assert isinstance(timing, Timing), "the graph was checked"
    variables = run.variables(waiting.key) if timing.text.startswith("=") else {}
    due, cycle = _computed(run.ctx, event, timing, variables)
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


def arm_start(ctx: Context, definition: Definition, event: Element) -> None:
    """Instances of this version begin there when it is due."""
    timing = event.timing
    assert isinstance(timing, Timing), "the graph was checked"
    due, cycle = _computed(ctx, event, timing, {})
    timer = Timer(
        key=ctx.key(),
        tenant_key=definition.tenant_key,
        due_at=due,
        element_id=event.id,
        cycle=cycle.interval if cycle is not None else "",
        remaining=cycle.count if cycle is not None else 1,
        definition_key=definition.key,
    )
    ctx.ws.add(timer)


def _computed(ctx: Context, event: Element, timing: Timing, variables: Mapping[str, Any]) -> tuple[int, Cycle | None]:
    """When it is due first, and how it goes on. Raises ExecutionFailed."""
    try:
        text = attribute(timing.text, variables, ctx.now, ctx.effort.budget)
        if not isinstance(text, str):
            raise ValueError(f"{text!r} is no {timing.kind}")
        return _due(timing.kind, text, ctx.now)
    except (ExpressionError, ValueError) as error:
        raise ExecutionFailed(event.id, str(error)) from error


def _due(kind: str, text: str, now: int) -> tuple[int, Cycle | None]:
    """Raises ValueError."""
    if kind == "date":
        return moment(text, offset_required=False), None
    if kind == "duration":
        return after(now, text), None
    cycle = Cycle.parse(text)
    return cycle.first(now), cycle


def disarm(ctx: Context, waiting: ElementInstance, events: Container[str] | None = None) -> None:
    for timer in list(ctx.ws.seek(Timer, "instance_key", waiting.instance_key)):
        if timer.element_instance_key == waiting.key and (events is None or timer.element_id in events):
            ctx.ws.remove(timer)
