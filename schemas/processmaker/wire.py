"""JSON as PHP spells it, requests as Restler reads them. Source: dossier processmaker.md, sections 1.2 to 1.6."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import orjson

from schemas.common.forms import MAX_FIELDS, TooManyFields, fields
from schemas.common.numbers import within

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


def _typed(value: str) -> Any:
    return {"true": True, "false": False}.get(value, value)


def form(text: str, max_fields: int = MAX_FIELDS) -> dict[str, Any]:
    """A query or form body: the last of a repeated name wins, `true` and `false` become booleans."""
    try:
        return {name: _typed(value) for name, value in fields(text, max_fields)}
    except TooManyFields:
        raise BadRequest(f"Input variables exceeded {max_fields}.") from None


def read_body(body: bytes, content_type: str, max_fields: int = MAX_FIELDS) -> Any:
    """The data in a body; an absent content type means JSON. Multipart is read elsewhere."""
    media_type = content_type.partition(";")[0].strip().lower()
    if not body.strip():
        return {}
    if media_type in ("", "application/json"):
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            raise BadRequest("Error parsing JSON, malformed JSON") from None
    if media_type == "application/x-www-form-urlencoded":
        return form(body.decode("utf-8", "replace"), max_fields)
    raise UnsupportedContent(f"Content type `{media_type}` is not supported.")


def required_text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if value is None or value == "":
        raise BadRequest(f"`{name}` is required.")
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise BadRequest(f"Invalid value specified for `{name}`. Expecting alpha numeric value")
    return str(value)


def check_uid(value: str, name: str) -> str:
    """Only the length counts: 32 bytes. Upper and lower case are the same."""
    length = len(value.encode())
    if length != 32:
        complaint = "Minimum 32 characters required" if length < 32 else "Maximum 32 characters allowed"
        raise BadRequest(f"Invalid value specified for `{name}`. {complaint}.")
    return value.lower()


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


#: what PHP calls numeric
_NUMERIC = re.compile(
    r"\s*[+-]?(?:[0-9]{1,300}(?:\.[0-9]{0,300})?|\.[0-9]{1,300})(?:[eE][+-]?[0-9]{1,3})?\s*", re.ASCII
)


def integer(values: Mapping[str, Any], name: str) -> int | None:
    """An int parameter as Restler checks it: `1.0` will do."""
    value = values.get(name)
    if value is None or value == "":
        return None
    number = float(str(value)) if _NUMERIC.fullmatch(str(value)) else 0.5
    if abs(number) >= 2**31 or number != int(number):
        raise BadRequest(f"Invalid value specified for `{name}`. Expecting integer value")
    return int(number)


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
            found = next((n for n in range(at, len(folded) - len(part) + 1) if _at(part, folded, n)), None)
            if found is None:
                return False
            at = found + len(part)
        return len(folded) - len(last) >= at and _at(last, folded, len(folded) - len(last))


def _at(part: str, text: str, at: int) -> bool:
    """Does the part, without any `%`, stand in the text at this place?"""
    return at + len(part) <= len(text) and all(p in ("_", text[at + n]) for n, p in enumerate(part))
