"""What literals stand for: texts, numbers, dates and times."""

import re
from decimal import Decimal
from typing import Any

from core.graph.feel import iso
from core.graph.feel.numbers import WHOLE, Number

#: one after the other, each unless a backslash stands before it
_ESCAPES = tuple(
    (re.compile(r"(?<!\\)\\" + letter), meant)
    for letter, meant in (("n", "\n"), ("r", "\r"), ("t", "\t"), ("b", "\b"), ("f", "\f"), ("'", "'"), ('"', '"'))
)


def unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    for pattern, meant in _ESCAPES:
        text = pattern.sub(meant, text)
    return text.replace("\\\\", "\\")


def number(text: str) -> Number:
    """One that the grammar has as a number."""
    return int(text) if WHOLE.fullmatch(text) else Decimal(text)


def literal(kind: str, text: str) -> Any:
    """`date("...")`, `@"..."` and so on; null if the text is none."""
    try:
        match kind:
            case "date":
                return iso.date(text) if iso.is_date(text) else None
            case "time":
                return iso.time(text)
            case "date and time":
                return iso.moment(text)
            case "duration":
                return iso.duration(text)
            case _:
                return iso.temporal(text)
    except ValueError:
        return None
