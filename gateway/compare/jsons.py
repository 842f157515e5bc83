"""JSON as a tree: numbers by value, members that are there twice, and no deeper than can be walked."""

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from schemas.common.numbers import DIGITS, whole

MAX_DEPTH = 100

Number = int | Decimal
Scalar = str | Number | bool | None
Json = Any  # Scalar, list[Json], dict[str, Json] or Members

_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


class BadJson(ValueError):
    """It is not JSON, or more than is compared."""


class Members(dict[str, Json]):
    """An object in which names stand more than once: the last value counts, as most parsers have it."""

    def __init__(self, pairs: list[tuple[str, Json]]) -> None:
        super().__init__(pairs)
        self.names = sorted(name for name, _ in pairs)
        self.pairs = pairs


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    return members if len(members) == len(pairs) else Members(pairs)


def number(text: str) -> Number:
    """Raises BadJson for one that is out of all bounds."""
    found = whole(text, DIGITS)
    if found is not None:
        return found
    try:
        return Decimal(text)
    except InvalidOperation:
        raise BadJson(f"the number {text[:40]} is out of bounds") from None


def _constant(name: str) -> NoReturn:
    raise BadJson(f"{name} is no JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=number, parse_int=number, parse_constant=_constant, strict=True
)


def is_json(body: bytes) -> bool:
    """Is it an object or a list of JSON, whatever it says that it is?"""
    if body[:1] not in (b"{", b"["):
        return False
    try:
        parse(body.decode())
    except (ValueError, RecursionError):
        return False
    return True


def parse(text: str) -> Json:
    """Raises BadJson."""
    if text.count("[") + text.count("{") > MAX_DEPTH:
        _check_depth(text)
    try:
        root = _DECODER.decode(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        raise BadJson(f"{error.msg} at {error.pos}") from None
    return root


def _check_depth(text: str) -> None:
    depth = 0
    for bracket in re.findall(r"[\[\]{}]", _STRINGS.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_DEPTH:
            raise BadJson(f"deeper than {MAX_DEPTH}")


def kind(value: Json) -> str:
    """What JSON calls it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, dict):
        return "object"
    return "array" if isinstance(value, list) else "number"


def escape(name: str) -> str:
    """A member's name as a part of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1") if "~" in name or "/" in name else name


def shown(value: Json) -> str:
    """As JSON, to look at."""
    return value if isinstance(value, str) else written(value)


def written(value: Json) -> str:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        pairs = value.pairs if isinstance(value, Members) else value.items()
        return "{" + ", ".join(f"{json.dumps(name)}: {written(member)}" for name, member in pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
