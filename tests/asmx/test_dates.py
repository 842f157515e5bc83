"""Dates as .NET reads them: over GET and POST form `DateTime.Parse` in the invariant culture, in SOAP `XmlConvert`.

The class library of mono, which an ASMX host there runs on, is asked what it makes of thousands of texts; `dates.json`
has what it said of some, for where there is none. Where mono's own texts differ from the .NET Framework's, the
Framework's are ours: mono leaves out what is filled in, or fills in something else.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import pytest

from schemas.inforouter import formdates, xmldates
from schemas.inforouter.moments import Moment
from schemas.inforouter.unreadable import BadValue
from tests.asmx import mono
from tests.asmx.dates import texts
from tests.support.rounds import rounds

if TYPE_CHECKING:
    from _typeshed import TraceFunction

Reader = Callable[[str, datetime], Moment]
TABLE = json.loads((Path(__file__).parent / "dates.json").read_text(encoding="utf-8"))
NOW = datetime(2026, 11, 30)
#: before these years clocks went by the sun, and mono knows less of them than the C library
STANDARD_TIME = 1970


def outcome(read: Reader, text: str, now: datetime) -> str:
    try:
        moment = read(text, now)
    except BadValue as error:
        return f"!{error}"
    return f"{moment.value.isoformat(timespec='microseconds')} {moment.zone}".rstrip()


def is_same(ours: str, theirs: str) -> bool:
    if ours.startswith("!The string was not recognized as a valid DateTime. There is an unknown word"):
        return theirs == "!Format_UnknownDateTimeWord"
    if ours.endswith("in calendar System.Globalization.GregorianCalendar."):
        return theirs.startswith(ours.removesuffix("System.Globalization.GregorianCalendar."))
    return ours == theirs


def differences(cases: list[tuple[str, str, str]], now: datetime) -> list[tuple[str, str, str, str]]:
    """(reader, text, ours, theirs)"""
    readers: tuple[tuple[str, Reader], ...] = (("form", formdates.read), ("xml", xmldates.read))
    return [
        (name, text, ours, theirs)
        for text, *answers in cases
        for (name, read), theirs in zip(readers, answers, strict=True)
        if not is_same(ours := outcome(read, text, now), theirs)
    ]


@pytest.fixture
def clock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The time zone of this process, which is mono's too."""
    zone: str = request.param
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    yield zone
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("clock", ["UTC"], indirect=True)
def test_texts_that_mono_was_asked(clock: str) -> None:
    assert len(TABLE["cases"]) > 300
    assert differences([tuple(case) for case in TABLE["cases"]], datetime.fromisoformat(TABLE["today"])) == []


@pytest.mark.needs("mono")
@pytest.mark.parametrize("clock", ["UTC", "Europe/Berlin", "America/New_York"], indirect=True)
def test_texts_that_mono_is_asked(clock: str, tmp_path: Path, seed: int) -> None:
    asked = texts(seed, rounds(5000))
    answers = mono.ask(mono.compile_dates(tmp_path), asked)
    cases = [(text, form, xml) for text, (form, xml) in zip(asked, answers.pairs, strict=True)]
    if clock != "UTC":
        cases = [case for case in cases if not any("0000" < answer[:4] < str(STANDARD_TIME) for answer in case[1:])]
    assert len(cases) > len(asked) / 2
    assert differences(cases, answers.today) == []


@pytest.mark.parametrize("read", [formdates.read, xmldates.read])
@pytest.mark.parametrize(
    "text",
    [
        *(",", " ", "5", "5 ", "May ", "x", "#", "\0", "-", "+", "12:30 ", "\U0001d400", "A", "7時"),
        *("2024-05-06T07:08:09.{}", "7:08:09.{}Z", "#{}#", "5{}", "12:30{}", "T{}", "\xa0{}2024", "2024-05-06{}"),
    ],
)
def test_the_work_grows_with_the_text_and_no_faster(read: Reader, text: str) -> None:
    """Counted in lines of Python."""

    def lines(length: int) -> int:
        long = text.replace("{}", ("1" if "." in text else " ") * length) if "{}" in text else text * length
        count = 0

        def line(frame: FrameType, event: str, argument: object) -> "TraceFunction":
            nonlocal count
            count += 1
            return line

        sys.settrace(line)
        try:
            outcome(read, long, NOW)
        finally:
            sys.settrace(None)
        return count

    assert lines(4000) <= 2 * lines(2000) + 200
