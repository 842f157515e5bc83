"""The bodies of commands on messages and signals; members as in the contract."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.camunda.body import InvalidArgument, closed, integer, required_object, text, variables_of


@dataclass(frozen=True, slots=True)
class Publication:
    """`time_to_live` are milliseconds."""

    name: str
    correlation_key: str
    variables: Mapping[str, Any]
    tenant: str | None
    business_id: str
    time_to_live: int = 0
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Broadcast:
    name: str
    variables: Mapping[str, Any]
    tenant: str | None


_MESSAGE = ("name", "correlationKey", "variables", "tenantId")
_KEPT = ("timeToLive", "messageId")


def parse_publication(body: bytes, *, has_business_id: bool) -> Publication:
    """Raises BadRequest, InvalidArgument."""
    value = required_object(body)
    closed(value, (*_MESSAGE, *_KEPT, *(("businessId",) if has_business_id else ())))
    name = text(value, "name")
    kept = {"time_to_live": integer(value, "timeToLive") or 0, "message_id": text(value, "messageId") or ""}
    return _publication(value, body, name, "name", **kept)


def parse_correlation(body: bytes, *, has_business_id: bool) -> Publication:
    """Raises BadRequest, InvalidArgument."""
    value = required_object(body)
    closed(value, (*_MESSAGE, *(("businessId",) if has_business_id else ())))
    return _publication(value, body, text(value, "name"), "messageName")


def _publication(value: dict[str, Any], body: bytes, name: str | None, called: str, **kept: Any) -> Publication:
    read = Publication(
        name=name or "",
        correlation_key=text(value, "correlationKey") or "",
        variables=variables_of(value, body),
        tenant=text(value, "tenantId"),
        business_id=text(value, "businessId") or "",
        **kept,
    )
    if not read.name.strip():
        raise InvalidArgument(f"No {called} provided.")
    return read


def parse_broadcast(body: bytes) -> Broadcast:
    """Raises BadRequest, InvalidArgument."""
    value = required_object(body)
    closed(value, ("signalName", "variables", "tenantId"))
    read = Broadcast(text(value, "signalName") or "", variables_of(value, body), text(value, "tenantId"))
    if not read.name.strip():
        raise InvalidArgument("No signalName provided.")
    return read
