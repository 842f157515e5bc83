"""The functions that tell how ranges and points lie to each other."""

from collections.abc import Callable
from typing import Any

from core.graph.feel.budget import ExpressionError
from core.graph.feel.functions.forms import ILLEGAL, Forms, form
from core.graph.feel.scope import Run
from core.graph.feel.values import POINTS, Range, kind_of, less, same

FORMS: Forms = {}


class _Order:
    """Comparisons of points that pay for themselves."""

    def __init__(self, run: Run) -> None:
        self._budget = run.budget

    def less(self, left: Any, right: Any) -> bool:
        return less(left, right, self._budget)

    def same(self, left: Any, right: Any) -> bool:
        return same(left, right, self._budget)


Relation = Callable[[_Order, Any, Any], Any]


def _point(value: Any) -> Any:
    return value.low if isinstance(value, Range) else value


def _relation(name: str, *parameters: tuple[str, str]) -> Callable[[Relation], Relation]:
    """Of two points, two ranges, or one of each; the call of one that has no answer for them has no value."""

    def declare(relation: Relation) -> Relation:
        def judge(run: Run, left: Any, right: Any) -> Any:
            kind = kind_of(_point(left))
            if kind not in POINTS or kind != kind_of(_point(right)):
                return ILLEGAL
            verdict = relation(_Order(run), left, right)
            if verdict is None:
                raise ExpressionError(f"{name} is not for such values")
            return verdict

        for first, second in parameters:
            form(FORMS, f"{name}({first}, {second})", paying=True)(judge)
        return relation

    return declare


_POINTS, _POINT_RANGE, _RANGE_POINT = ("point1", "point2"), ("point", "range"), ("range", "point")
_RANGES = ("range1", "range2")


@_relation("before", _POINTS, _POINT_RANGE, _RANGE_POINT, _RANGES)
def _before(o: _Order, a: Any, b: Any) -> Any:
    end, with_end = (a.high, a.with_high) if isinstance(a, Range) else (a, True)
    start, with_start = (b.low, b.with_low) if isinstance(b, Range) else (b, True)
    return o.less(end, start) or (not (with_end and with_start) and o.same(end, start))


@_relation("after", _POINTS, _POINT_RANGE, _RANGE_POINT, _RANGES)
def _after(o: _Order, a: Any, b: Any) -> Any:
    return _before(o, b, a)


@_relation("meets", _RANGES)
def _meets(o: _Order, a: Any, b: Any) -> Any:
    if not isinstance(a, Range) or not isinstance(b, Range):
        return None
    return a.with_high and b.with_low and o.same(a.high, b.low)


@_relation("met by", _RANGES)
def _met_by(o: _Order, a: Any, b: Any) -> Any:
    return _meets(o, b, a)


@_relation("overlaps", _RANGES)
def _overlaps(o: _Order, a: Any, b: Any) -> Any:
    if not isinstance(a, Range) or not isinstance(b, Range):
        return None
    return (o.less(b.low, a.high) or (o.same(a.high, b.low) and a.with_high and b.with_low)) and (
        o.less(a.low, b.high) or (o.same(a.low, b.high) and a.with_low and b.with_high)
    )


@_relation("overlaps before", _RANGES)
def _overlaps_before(o: _Order, a: Any, b: Any) -> Any:
    if not isinstance(a, Range) or not isinstance(b, Range):
        return None
    return (
        (o.less(a.low, b.low) or (o.same(a.low, b.low) and a.with_low and not b.with_low))
        and (o.less(b.low, a.high) or (o.same(a.high, b.low) and a.with_high and b.with_low))
        and (o.less(a.high, b.high) or (o.same(a.high, b.high) and (not a.with_high or b.with_high)))
    )


@_relation("overlaps after", _RANGES)
def _overlaps_after(o: _Order, a: Any, b: Any) -> Any:
    if not isinstance(a, Range) or not isinstance(b, Range):
        return None
    return (
        (o.less(b.low, a.low) or (o.same(b.low, a.low) and b.with_low and not a.with_low))
        and (o.less(a.low, b.high) or (o.same(b.high, a.low) and b.with_high and a.with_low))
        and (o.less(b.high, a.high) or (o.same(b.high, a.high) and (not b.with_high or a.with_high)))
    )


@_relation("finishes", _POINT_RANGE, _RANGES)
def _finishes(o: _Order, a: Any, b: Any) -> Any:
    if not isinstance(b, Range):
        return None
    if not isinstance(a, Range):
        return b.with_high and o.same(b.high, a)
    return (
        a.with_high == b.with_high
        and o.same(a.high, b.high)
        and (o.less(b.low, a.low) or (o.same(a.low, b.low) and (not a.with_low or b.with_low)))
    )


@_relation("finished by", _POINT_RANGE, _RANGES)
def _finished_by(o: _Order, a: Any, b: Any) -> Any:
    if not isinstance(a, Range):
        return None
    if not isinstance(b, Range):
        return a.with_high and o.same(a.high, b)
    return (
        a.with_high == b.with_high
        and o.same(a.high, b.high)
        and (o.less(a.low, b.low) or (o.same(a.low, b.low) and (a.with_low or not b.with_low)))
    )


@_relation("includes", _RANGE_POINT, _RANGES)
def _includes(o: _Order, a: Any, b: Any) -> Any:
    if not isinstance(a, Range):
        return None
    if not isinstance(b, Range):
        return (
            (o.less(a.low, b) and o.less(b, a.high))
            or (a.with_low and o.same(a.low, b))
            or (a.with_high and o.same(a.high, b))
        )
    return (o.less(a.low, b.low) or (o.same(a.low, b.low) and (a.with_low or not b.with_low))) and (
        o.less(b.high, a.high) or (o.same(a.high, b.high) and (a.with_high or not b.with_high))
    )


@_relation("during", _POINT_RANGE, _RANGES)
def _during(o: _Order, a: Any, b: Any) -> Any:
    return _includes(o, b, a)


@_relation("starts", _POINT_RANGE, _RANGES)
def _starts(o: _Order, a: Any, b: Any) -> Any:
    if not isinstance(b, Range):
        return None
    if not isinstance(a, Range):
        return b.with_low and o.same(b.low, a)
    return (
        o.same(a.low, b.low)
        and a.with_low == b.with_low
        and (o.less(a.high, b.high) or (o.same(a.high, b.high) and (not a.with_high or b.with_high)))
    )


@_relation("started by", _RANGE_POINT, _RANGES)
def _started_by(o: _Order, a: Any, b: Any) -> Any:
    return _starts(o, b, a)


@_relation("coincides", _POINTS, _RANGES)
def _coincides(o: _Order, a: Any, b: Any) -> Any:
    if isinstance(a, Range) != isinstance(b, Range):
        return False
    return o.same(a, b)
