"""JSON as PHP spells it, requests as Restler reads them. Source: dossier processmaker.md, sections 1.2 to 1.6."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import orjson

from schemas.common.numbers import within
from schemas.processmaker import php_json

_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_A_DAY = 24 * 3600 * 1000


class BadRequest(ValueError):
    """400; the text stands behind the reason phrase."""


class UnsupportedContent(ValueError):
    """403: a content type that the front does not read."""


def dumps(value: Any) -> bytes:
    """Compact, every `/` escaped, everything beyond ASCII raw."""
    return orjson.dumps(value).replace(b"/", b"\\/")


def local_time(milliseconds: int | None) -> str | None:
    """`2014-04-01 14:58:20`, in the server's own time zone; None stays None."""
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds // 1000).isoformat(" ", "seconds")


def _date(text: str) -> date | None:
    match = _DAY.fullmatch(text)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match is not None else None
    except ValueError:
        return None


def is_date(text: str) -> bool:
    """Is it a day as PHP's `Y-m-d`? Python would read weeks, too."""
    return _date(text) is not None


def midnight(text: str, days: int = 0) -> int:
    """Milliseconds of the server's own midnight so many days after a day; of UTC's where calendars end."""
    day = _date(text)
    assert day is not None
    try:
        later = day + timedelta(days=days)
        return int(datetime(later.year, later.month, later.day).timestamp() * 1000)
    except (ValueError, OverflowError):
        return ((day - date(1970, 1, 1)).days + days) * _A_DAY


def error(code: int, message: str) -> bytes:
    return dumps({"error": {"code": code, "message": message}})


def named(value: Any) -> dict[str, Any]:
    """An array of PHP by its names; a list has its numbers for names."""
    if isinstance(value, list):
        return {str(place): each for place, each in enumerate(value)}
    return value if isinstance(value, dict) else {}


def read_json(body: bytes) -> Any:
    """An empty body is an empty text. Raises BadRequest."""
    if not body:
        return ""
    try:
        return php_json.loads(body)
    except php_json.Malformed as malformed:
        raise BadRequest(f"Error parsing JSON, {malformed}") from None


_COUNT = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,19})")


def count(values: Mapping[str, Any], name: str, shown: str = "") -> int | None:
    """`start` or `limit` of an administration list, None if it was not sent; `shown` is its name in the complaint."""
    value = values.get(name)
    if value is None:
        return None
    text = str(value) if not isinstance(value, bool) else ""
    number = within(text, 0, 2**31 - 1) if _COUNT.fullmatch(text) else None
    if number is None:
        raise BadRequest(f'Invalid value for "{shown or name}". Expecting positive integer value.')
    return number


def fold(text: str) -> str:
    """As the vendor's collation compares: neither case nor accents count."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


class Like:
    """A LIKE pattern: `%` is any run, `_` one character. Time grows with text times pattern, whatever the pattern."""

    def __init__(self, text: str, *, start: bool, end: bool) -> None:
        """`start`, `end`: anything may stand before or behind."""
        self._parts = f"{'%' if start else ''}{fold(text)}{'%' if end else ''}".split("%")

    def matches(self, text: str) -> bool:
        folded = fold(text)
        first, *middle = self._parts
        if not middle:
            return len(folded) == len(first) and _at(first, folded, 0)
        last = middle.pop()
        if not _at(first, folded, 0):
            return False
        at = len(first)
        for part in middle:
            place = next((n for n in range(at, len(folded) - len(part) + 1) if _at(part, folded, n)), None)
            if place is None:
                return False
            at = place + len(part)
        return len(folded) - len(last) >= at and _at(last, folded, len(folded) - len(last))


def _at(part: str, text: str, at: int) -> bool:
    """Does the part, without any `%`, stand in the text at this place?"""
    return at + len(part) <= len(text) and all(p in ("_", text[at + n]) for n, p in enumerate(part))
