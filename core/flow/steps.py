"""The steps of a run: each is done as a whole, or not at all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.graph.elements import Element, Flow


@dataclass(slots=True)
class Enter:
    """A token reaches an element: for the time `place` in a loop, and with variables of its own."""

    element: Element
    scope_key: int
    place: int = 0
    own: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Arrive:
    """A token reaches the end of a flow."""

    flow: Flow
    scope_key: int


@dataclass(slots=True)
class Begin:
    """An element that was entered begins; it does not wait for what has `happened`."""

    element: Element
    entered_key: int
    happened: bool = False


@dataclass(slots=True)
class Activate:
    """Whoever listens to its beginning is done; it does not wait for what has `happened`."""

    element: Element
    entered_key: int
    happened: bool = False


@dataclass(slots=True)
class Complete:
    """An element has nothing more to wait for."""

    element: Element
    entered_key: int


@dataclass(slots=True)
class Leave:
    """Whoever listens to its end is done."""

    element: Element
    entered_key: int


@dataclass(slots=True)
class Listen:
    """The next one who listens to an element, or to the process, is asked."""

    entered_key: int
    event: str
    position: int


@dataclass(slots=True)
class EndScope:
    """The last token of a scope is gone."""

    scope_key: int


@dataclass(slots=True)
class Act:
    """What comes of an event is looked at once more."""

    act: Callable[[], None]


#: those that are done at an element, or to a scope
Placed = Enter | Arrive | Begin | Activate | Complete | Leave | Listen | EndScope
Step = Placed | Act


_OF_ELEMENTS = {cls.__name__.lower(): cls for cls in (Begin, Activate, Complete, Leave)}


def place_of(step: Placed) -> int:
    """The key of what it is done in, or to."""
    return step.scope_key if isinstance(step, Enter | Arrive | EndScope) else step.entered_key


def kept(step: Step) -> Mapping[str, Any]:
    """As an incident keeps it, at whose element it was; one that was not entered yet is by then."""
    match step:
        case Enter():
            return {"do": "begin"}
        case EndScope():
            return {"do": "end"}
        case Listen(_, event, position):
            return {"do": "listen", "event": event, "position": position}
        case Begin(_, _, happened) | Activate(_, _, happened):
            return {"do": type(step).__name__.lower(), "happened": happened}
    return {"do": type(step).__name__.lower()}


def again(record: Mapping[str, Any], element: Element | None, key: int) -> Step:
    """The step that an incident keeps; without an element it is the process."""
    if record["do"] == "listen":
        return Listen(key, record["event"], record["position"])
    if record["do"] == "end" or element is None:
        return EndScope(key)
    if record.get("happened"):
        return (Begin if record["do"] == "begin" else Activate)(element, key, True)
    return _OF_ELEMENTS[record["do"]](element, key)
