"""What is made by a server is told by its looks; times are none of it, and are moved where they come from a clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.replay.dates import shifted
from gateway.replay.keys import like, plain
from gateway.replay.values import is_named_like_one, shape, stamp

#: 2026-11-30T12:00:00Z
NOON = 1796040000.0


@pytest.mark.parametrize(
    ("value", "looks"),
    [
        ("1e2feb89-414c-443c-9027-c4d1c386bbc4", "uuid"),
        ("{1E2FEB89-414C-443C-9027-C4D1C386BBC4}", "uuid"),
        ("1e2feb89414c443c9027c4d1c386bbc4", "hex"),
        ("2251799813685479", "number"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x7Yz", "jwt"),
        ("redacted-0123456789abcdef", "mark"),
        ("WzIyNTE3OTk4MTM2ODU0NzldQQ==", "token"),
        ("42", ""),
        ("OPEN", ""),
        ("Heizung im 3. OG kalt, 2026", ""),
        ("approve-request-final-version", ""),
        ("2026-11-30T12:00:00.123Z", ""),
        ("Mon, 30 Nov 2026 12:00:00 GMT", ""),
        ("", ""),
    ],
)
def test_looks(value: str, looks: str) -> None:
    assert shape(value) == looks


@pytest.mark.parametrize("name", ["id", "taskId", "TASK_UID", "orderNumber", "app_uid", "TaskID", "Ticket", "userIds"])
def test_names_of_ids(name: str) -> None:
    assert is_named_like_one(name)


@pytest.mark.parametrize("name", ["state", "title", "paid", "count", "page", "valid", "monkey1"])
def test_names_of_others(name: str) -> None:
    assert not is_named_like_one(name)


@given(st.uuids(), st.uuids())
def test_a_uuid_is_one_with_dashes_and_without(old: object, new: object) -> None:
    """What stands for it is written as it was written."""
    dashed = str(old)
    assert plain(dashed) == plain(dashed.replace("-", "")) == plain(f"{{{dashed.upper()}}}")
    assert like(dashed, plain(str(new))) == str(new)
    assert like(dashed.replace("-", ""), plain(str(new))) == str(new).replace("-", "")
    assert like(f"{{{dashed}}}", plain(str(new))).strip("{}").lower() == str(new)


@pytest.mark.parametrize(
    ("value", "later"),
    [
        ("2026-11-30T12:00:03Z", "2026-12-01T13:00:03Z"),
        ("2026-11-30 12:00:03", "2026-12-01 13:00:03"),
        ("2026-11-30T13:00:03.250+01:00", "2026-12-01T14:00:03.250+01:00"),
        ("2026-12-07T12:00:01.5Z", "2026-12-08T13:00:01.5Z"),
        ("1796040001", "1796130001"),
        ("1796040001500", "1796130001500"),
        ("2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        ("2026-12-24T18:30:00Z", "2026-12-24T18:30:00Z"),
        ("2026-12-24", "2026-12-24"),
        ("1796040", "1796040"),
        ("no time", "no time"),
    ],
)
def test_what_comes_from_a_clock_is_moved(value: str, later: str) -> None:
    """Now, and in so many days at this time; a day that somebody chose stays."""
    assert shifted(value, NOON, 90_000.0) == later


@given(st.floats(0, 4_000_000_000), st.integers(-10_000_000, 10_000_000), st.sampled_from(["%.3fZ", "Z", "+02:00", ""]))
def test_a_moved_time_is_that_much_later_in_the_same_form(seconds: float, by: int, form: str) -> None:
    from datetime import UTC, datetime

    at = datetime.fromtimestamp(int(seconds), UTC)
    text = f"{at:%Y-%m-%dT%H:%M:%S}" + (".250Z" if form.startswith("%") else form)
    before = stamp(text, seconds)
    assert before is not None
    after = stamp(before.shifted(by), seconds)
    assert after is not None
    assert len(after.text) == len(text)
    assert abs(after.seconds - before.seconds - by) < 0.001
