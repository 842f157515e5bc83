"""The body that modifies a process instance.

Source: the vendor's OpenAPI contract of 8.9 (moves, and ends by the id of an element, are not in that of 8.8).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from schemas.camunda.body import InvalidArgument, closed, required_object, text, unparsable, variables_of
from schemas.camunda.process_instance import check_reference, key_member
from schemas.camunda.search import bad_enum

Variables = tuple[tuple[str, dict[str, Any]], ...]
SCOPES = ("direct", "inferred", "sourceParent")
_SOURCES = ("byId", "byKey")


@dataclass(frozen=True, slots=True)
class Activate:
    """`within` is the key of an element instance, 0 for any; `variables` are (element id or "", the variables)."""

    element_id: str
    within: int
    variables: Variables


@dataclass(frozen=True, slots=True)
class Move:
    """From an element (id) or one of its instances (key); `scope` is one of SCOPES."""

    source: str | int
    target: str
    scope: str
    within: int
    variables: Variables


@dataclass(slots=True)
class Modification:
    """What is ended is named by ids of elements and keys of their instances."""

    activate: list[Activate] = field(default_factory=list)
    move: list[Move] = field(default_factory=list)
    end: list[str | int] = field(default_factory=list)


def parse_modification(body: bytes, *, with_moves: bool) -> Modification:
    """Raises BadRequest or InvalidArgument."""
    value = required_object(body)
    moves = ("moveInstructions",) if with_moves else ()
    closed(value, ("operationReference", "activateInstructions", "terminateInstructions", *moves))
    check_reference(value)
    wanted = Modification()
    for item, path in _items(value, "activateInstructions"):
        closed(item, ("elementId", "variableInstructions", "ancestorElementInstanceKey"), path)
        variables, within = _variables(item, path, body), _ancestor(item)
        wanted.activate.append(Activate(_id(item, "elementId", path), within, variables))
    for item, path in _items(value, "moveInstructions"):
        wanted.move.append(_move(item, path, body))
    for item, path in _items(value, "terminateInstructions"):
        closed(item, ("elementInstanceKey", *(("elementId",) if with_moves else ())), path)
        wanted.end.append(_one_of(item, "elementId", "elementInstanceKey", path))
    return wanted


def _items(value: dict[str, Any], name: str, path: str = "") -> Iterator[tuple[dict[str, Any], str]]:
    sent = value.get(name)
    if sent is None:
        return
    if not isinstance(sent, list):
        raise unparsable(f"{path}{name}")
    for item in sent:
        if not isinstance(item, dict):
            raise unparsable(f"{path}{name}.null")
        yield item, f"{path}{name}.null."


def _id(item: dict[str, Any], name: str, path: str) -> str:
    id = text(item, name, path)
    if not id:
        raise InvalidArgument(f"No {name} provided.")
    return id


def _ancestor(item: dict[str, Any]) -> int:
    key = key_member(item, "ancestorElementInstanceKey")
    return 0 if key is None or key == -1 else key


def _variables(item: dict[str, Any], path: str, body: bytes) -> Variables:
    found = []
    for told, inside in _items(item, "variableInstructions", path):
        closed(told, ("variables", "scopeId"), inside)
        scope_id = text(told, "scopeId", inside) or ""
        if told.get("variables") is None:
            raise InvalidArgument("No variables provided.")
        found.append((scope_id, variables_of(told, body)))
    return tuple(found)


def _one_of(item: dict[str, Any], id_name: str, key_name: str, path: str) -> str | int:
    id, key = text(item, id_name, path), key_member(item, key_name)
    if id and key is not None:
        raise InvalidArgument(f"Only one of [{id_name}, {key_name}] is allowed.")
    if key is not None:
        return key
    if id:
        return id
    raise InvalidArgument(f"No {key_name} provided.")


def _object(item: dict[str, Any], name: str, path: str) -> dict[str, Any] | None:
    sent = item.get(name)
    if sent is not None and not isinstance(sent, dict):
        raise unparsable(f"{path}{name}")
    return sent


def _move(item: dict[str, Any], path: str, body: bytes) -> Move:
    members = ("sourceElementInstruction", "targetElementId", "ancestorScopeInstruction", "variableInstructions")
    closed(item, members, path)
    source, around = _object(item, "sourceElementInstruction", path), _object(item, "ancestorScopeInstruction", path)
    variables = _variables(item, path, body)
    text(item, "targetElementId", path)
    if source is None:
        raise InvalidArgument("No sourceElementInstruction provided.")
    inside = f"{path}sourceElementInstruction."
    closed(source, ("sourceType", "sourceElementId", "sourceElementInstanceKey"), inside)
    text(source, "sourceElementId", inside)
    _kind(source, "sourceType", _SOURCES, inside)
    scope, within = "direct", 0
    if around is not None:
        inside = f"{path}ancestorScopeInstruction."
        closed(around, ("ancestorScopeType", "ancestorElementInstanceKey"), inside)
        scope, within = _kind(around, "ancestorScopeType", SCOPES, inside), _ancestor(around)
    return Move(
        source=_one_of(source, "sourceElementId", "sourceElementInstanceKey", inside),
        target=_id(item, "targetElementId", path),
        scope=scope,
        within=within,
        variables=variables,
    )


def _kind(item: dict[str, Any], name: str, kinds: tuple[str, ...], path: str) -> str:
    kind = text(item, name, path)
    if kind not in kinds:
        raise bad_enum(kind, name, kinds)
    return kind
