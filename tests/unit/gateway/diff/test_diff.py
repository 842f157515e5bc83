"""Two recordings of one script: what is different, what differs by nature, and how it is told."""

import json
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from gateway.diff.bindings import MOST_BOUND, Bindings
from gateway.diff.learning import quoted
from gateway.diff.looks import shape
from gateway.traffic.exchange import Request
from gateway.traffic.labels import operation_of
from gateway.traffic.results import ResultWriter, Verdict
from tests.support.answers import NEW, OLD
from tests.support.cli import Commands
from tests.support.recordings import Server, recorded


@pytest.fixture
def dragoman(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    monkeypatch.chdir(tmp_path)
    return Commands(monkeypatch, capsys)


def script(server: Server, *, state: str = "DONE", order: int = 1, without: str = "", spaces: str = "") -> Server:
    """A client makes two tasks, completes one, and looks at all of it."""
    token = server.id().replace("-", "")
    server.answer("POST", "/login", f'{{"token":"{token}","until":"{server.moment()}"}}', '{"user":"ann"}')
    tasks = []
    for title in ("first", "second"):
        task = {"id": server.id(), "number": server.number(), "title": title, "made": server.moment()}
        tasks.append(task)
        told = {name: value for name, value in task.items() if name != without}
        server.answer("POST", "/tasks", json.dumps(told), json.dumps({"title": title}), status=201)
    first = tasks[0]["id"]
    server.answer("POST", f"/tasks/{first}/complete", "{}")
    server.answer("GET", f"/tasks/{first}", json.dumps({**tasks[0], "state": state}))
    server.answer("GET", "/tasks", f"{spaces}{json.dumps(tasks[::order])}")
    return server


def two(tmp_path: Path, **changes: Any) -> tuple[str, str]:
    old, new = script(Server(OLD, 0xA1)), script(Server(NEW, 0xB2, "new.example:9200"), **changes)
    a = recorded(tmp_path / "a.rec", old.said)
    return str(a), str(recorded(tmp_path / "b.rec", new.said, "new.example", "9200"))


def report_of(dragoman: Commands, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = dragoman("diff", *arguments, "--json", "-")
    assert done.err == ""
    return done.status, json.loads(done.out)


def places(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(one["operation"], one["place"], one["grade"]) for one in report["differences"]]


def numbers(dragoman: Commands, tmp_path: Path) -> str:
    (tmp_path / "numbers.toml").write_text('[[identity]]\nkind = "task"\nnames = ["number"]\n')
    return "numbers.toml"


def test_another_run_of_the_same_is_the_same(dragoman: Commands, tmp_path: Path) -> None:
    status, report = report_of(dragoman, *two(tmp_path), "--noise", numbers(dragoman, tmp_path))
    assert (status, report["verdict"], places(report)) == (0, "pass", [])
    assert report["exchanges"] == {"seen": 6, "equal": 6, "different": 0, "not_judged": 0}


def test_small_numbers_are_values_until_somebody_says_what_they_are(dragoman: Commands, tmp_path: Path) -> None:
    status, report = report_of(dragoman, *two(tmp_path), "--fail-on", "suspicious")
    assert status == 1
    assert {place for _, place, _ in places(report)} == {"/number", "/0/number", "/1/number"} - {"/1/number"}


def test_what_is_different_is_found(dragoman: Commands, tmp_path: Path) -> None:
    noise = ("--noise", numbers(dragoman, tmp_path))
    status, report = report_of(dragoman, *two(tmp_path, state="OPEN", spaces=" "), *noise)
    assert status == 0
    assert places(report) == [("GET /tasks/{id}", "/state", "suspicious"), ("GET /tasks", "body", "bytes")]
    (state, _) = report["differences"]
    assert (state["old"], state["new"], state["exchange"], state["count"]) == ("DONE", "OPEN", 5, 1)
    assert report["operations"][0] == {
        "name": "GET /tasks/{id}",
        "equal": 0,
        "different": 1,
        "not_judged": 0,
        "worst": "suspicious",
    }


def test_what_follows_from_a_lost_id_is_below_it(dragoman: Commands, tmp_path: Path) -> None:
    noise = ("--noise", numbers(dragoman, tmp_path))
    old, new = script(Server(OLD, 0xA1)), script(Server(NEW, 0xB2), without="id")
    new.said[4:] = []
    new.answer("GET", "/tasks/none", '{"id":"none","number":2,"title":"first","made":null,"state":"DONE"}')
    a, b = recorded(tmp_path / "a.rec", old.said[:5]), recorded(tmp_path / "b.rec", new.said)
    status, report = report_of(dragoman, str(a), str(b), *noise)
    assert status == 1
    lost = next(one for one in report["differences"] if one["place"] == "/id")
    assert (lost["grade"], lost["count"]) == ("breaking", 2)


def test_an_exchange_without_a_partner_is_not_judged(dragoman: Commands, tmp_path: Path) -> None:
    old, new = script(Server(OLD, 0xA1)), script(Server(NEW, 0xB2))
    del old.said[3], new.said[5]
    a, b = recorded(tmp_path / "a.rec", old.said), recorded(tmp_path / "b.rec", new.said)
    noise = ("--noise", numbers(dragoman, tmp_path))
    status, report = report_of(dragoman, str(a), str(b), *noise)
    assert status == 1
    assert report["reasons"] == ["2 exchanges that were not judged"]
    counts = report["exchanges"]
    assert counts == {"seen": 6, "equal": 4, "different": 0, "not_judged": 2}
    assert sorted((one["operation"], one["reason"]) for one in report["not_judged"]) == [
        ("GET /tasks", "not sent: only in the first"),
        ("POST /tasks/{id}/complete", "nothing recorded to compare with: only in the second"),
    ]


def test_requests_that_are_the_same_meet_in_their_order_and_others_by_what_they_say(
    dragoman: Commands, tmp_path: Path
) -> None:
    """What two clients did at once came in another order."""
    old, new = script(Server(OLD, 0xA1)), script(Server(NEW, 0xB2))
    new.said[1], new.said[2] = new.said[2], new.said[1]
    a, b = recorded(tmp_path / "a.rec", old.said), recorded(tmp_path / "b.rec", new.said)
    status, report = report_of(dragoman, str(a), str(b), "--noise", numbers(dragoman, tmp_path))
    assert (status, places(report)) == (0, [])


def test_what_is_learned_makes_two_runs_the_same(dragoman: Commands, tmp_path: Path) -> None:
    a, b = two(tmp_path, order=-1)
    assert dragoman("learn", a, b, "--out", "rules.toml").status == 0
    assert dragoman("learn", a, b, "--out", "rules.toml").status == 2, "what is there stays"
    learned = tomllib.loads((tmp_path / "rules.toml").read_text())
    kinds = {(rule["place"], rule["judge"], rule["kind"]) for rule in learned["rule"]}
    assert ("/token", "same", "random") in kinds
    assert ("/until", "within", "clock") in kinds
    assert ("/id", "same", "random") in kinds
    assert ("", "order", "order") in kinds, "of the whole document"
    assert learned["identity"] == [{"kind": "of number", "names": ["number"]}]
    learned_rules = ("--noise", "rules.toml")
    status, report = report_of(dragoman, a, b, *learned_rules, "--fail-on", "bytes")
    assert (status, places(report)) == (0, [])


def links(server: Server, host: str, first: int, *, leads_to: int = 0) -> Server:
    """Of an old system that numbers its tasks, and says in links which one it means."""
    for task in (first, first + 1):
        told = {"self": f"http://{host}/tasks/{task}", "rel": f"/tasks/{task}/notes?page=1", "id": task}
        server.answer("POST", "/tasks", json.dumps(told), "{}", status=201)
        server.answer("GET", f"/tasks/{task}", json.dumps(told))
    last = leads_to or first
    server.answer("GET", "/first", json.dumps({"self": f"http://{host}/tasks/{last}"}))
    return server


def test_numbers_in_links_are_identities_behind_the_paths_that_were_learned(dragoman: Commands, tmp_path: Path) -> None:
    old = links(Server(OLD, 0xA1), "old.example:9100", 5)
    a = str(recorded(tmp_path / "a.rec", old.said))
    said = {}
    for name, leads_to in (("b", 0), ("c", 901)):
        new = links(Server(NEW, 0xB2, "new.example:9200"), "new.example:9200", 900, leads_to=leads_to)
        said[name] = str(recorded(tmp_path / f"{name}.rec", new.said, "new.example", "9200"))
    assert dragoman("learn", a, said["b"], "--out", "rules.toml").status == 0
    learned = (tmp_path / "rules.toml").read_text()
    assert tomllib.loads(learned)["identity"] == [{"kind": "of /tasks", "names": ["id"], "paths": ["/tasks"]}]
    assert "no noise" not in learned
    noise = ("--noise", "rules.toml")
    status, report = report_of(dragoman, a, said["b"], *noise, "--fail-on", "bytes")
    assert (status, places(report)) == (0, [])
    status, report = report_of(dragoman, a, said["c"], *noise)
    assert (status, places(report)) == (1, [("GET /first", "/self", "breaking")])


def test_the_whole_place_of_what_is_left_is_told(dragoman: Commands, tmp_path: Path) -> None:
    name = "a" * 150
    old, new = Server(OLD, 0xA1), Server(NEW, 0xB2)
    old.answer("GET", "/x", json.dumps({name: "yes"}))
    new.answer("GET", "/x", json.dumps({name: "no"}))
    files = (str(recorded(tmp_path / "a.rec", old.said)), str(recorded(tmp_path / "b.rec", new.said)))
    assert dragoman("learn", *files, "--out", "rules.toml").status == 0
    assert f"# GET /x /{name}: yes and no\n" in (tmp_path / "rules.toml").read_text()


def test_what_is_learned_hides_no_fault(dragoman: Commands, tmp_path: Path) -> None:
    a, b = two(tmp_path)
    assert dragoman("learn", a, b, "--out", "rules.toml").status == 0
    broken = recorded(tmp_path / "c.rec", script(Server(NEW, 0xC3), state="OPEN", without="title").said)
    status, report = report_of(dragoman, a, str(broken), "--noise", "rules.toml")
    assert status == 1
    assert places(report) == [
        ("POST /tasks", "/title", "breaking"),
        ("GET /tasks/{id}", "/state", "suspicious"),
    ]


def test_a_waiver_holds_until_its_day(dragoman: Commands, tmp_path: Path) -> None:
    a, b = two(tmp_path, without="title")
    waiver = '[[waiver]]\noperation="POST /tasks"\nplace="/title"\nreason="nobody reads it"\nwho="ann"\nuntil={}\n'
    noise = ("--noise", numbers(dragoman, tmp_path))
    (tmp_path / "held.toml").write_text(waiver.format("2999-12-31"))
    (tmp_path / "over.toml").write_text(waiver.format("2020-12-31"))
    status, report = report_of(dragoman, a, b, *noise, "--waivers", "held.toml")
    assert (status, report["differences"][0]["waived_by"]) == (0, "ann")
    assert report["exchanges"]["different"] == 2, "it is waived, and different none the less"
    status, report = report_of(dragoman, a, b, *noise, "--waivers", "over.toml")
    assert (status, report["waivers"][0]["expired"]) == (1, True)


def test_all_forms_at_once(dragoman: Commands, tmp_path: Path) -> None:
    a, b = two(tmp_path, state="OPEN")
    done = dragoman("diff", a, b, "--json", "r.json", "--html", "r.html", "--junit", "r.xml", "--fail-on", "suspicious")
    assert done.status == 1
    assert done.out.startswith("FAIL: differences of the grade suspicious\n")
    assert json.loads((tmp_path / "r.json").read_bytes())["verdict"] == "fail"
    assert ET.parse(tmp_path / "r.xml").getroot().tag == "testsuites"
    assert "<script" not in (tmp_path / "r.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("diff", "none.rec", "none.rec"), "none.rec"),
        (("diff", "a.rec", "text"), "text is no recording"),
        (("diff", "a.rec", "a.rec", "--noise", "text"), "text: "),
        (("diff", "a.rec", "a.rec", "--noise", "none"), "none: No such file"),
        (("diff", "a.rec", "a.rec", "--waivers", "text"), "text: "),
        (("diff", "a.rec", "a.rec", "--fail-on", "nothing"), "--fail-on"),
        (("learn", "a.rec", "text", "--out", "r.toml"), "text is no recording"),
        (("report", "a.rec"), "a.rec is a recording, and not what came of a replay"),
        (("report", "none"), "none: No such file"),
    ],
)
def test_what_cannot_be_used(dragoman: Commands, tmp_path: Path, arguments: tuple[str, ...], complaint: str) -> None:
    recorded(tmp_path / "a.rec", script(Server(OLD, 0xA1)).said)
    (tmp_path / "text").write_text("this is text, and no file of any kind")
    done = dragoman(*arguments)
    assert (done.status, done.out) == (2, "")
    assert complaint in done.err


def test_a_recording_and_a_replay_of_it_meet_by_number(dragoman: Commands, tmp_path: Path) -> None:
    old, new = script(Server(OLD, 0xA1)), script(Server(NEW, 0xB2))
    a = recorded(tmp_path / "a.rec", old.said)
    writer = ResultWriter(tmp_path / "a.replay", source="a test", about={})
    for exchange in new.said[::-1]:
        writer.put(exchange, Verdict(exchange.number, "", "", "equal"))
    writer.close()
    status, report = report_of(dragoman, str(a), "a.replay", "--noise", numbers(dragoman, tmp_path))
    assert (status, places(report)) == (0, [])
    assert report["exchanges"]["equal"] == 6
    assert dragoman("learn", str(a), "a.replay", "--out", "rules.toml").status == 0


def test_nothing_is_no_success(dragoman: Commands, tmp_path: Path) -> None:
    a, b = recorded(tmp_path / "a.rec", ()), recorded(tmp_path / "b.rec", ())
    status, report = report_of(dragoman, str(a), str(b))
    assert (status, report["reasons"]) == (1, ["nothing that was compared"])


def test_operations_of_systems_that_nobody_knows() -> None:
    body = b'<s:Envelope xmlns:s="x"><s:Header/><s:Body><t:GetTask xmlns:t="urn:t"/></s:Body></s:Envelope>'
    assert operation_of(Request("POST", b"/soap", ((b"Content-Type", b"text/xml"),), body)) == "GetTask"
    assert operation_of(Request("GET", b"/a/12/b/0123456789abcdef0?x=1")) == "GET /a/{id}/b/{id}"
    assert operation_of(Request("GET", b"/v2/a/74933f6c-72c6-44c5-9e90-91070f98c7dd")) == "GET /v2/a/{id}"


def test_a_value_is_bound_once() -> None:
    bindings = Bindings({"id": "task"})
    old, new, other = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "abc")
    assert bindings.meet("", "/x", old, new)
    assert not bindings.meet("", "/x", old, other)
    assert bindings.wrong("", "/y", old, other)
    assert bindings.back("", "/y", f"/tasks/{new}/x") == f"/tasks/{old}/x"
    assert bindings.forth(f"/tasks/{old}/x") == f"/tasks/{new}/x"
    assert bindings.meet("", "/id", "7", "8")
    assert not bindings.meet("", "/size", "9", "10"), "a number is one of a kind"
    assert bindings.wrong("", "/items/0/id", "7", "7")
    assert bindings.back("", "/size", "8") == "8"


def test_no_more_values_are_remembered_than_there_is_room_for() -> None:
    bindings = Bindings()
    for number in range(MOST_BOUND + 10):
        assert bindings.meet("", "/x", f"{number:016x}a1", f"{number:016x}b2")
    assert bindings.forth(f"{0:016x}a1") == f"{0:016x}a1"
    assert bindings.forth(f"{MOST_BOUND:016x}a1") == f"{MOST_BOUND:016x}b2"


def test_looks() -> None:
    assert shape("74933f6c-72c6-44c5-9e90-91070f98c7dd") == "uuid"
    assert shape("redacted-0123456789abcdef") == "mark"
    assert shape("2251799813685249") == "number"
    assert shape("0123456789abcdef") == "hex"
    assert not shape("ContractApproval")
    assert not shape("4711")


@pytest.mark.parametrize("text", ["plain", 'a"b\\c', "tab\tnew\nline", "\x00\x7f", "é\U0001f600", "\u2028"])
def test_texts_in_toml(text: str) -> None:
    assert tomllib.loads(f"a = {quoted(text)}") == {"a": text}
