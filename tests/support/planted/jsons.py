"""Changes of documents in JSON."""

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from gateway.traffic.exchange import Response
from tests.support.planted.kinds import ID, KINDS, Planted, is_json, is_plain, kind


class _Spot(NamedTuple):
    """A value within: its place, and what holds it under which name or at which position."""

    place: str
    holder: Any
    key: Any

    @property
    def value(self) -> Any:
        return self.holder[self.key]

    @property
    def is_member(self) -> bool:
        return isinstance(self.holder, dict)


def _spots(value: Any, place: str = "") -> Iterator[_Spot]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield _Spot(f"{place}/{key}", value, key)
        yield from _spots(inner, f"{place}/{key}")


def _json(name: str, grade: str, fits: Callable[[_Spot, Response], bool], change: Callable[[_Spot], str]) -> None:
    """A change of one value that fits; `change` says behind which place it is told."""

    def planted(answer: Response, rng: random.Random) -> Planted | None:
        if not is_json(answer):
            return None
        root = {"": json.loads(answer.body)}
        spots = [spot for spot in (_Spot("", root, ""), *_spots(root[""])) if fits(spot, answer)]
        if not spots:
            return None
        spot = rng.choice(spots)
        place = spot.place + change(spot)
        return Planted(replace(answer, body=_written(root[""])), ((place, grade),))

    KINDS[name] = planted


def _written(value: Any, **options: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, **({"separators": (",", ":")} | options)).encode()


def _is_code(spot: _Spot, answer: Response) -> bool:
    is_scalar = isinstance(spot.value, str | int)
    return answer.status >= 400 and spot.key in ("code", "type", "error") and is_scalar


def _set(spot: _Spot, value: Any) -> str:
    spot.holder[spot.key] = value
    return ""


def _removed(spot: _Spot) -> str:
    del spot.holder[spot.key]
    return ""


def _popped(spot: _Spot) -> str:
    spot.value.pop()
    return f"/{len(spot.value)}"


def _appended(spot: _Spot) -> str:
    spot.value.append("added")
    return f"/{len(spot.value) - 1}"


def _are_told_apart(items: list[Any]) -> bool:
    return len({json.dumps(item) for item in items}) == len(items)


_json("a_member_less", "breaking", lambda spot, answer: spot.is_member and spot.place != "", _removed)
_json(
    "another_type",
    "breaking",
    lambda spot, answer: spot.is_member and spot.place != "" and not isinstance(spot.value, dict),
    lambda spot: _set(spot, {"other": 1}),
)
_json(
    "a_number_as_text",
    "breaking",
    lambda spot, answer: isinstance(spot.value, int) and not isinstance(spot.value, bool),
    lambda spot: _set(spot, str(spot.value)),
)
_json(
    "nothing_where_a_value_was",
    "breaking",
    lambda spot, answer: spot.place != "" and isinstance(spot.value, str | int | list),
    lambda spot: _set(spot, None),
)
_json(
    "another_value",
    "suspicious",
    lambda spot, answer: spot.is_member and is_plain(spot.value) and not _is_code(spot, answer),
    lambda spot: _set(spot, f"{spot.value}!"),
)
_json(
    "the_opposite",
    "suspicious",
    lambda spot, answer: isinstance(spot.value, bool),
    lambda spot: _set(spot, not spot.value),
)
_json(
    "another_error_code",
    "breaking",
    _is_code,
    lambda spot: _set(spot, spot.value + 1 if isinstance(spot.value, int) else f"{spot.value}_OTHER"),
)
_json(
    "an_added_member",
    "harmless",
    lambda spot, answer: isinstance(spot.value, dict),
    lambda spot: spot.value.update(added=1) or "/added",
)
_json(
    "another_order",
    "suspicious",
    lambda spot, answer: isinstance(spot.value, list) and len(spot.value) > 1 and _are_told_apart(spot.value),
    lambda spot: spot.value.reverse() or "",
)
_json("a_shorter_list", "breaking", lambda spot, answer: isinstance(spot.value, list) and bool(spot.value), _popped)
_json("a_longer_list", "suspicious", lambda spot, answer: isinstance(spot.value, list), _appended)


@kind
def white_space(answer: Response, rng: random.Random) -> Planted | None:
    if not is_json(answer) or len(answer.body) < 3:
        return None
    return Planted(replace(answer, body=_written(json.loads(answer.body), indent=3)), (("body", "bytes"),))


@kind
def order_of_members(answer: Response, rng: random.Random) -> Planted | None:
    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: turned(inner) for name, inner in reversed(value.items())}
        return [turned(inner) for inner in value] if isinstance(value, list) else value

    if not is_json(answer):
        return None
    root = json.loads(answer.body)
    if not any(isinstance(spot.holder, dict) and len(spot.holder) > 1 for spot in _spots(root)):
        return None
    return Planted(replace(answer, body=_written(turned(root))), (("body", "bytes"),))


@kind
def escapes(answer: Response, rng: random.Random) -> Planted | None:
    if not is_json(answer) or re.search(rb'"[a-z]', answer.body) is None:
        return None
    body = re.sub(rb'"([a-z])', lambda match: b'"\\u%04x' % ord(match[1]), answer.body, count=1)
    return Planted(replace(answer, body=body), (("body", "bytes"),))


@kind
def another_identity(answer: Response, rng: random.Random) -> Planted | None:
    """One item of a list says that it is another one."""
    if not is_json(answer):
        return None
    root = json.loads(answer.body)
    ids: dict[Any, list[_Spot]] = {}
    for spot in _spots(root):
        if spot.is_member and isinstance(spot.value, str) and ID.fullmatch(spot.value):
            ids.setdefault(spot.key, []).append(spot)
    pairs = [(spot, other) for spots in ids.values() for spot in spots for other in spots if spot.value != other.value]
    if not pairs:
        return None
    spot, other = rng.choice(pairs)
    spot.holder[spot.key] = other.value
    return Planted(replace(answer, body=_written(root)), ((spot.place, "breaking"),))
