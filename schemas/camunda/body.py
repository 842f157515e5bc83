"""Reading request bodies: closed objects, typed members, and the three kinds of complaint about them.

Source: dossier camunda.md, sections 1.2 to 1.5.
"""

import json
import re
from collections.abc import Collection, Mapping
from typing import Any
from uuid import uuid4

import orjson

from schemas.common.numbers import within


class BadRequest(ValueError):
    """The body cannot be bound: 400, title `Bad Request`."""


class MissingBody(BadRequest):
    """There is none, though one is needed."""

    def __init__(self) -> None:
        super().__init__("Required request body is missing")


class InvalidArgument(ValueError):
    """The body can be read, but its values will not do: 400, title `INVALID_ARGUMENT`."""


def unparsable(path: str) -> BadRequest:
    return BadRequest(f"Request property [{path}] cannot be parsed")


_KEY = re.compile(r"-?[0-9]{1,25}")


def key_of(text: str) -> int | None:
    """The key that a text is, None if it is none."""
    return within(text, 1 - 2**63, 2**63 - 1) if _KEY.fullmatch(text) else None


def read_object(body: bytes) -> dict[str, Any] | None:
    """The object in a body, None if there is no body."""
    if not body:
        return None
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadRequest("Failed to read request") from None
    if value is None:
        return None
    if not isinstance(value, dict):
        raise BadRequest("Failed to read request")
    return value


def required_object(body: bytes) -> dict[str, Any]:
    """The object in a body that has to be there."""
    value = read_object(body)
    if value is None:
        raise MissingBody
    return value


def closed(value: Mapping[str, Any], members: Collection[str], path: str = "") -> None:
    """Refuse members that the contract does not know."""
    for name in value:
        if name not in members:
            raise unparsable(f"{path}{name}")


def text(value: Mapping[str, Any], name: str, path: str = "") -> str | None:
    """A text that may be left out; no number or boolean is taken for one."""
    sent = value.get(name)
    if sent is None or isinstance(sent, str):
        return sent
    raise unparsable(f"{path}{name}")


def boolean(value: Mapping[str, Any], name: str, default: bool, path: str = "") -> bool:
    sent = value.get(name)
    if sent is None:
        return default
    if not isinstance(sent, bool):
        raise unparsable(f"{path}{name}")
    return sent


#: digits of a number that may have more than 64 bits
_LONG = re.compile(rb"[0-9]{19}")
_SMALLEST, _LARGEST = -(2**63), 2**64 - 1


def variables_of(value: Mapping[str, Any], body: bytes) -> dict[str, Any]:
    """The variables in a body. A whole number of more than 64 bits is refused, not rounded."""
    found = object_member(value, "variables")
    if found and _LONG.search(body) is not None:
        try:
            json.loads(body, parse_int=_check_size)
        except RecursionError:
            raise unparsable("variables") from None
    return found


def _check_size(digits: str) -> None:
    if len(digits) > 20 or not _SMALLEST <= int(digits) <= _LARGEST:
        raise unparsable("variables")


def object_member(value: Mapping[str, Any], name: str, path: str = "") -> dict[str, Any]:
    sent = value.get(name)
    if sent is None:
        return {}
    if not isinstance(sent, dict):
        raise unparsable(f"{path}{name}")
    return sent


def integer(value: Mapping[str, Any], name: str, bits: int = 63, path: str = "") -> int | None:
    sent = value.get(name)
    if sent is None:
        return None
    if isinstance(sent, bool) or not isinstance(sent, int) or abs(sent) >= 2**bits:
        raise unparsable(f"{path}{name}")
    return sent


def texts(value: Mapping[str, Any], name: str, path: str = "") -> tuple[str, ...]:
    """Each once, in their order."""
    sent = value.get(name)
    return () if sent is None else tuple(dict.fromkeys(list_of_texts(sent, f"{path}{name}")))


def list_of_texts(value: Any, path: str) -> list[str]:
    """A list's step has no name in a path."""
    if not isinstance(value, list):
        raise unparsable(path)
    if not all(isinstance(item, str) for item in value):
        raise unparsable(f"{path}.null")
    return value


def problem(status: int, title: str, detail: str, instance: str) -> bytes:
    """A problem document: exactly five members."""
    return orjson.dumps(
        {"type": "about:blank", "title": title, "status": status, "detail": detail, "instance": instance}
    )


def tasklist_problem(status: int, message: str) -> bytes:
    """What the old Tasklist API says; its `instance` is an id of this very answer."""
    return orjson.dumps({"status": status, "message": message, "instance": str(uuid4())})
