"""What is to be activated in an ad-hoc sub-process. Source: the vendor's OpenAPI contract."""

from dataclasses import dataclass
from typing import Any

from schemas.camunda.body import InvalidArgument, boolean, closed, required_object, text, unparsable, variables_of


@dataclass(frozen=True, slots=True)
class AdHocActivation:
    """(id of an element, the variables of its activation); `cancels`: what is active there ends before."""

    elements: tuple[tuple[str, dict[str, Any]], ...]
    cancels: bool


def parse_ad_hoc(body: bytes) -> AdHocActivation:
    """Raises BadRequest or InvalidArgument."""
    value = required_object(body)
    closed(value, ("elements", "cancelRemainingInstances"))
    elements = elements_of(value, "elements", body)
    cancels = boolean(value, "cancelRemainingInstances", False)
    if not elements:
        raise InvalidArgument("No elements provided.")
    return AdHocActivation(elements, cancels)


def elements_of(
    value: dict[str, Any], name: str, body: bytes, path: str = ""
) -> tuple[tuple[str, dict[str, Any]], ...]:
    sent = value.get(name)
    if sent is None:
        return ()
    if not isinstance(sent, list):
        raise unparsable(f"{path}{name}")
    elements = []
    for n, item in enumerate(sent):
        if not isinstance(item, dict):
            raise unparsable(f"{path}{name}.null")
        closed(item, ("elementId", "variables"), f"{path}{name}.null.")
        id = text(item, "elementId", f"{path}{name}.null.")
        if not (id or "").strip():
            raise InvalidArgument(f"No {path}{name}[{n}].elementId provided.")
        elements.append((id or "", variables_of(item, body)))
    return tuple(elements)
