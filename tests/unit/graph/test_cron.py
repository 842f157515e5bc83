"""Cron expressions as Spring has them."""

from datetime import UTC, datetime

import pytest

from core.graph.cron import parse
from core.graph.durations import Cycle

TUESDAY = datetime(2026, 12, 1, 10, 30, 5, tzinfo=UTC)


def millis(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


@pytest.mark.parametrize(
    ("text", "next_one"),
    [
        ("0 0 9 * * MON-FRI", "2026-12-02T09:00:00"),
        ("*/10 * * * * *", "2026-12-01T10:30:10"),
        ("5 30 10 * * *", "2026-12-02T10:30:05"),
        ("0 0/5 * * * ?", "2026-12-01T10:35:00"),
        ("0 0 8-10 * * *", "2026-12-02T08:00:00"),
        ("0 0 0 1 JAN ?", "2027-01-01T00:00:00"),
        ("0 0 0 L * *", "2026-12-31T00:00:00"),
        ("0 0 0 L-3 * *", "2026-12-28T00:00:00"),
        ("0 0 0 LW 1 *", "2027-01-29T00:00:00"),
        ("0 0 0 15W 8 ?", "2027-08-16T00:00:00"),
        ("0 0 0 1W 8 ?", "2027-08-02T00:00:00"),
        ("0 0 0 ? * 5L", "2026-12-25T00:00:00"),
        ("0 0 0 ? * FRIL", "2026-12-25T00:00:00"),
        ("0 0 0 ? * MON#1", "2026-12-07T00:00:00"),
        ("0 0 0 ? * 0,7", "2026-12-06T00:00:00"),
        ("0 0 12 13 * FRI", "2027-08-13T12:00:00"),
        ("0 0 0 29 2 *", "2028-02-29T00:00:00"),
        ("@daily", "2026-12-02T00:00:00"),
        ("@Hourly", "2026-12-01T11:00:00"),
    ],
)
def test_when_it_is_due_next(text: str, next_one: str) -> None:
    assert parse(text).after(millis(TUESDAY)) == millis(datetime.fromisoformat(f"{next_one}+00:00"))


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "1 2 3", "* * * * *", "0 0 25 * * *", "60 * * * * *", "0 0 0 31 2 *", "0 0 0 * * 8"),
        *("0 5-1 * * * *", "*/0 * * * * *", "0 0 0 * FOO *", "0 0 0 ? * MON#6", "0 0 0 32W * ?", "0 0 0 * * L"),
    ],
)
def test_what_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(text)


@pytest.mark.parametrize(
    ("text", "count", "first"),
    [
        ("R3/PT1H", 3, "2026-12-01T11:30:05"),
        ("R/P1M", -1, "2027-01-01T10:30:05"),
        ("R2/2026-12-01T12:00:00Z/PT1H", 2, "2026-12-01T12:00:00"),
        ("R/2020-01-01T00:00:00Z/P1D", -1, "2026-12-02T00:00:00"),
        ("0 0 12 * * *", -1, "2026-12-01T12:00:00"),
    ],
)
def test_a_cycle_has_a_first_time(text: str, count: int, first: str) -> None:
    cycle = Cycle.parse(text)
    assert (cycle.count, cycle.first(millis(TUESDAY))) == (count, millis(datetime.fromisoformat(f"{first}+00:00")))
