"""Times, dates with times, and durations, to the nanosecond; and what is reckoned with them."""

from dataclasses import dataclass
from typing import Any

from core.graph.feel.days import DAY, Date
from core.graph.feel.zones import Zone, shown

SECOND = 1_000_000_000
DAY_NANOS = DAY * SECOND
_LONG = 2**63
_INT = 2**31


@dataclass(frozen=True, slots=True, order=True)
class LocalTime:
    """Nanoseconds since midnight, wherever that is."""

    nanos: int

    @classmethod
    def of(cls, hour: int, minute: int, second: int, nano: int = 0) -> "LocalTime":
        """Raises ValueError if there is no such time."""
        if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60 and 0 <= nano < SECOND):
            raise ValueError("there is no such time")
        return cls((hour * 3600 + minute * 60 + second) * SECOND + nano)

    @property
    def hour(self) -> int:
        return self.nanos // (3600 * SECOND)

    @property
    def minute(self) -> int:
        return self.nanos // (60 * SECOND) % 60

    @property
    def second(self) -> int:
        return self.nanos // SECOND % 60

    def plus(self, duration: "Duration") -> "LocalTime":
        return LocalTime((self.nanos + duration.nanos) % DAY_NANOS)

    def text(self) -> str:
        fraction = self.nanos % SECOND
        text = f"{self.hour:02}:{self.minute:02}:{self.second:02}"
        return f"{text}.{fraction:09}".rstrip("0") if fraction else text


@dataclass(frozen=True, slots=True)
class ZonedTime:
    time: LocalTime
    offset: int
    zone: Zone | None = None

    @property
    def utc(self) -> int:
        """Nanoseconds since midnight in Greenwich: what times are compared by."""
        return self.time.nanos - self.offset * SECOND

    def __lt__(self, other: "ZonedTime") -> bool:
        return self.utc < other.utc

    def plus(self, duration: "Duration") -> "ZonedTime":
        return ZonedTime(self.time.plus(duration), self.offset, self.zone)

    def text(self) -> str:
        return self.time.text() + (f"@{self.zone.id}" if self.zone else shown(self.offset))

    def at(self, date: Date) -> "DateTime":
        local = LocalDateTime(date, self.time)
        return local.at(self.zone) if self.zone else DateTime(local, self.offset)


@dataclass(frozen=True, slots=True, order=True)
class LocalDateTime:
    date: Date
    time: LocalTime

    @classmethod
    def of_epoch(cls, nanos: int) -> "LocalDateTime":
        """Raises ValueError for what is beyond the calendar."""
        days, clock = divmod(nanos, DAY_NANOS)
        return cls(Date.of_epoch(days), LocalTime(clock))

    @property
    def epoch(self) -> int:
        return self.date.epoch * DAY_NANOS + self.time.nanos

    def plus(self, by: "Duration | Months") -> "LocalDateTime":
        if isinstance(by, Months):
            return LocalDateTime(self.date.moved(by.count), self.time)
        return LocalDateTime.of_epoch(self.epoch + by.nanos)

    def at(self, zone: Zone, preferred: int | None = None) -> "DateTime":
        shift, offset = zone.resolve(self.date, self.time.nanos // SECOND, preferred)
        local = LocalDateTime.of_epoch(self.epoch + shift * SECOND) if shift else self
        return DateTime(local, offset, zone)

    def text(self) -> str:
        return f"{self.date.text()}T{self.time.text()}"


@dataclass(frozen=True, slots=True)
class DateTime:
    local: LocalDateTime
    offset: int
    zone: Zone | None = None

    @classmethod
    def of_epoch(cls, nanos: int, zone: Zone | None, offset: int = 0) -> "DateTime":
        """An instant, shown in a zone or with an offset. Raises ValueError."""
        if zone is not None:
            offset = zone.offset_at(nanos // SECOND)
        return cls(LocalDateTime.of_epoch(nanos + offset * SECOND), offset, zone)

    @property
    def epoch(self) -> int:
        return self.local.epoch - self.offset * SECOND

    def __lt__(self, other: "DateTime") -> bool:
        return self._order < other._order

    @property
    def _order(self) -> tuple[Any, ...]:
        return self.epoch, self.local, self.zone.id if self.zone else shown(self.offset)

    @property
    def date(self) -> Date:
        return self.local.date

    def plus(self, by: "Duration | Months") -> "DateTime":
        if isinstance(by, Months):
            local = self.local.plus(by)
            return local.at(self.zone, self.offset) if self.zone else DateTime(local, self.offset)
        return DateTime.of_epoch(self.epoch + by.nanos, self.zone, self.offset)

    def text(self) -> str:
        return self.local.text() + (f"@{self.zone.id}" if self.zone else shown(self.offset))


@dataclass(frozen=True, slots=True, order=True)
class Months:
    """A duration of years and months."""

    count: int

    @classmethod
    def of(cls, count: int) -> "Months":
        """Raises ValueError for what is more than 32 bits of years."""
        if not -_INT <= int(count / 12) < _INT:
            raise ValueError("a duration too long")
        return cls(count)

    @property
    def years(self) -> int:
        return abs(self.count) // 12 * (-1 if self.count < 0 else 1)

    @property
    def months(self) -> int:
        return abs(self.count) % 12 * (-1 if self.count < 0 else 1)

    def text(self) -> str:
        if not self.count:
            return "P0Y"
        years, months = divmod(abs(self.count), 12)
        return ("-P" if self.count < 0 else "P") + (f"{years}Y" if years else "") + (f"{months}M" if months else "")

    def iso(self) -> str:
        """With a sign at each part."""
        if not self.count:
            return "P0D"
        return "P" + (f"{self.years}Y" if self.years else "") + (f"{self.months}M" if self.months else "")


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A duration of days and time, in nanoseconds."""

    nanos: int

    @classmethod
    def of(cls, nanos: int) -> "Duration":
        """Raises ValueError for what is more than 64 bits of seconds."""
        if not -_LONG <= nanos // SECOND < _LONG:
            raise ValueError("a duration too long")
        return cls(nanos)

    @property
    def seconds(self) -> int:
        """Whole seconds, rounded down."""
        return self.nanos // SECOND

    @property
    def millis(self) -> int:
        """Without what is left of the last one. Raises ValueError for more than 64 bits of them."""
        millis = abs(self.nanos) // 1_000_000 * (-1 if self.nanos < 0 else 1)
        if not -_LONG <= millis < _LONG:
            raise ValueError("a duration too long")
        return millis

    @property
    def parts(self) -> tuple[int, int, int, int]:
        """Days, hours, minutes and seconds, all of one sign, without fractions."""
        sign, rest = (-1, -self.seconds) if self.seconds < 0 else (1, self.seconds)
        return sign * (rest // DAY), sign * (rest % DAY // 3600), sign * (rest % 3600 // 60), sign * (rest % 60)

    def text(self) -> str:
        if not self.seconds:
            return "P0D"
        days, hours, minutes, seconds = map(abs, self.parts)
        clock = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if n)
        sign = "-P" if self.seconds < 0 else "P"
        return sign + (f"{days}D" if days else "") + (f"T{clock}" if clock else "")

    def iso(self) -> str:
        """Hours, minutes and seconds with their fraction, a sign at each."""
        if not self.nanos:
            return "PT0S"
        seconds = self.seconds + (1 if self.seconds < 0 and self.nanos % SECOND else 0)
        sign = -1 if seconds < 0 else 1
        hours, minutes, rest = abs(seconds) // 3600, abs(seconds) % 3600 // 60, abs(seconds) % 60
        text = (f"{sign * hours}H" if hours else "") + (f"{sign * minutes}M" if minutes else "")
        fraction = abs(self.nanos - seconds * SECOND)
        if rest or fraction:
            minus = "-" if self.nanos < 0 else ""
            text += (f"{minus}{rest}.{fraction:09}".rstrip("0") if fraction else f"{sign * rest}") + "S"
        return f"PT{text}"


Temporal = Date | LocalTime | ZonedTime | LocalDateTime | DateTime | Months | Duration
TEMPORAL = (Date, LocalTime, ZonedTime, LocalDateTime, DateTime, Months, Duration)
