"""Dates in SOAP, as .NET's XmlConvert reads them: all eight kinds of XML Schema, any fraction, offsets up to 99:99.

A time alone is today's; a day or a month alone is of this year, a month with a day of the year 1904. What an offset
moves beyond the ends of time stops there.
"""

import re
from datetime import datetime

from schemas.inforouter.dateparts import BLANKS
from schemas.inforouter.moments import (
    LAST_TICK,
    MINUTE,
    SECOND,
    Moment,
    east_at,
    later,
    local,
    moment,
    ticks_of,
)
from schemas.inforouter.unreadable import BadValue

_TIME = r"(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d):(?P<second>[0-5]\d)(?:\.(?P<fraction>\d+))?"
_ZONE = r"(?P<zone>[Zz]|[+-]\d\d:\d\d)?"
_DATE = r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
#: in the order in which they are tried: where two fit, as in `2024-05:30`, the first that is whole counts
_KINDS = tuple(
    re.compile(kind + _ZONE, re.ASCII)
    for kind in (
        f"{_DATE}T{_TIME}",
        _DATE,
        _TIME,
        r"(?P<year>\d{4})-(?P<month>\d\d)",
        r"(?P<year>\d{4})",
        r"--(?P<month>\d\d)-(?P<day>\d\d)",
        r"--(?P<month>\d\d)(?:--)?",
        r"---(?P<day>\d\d)",
    )
)
_LEAP_YEAR = 1904


def read(text: str, now: datetime | None = None) -> Moment:
    """`now` is the server's time, for what is not told. Raises BadValue."""
    stripped = text.strip(BLANKS)
    for kind in _KINDS:
        match = kind.fullmatch(stripped)
        if match is not None:
            try:
                return _moment(match.groupdict(), now or datetime.now())
            except _NoDate:
                continue
    raise BadValue(f"The string '{text}' is not a valid AllXsd value.")


class _NoDate(Exception):
    pass


def _moment(parts: dict[str, str | None], now: datetime) -> Moment:
    zone = parts["zone"] or ""
    at = _local_ticks(parts, now)
    if not zone:
        return moment(at)
    if zone in "Zz":
        return moment(at, "Z")
    offset = (int(zone[1:3]) * 60 + int(zone[4:6])) * MINUTE
    utc = at - offset if zone[0] == "+" else at + offset
    if 0 <= utc <= LAST_TICK:
        return moment(local(utc), "local")
    return moment(min(max(utc + east_at(at, utc=False), 0), LAST_TICK), "local")


def _local_ticks(parts: dict[str, str | None], now: datetime) -> int:
    year, month, day = (int(value) if (value := parts.get(name)) else None for name in ("year", "month", "day"))
    if parts.get("hour") is not None and day is None:
        date = datetime(now.year, now.month, now.day)
    else:
        try:
            date = datetime(_or(year, _LEAP_YEAR), _or(month, 1), _or(day, 1))
        except ValueError:
            raise _NoDate from None
        if year is None and (month is None or day is None):
            date = date.replace(year=now.year)
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    whole = ticks_of(date) + (hour * 60 + minute) * MINUTE + second * SECOND
    return later(whole, _fraction(parts.get("fraction") or ""))


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value


def _fraction(digits: str) -> int:
    """Seven digits; those behind round to the nearest, and to an even one from the middle."""
    ticks, rest = int(f"{digits[:7]:0<7}"), digits[7:].rstrip("0")
    return ticks + (rest > "5" or (rest == "5" and ticks % 2 == 1))
