"""Numbers: whole ones are whole numbers of Python, all others decimals with 34 digits that keep how they are written
(`1.50`), as decimal128 and its context are defined. The doubles of JSON become such decimals where they are used."""

import re
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

DIGITS = 34
#: what an exponent may come to, so that it fits 32 bits as a scale does
MAX_EXPONENT = 2_147_483_647
#: of the exponent of a power
MAX_POWER = 999_999_999
#: digits that are reckoned with at most, and those of a number that is written out in full
MAX_DIGITS, MAX_WRITTEN = 200, 10_000

Number = int | Decimal

_TRAPS = [InvalidOperation, DivisionByZero, Overflow]
_DECIMAL = Context(prec=DIGITS, rounding=ROUND_HALF_EVEN, Emin=-MAX_EXPONENT, Emax=MAX_EXPONENT, traps=_TRAPS)
_WHOLE_LIMIT = 10**DIGITS
_HALF = 2**63
WHOLE = re.compile(f"[0-9]{{1,{DIGITS}}}")
_TEXT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,10})?")


def is_number(value: Any) -> bool:
    kind = type(value)
    return kind is int or kind is Decimal or kind is float


def exact(value: Number | float) -> Number:
    """A number as one to reckon with. A double is as many digits as tell it apart, at least one behind the point."""
    if not isinstance(value, float):
        return value
    text = repr(value)
    if value == 0:
        return Decimal("0.0")
    if 1e-3 <= abs(value) < 1e7:
        return Decimal(text)
    sign, digits, exponent = Decimal(text).normalize(_DECIMAL).as_tuple()
    assert isinstance(exponent, int)
    return Decimal((sign, (*digits, 0), exponent - 1)) if len(digits) == 1 else Decimal((sign, digits, exponent))


def _unsigned_zero(value: Decimal) -> Decimal:
    return value if value else value.copy_abs()


def _context(left: Number) -> Context:
    """What is written with more digits than 34 is reckoned with in that many, within bounds."""
    if type(left) is Decimal and len(left.as_tuple().digits) > DIGITS:
        context = _DECIMAL.copy()
        context.prec = min(len(left.as_tuple().digits), MAX_DIGITS)
        return context
    return _DECIMAL


def add(left: Number, right: Number) -> Number:
    if type(left) is int and type(right) is int:
        total = left + right
        if -_WHOLE_LIMIT < total < _WHOLE_LIMIT:
            return total
    return _unsigned_zero(_context(left).add(left, right))


def subtract(left: Number, right: Number) -> Number:
    if type(left) is int and type(right) is int:
        total = left - right
        if -_WHOLE_LIMIT < total < _WHOLE_LIMIT:
            return total
    return _unsigned_zero(_context(left).subtract(left, right))


def multiply(left: Number, right: Number) -> Number:
    if type(left) is int and type(right) is int:
        total = left * right
        if -_WHOLE_LIMIT < total < _WHOLE_LIMIT:
            return total
    return _unsigned_zero(_context(left).multiply(left, right))


def divide(left: Number, right: Number) -> Number:
    """Raises ArithmeticError for a division by 0."""
    return _unsigned_zero(_context(left).divide(left, right))


def remainder(left: Number, right: Number) -> Number:
    """With the sign of the left one. Raises ArithmeticError."""
    if not left and right:
        return left
    return _unsigned_zero(_context(left).remainder(left, right))


def negate(value: Number) -> Number:
    return -value if type(value) is int else _unsigned_zero(value.copy_negate())  # type: ignore[union-attr]


def power(base: Number, exponent: Number) -> Number:
    """By a whole exponent in decimals, else in doubles. Raises ArithmeticError, ValueError."""
    if not is_whole(exponent):
        return exact(_double_power(float(base), float(exponent)))
    count = int32(exponent)
    if abs(count) > MAX_POWER:
        raise ArithmeticError("the exponent is too large")
    if count == 0:
        return 1
    context = _context(base).copy()
    digits = context.prec
    context.prec = digits + len(str(abs(count))) + 1
    result = Decimal(1)
    for bit in bin(abs(count))[2:]:
        result = context.multiply(result, result)
        if bit == "1":
            result = context.multiply(result, base)
    if count < 0:
        result = context.divide(Decimal(1), result)
    context.prec = digits
    return _unsigned_zero(context.plus(result))


def _double_power(base: float, exponent: float) -> float:
    result: float | complex = base**exponent
    if isinstance(result, complex):
        raise ArithmeticError("the power of a negative number")
    return result


def from_double(value: float) -> Number:
    """Raises ArithmeticError if it is none."""
    if value != value or value in (float("inf"), float("-inf")):
        raise ArithmeticError("not a number")
    return exact(value)


def is_whole(value: Number) -> bool:
    if type(value) is int:
        return True
    _, digits, exponent = value.as_tuple()  # type: ignore[union-attr]
    assert isinstance(exponent, int)
    if exponent >= 0 or not value:
        return True
    return -exponent < len(digits) and not any(digits[exponent:])


def int32(value: Number) -> int:
    """Without its fraction, and of what is larger the lowest 32 bits."""
    return _low_bits(value, 32)


def int64(value: Number) -> int:
    return _low_bits(value, 64)


def _low_bits(value: Number, bits: int) -> int:
    if type(value) is Decimal:
        exponent = value.as_tuple().exponent
        assert isinstance(exponent, int)
        if exponent >= bits or value.adjusted() < 0:
            return 0
    whole = int(value)
    half = 1 << (bits - 1)
    return (whole + half) % (half * 2) - half


def rounded(value: Number, scale: int, mode: str) -> Number | None:
    """With so many digits behind the point; None if that is longer than anything should be. Raises ArithmeticError."""
    decimal = Decimal(value)
    if abs(scale) > MAX_WRITTEN or decimal.adjusted() + scale > MAX_WRITTEN:
        return None
    context = Context(prec=MAX_WRITTEN * 2 + 2, Emin=-MAX_EXPONENT, Emax=MAX_EXPONENT, traps=_TRAPS)
    return _unsigned_zero(decimal.quantize(Decimal((0, (1,), -scale)), rounding=mode, context=context))


def parse(text: str) -> Decimal | int | None:
    """None if the text is no number, or one that has no place in 32 bits of exponent."""
    if not _TEXT.fullmatch(text):
        return None
    if WHOLE.fullmatch(text):
        return int(text)
    value = Decimal(text)
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    return _unsigned_zero(value) if -MAX_EXPONENT <= exponent <= MAX_EXPONENT else None


def stored(value: Number | float) -> int | float | None:
    """As JSON has it: whole if it is, else a double; null if it is beyond those. Of whole numbers the lowest 64 bits
    are kept, as by the engine whose files are read here."""
    if type(value) is float:
        return value
    if type(value) is Decimal:
        if value.adjusted() > 308:
            return None
        if not is_whole(value):
            return float(value)
        value = int(value.to_integral_value(ROUND_DOWN))
    return (int(value) + _HALF) % (2 * _HALF) - _HALF
