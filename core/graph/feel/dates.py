"""The functions of FEEL for dates, times and durations, and their parts."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from core.graph.feel.values import Months, date_and_time, duration, is_number, moved, parse_date

Function = Callable[..., Any]


def _date(value: Any, month: Any = None, day: Any = None) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        if isinstance(value, str):
            return parse_date(value)
        return date(int(value), int(month), int(day)) if all(map(is_number, (value, month, day))) else None
    except (ValueError, OverflowError):
        return None


def _time(value: Any, minute: Any = None, second: Any = 0) -> time | None:
    if isinstance(value, datetime):
        return value.timetz()
    if isinstance(value, time):
        return value
    if isinstance(value, str):
        moment = date_and_time(f"2000-01-01T{value}")
        return moment.timetz() if moment is not None else None
    try:
        whole = all(map(is_number, (value, minute, second)))
        return time(int(value), int(minute), int(second)) if whole else None
    except (ValueError, OverflowError):
        return None


def _date_and_time(value: Any, clock: Any = None) -> datetime | None:
    if isinstance(value, str) and clock is None:
        moment = date_and_time(value)
        if moment is not None:
            return moment
        day = _date(value)
        return datetime(day.year, day.month, day.day) if day is not None else None
    if isinstance(value, datetime) and clock is None:
        return value
    if isinstance(value, date) and isinstance(clock, time):
        return datetime.combine(value, clock)
    return None


def _duration(value: Any) -> Any:
    return duration(value) if isinstance(value, str) else value if isinstance(value, timedelta | Months) else None


def _months_between(start: Any, end: Any) -> Months | None:
    if not isinstance(start, date) or not isinstance(end, date):
        return None
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        months -= 1
    elif months < 0 and end.day > start.day:
        months += 1
    return Months(months)


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November"),
    "December",
)


def _of_date(function: Callable[[date], Any]) -> Function:
    return lambda value: function(value) if isinstance(value, date) else None


def _last_day(value: date) -> date:
    first = value.replace(day=1)
    last = moved(first, 1) - timedelta(days=1)
    return last.date() if isinstance(last, datetime) else last


DATE_FUNCTIONS: Mapping[str, Function] = {
    "date": _date,
    "time": _time,
    "date and time": _date_and_time,
    "duration": _duration,
    "years and months duration": _months_between,
    "day of week": _of_date(lambda value: _DAYS[value.weekday()]),
    "day of year": _of_date(lambda value: value.timetuple().tm_yday),
    "month of year": _of_date(lambda value: _MONTHS[value.month - 1]),
    "week of year": _of_date(lambda value: value.isocalendar()[1]),
    "last day of month": _of_date(_last_day),
}

#: what is read off a value, by its kind and the name
PARTS: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("days and time duration", "days"): lambda d: int(d / timedelta(days=1)),
    ("days and time duration", "hours"): lambda d: abs(d).seconds // 3600 * (1 if d >= timedelta(0) else -1),
    ("days and time duration", "minutes"): lambda d: abs(d).seconds % 3600 // 60 * (1 if d >= timedelta(0) else -1),
    ("days and time duration", "seconds"): lambda d: abs(d).seconds % 60 * (1 if d >= timedelta(0) else -1),
    ("years and months duration", "years"): lambda m: int(m.count / 12),
    ("years and months duration", "months"): lambda m: abs(m.count) % 12 * (1 if m.count >= 0 else -1),
}
for _kind in ("date", "date and time"):
    for _part in ("year", "month", "day"):
        PARTS[_kind, _part] = lambda value, part=_part: getattr(value, part)  # type: ignore[misc]
    PARTS[_kind, "weekday"] = lambda value: value.isoweekday()
for _kind in ("time", "date and time"):
    for _part in ("hour", "minute", "second"):
        PARTS[_kind, _part] = lambda value, part=_part: getattr(value, part)  # type: ignore[misc]
    PARTS[_kind, "time offset"] = lambda value: value.utcoffset()
