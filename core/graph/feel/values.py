"""The values of FEEL: arithmetic, comparison, dates and durations."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Context, Decimal, DecimalException
from operator import ge, gt, le, lt
from typing import Any

from core.graph.feel.budget import STORED, Budget, ExpressionError, size

#: as the standard has it: decimal numbers with 34 digits
_DECIMAL = Context(prec=34)
#: what an exponent or a text may come to; a number beyond it is none that JSON's readers take
MAX_EXPONENT, MAX_POWER = 308, 10_000
MAX_TEXT = 1_000_000
#: how deep lists and contexts of a result are nested at most; what stores them goes to 254
MAX_NESTING = 200
_HALF = 2**63

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,3})?")
_DURATION = re.compile(
    r"(?P<sign>-?)P(?:(?P<years>\d{1,6})Y)?(?:(?P<months>\d{1,6})M)?(?:(?P<weeks>\d{1,6})W)?(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,9}(?:\.\d{1,9})?)S)?)?",
    re.ASCII,
)
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d(?::\d\d(?:\.\d{1,6})?\d*)?)(Z|[+-]\d\d:?\d\d)?(?:\[[\w/+-]+\])?", re.ASCII
)


@dataclass(frozen=True, slots=True, order=True)
class Months:
    """A duration of years and months."""

    count: int


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _exact(value: float) -> Decimal:
    return Decimal(value) if isinstance(value, int) else Decimal(repr(value))


def number(value: Decimal) -> int | float | None:
    """A decimal as JSON has it; null if it is none or too large."""
    if not value.is_finite() or value.adjusted() > MAX_EXPONENT:
        return None
    whole = value.to_integral_value()
    if whole == value:
        return int(whole)
    parsed = float(value)
    return parsed if parsed not in (float("inf"), float("-inf")) else None


def calculate(op: str, left: Any, right: Any) -> Any:
    if is_number(left) and is_number(right):
        return _numbers(op, left, right)
    if op == "+" and isinstance(left, str) and isinstance(right, str):
        return left + right if len(left) + len(right) <= MAX_TEXT else None
    try:
        return _temporal(op, left, right)
    except (OverflowError, ValueError, TypeError):
        return None


def _numbers(op: str, left: float, right: float) -> int | float | None:
    if isinstance(left, int) and isinstance(right, int) and op in "+-":
        result = left + right if op == "+" else left - right
        return result if result.bit_length() < 4 * MAX_EXPONENT else None
    try:
        a, b = _exact(left), _exact(right)
        if op == "+":
            return number(_DECIMAL.add(a, b))
        if op == "-":
            return number(_DECIMAL.subtract(a, b))
        if op == "*":
            return number(_DECIMAL.multiply(a, b))
        if op == "/":
            return number(_DECIMAL.divide(a, b)) if b else None
        if b != b.to_integral_value():
            return number(_exact(power)) if isinstance(power := left**right, float) else None
        return number(_DECIMAL.power(a, b)) if abs(b) <= MAX_POWER else None
    except (DecimalException, OverflowError, ValueError):
        return None


def _temporal(op: str, left: Any, right: Any) -> Any:
    if op == "*" and is_number(left):
        left, right = right, left
    rule = _TEMPORAL.get((_kind_in_time(left), op, _kind_in_time(right)))
    return rule(left, right) if rule is not None else None


def _kind_in_time(value: Any) -> str:
    match value:
        case Months():
            return "months"
        case timedelta():
            return "days"
        case date():
            return "date"
        case time():
            return "time"
        case _:
            return "number" if is_number(value) else ""


def _scaled_months(op: str) -> Callable[[Months, float], Months | None]:
    def scale(left: Months, right: float) -> Months | None:
        count = calculate(op, left.count, right)
        return None if count is None else Months(int(count))

    return scale


#: (kind, operator, kind) -> what comes of it; everything else is null
_TEMPORAL: Mapping[tuple[str, str, str], Callable[[Any, Any], Any]] = {
    ("months", "+", "months"): lambda left, right: Months(left.count + right.count),
    ("months", "-", "months"): lambda left, right: Months(left.count - right.count),
    ("months", "/", "months"): lambda left, right: calculate("/", left.count, right.count),
    ("months", "*", "number"): _scaled_months("*"),
    ("months", "/", "number"): _scaled_months("/"),
    ("months", "+", "date"): lambda left, right: moved(right, left.count),
    ("date", "+", "months"): lambda left, right: moved(left, right.count),
    ("date", "-", "months"): lambda left, right: moved(left, -right.count),
    ("date", "-", "date"): lambda left, right: as_moment(left) - as_moment(right),
    ("days", "+", "days"): lambda left, right: left + right,
    ("days", "-", "days"): lambda left, right: left - right,
    ("days", "/", "days"): lambda left, right: number(Decimal(repr(left / right))) if right else None,
    ("days", "*", "number"): lambda left, right: left * right,
    ("days", "/", "number"): lambda left, right: left / right if right else None,
    **{("days", "+", kind): lambda left, right: _shifted(right, left) for kind in ("date", "time")},
    **{(kind, "+", "days"): lambda left, right: _shifted(left, right) for kind in ("date", "time")},
    **{(kind, "-", "days"): lambda left, right: _shifted(left, -right) for kind in ("date", "time")},
}


def _shifted(value: Any, by: timedelta) -> Any:
    if isinstance(value, datetime):
        return value + by
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC) + by
    if isinstance(value, time):
        return (datetime.combine(date(2000, 1, 1), value) + by).timetz()
    return None


def moved(value: date, months: int) -> date:
    """So many months later, on the last day of a month if that is too short. Raises ValueError, OverflowError."""
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    for day in range(value.day, 27, -1):
        try:
            return value.replace(year=year, month=month + 1, day=day)
        except ValueError:
            if day == 28:
                raise
    return value.replace(year=year, month=month + 1)


def as_moment(value: date) -> datetime:
    """A date begins at midnight; a date and time without an offset is UTC."""
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


# Comparison


def equal(left: Any, right: Any, budget: Budget) -> bool | None:
    """Null for values of different kinds, unless one of them is null. Raises ExpressionError."""
    if left is None or right is None:
        return left is right
    if isinstance(left, date) and isinstance(right, date):
        return (
            as_moment(left) == as_moment(right) if isinstance(left, datetime) == isinstance(right, datetime) else None
        )
    kinds = (kind_of(left), kind_of(right))
    if kinds[0] != kinds[1]:
        return None
    if kinds[0] in _SIZED:
        if len(left) != len(right):
            return False
        budget.spend(size(left))
    if kinds[0] == "list":
        return all(equal(a, b, budget) is True for a, b in zip(left, right, strict=True))
    if kinds[0] == "context":
        return left.keys() == right.keys() and all(equal(left[k], right[k], budget) is True for k in left)
    return bool(left == right)


_SIZED = ("string", "list", "context")
_ORDER = {"<": lt, "<=": le, ">": gt, ">=": ge}


def compare(op: str, left: Any, right: Any, budget: Budget) -> bool | None:
    """Null for values that have no such relation. Raises ExpressionError."""
    if op in ("=", "=="):
        return equal(left, right, budget)
    if op == "!=":
        same = equal(left, right, budget)
        return None if same is None else not same
    kind = kind_of(left)
    if kind != kind_of(right) or kind in ("null", "boolean", "list", "context"):
        return None
    if kind == "string":
        budget.spend(min(size(left), size(right)))
    if isinstance(left, date) and isinstance(right, date):
        left, right = as_moment(left), as_moment(right)
    try:
        return bool(_ORDER[op](left, right))
    except TypeError:
        return None


def kind_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    for kind, types in _KINDS:
        if isinstance(value, types):
            return kind
    return "unknown"


_KINDS: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("string", (str,)),
    ("list", (list,)),
    ("context", (Mapping,)),
    ("date and time", (datetime,)),
    ("date", (date,)),
    ("time", (time,)),
    ("days and time duration", (timedelta,)),
    ("years and months duration", (Months,)),
)


# Texts


def parse_date(text: str) -> date | None:
    """`2026-11-30`, None if it is none; Python would read weeks, too."""
    match = _DATE.fullmatch(text)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match is not None else None
    except ValueError:
        return None


def parse_number(text: str) -> int | float | None:
    """None if it is none, or too large."""
    return number(Decimal(text)) if _NUMBER.fullmatch(text) else None


def parse_duration(text: str) -> tuple[int, timedelta] | None:
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


def duration(text: str) -> timedelta | Months | None:
    """Of days and time, or of years and months; the two do not mix."""
    parsed = parse_duration(text)
    if parsed is None:
        return None
    months, rest = parsed
    if months and rest:
        return None
    has_months = any(letter in text.partition("T")[0] for letter in "YM")
    return Months(months) if has_months and not rest else rest


def date_and_time(text: str) -> datetime | None:
    match = _MOMENT.fullmatch(text)
    if match is None:
        return None
    try:
        local = datetime.fromisoformat(f"{match[1]}T{match[2]}")
    except ValueError:
        return None
    zone = match[3]
    if zone is None:
        return local
    if zone == "Z":
        return local.replace(tzinfo=UTC)
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    if offset >= timedelta(hours=24):
        return None
    return local.replace(tzinfo=timezone(offset if zone[0] == "+" else -offset))


def shown(value: Any, budget: Budget) -> str:
    """A value as text. Raises ExpressionError."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if is_number(value):
        return format(_exact(value), "f") if abs(_exact(value).adjusted()) < 40 else repr(value)
    budget.spend(1 + size(value))
    if isinstance(value, list):
        return "[" + ", ".join(_quoted(item, budget) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}:{_quoted(item, budget)}" for name, item in value.items()) + "}"
    return str(_temporal_text(value))


def _quoted(value: Any, budget: Budget) -> str:
    if isinstance(value, str):
        budget.spend(size(value))
        return f'"{value}"'
    return shown(value, budget)


def plain(value: Any, budget: Budget, depth: int = 0) -> Any:
    """A value as JSON can store it: dates and durations become texts in ISO 8601, and of whole numbers the lowest
    64 bits are kept, as by the engine whose files are read here.

    Raises ExpressionError if it is too large or nested too deep.
    """
    if isinstance(value, str):
        budget.spend(len(value) // STORED)
        return value
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return (value + _HALF) % (2 * _HALF) - _HALF
    if isinstance(value, list | Mapping):
        if depth >= MAX_NESTING:
            raise ExpressionError(f"a result nested deeper than {MAX_NESTING}")
        budget.spend(1 + len(value))
        if isinstance(value, list):
            return [plain(item, budget, depth + 1) for item in value]
        return {str(name): plain(item, budget, depth + 1) for name, item in value.items()}
    return _temporal_text(value)


def _temporal_text(value: Any) -> Any:
    if isinstance(value, datetime | time):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _days_and_time(value)
    if isinstance(value, Months):
        years, months = divmod(abs(value.count), 12)
        text = (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")
        return f"{'-' if value.count < 0 else ''}P{text}"
    return value if isinstance(value, float) else None


def _days_and_time(value: timedelta) -> str:
    sign, value = ("-", -value) if value < timedelta(0) else ("", value)
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{value.microseconds:06d}".rstrip("0") if value.microseconds else ""
    text = f"{hours}H" if hours else ""
    text += f"{minutes}M" if minutes else ""
    text += f"{seconds}{fraction}S" if seconds or fraction else ""
    days = f"{value.days}D" if value.days else ""
    return f"{sign}P{days}T{text}" if text else f"{sign}P{days}" if days else "PT0S"
