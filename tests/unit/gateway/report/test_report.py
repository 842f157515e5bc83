"""The report: counters that add up, like differences once, what follows below what it follows from; in all forms."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.compare import terms
from gateway.compare.grades import EQUAL, NOT_JUDGED, Grade
from gateway.compare.waivers import Waiver, Waivers
from gateway.dialects import load
from gateway.report.account import account
from gateway.report.coverage import Coverage
from gateway.report.junit import junit
from gateway.report.page import MAX_ROWS, page, parted, percent
from gateway.report.sources import CONFLICTS
from gateway.report.summary import MAX_GROUPS, About, Summary
from gateway.report.terminal import lines
from gateway.traffic.recording import Entry
from gateway.traffic.results import Difference, ResultWriter, Unmapped, Verdict
from tests.support.answers import exchange
from tests.support.cli import Commands

ROOT = Path(__file__).parents[4]
SCHEMA = json.loads((ROOT / "docs" / "examples" / "report.schema.json").read_text(encoding="utf-8"))
TODAY = date(2026, 11, 30)
#: which a terminal or a browser would obey
EVIL = "<script>alert(1)</script>\x1b[2J\u202e'\"&"


def difference(number: int, place: str, grade: str = "breaking", **more: Any) -> Difference:
    return Difference(
        exchange=number,
        operation=more.pop("operation", "GetTask"),
        place=place,
        grade=grade,
        old=more.pop("old", "1"),
        new=more.pop("new", "2"),
        note=more.pop("note", "another value"),
        follows=more.pop("follows", None),
    )


def verdict(number: int, *differences: Difference, grade: str = "", reason: str = "") -> Verdict:
    worst = max((Grade(one.grade) for one in differences), key=lambda one: one.weight, default=EQUAL)
    operation = differences[0].operation if differences else "GetTask"
    return Verdict(number, "s", operation, grade or worst, reason, differences=differences)


def summary(verdicts: Iterable[Verdict], **more: Any) -> Summary:
    made = Summary(today=TODAY, **more)
    for one in verdicts:
        made.take(one)
    return made


def checked(made: Summary, limit: Grade = Grade.BREAKING) -> dict[str, Any]:
    report = json.loads(json.dumps(account(made, limit)))
    jsonschema.Draft202012Validator(SCHEMA).validate(report)
    return report  # type: ignore[no-any-return]


SOME = [
    verdict(1),
    verdict(2, difference(2, "/items/0/id")),
    verdict(3, difference(3, "/items/7/id"), difference(3, "/items/8/id")),
    verdict(4, difference(4, "/page", "harmless", old=None)),
    verdict(5, grade=NOT_JUDGED, reason="not sent"),
]


def test_like_differences_are_one_group() -> None:
    report = checked(summary(SOME))
    assert report["exchanges"] == {"seen": 5, "equal": 1, "different": 3, "not_judged": 1}
    (one, other) = report["differences"]
    assert (one["place"], one["count"], one["exchange"]) == ("/items/0/id", 2, 2), "of exchanges, not of places"
    assert (other["place"], other["grade"], other["old"]) == ("/page", "harmless", None)
    assert report["not_judged"] == [{"operation": "GetTask", "reason": "not sent", "exchange": 5, "count": 1}]


@given(st.lists(st.sampled_from([*Grade, EQUAL, NOT_JUDGED]), max_size=60))
def test_the_counters_add_up(grades: list[str]) -> None:
    made = summary(
        verdict(n, *([difference(n, f"/{n % 7}", grade)] if grade in list(Grade) else []), grade=grade)
        for n, grade in enumerate(grades, 1)
    )
    report = checked(made)
    counts = report["exchanges"]
    assert counts["seen"] == len(grades) == counts["equal"] + counts["different"] + counts["not_judged"]
    assert counts["equal"] == grades.count(EQUAL)
    for name in ("equal", "different", "not_judged"):
        assert counts[name] == sum(one[name] for one in report["operations"])
    assert sum(one["count"] for one in report["differences"]) == counts["different"]
    is_good = bool(grades) and all(grade in ("equal", "bytes", "harmless", "suspicious") for grade in grades)
    assert report["verdict"] == ("pass" if is_good else "fail")


@pytest.mark.parametrize("grade", list(Grade))
def test_limits(grade: Grade) -> None:
    made = summary([verdict(1, difference(1, "/a", grade))])
    assert bool(made.failures(Grade.BREAKING)) == (grade not in (Grade.BYTES, Grade.HARMLESS, Grade.SUSPICIOUS))
    assert made.failures(Grade.BYTES)


def test_what_follows_is_below() -> None:
    verdicts = [
        verdict(1, difference(1, "/cursor")),
        verdict(2, difference(2, "/items", follows=1)),
        verdict(3, difference(3, "/items", follows=1)),
        verdict(4, difference(4, "/items")),
    ]
    report = checked(summary(verdicts, origins={1}))
    (cursor, items) = report["differences"]
    assert (cursor["place"], items["place"], items["count"]) == ("/cursor", "/items", 1)
    assert [(one["place"], one["count"]) for one in cursor["consequences"]] == [("/items", 2)]


def test_a_waived_difference_is_different_and_does_not_count() -> None:
    waivers = [
        Waiver("GetTask", "/items/*/id", "agreed", "ann", date(2026, 12, 1)),
        Waiver("GetTask", "/page", "over", "bob", date(2026, 11, 29)),
    ]
    about = About(waivers=tuple(waivers))
    made = summary(SOME[:4], waivers=Waivers(waivers), about=about)
    report = checked(made, Grade.HARMLESS)
    assert report["exchanges"]["different"] == 3
    assert report["reasons"] == ["differences of the grade harmless"], "one has expired, of the other nothing is told"
    assert {one["place"]: one["waived_by"] for one in report["differences"]} == {"/items/0/id": "ann", "/page": None}
    assert [one["expired"] for one in report["waivers"]] == [False, True]
    assert any("has expired on 2026-11-29" in line for line in lines(made, Grade.BREAKING))


def test_what_could_not_be_mapped_is_beyond_every_limit() -> None:
    made = summary(SOME[:1])
    made.take_unmapped([Unmapped("a1", "id", "path /tasks/", 3, 2)])
    report = checked(made)
    assert report["verdict"] == "fail"
    assert report["unmapped"] == [{"value": "a1", "first_seen": 3, "needed_at": "path /tasks/", "count": 2}]


class Page(HTMLParser):
    """Says what a browser would load, and whether all that is opened is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.loaded += [str(value) for name, value in attrs if name in ("src", "href", "action", "srcset")]
        if tag not in ("meta", "link", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_needs_nothing_and_obeys_nobody() -> None:
    made = summary(
        [verdict(1, difference(1, EVIL, old=EVIL, new=f"{EVIL}2", operation=EVIL, note=EVIL))],
        about=About(EVIL, EVIL, (EVIL,), (Waiver(EVIL, EVIL, EVIL, EVIL, TODAY),)),
    )
    made.take_unmapped([Unmapped(EVIL, "id", EVIL, 1, 1)])
    made.never_seen = (EVIL,)
    text = page(made, Grade.BREAKING)
    parsed = Page(text)
    assert (parsed.loaded, parsed.open) == ([], [])
    assert not parsed.tags & {"script", "iframe", "object", "link", "img", "form", "a"}
    assert "url(" not in text
    assert "@import" not in text
    assert "default-src 'none'" in text
    for line in lines(made, Grade.BREAKING):
        assert line.isprintable()
    root = ET.fromstring(junit(made, Grade.BREAKING))
    assert root.find("testsuite/testcase/failure") is not None
    checked(made)


def test_the_page_says_the_verdict_first() -> None:
    good, bad = (page(summary(those), Grade.BREAKING) for those in (SOME[:1], SOME))
    assert good.index("Within the limit") < good.index("<h2>")
    assert bad.index("Beyond the limit") < bad.index("differences of the grade breaking") < bad.index("<h2>")


def test_build_servers_count_cases() -> None:
    made = summary(SOME)
    made.take_unmapped([Unmapped("a1", "id", "path /tasks/", 3, 2)])
    root = ET.fromstring(junit(made, Grade.BREAKING))
    assert {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "5",
        "failures": "1",
        "errors": "2",
        "skipped": "0",
    }
    nothing = ET.fromstring(junit(summary([]), Grade.BREAKING))
    assert nothing.get("errors") == "1"


def test_a_hundred_thousand_exchanges_are_as_many_lines_as_there_are_groups() -> None:
    made = summary(
        verdict(n, difference(n, f"/m{n % 5_000}", operation=f"op {n % 3}")) if n % 2 else verdict(n)
        for n in range(1, 100_001)
    )
    assert made.seen == 100_000
    assert len(list(made.each_group())) == MAX_GROUPS
    assert made.more > 0
    text = page(made, Grade.BREAKING)
    assert text.count('class="group') == MAX_ROWS
    assert len(text) < 1_000_000
    assert len(list(lines(made, Grade.BREAKING))) < 400
    report = checked(made)
    assert report["left_out"]["differences"] == made.more


def test_values_are_marked_where_they_part() -> None:
    assert parted("abcXdef", "abcYdef") == ("abc", "X", "def")
    assert parted("abc", "abc!") == ("abc", "", "")
    assert parted("aa", "aaa") == ("aa", "", "")
    assert parted(None, "x") == ("", "", "")
    assert parted("x", None) == ("", "x", "")
    assert parted("x" * 200 + "1", "x" * 200 + "2")[0] == "..." + "x" * 60


def test_percents_are_honest() -> None:
    assert [percent(99_999, 100_000), percent(1, 100_000), percent(5, 5), percent(0, 5), percent(0, 0)] == [
        *("99.9", "0.1", "100", "0", "0")
    ]


def test_operations_that_nobody_asked_for() -> None:
    camunda = load("camunda")

    def entry(method: str, target: bytes, operation: str = "") -> Entry:
        return Entry(
            number=1,
            began=0.0,
            ended=0.0,
            connection=1,
            session="",
            operation=operation,
            method=method,
            target=target,
            lacks="",
            status=200,
            answer_lacks="",
            error="",
            sent=0,
            received=0,
        )

    coverage = Coverage([camunda, load("facilioo")])
    coverage.take([entry("POST", b"/v2/user-tasks/search?a=1"), entry("GET", b"/api/nothing-of-theirs")])
    never = coverage.never_seen()
    assert len(never) == len(camunda.operations) - 1
    assert all(name.startswith("camunda ") for name in never), "a path that is like one of theirs is none"
    assert "camunda searchUserTasks" not in never


@pytest.fixture
def dragoman(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    monkeypatch.chdir(tmp_path)
    return Commands(monkeypatch, capsys)


def result(path: Path, *verdicts: Verdict, waivers: str = "") -> Path:
    writer = ResultWriter(path, source="a test", about={"recording": "old.rec", "target": "http://new.example"})
    for one in verdicts:
        writer.put(exchange("{}", number=one.exchange), one)
    writer.unmapped([Unmapped("a1", "id", "path /tasks/", 3, 2)])
    writer.say(terms.WAIVERS, waivers)
    writer.say(terms.RULES_USED, '["**: within 5s: 3 times"]')
    writer.say(CONFLICTS, '[{"value": "7", "place": "/id", "exchange": 2, "bound": "8", "seen": "9"}, 5]')
    writer.close()
    return path


def test_a_result_is_told_from_its_file(dragoman: Commands, tmp_path: Path) -> None:
    path = result(tmp_path / "old.rec.replay", *SOME)
    done = dragoman("report", str(path), "--json", "r.json", "--html", "r.html", "--junit", "r.xml")
    assert (done.status, done.err) == (1, "")
    assert done.out.splitlines()[:3] == [
        "FAIL: differences of the grade breaking; 1 exchange that was not judged; 1 value that could not be mapped",
        "old.rec against http://new.example",
        "5 exchanges: 1 equal, 3 different, 1 not judged",
    ]
    report = json.loads((tmp_path / "r.json").read_bytes())
    jsonschema.Draft202012Validator(SCHEMA).validate(report)
    assert report["exchanges"] == {"seen": 5, "equal": 1, "different": 3, "not_judged": 1}
    assert report["rules"] == ["**: within 5s: 3 times"]
    assert report["conflicts"] == [{"value": "7", "place": "/id", "exchange": "2", "bound": "8", "seen": "9"}]
    assert ET.parse(tmp_path / "r.xml").getroot().get("failures") == "1"


def test_a_result_of_a_stranger_is_no_traceback(dragoman: Commands, tmp_path: Path) -> None:
    odd = result(tmp_path / "odd", verdict(1, difference(1, "/a")), Verdict(2, "", "x", "odd", "", differences=()))
    grade = Difference(exchange=3, operation="x", place="/a", grade="odd", old=None, new=None)
    worse = result(tmp_path / "worse", Verdict(3, "", "x", "odd", "", differences=(grade,)))
    wrong = result(tmp_path / "wrong", *SOME, waivers="[[waiver]]")
    assert dragoman("report", str(odd)).status == 1
    for path, complaint in (
        (worse, "exchange 3: 'odd' is not a valid Grade"),
        (wrong, "waiver 1: operation is missing"),
    ):
        done = dragoman("report", str(path))
        assert (done.status, done.out) == (2, "")
        assert complaint in done.err
