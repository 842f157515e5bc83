"""Escalations: something is told to the scopes around, and where it was thrown it goes on."""

from core.flow import throwing
from core.flow.errors import code_of
from core.flow.state import State
from core.graph.elements import Element, EventKind
from core.tables.instance import ElementInstance


def throw_at(run: State, element: Element, entered: ElementInstance) -> bool:
    """True if whoever caught it has ended the element that threw it."""
    caught = throwing.caught(run, entered, EventKind.ESCALATION, code_of(run, element, entered))
    if caught is None:
        return False
    caught.happen()
    return caught.event.interrupting
