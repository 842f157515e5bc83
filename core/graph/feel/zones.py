"""Zones: by an id of the zone database, or an offset with a name (`UTC+01:00`)."""

import re
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.graph.feel.days import DAY, Date

MAX_OFFSET = 18 * 3600
#: files of the database that are no regions
_NO_REGIONS = frozenset(("EST", "MST", "HST", "ROC", "Factory", "localtime", "posixrules"))
_REGION = re.compile(r"[A-Za-z][A-Za-z0-9~/._+-]+")
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)(?::(\d\d))?", re.ASCII)
_SHORT_OFFSET = re.compile(r"([+-])(\d{1,2})(?::?(\d\d)(?::?(\d\d))?)?", re.ASCII)
_NAMED_OFFSET = re.compile(r"(UTC|GMT|UT)([+-].*)?")


@dataclass(frozen=True, slots=True)
class Zone:
    id: str
    rules: ZoneInfo | None = field(compare=False)
    fixed: int = field(compare=False, default=0)

    def offset_at(self, seconds: int) -> int:
        """Of an instant, in seconds of the epoch."""
        if self.rules is None:
            return self.fixed
        days, clock = divmod(seconds, DAY)
        utc = datetime(*_mapped(Date.of_epoch(days)), tzinfo=self.rules) + timedelta(seconds=clock)
        return _seconds(self.rules.fromutc(utc).utcoffset())

    def resolve(self, date: Date, seconds: int, preferred: int | None = None) -> tuple[int, int]:
        """(shift, offset) of a local time: what the clocks skip lies as much later, and what they show twice is the
        earlier one, or the one with the preferred offset."""
        if self.rules is None:
            return 0, self.fixed
        local = datetime(*_mapped(date), tzinfo=self.rules) + timedelta(seconds=seconds)
        first, second = _seconds(local.utcoffset()), _seconds(local.replace(fold=1).utcoffset())
        if first < second:
            return second - first, second
        return 0, second if preferred == second else first

    def standard(self) -> int:
        """The offset of this year's winter."""
        if self.rules is None:
            return self.fixed
        year = time.gmtime().tm_year
        return min(_seconds(datetime(year, month, 1, tzinfo=self.rules).utcoffset()) for month in (1, 7))


def _mapped(date: Date) -> tuple[int, int, int]:
    """A date of the same rules that the zone database's reader can take."""
    if 2 <= date.year <= 9997:
        return date.year, date.month, date.day
    return (9200 + date.year % 400 if date.year > 0 else 2), date.month, min(date.day, 28 if date.year <= 0 else 31)


def _seconds(offset: timedelta | None) -> int:
    assert offset is not None
    return offset.days * DAY + offset.seconds


@lru_cache(maxsize=1024)
def zone(name: str) -> Zone | int:
    """A zone, or the seconds of an offset. Raises ValueError."""
    if name == "Z":
        return 0
    if name[:1] in ("+", "-"):
        return _read(_SHORT_OFFSET, name)
    named = _NAMED_OFFSET.fullmatch(name)
    if named is not None and named[2]:
        offset = _read(_SHORT_OFFSET, named[2])
        return Zone(named[1] + shown(offset) if offset else named[1], None, offset)
    if not _REGION.fullmatch(name) or name in _NO_REGIONS or name.startswith(("posix/", "right/")) or ".." in name:
        raise ValueError(f"unknown zone {name!r}")
    try:
        return Zone(name, ZoneInfo(name))
    except (ZoneInfoNotFoundError, OSError, ValueError):
        raise ValueError(f"unknown zone {name!r}") from None


def parse_offset(text: str) -> int:
    """`Z`, `+01:00`, `-03:30:15`, in seconds. Raises ValueError."""
    return 0 if text == "Z" else _read(_OFFSET, text)


def _read(pattern: re.Pattern[str], text: str) -> int:
    match = pattern.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no offset")
    hours, minutes, seconds = int(match[2]), int(match[3] or 0), int(match[4] or 0)
    total = hours * 3600 + minutes * 60 + seconds
    if minutes > 59 or seconds > 59 or total > MAX_OFFSET:
        raise ValueError(f"{text!r} is no offset")
    return -total if match[1] == "-" else total


def shown(offset: int) -> str:
    if offset == 0:
        return "Z"
    sign, offset = ("-", -offset) if offset < 0 else ("+", offset)
    text = f"{sign}{offset // 3600:02}:{offset % 3600 // 60:02}"
    return f"{text}:{offset % 60:02}" if offset % 60 else text
