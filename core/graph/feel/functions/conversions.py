"""The functions that make one kind of value of another."""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from core.graph.feel import iso
from core.graph.feel.budget import Budget
from core.graph.feel.days import Date, months_between
from core.graph.feel.functions.forms import ILLEGAL, Forms, form
from core.graph.feel.numbers import MAX_WRITTEN, Number, exact, int32, is_number, parse, subtract
from core.graph.feel.scope import Run
from core.graph.feel.temporal import DateTime, Duration, LocalDateTime, LocalTime, Months, ZonedTime
from core.graph.feel.values import MAX_TEXT, Failure, Function, Range, kind_of, text
from core.graph.feel.zones import MAX_OFFSET, Zone, shown, zone

FORMS: Forms = {}

_GROUPING, _DECIMAL = (" ", ",", "."), (",", ".")


def _read(reader: Callable[[str], Any], from_: str) -> Any:
    try:
        return reader(from_)
    except ValueError as error:
        return Failure(str(error))


def _date_of(value: Any) -> Date | None:
    if isinstance(value, Date):
        return value
    if isinstance(value, LocalDateTime):
        return value.date
    return value.local.date if isinstance(value, DateTime) else None


@form(FORMS, "date(from)")
def _date(value: Any) -> Any:
    if isinstance(value, str):
        return _read(iso.date, value) if iso.is_date(value) else ILLEGAL
    return _date_of(value) or ILLEGAL


@form(FORMS, "date(year: number, month: number, day: number)")
def _date_of_parts(year: Number, month: Number, day: Number) -> Any:
    return _read(lambda _: Date.of(int32(year), int32(month), int32(day)), "")


@form(FORMS, "date and time(from: string)")
def _date_and_time(value: str) -> Any:
    return _read(iso.moment, value) if iso.is_date(value) or iso.is_moment(value) else ILLEGAL


@form(FORMS, "date and time(date, time)")
def _date_with_time(value: Any, time: Any) -> Any:
    """A date and a time, or a date and time in a zone. Raises ValueError for a zone that is not known."""
    if isinstance(time, str):
        if isinstance(value, LocalDateTime):
            place = zone(time)
            return value.at(place) if isinstance(place, Zone) else DateTime(value, place)
        if isinstance(value, DateTime):
            place = zone(time)
            known = isinstance(place, Zone)
            return DateTime.of_epoch(value.epoch, place if known else None, 0 if known else place)  # type: ignore[arg-type]
    date = _date_of(value)
    if date is None:
        return ILLEGAL
    if isinstance(time, LocalTime):
        return LocalDateTime(date, time)
    return time.at(date) if isinstance(time, ZonedTime) else ILLEGAL


@form(FORMS, "time(from)")
def _time(value: Any) -> Any:
    if isinstance(value, str):
        return _read(iso.time, value)
    if isinstance(value, LocalDateTime):
        return value.time
    if isinstance(value, DateTime):
        return ZonedTime(value.local.time, value.offset, value.zone)
    return ZonedTime(LocalTime(0), 0) if isinstance(value, Date) else ILLEGAL


def _clock(hour: Number, minute: Number, second: Number) -> LocalTime:
    """Raises ValueError."""
    nano = int(Decimal(subtract(second, int(second))).scaleb(9)) if isinstance(second, Decimal) else 0
    return LocalTime.of(int32(hour), int32(minute), int32(second), nano)


@form(FORMS, "time(hour: number, minute: number, second: number)")
def _time_of_parts(hour: Number, minute: Number, second: Number) -> Any:
    return _read(lambda _: _clock(hour, minute, second), "")


@form(FORMS, "time(hour: number, minute: number, second: number, offset)")
def _time_with_offset(hour: Number, minute: Number, second: Number, offset: Any) -> Any:
    if offset is None:
        return _read(lambda _: LocalTime.of(int32(hour), int32(minute), int32(second)), "")
    if not isinstance(offset, Duration) or abs(offset.seconds) > MAX_OFFSET:
        return ILLEGAL
    return _read(lambda _: ZonedTime(_clock(hour, minute, second), offset.seconds), "")


def _number_of(value: str) -> Any:
    number = parse(value) if len(value) <= MAX_WRITTEN else None
    return Failure("Can't parse as a number") if number is None else number


@form(FORMS, "number(from: string)")
def _number(value: str) -> Any:
    return _number_of(value)


@form(FORMS, "number(from: string, grouping separator: string)")
def _number_grouped(value: str, grouping: str) -> Any:
    return _number_of(value.replace(grouping, "")) if grouping in _GROUPING else ILLEGAL


@form(FORMS, "number(from: string, grouping separator, decimal separator)")
def _number_written(value: str, grouping: Any, decimal: Any) -> Any:
    """Either separator may be null, but not both."""
    if (grouping is None and decimal is None) or (grouping == decimal):
        return ILLEGAL
    if (grouping is not None and grouping not in _GROUPING) or (decimal is not None and decimal not in _DECIMAL):
        return ILLEGAL
    ungrouped = value if grouping is None else value.replace(grouping, "")
    return _number_of(ungrouped if decimal is None else ungrouped.replace(decimal, "."))


@form(FORMS, "string(from)", paying=True)
def _string(run: Run, value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    written = text(value, run.budget)
    return written if len(written) <= MAX_TEXT else None


@form(FORMS, "duration(from: string)")
def _duration(value: str) -> Any:
    return _read(iso.duration, value) if iso.is_months(value) or iso.is_days_and_time(value) else ILLEGAL


@form(FORMS, "years and months duration(from, to)")
def _months(start: Any, end: Any) -> Any:
    first, last = _date_of(start), _date_of(end)
    return ILLEGAL if first is None or last is None else Months.of(months_between(first, last))


# JSON


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")


_JSON_SPACE = " \t\n\r"
_AFTER_NUMBER = frozenset(("", *_JSON_SPACE))
_DECODER = json.JSONDecoder(parse_constant=_no_number)


@form(FORMS, "from json(json)")
def _from_json(value: Any) -> Any:
    if value is None:
        return None
    if not isinstance(value, str):
        return ILLEGAL
    written = value.lstrip(_JSON_SPACE)
    try:
        parsed, end = _DECODER.raw_decode(written)
    except (ValueError, RecursionError):
        return Failure("Failed to parse JSON")
    # whatever follows is not read, if it is not a part of a number
    return parsed if not is_number(parsed) or written[end : end + 1] in _AFTER_NUMBER else ILLEGAL


@form(FORMS, "to json(value)", paying=True)
def _to_json(run: Run, value: Any) -> Any:
    written = "".join(_json(value, run.budget))
    return written if len(written) <= MAX_TEXT else None


def _json(value: Any, budget: Budget) -> list[str]:
    budget.spend(1)
    if isinstance(value, str):
        return [_quoted(value)]
    if value is None or isinstance(value, bool | int | float | Decimal):
        return ["null" if value is None else str(value).lower() if isinstance(value, bool) else str(exact(value))]
    if isinstance(value, list):
        return ["[", *_separated([_json(item, budget) for item in value]), "]"]
    if isinstance(value, Mapping):
        entries = [[_quoted(name), ":", *_json(item, budget)] for name, item in value.items()]
        return ["{", *_separated(entries), "}"]
    return [_quoted(_iso_text(value, budget))]


def _separated(parts: list[list[str]]) -> list[str]:
    return [piece for at, part in enumerate(parts) for piece in ([",", *part] if at else part)]


def _quoted(value: str) -> str:
    written = json.dumps(value, ensure_ascii=False)
    if "\\u" not in written:
        return written
    return "".join(
        f"\\u{ord(character):04X}"
        if character < " " and character not in "\b\f\n\r\t"
        else json.dumps(character, ensure_ascii=False)[1:-1]
        for character in value
    ).join('""')


def _iso_text(value: Any, budget: Budget) -> str:
    if isinstance(value, Duration | Months):
        return value.iso()
    if isinstance(value, ZonedTime):
        return value.time.text() + shown(value.offset)
    if isinstance(value, LocalDateTime):
        return f"{value.date.text(plus=True)}T{value.time.text()}"
    if isinstance(value, DateTime):
        place = f"[{value.zone.id}]" if value.zone else ""
        return f"{value.local.date.text(plus=True)}T{value.local.time.text()}{shown(value.offset)}{place}"
    assert isinstance(value, Date | LocalTime | Range | Function), kind_of(value)
    return text(value, budget)
