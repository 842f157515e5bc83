"""Intervals and cycles of timers, as in ISO 8601."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.graph import cron
from core.times import EPOCH, parse_timestamp

_CYCLE = re.compile(r"R(?P<count>\d{0,9}|-1)/(?:(?P<start>[^P/][^/]*)/)?(?P<interval>P[^/]+)", re.ASCII)
_DURATION = re.compile(
    r"(?P<sign>-?)P(?:(?P<years>\d{1,6})Y)?(?:(?P<months>\d{1,6})M)?(?:(?P<weeks>\d{1,6})W)?(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,9}(?:\.\d{1,9})?)S)?)?",
    re.ASCII,
)
_MILLISECOND = timedelta(milliseconds=1)


def interval(text: str) -> tuple[int, timedelta]:
    """(months, the rest) of a duration that is not negative. Raises ValueError."""
    duration = _parts(text)
    if duration is None or duration[0] < 0 or duration[1] < timedelta(0):
        raise ValueError(f"{text!r} is not a duration")
    return duration


def after(now: int, text: str) -> int:
    """So much later, in milliseconds. Raises ValueError."""
    months, rest = interval(text)
    try:
        moment = EPOCH + timedelta(milliseconds=now) + rest
        later = _moved(moment, months) if months else moment
    except OverflowError:
        raise ValueError(f"{text!r} is too long") from None
    return (later - EPOCH) // _MILLISECOND


@dataclass(frozen=True, slots=True)
class Cycle:
    """`count` times, endlessly if it is below 0: with a duration in between, the first time at `start` if it is told,
    or as a cron expression says."""

    count: int
    interval: str
    start: int | None = None

    def first(self, now: int) -> int:
        """When it is due first, in milliseconds; a start that is past is gone on from. Raises ValueError."""
        if self.start is None:
            return next_due(now, self.interval)
        due = self.start
        if due < now:
            months, rest = interval(self.interval)
            if not months:  # all at once, for there may be millions
                step = rest // _MILLISECOND
                due += (now - due) // step * step
            while due < now:
                due = after(due, self.interval)
        return due

    @classmethod
    def parse(cls, text: str) -> "Cycle":
        """`R3/PT10S`, `R/PT1H`, `R/2030-01-01T00:00:00Z/P1D`, `0 0 9 * * MON-FRI`. Raises ValueError."""
        match = _CYCLE.fullmatch(text)
        if match is None:
            cron.parse(text)
            return cls(-1, text)
        after(0, match["interval"])
        if interval(match["interval"]) == (0, timedelta(0)):
            raise ValueError(f"{text!r} would never end")
        start = parse_timestamp(match["start"]) if match["start"] else None
        return cls(int(match["count"] or -1), match["interval"], start)


def next_due(now: int, interval: str) -> int:
    """So much later, or when a cron expression says. Raises ValueError."""
    return after(now, interval) if interval.startswith("P") else cron.parse(interval).after(now)


def _parts(text: str) -> tuple[int, timedelta] | None:
    """Months and the rest of an ISO 8601 duration, None if the text is none."""
    match = _DURATION.fullmatch(text)
    if match is None or text.endswith(("P", "T")):
        return None
    sign = -1 if match["sign"] else 1
    months = int(match["years"] or 0) * 12 + int(match["months"] or 0)
    try:
        rest = timedelta(
            days=int(match["weeks"] or 0) * 7 + int(match["days"] or 0),
            hours=int(match["hours"] or 0),
            minutes=int(match["minutes"] or 0),
            seconds=float(match["seconds"] or 0),
        )
    except OverflowError:
        return None
    return sign * months, sign * rest


def _moved(value: datetime, months: int) -> datetime:
    """So many months later, on the last day of a month if that is too short. Raises ValueError, OverflowError."""
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    for day in range(value.day, 27, -1):
        try:
            return value.replace(year=year, month=month + 1, day=day)
        except ValueError:
            if day == 28:
                raise
    return value.replace(year=year, month=month + 1)
