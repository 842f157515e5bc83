"""Sums, differences, products and quotients of numbers, texts, dates and durations."""

from collections.abc import Callable, Mapping
from typing import Any

from core.graph.feel import numbers
from core.graph.feel.budget import Budget, size
from core.graph.feel.days import Date
from core.graph.feel.temporal import DAY_NANOS, Duration, LocalTime, Months, ZonedTime
from core.graph.feel.values import MAX_TEXT, Failure, kind_of

Rule = Callable[[Any, Any], Any]

_MOMENTS = ("local date and time", "date and time")
_TIMES = ("local time", "time")


def calculate(operator: str, left: Any, right: Any, budget: Budget) -> Any:
    """Null for what does not go together. Raises ValueError or ArithmeticError for what is too large to be."""
    if isinstance(left, Failure) or isinstance(right, Failure):
        return None
    kinds = kind_of(left), kind_of(right)
    if kinds == ("number", "number"):
        return _NUMBERS[operator](numbers.exact(left), numbers.exact(right))
    if kinds == ("string", "string") and operator == "+":
        budget.spend(size(left) + size(right))
        return left + right if len(left) + len(right) <= MAX_TEXT else None
    rule = _TEMPORAL.get((kinds[0], operator, kinds[1]))
    return rule(left, right) if rule is not None else None


def negative(value: Any) -> Any:
    return numbers.negate(numbers.exact(value)) if numbers.is_number(value) else None


def _quotient(left: numbers.Number, right: numbers.Number) -> Any:
    return numbers.divide(left, right) if right else None


_NUMBERS: Mapping[str, Rule] = {
    "+": numbers.add,
    "-": numbers.subtract,
    "*": numbers.multiply,
    "/": _quotient,
    "**": numbers.power,
}


def _shifted(date: Date, by: Duration) -> Date:
    return Date.of_epoch((date.epoch * DAY_NANOS + by.nanos) // DAY_NANOS)


def _between(left: Any, right: Any) -> Duration:
    return Duration.of(left.epoch - right.epoch)


def _between_times(left: ZonedTime, right: ZonedTime) -> Duration:
    return Duration.of(abs(left.utc - right.utc))


def _truncated(left: int, right: int) -> int:
    """Raises ArithmeticError for a division by 0."""
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _times(months: Months, factor: Any) -> Months:
    count = numbers.int32(numbers.exact(factor))
    if not all(-(2**31) <= part * count < 2**31 for part in (months.years, months.months)):
        raise ArithmeticError("a duration too long")
    return Months.of(months.count * count)


def _divided(months: Months, divisor: Any) -> Any:
    divisor = numbers.exact(divisor)
    return Months.of(numbers.int32(numbers.divide(months.count, divisor))) if divisor else None


def _duration_divided(duration: Duration, divisor: Any) -> Any:
    """In milliseconds, of which 32 bits are kept."""
    divisor = numbers.exact(divisor)
    if not divisor:
        return None
    return Duration.of(numbers.int32(numbers.divide(duration.millis, divisor)) * 1_000_000)


def _scaled(duration: Duration, factor: Any) -> Duration:
    return Duration.of(duration.nanos * numbers.int32(numbers.exact(factor)))


def _negated(duration: Any) -> Any:
    return Months(-duration.count) if isinstance(duration, Months) else Duration(-duration.nanos)


_TEMPORAL: Mapping[tuple[str, str, str], Rule] = {
    **{(kind, "+", "days and time duration"): lambda moment, by: moment.plus(by) for kind in (*_TIMES, *_MOMENTS)},
    **{
        (kind, "-", "days and time duration"): lambda moment, by: moment.plus(_negated(by))
        for kind in (*_TIMES, *_MOMENTS)
    },
    **{("days and time duration", "+", kind): lambda by, moment: moment.plus(by) for kind in (*_TIMES, *_MOMENTS)},
    **{(kind, "+", "years and months duration"): lambda moment, by: moment.plus(by) for kind in _MOMENTS},
    **{(kind, "-", "years and months duration"): lambda moment, by: moment.plus(_negated(by)) for kind in _MOMENTS},
    **{("years and months duration", "+", kind): lambda by, moment: moment.plus(by) for kind in _MOMENTS},
    **{(kind, "-", kind): _between for kind in _MOMENTS},
    ("date", "+", "days and time duration"): _shifted,
    ("date", "-", "days and time duration"): lambda date, by: _shifted(date, _negated(by)),
    ("days and time duration", "+", "date"): lambda by, date: _shifted(date, by),
    ("date", "+", "years and months duration"): lambda date, by: date.moved(by.count),
    ("date", "-", "years and months duration"): lambda date, by: date.moved(-by.count),
    ("years and months duration", "+", "date"): lambda by, date: date.moved(by.count),
    ("date", "-", "date"): lambda left, right: Duration.of((left.epoch - right.epoch) * DAY_NANOS),
    ("local time", "-", "local time"): lambda left, right: Duration(_nanos(left) - _nanos(right)),
    ("time", "-", "time"): _between_times,
    ("years and months duration", "+", "years and months duration"): lambda a, b: Months.of(a.count + b.count),
    ("years and months duration", "-", "years and months duration"): lambda a, b: Months.of(a.count - b.count),
    ("years and months duration", "/", "years and months duration"): lambda a, b: (
        _truncated(a.count, b.count) if b.count else None
    ),
    ("years and months duration", "*", "number"): _times,
    ("number", "*", "years and months duration"): lambda factor, months: _times(months, factor),
    ("years and months duration", "/", "number"): _divided,
    ("days and time duration", "+", "days and time duration"): lambda a, b: Duration.of(a.nanos + b.nanos),
    ("days and time duration", "-", "days and time duration"): lambda a, b: Duration.of(a.nanos - b.nanos),
    ("days and time duration", "/", "days and time duration"): lambda a, b: (
        _truncated(a.millis, b.millis) if b.nanos else None
    ),
    ("days and time duration", "*", "number"): _scaled,
    ("number", "*", "days and time duration"): lambda factor, duration: _scaled(duration, factor),
    ("days and time duration", "/", "number"): _duration_divided,
}


def _nanos(time: LocalTime) -> int:
    return time.nanos
