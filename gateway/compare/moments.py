"""Moments in texts and numbers, and whether two servers took them from their clocks."""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_DAY = 86_400
_QUARTER = 900  # time zones are whole quarters of an hour
_WIDEST = 14 * 3600
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}

_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:([T ])([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_HTTP = re.compile(r"[A-Z][a-z]{2}, ([0-9]{2})[ -]([A-Z][a-z]{2})[ -]([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT")
_SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}) ([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?: ([AP])M)?")
_DOTTED = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4}) ([0-9]{1,2}):([0-9]{2}):([0-9]{2})")
_SCRIPT = re.compile(r"/Date\(([0-9]{12,14})(?:[+-][0-9]{4})?\)/")
#: how one begins
_STARTS = (*"0123456789", "/Date(", *(f"{day}, " for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")))
_EPOCH = re.compile(r"[0-9]{10}|[0-9]{13}")


@dataclass(frozen=True, slots=True)
class Moment:
    """`style` is how it is written. Without a zone nobody knows by how many quarters of an hour it is off; a `day` is
    one for all of its seconds."""

    seconds: float
    style: str
    has_zone: bool = True
    is_day: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """From the start of a run until an answer was there."""

    start: float
    end: float


def moment(text: str) -> Moment | None:
    """What a text or the digits of a number say, None if that is no moment."""
    if not 8 < len(text) < 50 or not text.startswith(_STARTS):
        return None
    return _moment(text)


@lru_cache(maxsize=5_000)
def _moment(text: str) -> Moment | None:
    if match := _ISO.fullmatch(text):
        return _iso(match)
    if match := _HTTP.fullmatch(text):
        month = _MONTHS.get(match[2].lower(), 0)
        return _made(match[3], month, match[1], (match[4], match[5], match[6]), "http", zone="Z")
    if match := _SLASHED.fullmatch(text):
        hour = int(match[4]) % 12 + 12 * (match[7] == "P") if match[7] else int(match[4])
        style = f"slashed {bool(match[7])}"
        return _made(match[3], int(match[1]), match[2], (str(hour), match[5], match[6]), style)
    if match := _DOTTED.fullmatch(text):
        return _made(match[3], int(match[2]), match[1], (match[4], match[5], match[6]), "dotted")
    if match := _SCRIPT.fullmatch(text):
        return Moment(int(match[1]) / 1000, "script")
    if _EPOCH.fullmatch(text):
        return Moment(int(text[:10]) + (int(text[10:]) / 1000 if len(text) == 13 else 0), f"{len(text)} digits")
    return None


def _iso(match: re.Match[str]) -> Moment | None:
    year, month, day, mark, hour, minute, second, fraction, zone = match.groups()
    if hour is None:
        return _made(year, int(month), day, ("0", "0", "0"), "day")
    zone_style = "Z" if zone == "Z" else f"{len(zone or '')}"
    made = _made(
        year, int(month), day, (hour, minute, second or "0"), f"iso {mark}{zone_style}{second is None}", zone=zone
    )
    if made is None or not fraction:
        return made
    return Moment(made.seconds + int(fraction) / 10 ** len(fraction), made.style, made.has_zone)


def _made(
    year: str, month: int, day: str, time: tuple[str, str, str], style: str, *, zone: str | None = None
) -> Moment | None:
    hour, minute, second = map(int, time)
    if not (1 <= month <= 12 and 1 <= int(day) <= 31 and hour < 24 and minute < 60 and second < 61 and int(year)):
        return None
    seconds = calendar.timegm((int(year), month, int(day), hour, minute, second))
    return Moment(seconds - _offset(zone), style, has_zone=zone is not None, is_day=style == "day")


def _offset(zone: str | None) -> int:
    if zone is None or zone == "Z":
        return 0
    offset = int(zone[1:3]) * 3600 + int(zone[-2:]) * 60
    return -offset if zone[0] == "-" else offset


def from_clocks(old: Moment, new: Moment, old_span: Span, new_span: Span, tolerance: float) -> bool:
    """Has each server looked at its clock: is it some time in its run, or the same while from the answer?"""
    if old.style != new.style:
        return False
    for shift in _shifts(old):
        before, after = old.seconds - shift, new.seconds - shift
        apart = (before - old_span.end) - (after - new_span.end)
        if abs(apart) <= (_DAY if old.is_day else tolerance) and (shift == 0 or _near(before, old_span, tolerance)):
            return True
        if _near(before, old_span, _slack(old, tolerance)) and _near(after, new_span, _slack(new, tolerance)):
            return True
    return False


def _slack(one: Moment, tolerance: float) -> float:
    return _DAY + tolerance if one.is_day else tolerance


def _near(seconds: float, span: Span, slack: float) -> bool:
    return span.start - slack - 1 <= seconds <= span.end + slack


def _shifts(one: Moment) -> Iterator[int]:
    """By how many seconds it may be off: the same for both servers."""
    yield 0
    if not one.has_zone and not one.is_day:
        for quarter in range(_QUARTER, _WIDEST + 1, _QUARTER):
            yield quarter
            yield -quarter
