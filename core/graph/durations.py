"""Intervals and cycles of timers, as in ISO 8601."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.graph.feel.values import moved, parse_duration
from core.times import EPOCH

_CYCLE = re.compile(r"R(?P<count>\d{0,9}|-1)/(?P<interval>P.+)", re.ASCII)
_MILLISECOND = timedelta(milliseconds=1)


def interval(text: str) -> tuple[int, timedelta]:
    """(months, the rest) of a duration that is not negative. Raises ValueError."""
    duration = parse_duration(text)
    if duration is None or duration[0] < 0 or duration[1] < timedelta(0):
        raise ValueError(f"{text!r} is not a duration")
    return duration


def after(now: int, text: str) -> int:
    """So much later, in milliseconds. Raises ValueError."""
    months, rest = interval(text)
    try:
        moment = EPOCH + timedelta(milliseconds=now) + rest
        later = moved(moment, months) if months else moment
    except OverflowError:
        raise ValueError(f"{text!r} is too long") from None
    assert isinstance(later, datetime)
    return (later - EPOCH) // _MILLISECOND


@dataclass(frozen=True, slots=True)
class Cycle:
    """`count` times, endlessly if it is below 0, with a duration in between."""

    count: int
    interval: str

    @classmethod
    def parse(cls, text: str) -> "Cycle":
        """`R3/PT10S`, `R/PT1H`. Raises ValueError."""
        match = _CYCLE.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not a cycle")
        after(0, match["interval"])
        if interval(match["interval"]) == (0, timedelta(0)):
            raise ValueError(f"{text!r} would never end")
        return cls(int(match["count"] or -1), match["interval"])
