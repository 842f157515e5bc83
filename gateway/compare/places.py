"""Places in an answer, and patterns for them."""

import re
from functools import lru_cache

_SEGMENT = re.compile(r"(?:\{[^{}]*\}|[^/{])*")
_POSITION = re.compile(r"\[\d+\]$")
_INDEX = re.compile(r"[0-9]+")
_LINE = re.compile(r"line \d+$")
_HEADER = "header "


@lru_cache(maxsize=20_000)
def segments(place: str) -> tuple[str, ...]:
    """`/a/{urn:x/y}b[1]` has two, and so has `part NAME/a`; `header ETag` and `line 3` are one."""
    start, slash, rest = place.partition("/")
    if start.startswith((_HEADER, "line ")):
        return (place,)
    parts = []
    while slash:
        match = _SEGMENT.match(rest)
        segment = rest[: match.end()] if match is not None else ""
        if len(segment) < len(rest) and rest[len(segment)] != "/":  # a brace that nothing closes
            segment = rest.partition("/")[0]
        parts.append(segment)
        slash, rest = rest[len(segment) : len(segment) + 1], rest[len(segment) + 1 :]
    return (start, *parts) if start else tuple(parts)


def general(place: str) -> str:
    """The same for all items of a list, all elements of a name, and all lines."""
    if _LINE.match(place):
        return "line *"
    if "/" not in place or place.startswith(_HEADER):
        return place
    parts = ("*" if _INDEX.fullmatch(part) else _POSITION.sub("[*]", part) for part in segments(place))
    joined = "/".join(parts)
    return f"/{joined}" if place.startswith("/") else joined


def anywhere(place: str) -> str:
    """As a pattern for all items and all elements of a name."""
    return general(place).replace("[*]", "")


def fits(pattern: str, place: str) -> bool:
    """In a pattern, `*` is any one segment and `**` any number of them. The namespace and the position of an XML name
    may be left out; the case of a header's name is free."""
    if pattern.startswith(_HEADER):
        return pattern.lower() in (place.lower(), "header *") and place.startswith(_HEADER)
    if pattern in ("line *", "**"):
        return pattern == "**" or bool(_LINE.match(place))
    return _fit(segments(pattern), segments(place))


def _fit(pattern: tuple[str, ...], place: tuple[str, ...]) -> bool:
    """With one list of ends that are still possible, so that many `**` take no time."""
    possible = {0}
    for wanted in pattern:
        if wanted == "**":
            possible = set(range(min(possible), len(place) + 1))
        else:
            possible = {at + 1 for at in possible if at < len(place) and _is(wanted, place[at])}
        if not possible:
            return False
    return len(place) in possible


def _is(wanted: str, segment: str) -> bool:
    if wanted in ("*", segment):
        return True
    bare, wanted = _POSITION.sub("", segment), wanted.removesuffix("[*]")
    return wanted == bare or (not wanted.startswith("{") and wanted == _without_space(bare))


def _without_space(name: str) -> str:
    """`{urn:x}b` is `b`, and `@{urn:x}b` is `@b`."""
    mark = "@" if name.startswith("@") else ""
    return mark + name.rpartition("}")[2].removeprefix("@")


@lru_cache(maxsize=5_000)
def operation_fits(pattern: str, operation: str) -> bool:
    """`*` is any run of characters."""
    if pattern == "*":
        return True
    first, *rest = pattern.split("*")
    if not rest:
        return operation == pattern
    last = rest.pop()
    if not operation.startswith(first) or not operation.endswith(last) or len(operation) < len(first) + len(last):
        return False
    at, end = len(first), len(operation) - len(last)
    for piece in rest:
        at = operation.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True
