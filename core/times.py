"""Times as text."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9})\d*)?)?(Z|z|[+-]\d\d:?\d\d)?", re.ASCII
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def parse_timestamp(text: str, *, offset_required: bool = True) -> int:
    """Milliseconds of an RFC 3339 date-time; without an offset it is UTC, if that is allowed. Raises ValueError."""
    match = _RFC3339.fullmatch(text)
    if match is None or (match[8] is None and offset_required):
        raise ValueError(f"{text!r} is not a date and time")
    year, month, day, hour, minute = (int(match[i]) for i in range(1, 6))
    second = int(match[6] or 0)
    if second > 60:  # there are leap seconds, which are the one before here
        raise ValueError(f"{text!r} is not a date and time")
    try:
        moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError:
        raise ValueError(f"{text!r} is not a date and time") from None
    zone = match[8] or "Z"
    if zone not in "Zz":
        minutes = int(zone[1:3]) * 60 + int(zone[-2:])
        if minutes >= 24 * 60:
            raise ValueError(f"{text!r} is not a date and time")
        try:
            moment -= timedelta(minutes=minutes if zone[0] == "+" else -minutes)
        except OverflowError:
            raise ValueError(f"{text!r} is beyond the calendar") from None
    return (moment - EPOCH) // _MILLISECOND + int((match[7] or "").ljust(3, "0")[:3] or 0)


@lru_cache(maxsize=8192)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19]  # strftime does not pad the year


def iso_utc(milliseconds: int) -> str:
    """`2026-11-20T14:50:01.123Z`; tasks come in bursts, so a second is often the same as the last one."""
    return f"{_second(milliseconds // 1000)}.{milliseconds % 1000:03d}Z"
