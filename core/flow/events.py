"""What an element waits for besides its own work: events, at its place or at its boundary."""

from core.flow import timers
from core.flow.state import State
from core.graph.elements import Element
from core.tables.instance import ElementInstance
from core.turn.context import Context


def is_armed(event: Element) -> bool:
    """Is it something that one waits for?"""
    return event.timing is not None


def arm(run: State, event: Element, waiting: ElementInstance) -> None:
    """`waiting` is the event itself, or the activity at whose boundary it is."""
    if event.timing is not None:
        timers.arm(run, event, waiting)


def disarm(ctx: Context, waiting: ElementInstance) -> None:
    """Nothing happens there any more."""
    timers.disarm(ctx, waiting)
