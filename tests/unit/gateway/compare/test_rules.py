"""Rules for what differs by nature: where each holds, and what it lets pass."""

from datetime import date
from pathlib import Path

import pytest

from adapters.common.noise import Rule
from gateway.compare import noise, places, waivers
from gateway.compare.compare import Setting
from gateway.compare.moments import Span, from_clocks, moment
from gateway.compare.noise import Rules
from gateway.compare.patterns import BadPattern, compiled, has_shape, shape_of
from gateway.compare.tables import BadTables
from gateway.dialects import load, names
from tests.support.answers import JSON, NEW, XML, Found, differences, exchange, found, judged, of_json

FILES = Path(__file__).parents[4] / "docs" / "examples"


def by(*rules: Rule) -> Setting:
    return Setting(rules=Rules(rules))


@pytest.mark.parametrize(
    ("pattern", "place"),
    [
        ("/items/*/id", "/items/3/id"),
        ("**/id", "/items/3/id"),
        ("**/id", "/id"),
        ("/**", "/items/3/id"),
        ("/a~1b/*", "/a~1b/c"),
        ("**/State", "/{urn:x}Envelope[1]/{urn:t}State[1]"),
        ("/Envelope/State", "/{urn:x}Envelope[1]/{urn:t}State[2]"),
        ("**/{urn:t}State", "/{urn:x}Envelope[1]/{urn:t}State[2]"),
        ("**/{urn:t}State[2]", "/{urn:x}Envelope[1]/{urn:t}State[2]"),
        ("**/{http://a/b}c", "/{http://a/b}c[1]"),
        ("**/@id", "/a[1]/@{urn:x}id"),
        ("header etag", "header ETag"),
        ("header *", "header ETag"),
        ("line *", "line 12"),
        ("part a/v", "part a/v"),
        ("status", "status"),
    ],
)
def test_a_pattern_fits(pattern: str, place: str) -> None:
    assert places.fits(pattern, place)


@pytest.mark.parametrize(
    ("pattern", "place"),
    [
        ("/items/id", "/items/3/id"),
        ("/id", "/items/3/id"),
        ("**/{urn:u}State", "/{urn:x}Envelope[1]/{urn:t}State[2]"),
        ("**/State[1]", "/{urn:x}Envelope[1]/{urn:t}State[2]"),
        ("**/*/*", "/a"),
        ("header ETag", "header Location"),
        ("header *", "/header "),
        ("line 1", "line 12"),
        ("statu", "status"),
        ("/", "/a"),
    ],
)
def test_a_pattern_does_not_fit(pattern: str, place: str) -> None:
    assert not places.fits(pattern, place)


def test_many_stars_take_no_time() -> None:
    assert not places.fits("/".join(["**", "a"] * 200), "/" + "/".join("a" * 300 + "b"))
    assert not places.operation_fits("*a" * 500 + "b", "a" * 5_000)


def test_places_that_are_alike_are_one() -> None:
    assert places.general("/items/3/tags/0") == "/items/*/tags/*"
    assert places.general("/{urn:x/1}a[1]/b[12]") == "/{urn:x/1}a[*]/b[*]"
    assert places.general("line 7") == "line *"
    assert places.general("header ETag") == "header ETag"


OLD_RUN, NEW_RUN = Span(1_700_000_000, 1_700_000_010), Span(1_790_000_000, 1_790_000_010)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2023-11-14T22:13:25Z", "2026-09-21T14:13:24.125Z"),
        ("2023-11-14T22:13:25.000+0000", "2026-09-21T14:13:24.125+0000"),
        ("2023-11-15T00:13:25+02:00", "2026-09-21T16:13:24+02:00"),
        ("2023-11-14 22:13:25", "2026-09-21 14:13:24"),
        ("2023-11-14 23:13:25", "2026-09-21 15:13:24"),  # both an hour ahead, without saying so
        ("11/14/2023 10:13:25 PM", "9/21/2026 2:13:24 PM"),
        ("14.11.2023 22:13:25", "21.09.2026 14:13:24"),
        ("Tue, 14 Nov 2023 22:13:25 GMT", "Mon, 21 Sep 2026 14:13:24 GMT"),
        ("1700000005", "1790000004"),
        ("1700000005123", "1790000004321"),
        ("/Date(1700000005123)/", "/Date(1790000004321)/"),
        ("2023-11-14", "2026-09-21"),
        ("2023-11-15T22:13:30Z", "2026-09-22T14:13:30Z"),  # a day from now
    ],
)
def test_clocks(old: str, new: str) -> None:
    before, after = moment(old), moment(new)
    assert before is not None
    assert after is not None
    assert from_clocks(before, after, OLD_RUN, NEW_RUN, 5)
    assert of_json({"at": old}, {"at": new}) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2023-11-14T22:13:25Z", "2026-09-21T15:13:24Z"),  # an hour ahead
        ("2023-11-14T22:13:25Z", "2026-09-21T14:13:24+00:00"),  # written in another way
        ("2023-11-14T22:13:25Z", "2023-11-14T22:13:26Z"),  # not from this clock
        ("2001-01-01T00:00:00Z", "2001-01-02T00:00:00Z"),  # from no clock
        ("2023-11-14 22:13:25", "2026-09-21 15:13:24"),  # only one of them an hour ahead
        ("2023-11-14", "2026-08-21"),
        ("2023-11-14T22:13:25Z", "never"),
    ],
)
def test_other_moments_are_other_values(old: str, new: str) -> None:
    assert of_json({"at": old}, {"at": new}) == [("/at", "suspicious")]


@pytest.mark.parametrize(
    "text", ["2023-13-40T99:99:99Z", "0000-00-00", "2023-11-14T22:13", "12345", "99/99/2023 1:1:1"]
)
def test_what_is_no_moment_is_none(text: str) -> None:
    found = moment(text)
    assert found is None or text.endswith("22:13")


@pytest.mark.parametrize(
    ("rule", "old", "new", "expected"),
    [
        (Rule("/v", "ignore"), "a", 1, []),
        (Rule("/v", "present"), "a", "b", []),
        (Rule("/v", "present"), "a", 1, []),
        (Rule("/v", "present"), "a", "", [("/v", "rule-failed")]),
        (Rule("/v", "present"), "a", None, [("/v", "breaking")]),
        (Rule("/v", "shape", pattern="task-{digits}"), "task-1", "task-22", []),
        (Rule("/v", "shape", pattern="task-{digits}"), "task-1", "task-x", [("/v", "rule-failed")]),
        (Rule("/v", "shape", pattern="task-{digits}"), "x", "task-1", [("/v", "rule-failed")]),
        (Rule("/v", "within", tolerance="3"), 10, 13, []),
        (Rule("/v", "within", tolerance="3"), 10, 14, [("/v", "rule-failed")]),
        (Rule("/v", "within", tolerance="0"), "12.50", "12.5", []),
        (Rule("/v", "within", tolerance="0s"), "2001-01-01T00:00:00Z", "2001-01-01T00:00:00+00:00", []),
        (Rule("/v", "within", tolerance="1h"), "2023-11-14T22:13:25Z", "2026-09-21T15:13:24Z", []),
        (Rule("/v", "within", tolerance="5s"), "a", "b", [("/v", "rule-failed")]),
        (Rule("/v", "same"), "2023-11-14T22:13:25Z", "2026-09-21T14:13:24Z", [("/v", "suspicious")]),
        (Rule("/v", "ignore", operation="PUT *"), "a", "b", [("/v", "suspicious")]),
        (Rule("/v", "ignore", operation="GET *"), "a", "b", []),
    ],
)
def test_a_rule_judges(rule: Rule, old: object, new: object, expected: Found) -> None:
    assert of_json({"v": old}, {"v": new}, setting=by(rule)) == expected


def test_what_is_not_there_is_missing_whatever_the_rule_but_one() -> None:
    for rule in (Rule("/v", "present"), Rule("/v", "shape", pattern="{any}"), Rule("/v", "within", tolerance="1")):
        assert of_json({"v": "1"}, {}, setting=by(rule)) == [("/v", "breaking")]
    assert of_json({"v": "1"}, {}, setting=by(Rule("/v", "ignore"))) == []


def test_the_order_of_a_list_by_rule() -> None:
    rule = by(Rule("/l", "order"))
    old, new = [{"i": 1}, {"i": 2}, {"i": 3}], [{"i": 3}, {"i": 1}, {"i": 2}]
    assert of_json({"l": old}, {"l": new}, setting=rule) == []
    assert of_json({"l": old}, {"l": new[1:]}, setting=rule) == [("/l/2", "breaking")]
    keyed = by(Rule("/l", "order", key="/i"))
    changed = [{"i": 3, "n": 1}, {"i": 1}, {"i": 2}]
    assert of_json({"l": old}, {"l": changed}, setting=keyed) == [("/l/2/n", "harmless")]
    xml = by(Rule("/a", "order", key="/i"))
    one, other = "<a><t><i>1</i><n>x</n></t><t><i>2</i></t></a>", "<a><t><i>2</i></t><t><i>1</i><n>y</n></t></a>"
    assert differences(one, other, XML, setting=xml) == [("/a[1]/t[1]/n[1]", "suspicious")]


def test_the_first_rule_that_fits_holds_and_those_of_a_file_are_first() -> None:
    rules = Rules(
        [Rule("/v", "ignore")], [Rule("/v", "shape", pattern="{digits}"), Rule("/w", "shape", pattern="{digits}")]
    )
    assert of_json({"v": "a", "w": "1"}, {"v": "b", "w": "2"}, setting=Setting(rules=rules)) == []
    assert of_json({"w": "1"}, {"w": "b"}, setting=Setting(rules=rules)) == [("/w", "suspicious")], "only shipped"
    assert list(rules.used.values()) == [1, 1]


@pytest.mark.parametrize("name", names())
def test_what_a_dialect_ships_is_usable(name: str) -> None:
    for rule in load(name).noise:
        noise._check(rule)
        assert rule.kind or rule.why


def test_facilioo_ships_that_traces_are_random() -> None:
    trace = "00-{}-{}-00"
    old, new = ({"traceId": trace.format(d * 32, d * 16)} for d in "ab")
    setting = Setting(rules=Rules((), load("facilioo").noise))
    assert of_json(old, new, status=404, setting=setting) == []
    assert of_json(old, {"traceId": "none"}, status=404, setting=setting) == [("/traceId", "suspicious")]


def test_shapes() -> None:
    assert has_shape("a{1}b", "a{{{digits}}}b")
    assert has_shape("0f" * 16, "{hex:32}")
    assert not has_shape("0f" * 15, "{hex:32}")
    assert shape_of(["12", "345"]) == "{digits}"
    assert shape_of(["12", "34"]) == "{digits:2}"
    assert shape_of(["a b", "c"]) == ""
    assert shape_of(["", "c"]) == ""
    for pattern in ("{", "a}", "{nothing}", "{digits}{hex}", "{any}-{any}-{any}"):
        with pytest.raises(BadPattern):
            compiled(pattern)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[[rule]]", "rule 1: place is missing"),
        ('[[rule]]\nplace = "/a"', "rule 1: judge is missing"),
        ('[[rule]]\nplace = "/a"\njudge = "maybe"', "rule 1: judge is one of same, shape"),
        ('[[rule]]\nplace = "/a"\njudge = "ignore"\nif = "x"', "rule 1: there is no if"),
        ('[[rule]]\nplace = 1\njudge = "ignore"', "rule 1: place has to be a text"),
        ('[[rule]]\nplace = "/a"\njudge = "shape"', "rule 1: a shape needs a pattern"),
        (
            '[[rule]]\nplace = "/a"\njudge = "shape"\npattern = "("\ntolerance = "1"',
            "rule 1: a tolerance is for within",
        ),
        ('[[rule]]\nplace = "/a"\njudge = "within"\ntolerance = "soon"', "rule 1: soon is no tolerance"),
        ('[[rule]]\nplace = "/a"\njudge = "ignore"\nkey = "/x"', "rule 1: a key is for the order of a list"),
        ('[[rule]]\nplace = "/a"\njudge = "ignore"\nkind = "x"', "rule 1: kind is one of clock"),
        ("rule = 1", "each rule is a table"),
        ("format = 2", "another format"),
        ("rules = []", "there is no rules"),
        ("[[rule", "noise.toml: "),
        ("\xff", "noise.toml: "),
    ],
)
def test_a_file_of_rules_that_cannot_be_used(text: str, complaint: str) -> None:
    with pytest.raises(BadTables, match=r"noise.toml: ") as error:
        noise.parse(text.encode("latin-1"), "noise.toml")
    assert complaint in str(error.value)


def test_the_example_of_a_file_of_rules() -> None:
    rules = noise.read(FILES / "noise.toml")
    assert {rule.judge for rule in rules} == {"same", "shape", "present", "within", "order", "ignore"}


def test_waivers_cover_until_their_day() -> None:
    (waiver, *_) = waivers.read(FILES / "waivers.toml")
    held = waivers.Waivers([waiver])
    assert held.covering(waiver.operation, waiver.place, waiver.until) == waiver
    assert held.covering(waiver.operation, waiver.place, date.fromordinal(waiver.until.toordinal() + 1)) is None
    assert held.covering("another", waiver.place, waiver.until) is None


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[[waiver]]", "waiver 1: operation is missing"),
        ('[[waiver]]\noperation="*"\nplace="/a"\nreason=" "\nwho="a"', "waiver 1: reason is missing"),
        ('[[waiver]]\noperation="*"\nplace="/a"\nreason="r"\nwho="a"', "waiver 1: until is a day"),
        ('[[waiver]]\noperation="*"\nplace="/a"\nreason="r"\nwho="a"\nuntil="2027-01-01"', "waiver 1: until is a day"),
        ("[[waiver]]\nfor=1", "waiver 1: there is no for"),
        ("waiver = 1", "each waiver is a table"),
        ("[[rule]]", "there is no rule"),
    ],
)
def test_a_file_of_waivers_that_cannot_be_used(text: str, complaint: str) -> None:
    with pytest.raises(BadTables) as error:
        waivers.parse(text.encode(), "waivers.toml")
    assert complaint in str(error.value)


def test_identities_are_compared_and_not_masked() -> None:
    class Known:
        def back(self, operation: str, place: str, value: str) -> str:
            return value.replace("new-1", "old-1").replace("new-2", "old-2")

        def wrong(self, operation: str, place: str, old: str, new: str) -> bool:
            return old.startswith("old-")

        def lost(self, operation: str, place: str, old: str) -> int | None:
            return 7 if old == "old-9" else None

    setting = Setting(identities=Known())
    assert of_json({"i": "old-1", "l": "/t/old-2/x"}, {"i": "new-1", "l": "/t/new-2/x"}, setting=setting) == []
    assert of_json({"i": "old-1"}, {"i": "new-2"}, setting=setting) == [("/i", "breaking")]
    assert of_json({"i": "old-1"}, {"i": "old-1"}, setting=setting) == [("/i", "breaking")], "as the old server said it"
    assert of_json({"old-1": 1}, {"new-1": 1}, setting=setting) == [], "also where they are names"
    old, new = exchange('{"i":"old-9"}', JSON), exchange('{"i":"x"}', JSON, began=NEW)
    (difference,) = judged(old, new, setting).differences
    assert difference.follows == 7
    assert found(judged(old, new, setting)) == [("/i", "breaking")]
