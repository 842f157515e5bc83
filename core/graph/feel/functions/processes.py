"""The functions that expressions in models of processes have besides."""

from typing import Any

from core.graph.feel.functions.forms import ILLEGAL, Forms, form
from core.graph.feel.numbers import exact, is_number
from core.graph.feel.temporal import Duration, Months

FORMS: Forms = {}


@form(FORMS, "cycle(interval)")
def _cycle(interval: Any) -> Any:
    return _cycle_of(None, interval)


@form(FORMS, "cycle(repetitions, interval)")
def _cycle_of(repetitions: Any, interval: Any) -> Any:
    """The text of a cycle of ISO 8601; without an end if it is not said how often."""
    if not isinstance(interval, Duration | Months) or not (repetitions is None or is_number(repetitions)):
        return ILLEGAL
    return f"R{'' if repetitions is None else exact(repetitions)}/{interval.text()}"


@form(FORMS, "fromAi(value)")
@form(FORMS, "fromAi(value, description)")
@form(FORMS, "fromAi(value, description, type)")
@form(FORMS, "fromAi(value, description, type, schema)")
@form(FORMS, "fromAi(value, description, type, schema, options)")
def _from_ai(value: Any, *_: Any) -> Any:
    """The value itself: what else is said of it is for whoever reads the model."""
    return value
