"""What is read off dates, times and durations by name."""

from collections.abc import Callable, Mapping
from typing import Any

from core.graph.feel.temporal import SECOND, Duration
from core.graph.feel.values import kind_of

Reader = Callable[[Any], Any]

_DATE: Mapping[str, Reader] = {
    "year": lambda date: date.year,
    "month": lambda date: date.month,
    "day": lambda date: date.day,
    "weekday": lambda date: date.weekday,
}
_CLOCK: Mapping[str, Reader] = {
    "hour": lambda time: time.hour,
    "minute": lambda time: time.minute,
    "second": lambda time: time.second,
}
_NOWHERE: Mapping[str, Reader] = {"time offset": lambda _: None, "timezone": lambda _: None}
_PLACE: Mapping[str, Reader] = {
    "time offset": lambda value: Duration(value.offset * SECOND),
    "timezone": lambda value: value.zone.id if value.zone else None,
}


def _of(part: Reader, readers: Mapping[str, Reader]) -> dict[str, Reader]:
    def within(read: Reader) -> Reader:
        return lambda value: read(part(value))

    return {name: within(read) for name, read in readers.items()}


_PROPERTIES: Mapping[str, Mapping[str, Reader]] = {
    "date": _DATE,
    "local time": {**_CLOCK, **_NOWHERE},
    "time": {**_of(lambda value: value.time, _CLOCK), **_PLACE},
    "local date and time": {
        **_of(lambda value: value.date, _DATE),
        **_of(lambda value: value.time, _CLOCK),
        **_NOWHERE,
    },
    "date and time": {
        **_of(lambda value: value.local.date, _DATE),
        **_of(lambda value: value.local.time, _CLOCK),
        **_PLACE,
    },
    "years and months duration": {"years": lambda value: value.years, "months": lambda value: value.months},
    "days and time duration": {
        "days": lambda value: value.parts[0],
        "hours": lambda value: value.parts[1],
        "minutes": lambda value: value.parts[2],
        "seconds": lambda value: value.parts[3],
    },
}


def property_of(value: Any, name: str) -> Any:
    """Null if the value has none of that name."""
    read = _PROPERTIES.get(kind_of(value), {}).get(name)
    return None if read is None else read(value)
