"""A .NET DateTime: ticks of a tenth of a microsecond since the year 1, and whose clock they are of."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from schemas.inforouter.unreadable import BadValue

SECOND = 10_000_000
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND
_FIRST, _LAST = datetime(1, 1, 1), datetime.max
#: nearer to the ends of time than this Python converts no time zones
_MARGIN = timedelta(days=2)
LAST_TICK = ((_LAST.date() - _FIRST.date()).days + 1) * DAY - 1
UNREPRESENTABLE = "The added or subtracted value results in an un-representable DateTime.\r\nParameter name: value"


@dataclass(frozen=True, slots=True)
class Moment:
    """`zone` is "" (unspecified: the server's local time), "Z" (UTC) or "local"."""

    value: datetime
    zone: str = ""

    @property
    def given(self) -> bool:
        """0001-01-01 stands for a date that was not given."""
        return self.value.year > 1

    def milliseconds(self) -> int:
        east = timedelta() if self.zone == "Z" else _east(self.value)
        return (self.value - east - datetime(1970, 1, 1)) // timedelta(milliseconds=1)


NEVER = Moment(_FIRST)


def moment(ticks: int, zone: str = "") -> Moment:
    return Moment(_FIRST + timedelta(microseconds=ticks // 10), zone)


def ticks_of(value: datetime) -> int:
    return (value - _FIRST) // timedelta(microseconds=1) * 10


def later(ticks: int, by: int) -> int:
    """Raises BadValue beyond the end of time."""
    if ticks + by > LAST_TICK:
        raise BadValue(UNREPRESENTABLE)
    return ticks + by


def _east(value: datetime) -> timedelta:
    """How far the server's clock is ahead of UTC, at a time of its own or of UTC."""
    inside = min(max(value.replace(tzinfo=None), _FIRST + _MARGIN), _LAST - _MARGIN)
    return inside.replace(tzinfo=value.tzinfo).astimezone().utcoffset() or timedelta()


def east_at(ticks: int, *, utc: bool) -> int:
    """The same in ticks; what is beyond the ends of time counts as their end."""
    value = _FIRST + timedelta(microseconds=min(max(ticks, 0), LAST_TICK) // 10)
    return _east(value.replace(tzinfo=UTC) if utc else value) // timedelta(microseconds=1) * 10


def local(ticks: int) -> int:
    """The server's time at a time of UTC; never beyond the ends of time."""
    return min(max(ticks + east_at(ticks, utc=True), 0), LAST_TICK)
