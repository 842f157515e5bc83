"""Texts of dates, times and durations, as ISO 8601 has them, with zones by id: `10:00@Europe/Berlin`."""

import re

from core.graph.feel.days import Date
from core.graph.feel.temporal import SECOND, DateTime, Duration, LocalDateTime, LocalTime, Months, Temporal, ZonedTime
from core.graph.feel.zones import Zone, parse_offset, zone

_DATE_PART = r"-?(?:[1-9][0-9]{0,4})?[0-9]{4}-[01][0-9]-[0-3][0-9]"
_MOMENT_PART = _DATE_PART + r"T[0-2][0-9]:[0-5][0-9](?::[0-5][0-9])?(?:\.[0-9]{1,9})?"
_IS_DATE = re.compile(_DATE_PART)
_IS_OFFSET_TIME = re.compile(r"T?[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:[+-][0-9]{2}:[0-9]{2}|Z|@.*)")
_IS_OFFSET_MOMENT = re.compile(_MOMENT_PART + r"(?:(?:(?:[+-][01][0-9]:[0-5][0-9])|Z)(?:\[.+\])?|@.*)")
_IS_LOCAL_MOMENT = re.compile(_MOMENT_PART)
_IS_MONTHS = re.compile(r"-?P-?(?:[0-9]+Y)?-?(?:[0-9]+M)?")
_IS_DURATION = re.compile(r"-?P(?:-?(?:[0-9]+D)?(?:T-?(?:[0-9]+H)?-?(?:[0-9]+M)?-?(?:[0-9]+(?:.[0-9]*)?S)?)?)")

_DATE = re.compile(r"(-?[0-9]{4,9})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?(?:\.([0-9]{0,9}))?")
_ZONE = re.compile(r"(Z|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?(?:\[(.+)\])?(?:@(.+))?", re.DOTALL)
_PERIOD = re.compile(
    r"([-+]?)P(?:([-+]?[0-9]+)Y)?(?:([-+]?[0-9]+)M)?(?:([-+]?[0-9]+)W)?(?:([-+]?[0-9]+)D)?", re.IGNORECASE | re.ASCII
)
_DAYS_AND_TIME = re.compile(
    r"([-+]?)P(?:([-+]?[0-9]+)D)?"
    r"(T(?:([-+]?[0-9]+)H)?(?:([-+]?[0-9]+)M)?(?:([-+]?[0-9]+)(?:[.,]([0-9]{0,9}))?S)?)?",
    re.IGNORECASE | re.ASCII,
)
#: digits that a part of a duration has at most: more is beyond 64 bits
_MAX_PART = 20


def is_date(text: str) -> bool:
    return _IS_DATE.fullmatch(text) is not None


def date(text: str) -> Date:
    """Raises ValueError."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no date")
    return Date.of(int(match[1]), int(match[2]), int(match[3]))


def time(text: str) -> LocalTime | ZonedTime:
    """Raises ValueError."""
    if not _IS_OFFSET_TIME.fullmatch(text):
        return _local_time(text.removeprefix("T"))
    match = re.match(r"T?([0-9:.]+)", text)
    assert match is not None
    local, (offset, region) = _local_time(match[1]), _place(text[match.end() :])
    if region is None:
        assert offset is not None
        return ZonedTime(local, offset)
    return ZonedTime(local, region.standard() if offset is None else offset, region)


def _local_time(text: str, *, midnight: bool = True) -> LocalTime:
    """`24:00` is midnight if it is allowed. Raises ValueError."""
    match = _TIME.fullmatch(text)
    if match is None or (match[4] and match[3] is None):
        raise ValueError(f"{text!r} is no time")
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    nano = int((match[4] or "").ljust(9, "0"))
    if midnight and (hour, minute, second, nano) == (24, 0, 0, 0):
        hour = 0
    return LocalTime.of(hour, minute, second, nano)


def _place(text: str) -> tuple[int | None, Zone | None]:
    """(offset, zone) of what stands behind a time. Raises ValueError."""
    match = _ZONE.fullmatch(text)
    if match is None or (match[2] and match[3]):
        raise ValueError(f"{text!r} is no zone")
    offset = parse_offset(match[1]) if match[1] else None
    name = match[2] or match[3]
    if name is None:
        return offset, None
    place = zone(name)
    if isinstance(place, Zone):
        return offset, place
    return place if offset is None else offset, None


def is_moment(text: str) -> bool:
    return _IS_OFFSET_MOMENT.fullmatch(text) is not None or _IS_LOCAL_MOMENT.fullmatch(text) is not None


def moment(text: str) -> DateTime | LocalDateTime:
    """A date and time; a date alone begins at midnight. Raises ValueError."""
    if is_date(text):
        return LocalDateTime(date(text), LocalTime(0))
    if _IS_OFFSET_MOMENT.fullmatch(text):
        return _offset_moment(text)
    return _local_moment(text)


def _local_moment(text: str) -> LocalDateTime:
    day, _, clock = text.partition("T")
    return LocalDateTime(date(day), _local_time(clock, midnight=False))


def _offset_moment(text: str) -> DateTime:
    match = re.match(_MOMENT_PART, text)
    assert match is not None
    local, (offset, region) = _local_moment(match[0]), _place(text[match.end() :])
    if region is None:
        assert offset is not None
        return DateTime(local, offset)
    if offset is None:
        return local.at(region)
    return DateTime.of_epoch(local.epoch - offset * SECOND, region)


def is_months(text: str) -> bool:
    return _IS_MONTHS.fullmatch(text) is not None


def is_days_and_time(text: str) -> bool:
    return _IS_DURATION.fullmatch(text) is not None


def duration(text: str) -> Months | Duration:
    """Raises ValueError."""
    return months(text) if is_months(text) else days_and_time(text)


def months(text: str) -> Months:
    """Raises ValueError."""
    match = _PERIOD.fullmatch(text)
    if match is None or not any(match[part] for part in (2, 3, 4, 5)) or _too_long(match):
        raise ValueError(f"{text!r} is no duration")
    years, count = int(match[2] or 0), int(match[3] or 0)
    if not all(-(2**31) <= part < 2**31 for part in (years, count)):
        raise ValueError(f"{text!r} is too long")
    return Months.of((years * 12 + count) * (-1 if match[1] == "-" else 1))


def days_and_time(text: str) -> Duration:
    """Raises ValueError."""
    match = _DAYS_AND_TIME.fullmatch(text)
    if match is None or (match[3] or "").upper() == "T" or not (match[2] or match[3]) or _too_long(match):
        raise ValueError(f"{text!r} is no duration")
    days, hours, minutes, seconds = (int(match[part] or 0) for part in (2, 4, 5, 6))
    fraction = int((match[7] or "").ljust(9, "0")) * (-1 if (match[6] or "").startswith("-") else 1)
    total = (days * 86_400 + hours * 3600 + minutes * 60 + seconds) * SECOND + fraction
    return Duration.of(-total if match[1] == "-" else total)


def _too_long(match: re.Match[str]) -> bool:
    return any(part is not None and len(part) > _MAX_PART + 2 for part in match.groups()[1:] if part != match[3])


def temporal(text: str) -> Temporal:
    """Any of them. Raises ValueError."""
    if is_date(text):
        return date(text)
    if _IS_OFFSET_TIME.fullmatch(text):
        return time(text)
    if is_moment(text):
        return moment(text)
    if is_months(text):
        return months(text)
    if is_days_and_time(text):
        return days_and_time(text)
    return _local_time(text.removeprefix("T"))
