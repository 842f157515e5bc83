"""Waiting for messages and signals: who does, where they are found, and what happens when one comes."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from core.flow.state import State
from core.graph.elements import Element, EventKind
from core.graph.expressions import ExpressionError, attribute
from core.rejections import ExecutionFailed
from core.tables.instance import ElementInstance, Instance
from core.tables.message import Correlation, EventSubscription, Message
from core.tables.process import Definition
from core.turn.context import Context
from core.types import ElementState, SubscriptionState

#: an index takes no longer ones
MAX_ADDRESS = 200


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that has come, whether or not it is kept."""

    key: int
    name: str
    correlation_key: str
    variables: Mapping[str, Any]


def address(kind: EventKind, tenant_key: int, name: str, correlation_key: str | None = None) -> str:
    """Where whoever waits for it is found; without a correlation key, who takes all of that name."""
    named = f"{kind}:{tenant_key}:{len(name)}:{name}"
    text = named if correlation_key is None else f"{named}={correlation_key}"
    return text if len(text) <= MAX_ADDRESS else f"{kind}:{tenant_key}#{sha256(text.encode()).hexdigest()}"


def named(element: Element, variables: Mapping[str, Any], now: int, budget: Any) -> str:
    """What is waited for there. Raises ExecutionFailed."""
    event = element.event
    assert event is not None, "the graph was checked"
    try:
        name = attribute(event.name, variables, now, budget)
    except ExpressionError as error:
        raise ExecutionFailed(element.id, str(error)) from error
    if not isinstance(name, str) or not name:
        raise ExecutionFailed(element.id, f"the name of the {event.kind} is no text")
    return name


def _correlation(run: State, element: Element, variables: Mapping[str, Any]) -> str:
    event = element.event
    assert event is not None, "the graph was checked"
    try:
        value = attribute(event.correlation, variables, run.ctx.now, run.ctx.effort.budget)
    except ExpressionError as error:
        raise ExecutionFailed(element.id, str(error)) from error
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not hasattr(value, "__int__"):
        raise ExecutionFailed(element.id, "the correlation key of a message is neither a text nor a number")
    return str(int(value))


def arm(run: State, event: Element, waiting: ElementInstance) -> None:
    """`waiting` is the event itself, the activity at whose boundary it is, or what else waits for it."""
    ctx, what = run.ctx, event.event
    assert what is not None, "the graph was checked"
    computed = what.name.startswith("=") or what.kind is EventKind.MESSAGE
    variables = run.variables(waiting.key) if computed else {}
    name = named(event, variables, ctx.now, ctx.effort.budget)
    correlation_key = _correlation(run, event, variables) if what.kind is EventKind.MESSAGE else None
    row = EventSubscription(
        key=ctx.key(),
        tenant_key=run.instance.tenant_key,
        kind=what.kind.value,
        name=name,
        correlation_key=correlation_key,
        address=address(what.kind, run.instance.tenant_key, name, correlation_key),
        process_key=run.instance.process_key,
        definition_key=run.instance.definition_key,
        instance_key=run.instance.key,
        element_instance_key=waiting.key,
        element_id=event.id,
        changed_at=ctx.now,
    )
    ctx.ws.add(row)
    if what.kind is EventKind.MESSAGE and _kept(ctx, row):
        run.afterwards(lambda: _take_kept(run, row))


def subscribe_start(ctx: Context, definition: Definition, event: Element) -> None:
    """Whatever comes by that name starts an instance of this version."""
    what = event.event
    assert what is not None, "the graph was checked"
    name = named(event, {}, ctx.now, ctx.effort.budget)
    row = EventSubscription(
        key=ctx.key(),
        tenant_key=definition.tenant_key,
        kind=what.kind.value,
        name=name,
        address=address(what.kind, definition.tenant_key, name),
        process_key=definition.process_key,
        definition_key=definition.key,
        element_id=event.id,
        changed_at=ctx.now,
    )
    ctx.ws.add(row)


def close(ctx: Context, rows: Iterable[EventSubscription], state: SubscriptionState = SubscriptionState.CLOSED) -> None:
    """They wait no more."""
    for row in rows:
        if row.state != SubscriptionState.OPEN:
            continue
        if row.kind == EventKind.MESSAGE:
            ctx.ws.change(row, state=state.value, address=str(row.key), changed_at=ctx.now)
        else:
            ctx.ws.remove(row)


def of_instance(ctx: Context, instance_key: int) -> list[EventSubscription]:
    """Those of all that waits in it."""
    instance = ctx.ws.get(Instance, instance_key)
    if instance is None or not ctx.definitions[instance.definition_key].program.has_events:
        return []
    return list(ctx.ws.seek(EventSubscription, "instance_key", instance_key))


def disarm(ctx: Context, waiting: ElementInstance, events: Container[str] | None = None) -> None:
    """What waits there, or only for the `events` with these ids."""
    rows = (row for row in of_instance(ctx, waiting.instance_key) if row.element_instance_key == waiting.key)
    close(ctx, (row for row in rows if events is None or row.element_id in events))


def _kept(ctx: Context, row: EventSubscription) -> Message | None:
    """The oldest message that waits for somebody like this."""
    for message in sorted(ctx.ws.seek(Message, "address", row.address), key=lambda message: message.key):
        if message.expires_at > ctx.now and str(row.process_key) not in message.processes:
            return message
    return None


def _take_kept(run: State, row: EventSubscription) -> None:
    message = _kept(run.ctx, row) if is_waiting(run.ctx, row) else None
    if message is None:
        return
    run.ctx.ws.change(message, processes=(*message.processes, str(row.process_key)))
    deliver(run, row, Arrival(message.key, message.name, message.correlation_key, message.variables))


def is_waiting(ctx: Context, row: EventSubscription) -> bool:
    waiting = ctx.ws.get(ElementInstance, row.element_instance_key)
    return row.state == SubscriptionState.OPEN and waiting is not None and waiting.state == ElementState.ACTIVE


def deliver(run: State, row: EventSubscription, message: Arrival) -> None:
    """To somebody who waits: the token goes on as soon as the run settles."""
    ctx = run.ctx
    event, waiting = run.known.program.elements[row.element_id], run.scope(row.element_instance_key)
    note_correlation(ctx, row, message, run.instance.key)
    if not event.interrupting:
        ctx.ws.change(row, changed_at=ctx.now)
        if _kept(ctx, row):
            run.afterwards(lambda: _take_kept(run, row))
    else:
        close(ctx, (row,), SubscriptionState.CORRELATED)
    run.happen(event, waiting, message.variables)


def note_correlation(ctx: Context, row: EventSubscription, message: Arrival, instance_key: int) -> None:
    """`instance_key`: that waited, or that was started."""
    ctx.ws.add(
        Correlation(
            key=ctx.key(),
            tenant_key=row.tenant_key,
            message_key=message.key,
            name=message.name,
            correlation_key=message.correlation_key,
            subscription_key=row.key,
            definition_key=row.definition_key,
            instance_key=instance_key,
            element_instance_key=row.element_instance_key,
            element_id=row.element_id,
            correlated_at=ctx.now,
        )
    )
    after = {"name": message.name, "element": row.element_id}
    ctx.emit("message.correlated", "message", message.key, instance_key=instance_key, after=after)
