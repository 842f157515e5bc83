"""A process as one record, that is kept as JSON."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from core.graph.elements import (
    NEWEST,
    AdHoc,
    Assign,
    Binding,
    BindingKind,
    Call,
    CalledDecision,
    Completion,
    Element,
    ElementKind,
    Event,
    EventKind,
    Flow,
    Listener,
    Loop,
    Offer,
    Participants,
    Script,
    TaskTemplate,
    Timing,
    Work,
)


@dataclass(frozen=True, slots=True)
class Graph:
    """`incidents`: what cannot go on stands still, until somebody resolves that; else whoever pushed it is refused."""

    id: str
    name: str
    elements: tuple[Element, ...]
    flows: tuple[Flow, ...]
    listeners: tuple[Listener, ...] = ()
    incidents: bool = False

    def to_json(self) -> str:
        return orjson.dumps(self).decode()

    @classmethod
    def from_json(cls, text: str) -> "Graph":
        data: dict[str, Any] = orjson.loads(text)
        elements = tuple(map(_element, data["elements"]))
        flows = tuple(Flow(**f) for f in data["flows"])
        listeners = _listeners(data.get("listeners", ()))
        incidents = data.get("incidents", False)
        return cls(data["id"], data["name"], elements, flows, listeners=listeners, incidents=incidents)


_PARTS: Mapping[str, type[Any]] = {
    **{"script": Script, "call": Call, "decision": CalledDecision, "timing": Timing, "event": Event, "work": Work},
    **{"loop": Loop, "ad_hoc": AdHoc},
}


def _element(data: dict[str, Any]) -> Element:
    task = data.pop("task")
    if task is not None:
        task["listeners"] = _listeners(task["listeners"])
        task["participants"] = _participants(task.get("participants"))
        task["form_binding"] = _binding(task.get("form_binding"))
        task["offer"] = Offer(**task["offer"]) if task.get("offer") else None
    data["listeners"] = _listeners(data.get("listeners", ()))
    data["form_binding"] = _binding(data.get("form_binding"))
    for name in ("call", "decision"):
        if data.get(name):
            data[name]["binding"] = _binding(data[name].get("binding"))
    for name in ("inputs", "outputs"):
        data[name] = tuple(Assign(**a) for a in data.get(name, ()))
    if data.get("event"):
        data["event"]["kind"] = EventKind(data["event"]["kind"])
    for name, cls in _PARTS.items():
        data[name] = cls(**data[name]) if data.get(name) else None
    return Element(
        **{**data, "kind": ElementKind(data["kind"]), "task": None if task is None else TaskTemplate(**task)}
    )


def _listeners(data: Iterable[Any]) -> tuple[Listener, ...]:
    """Once they were but the names of their events."""
    return tuple(Listener(event) if isinstance(event, str) else Listener(**event) for event in data)


def _binding(data: dict[str, Any] | None) -> Binding:
    return NEWEST if data is None else Binding(BindingKind(data["kind"]), data["version_tag"])


def _participants(data: dict[str, Any] | None) -> Participants | None:
    if data is None:
        return None
    completion = Completion(data["completion"])
    return Participants(tuple(data["users"]), tuple(data["groups"]), data["owner"], completion)
