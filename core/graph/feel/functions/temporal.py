"""The functions of dates and of the time."""

from collections.abc import Callable
from typing import Any

from core.graph.feel.days import Date
from core.graph.feel.functions.forms import ILLEGAL, Forms, form
from core.graph.feel.scope import Run
from core.graph.feel.temporal import DateTime, LocalDateTime

FORMS: Forms = {}

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November"),
    "December",
)


@form(FORMS, "now()", paying=True)
def _now(run: Run) -> DateTime:
    return DateTime.of_epoch(run.now * 1_000_000, None)


@form(FORMS, "today()", paying=True)
def _today(run: Run) -> Date:
    return _now(run).date


def _of_date(name: str, read: Callable[[Date], Any]) -> None:
    @form(FORMS, f"{name}(date)")
    def apply(value: Any) -> Any:
        if isinstance(value, LocalDateTime | DateTime):
            value = value.date
        return read(value) if isinstance(value, Date) else ILLEGAL


_of_date("day of year", lambda date: date.day_of_year)
_of_date("day of week", lambda date: _DAYS[date.weekday - 1])
_of_date("month of year", lambda date: _MONTHS[date.month - 1])
_of_date("week of year", lambda date: date.week_of_year)
_of_date("last day of month", lambda date: date.last_of_month)
