"""Tests of an input: behind `in`, and in the cells of a table."""

from typing import Any

from core.graph.feel.comparison import compared
from core.graph.feel.scope import INPUT, MISSING, SIGN, Expression, NoInput, Scope
from core.graph.feel.values import Failure, comparable, kind_of, less, same


def within(value: Expression, test: Expression) -> Expression:
    def judge(s: Scope) -> Any:
        tested = value(s)
        return tested if isinstance(tested, Failure) else test(s.inner({INPUT: tested}))

    return judge


def _input(s: Scope) -> Any:
    value = s.find(INPUT)
    return None if value is MISSING else value


def input_compared(operator: str, bound: Expression) -> Expression:
    return lambda s: compared(operator, _input(s), bound(s), s.run.budget)


def input_within(low: Expression, high: Expression, with_low: bool, with_high: bool) -> Expression:
    def judge(s: Scope) -> bool | None:
        value, bottom, top = _input(s), low(s), high(s)
        if not all(map(comparable, (value, bottom, top))) or not kind_of(value) == kind_of(bottom) == kind_of(top):
            return None
        budget = s.run.budget
        above = not less(value, bottom, budget) if with_low else less(bottom, value, budget)
        return above and (not less(top, value, budget) if with_high else less(value, top, budget))

    return judge


def input_tested(test: Expression) -> Expression:
    """An expression is met if it is true, if it is the input, or a list with it."""

    def judge(s: Scope) -> bool | None:
        value = _input(s)
        try:
            verdict = test(s)
        except NoInput:
            verdict = test(s.inner({SIGN: value}))
            return verdict if isinstance(verdict, bool) else None
        if verdict is True:
            return True
        budget = s.run.budget
        if isinstance(verdict, list):
            budget.spend(len(verdict))
            if any(same(item, value, budget) for item in verdict):
                return True
        equal = compared("=", value, verdict, budget)
        if equal is True:
            return True
        if verdict is False or isinstance(verdict, list):
            return False
        return None if equal is None else False

    return judge
