"""Cron expressions of six fields, as Spring writes them: seconds first; days of month and of week both hold.

The library that was tried, cronsim 2.8, takes one of the two days as enough where both are told, as Unix does, and
knows no nearest weekday (`15W`), no `L-3`, no `?` and no `FRIL`.
"""

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from core.times import EPOCH

_MACROS = {
    "@yearly": "0 0 0 1 1 *",
    "@annually": "0 0 0 1 1 *",
    "@monthly": "0 0 0 1 * *",
    "@weekly": "0 0 0 * * 0",
    "@daily": "0 0 0 * * *",
    "@midnight": "0 0 0 * * *",
    "@hourly": "0 0 * * * *",
}
_MONTHS = {
    name: n
    for n, name in enumerate(["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], 1)
}
_DAYS = {name: n for n, name in enumerate(["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"])}
_NUMBER = re.compile(r"[0-9]{1,2}", re.ASCII)
#: a day that there is at all comes within a leap year's cycle around a year that is none
_DAYS_AHEAD = 366 * 9

IsDay = Callable[[date], bool]


def _number(text: str, names: dict[str, int], low: int, high: int) -> int:
    value = names.get(text)
    if value is None:
        match = _NUMBER.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is no number of a cron expression")
        value = int(match[0])
    if not low <= value <= high:
        raise ValueError(f"{value} is not between {low} and {high}")
    return value


def _values(text: str, low: int, high: int, names: dict[str, int] | None = None) -> frozenset[int]:
    """The numbers of a field: `*`, `5`, `1-5`, `*/15`, `10/5`, and lists of these. Raises ValueError."""
    values: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        if span in ("*", "?"):
            start, end = low, high
        else:
            start = _number(first, names or {}, low, high)
            end = _number(last, names or {}, low, high) if dash else high if slash else start
        by = _number(step, {}, 1, 99) if slash else 1
        if end < start:
            raise ValueError(f"{span!r} ends before it begins")
        values.update(range(start, end + 1, by))
    return frozenset(values)


def _last(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _weekday_near(day: date, wanted: int) -> bool:
    """Is it the weekday of the month that is nearest to one of its days?"""
    if wanted > _last(day):
        return False
    meant = day.replace(day=wanted)
    if meant.weekday() == 5:
        meant += timedelta(days=-1 if wanted > 1 else 2)
    elif meant.weekday() == 6:
        meant += timedelta(days=1 if wanted < _last(day) else -2)
    return day == meant


def _is_last_weekday(day: date) -> bool:
    last = day.replace(day=_last(day))
    return day == last - timedelta(days=max(last.weekday() - 4, 0))


def _day_of_month(part: str) -> IsDay:
    if part == "L":
        return lambda day: day.day == _last(day)
    if part == "LW":
        return _is_last_weekday
    if part.startswith("L-"):
        before = _number(part[2:], {}, 1, 30)
        return lambda day: day.day == _last(day) - before
    if part.endswith("W"):
        near = _number(part[:-1], {}, 1, 31)
        return lambda day: _weekday_near(day, near)
    days = _values(part, 1, 31)
    return lambda day: day.day in days


def _day_of_week(part: str) -> IsDay:
    name, hash, nth = part.partition("#")
    if hash:
        weekday, wanted = _number(name, _DAYS, 0, 7) % 7, _number(nth, {}, 1, 5)
        return lambda day: day.isoweekday() % 7 == weekday and (day.day - 1) // 7 + 1 == wanted
    if part.endswith("L") and len(part) > 1:
        last = _number(part[:-1], _DAYS, 0, 7) % 7
        return lambda day: day.isoweekday() % 7 == last and day.day > _last(day) - 7
    days = {value % 7 for value in _values(part, 0, 7, _DAYS)}
    return lambda day: day.isoweekday() % 7 in days


@dataclass(frozen=True, slots=True, eq=False)
class Cron:
    hours: tuple[int, ...]
    minutes: tuple[int, ...]
    seconds: tuple[int, ...]
    months: frozenset[int]
    days_of_month: tuple[IsDay, ...]
    days_of_week: tuple[IsDay, ...]

    def after(self, now: int) -> int:
        """The next moment behind this one, in milliseconds; in UTC. Raises ValueError if there is none."""
        moment = EPOCH + timedelta(milliseconds=now)
        for day in self._days(moment.date()):
            at = self._time_behind(moment.time() if day == moment.date() else None)
            if at is not None:
                return (datetime.combine(day, at, moment.tzinfo) - EPOCH) // timedelta(milliseconds=1)
        raise ValueError("a cron expression that no day matches")

    def _time_behind(self, now: time | None) -> time | None:
        """The first time of a day, or the first one behind this; None if there is none."""
        for hour in self.hours:
            for minute in self.minutes if now is None or hour >= now.hour else ():
                if now is None or (hour, minute) >= (now.hour, now.minute):
                    for second in self.seconds:
                        if now is None or time(hour, minute, second) > now:
                            return time(hour, minute, second)
        return None

    def _days(self, first: date) -> Iterator[date]:
        for ahead in range(_DAYS_AHEAD):
            day = first + timedelta(days=ahead)
            in_month = day.month in self.months and any(holds(day) for holds in self.days_of_month)
            if in_month and any(holds(day) for holds in self.days_of_week):
                yield day


@lru_cache(maxsize=256)
def parse(text: str) -> Cron:
    """Raises ValueError."""
    fields = _MACROS.get(text.lower(), text).upper().split()
    if len(fields) != 6:
        raise ValueError(f"{text!r} has not six fields")
    seconds, minutes, hours, of_month, month, of_week = fields
    cron = Cron(
        hours=tuple(sorted(_values(hours, 0, 23))),
        minutes=tuple(sorted(_values(minutes, 0, 59))),
        seconds=tuple(sorted(_values(seconds, 0, 59))),
        months=_values(month, 1, 12, _MONTHS),
        days_of_month=tuple(map(_day_of_month, of_month.split(","))),
        days_of_week=tuple(map(_day_of_week, of_week.split(","))),
    )
    cron.after(0)
    return cron
