"""What an element waits for besides its own work: events, at its place or at its boundary."""

from collections.abc import Container

from core.flow import subscriptions, timers
from core.flow.state import State
from core.graph.elements import Element
from core.graph.program import is_subscribed
from core.tables.instance import ElementInstance, Instance
from core.turn.context import Context


def is_armed(event: Element) -> bool:
    """Is it something that one waits for?"""
    return event.timing is not None or is_subscribed(event)


def arm(run: State, event: Element, waiting: ElementInstance) -> None:
    """`waiting` is the event itself, the activity at whose boundary it is, or what else waits for it."""
    if event.timing is not None:
        timers.arm(run, event, waiting)
    elif is_subscribed(event):
        subscriptions.arm(run, event, waiting)


def disarm(ctx: Context, waiting: ElementInstance, events: Container[str] | None = None) -> None:
    """Nothing happens there any more, or nothing of the `events` with these ids."""
    instance = ctx.ws.get(Instance, waiting.instance_key)
    if instance is not None and ctx.definitions[instance.definition_key].program.has_timers:
        timers.disarm(ctx, waiting, events)
    subscriptions.disarm(ctx, waiting, events)
