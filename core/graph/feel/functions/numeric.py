"""The functions of numbers."""

import math
import secrets
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP
from typing import Any

from core.graph.feel.budget import CHARACTERS
from core.graph.feel.functions.forms import ILLEGAL, Forms, form
from core.graph.feel.numbers import (
    MAX_WRITTEN,
    Number,
    add,
    exact,
    from_double,
    int32,
    is_number,
    negate,
    remainder,
    rounded,
)
from core.graph.feel.scope import Run
from core.graph.feel.temporal import Duration, Months
from core.graph.feel.values import Failure

FORMS: Forms = {}

_MODES = {
    "CEILING": ROUND_CEILING,
    "DOWN": ROUND_DOWN,
    "FLOOR": ROUND_FLOOR,
    "HALF_DOWN": ROUND_HALF_DOWN,
    "HALF_EVEN": ROUND_HALF_EVEN,
    "HALF_UP": ROUND_HALF_UP,
    "UP": ROUND_UP,
}


def _round(run: Run, n: Number, scale: Number, mode: str) -> Any:
    """It costs what it is long."""
    places = int32(scale)
    run.budget.spend(min(abs(places), MAX_WRITTEN) // CHARACTERS)
    return rounded(n, places, mode)


@form(FORMS, "decimal(n: number, scale: number)", paying=True)
def _decimal(run: Run, n: Number, scale: Number) -> Any:
    return _round(run, n, scale, ROUND_HALF_EVEN)


@form(FORMS, "decimal(n: number, scale: number, mode: string)", paying=True)
def _decimal_by(run: Run, n: Number, scale: Number, mode: str) -> Any:
    """`UNNECESSARY` is for numbers that need no rounding."""
    if mode.upper() == "UNNECESSARY":
        result = _round(run, n, scale, ROUND_DOWN)
        return result if result == n else Failure("Rounding necessary")
    known = _MODES.get(mode.upper())
    return ILLEGAL if known is None else _round(run, n, scale, known)


for _name, _mode in (("floor", ROUND_FLOOR), ("ceiling", ROUND_CEILING)):
    form(FORMS, f"{_name}(n: number)", paying=True)(lambda run, n, mode=_mode: _round(run, n, 0, mode))
    _scale = "scala" if _name == "floor" else "scale"
    form(FORMS, f"{_name}(n: number, {_scale}: number)", paying=True)(
        lambda run, n, scale, mode=_mode: _round(run, n, scale, mode)
    )
for _name, _mode in (
    ("round up", ROUND_UP),
    ("round down", ROUND_DOWN),
    ("round half up", ROUND_HALF_UP),
    ("round half down", ROUND_HALF_DOWN),
):
    _scale = "scala" if _name == "round half down" else "scale"
    form(FORMS, f"{_name}(n: number, {_scale}: number)", paying=True)(
        lambda run, n, scale, mode=_mode: _round(run, n, scale, mode)
    )


@form(FORMS, "abs(number)")
@form(FORMS, "abs(n)")
def _abs(value: Any) -> Any:
    if is_number(value):
        number = exact(value)
        return negate(number) if number < 0 else number
    if isinstance(value, Months):
        return Months(abs(value.count))
    return Duration.of(abs(value.nanos)) if isinstance(value, Duration) else ILLEGAL


@form(FORMS, "modulo(dividend: number, divisor: number)")
def _modulo(dividend: Number, divisor: Number) -> Number:
    """With the sign of the divisor. Raises ArithmeticError for a division by 0."""
    return remainder(add(remainder(dividend, divisor), divisor), divisor)


@form(FORMS, "sqrt(number: number)")
def _sqrt(number: Number) -> Number | None:
    return None if number < 0 else from_double(math.sqrt(number))


@form(FORMS, "log(number: number)")
def _log(number: Number) -> Number:
    """Raises ValueError for what is not above 0."""
    return from_double(math.log(float(number)))


@form(FORMS, "exp(number: number)")
def _exp(number: Number) -> Number:
    return from_double(math.exp(number))


@form(FORMS, "odd(number: number)")
def _odd(number: Number) -> bool:
    return abs(remainder(number, 2)) == 1


@form(FORMS, "even(number: number)")
def _even(number: Number) -> bool:
    return remainder(number, 2) == 0


@form(FORMS, "random number()")
def _random() -> Number:
    return from_double(secrets.randbits(53) / 2**53)
