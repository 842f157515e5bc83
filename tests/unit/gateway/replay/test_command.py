"""`dragoman replay`, from a shell: what it sends where, what it refuses to send, and what it tells."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.traffic.exchange import Exchange
from gateway.traffic.results import Result
from tests.support.asgi import basic
from tests.support.cli import Commands
from tests.support.legacy import Legacy
from tests.support.legacy_client import over_json, over_soap
from tests.support.replayed import Recorder
from tests.support.world import open_world
from tests.support.written import served, write

IDLE = frozenset({"idle"})


@pytest.fixture
def dragoman(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    """In an empty folder."""
    monkeypatch.chdir(tmp_path)
    return Commands(monkeypatch, capsys)


async def _script() -> list[Exchange]:
    recorder = Recorder(Legacy(seed=1).app)
    await over_json(recorder)
    await over_soap(recorder)
    return recorder.recorded


@pytest.fixture(scope="module")
def exchanges() -> list[Exchange]:
    return asyncio.run(_script())


#: what a client may notice counts
SUSPICIOUS = ("--fail-on", "suspicious")


@pytest.fixture
def file(exchanges: list[Exchange], tmp_path: Path) -> Path:
    return write(tmp_path / "old.rec", exchanges, redacted=True)


def secrets(dragoman: Commands, file: Path) -> list[str]:
    """The option for the one password there is."""
    told = dragoman("replay", str(file), "--target", "http://192.0.2.1")
    assert told.status == 2
    mark = told.err.removeprefix("dragoman: missing secret ").partition(" ")[0]
    assert told.err == f"dragoman: missing secret {mark} (--secret {mark}=VALUE)\n"
    return ["--secret", f"{mark}=ann"]


@pytest.mark.parametrize("how", [[], ["--one-by-one"], ["--paced", "50"]], ids=["at once", "one by one", "paced"])
def test_the_successor_passes(how: list[str], dragoman: Commands, file: Path) -> None:
    new = Legacy(seed=2, first=40, successor=True)
    known = secrets(dragoman, file)
    with served(new.app) as url:
        done = dragoman("replay", str(file), "--target", url, *known, *how)
    assert done.status == 0, done.out + done.err
    assert "0 sent as they were, 0 contradictions" in done.out
    assert "PASS: nothing of the grade breaking or worse" in done.out
    assert [task["state"] for task in new.tasks.values()] == ["DONE", "OPEN", "DONE"]
    assert done.err.rstrip().endswith("/s")


def test_a_bug_is_told_and_is_in_the_result(dragoman: Commands, file: Path) -> None:
    known = secrets(dragoman, file)
    with served(Legacy(seed=2, bugs=IDLE).app) as url:
        done = dragoman("replay", str(file), "--target", url, *known, "--out", "it.replay", *SUSPICIOUS)
    with served(Legacy(seed=2, bugs=IDLE).app) as url:
        passed = dragoman("replay", str(file), "--target", url, *known)
    assert (done.status, passed.status) == (1, 0)
    assert "FAIL: differences of the grade suspicious" in done.out
    assert dragoman("report", "it.replay").status == 1
    assert dragoman("report", "it.replay", "--fail-on", "breaking").status == 0
    with Result(Path("it.replay")) as result:
        told = {one.exchange: (one.old, one.new) for one in result.differences()}
        assert len(told) == 4
        assert set(told.values()) == {("DONE", "OPEN")}
        assert len(result) == len(list(result.verdicts()))


def test_secrets_that_were_put_in_are_not_in_the_result(dragoman: Commands, file: Path) -> None:
    new = Legacy(seed=2)
    known = secrets(dragoman, file)
    with served(new.app) as url:
        assert dragoman("replay", str(file), "--target", url, *known).status == 0
    with Result(Path("old.rec.replay")) as result:
        said = b"".join(one.request.body + (one.response.body if one.response else b"") for one in result.exchanges())
        heads = b"".join(value for one in result.exchanges() for _, value in one.request.headers)
    for ticket in new.tickets:
        assert ticket.encode() not in said + heads
    assert b'"password": "ann"' not in said
    assert b"redacted-" in said


def test_nothing_is_sent_without_a_secret_and_it_may_come_from_the_environment(
    dragoman: Commands, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = Legacy(seed=2)
    _, given = secrets(dragoman, file)
    mark = given.removesuffix("=ann")
    with served(new.app) as url:
        refused = dragoman("replay", str(file), "--target", url, "--force")
        assert (refused.status, refused.err) == (2, f"dragoman: missing secret {mark} (--secret {mark}=VALUE)\n")
        assert not new.tasks
        monkeypatch.setenv(mark.upper().replace("-", "_"), "ann")
        assert dragoman("replay", str(file), "--target", url).status == 0
        assert len(new.tasks) == 3


def test_a_file_of_secrets_without_them_is_unusable(dragoman: Commands, file: Path) -> None:
    Path("secrets").write_text("password=ann\n")
    done = dragoman("replay", str(file), "--demo", "--secret", "@secrets")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("dragoman: secrets, line 1: a line is MARK=SECRET")


@pytest.mark.parametrize("option", ["--noise", "--waivers"])
def test_a_result_stays_where_nothing_can_be_judged(
    option: str, dragoman: Commands, exchanges: list[Exchange], tmp_path: Path
) -> None:
    file = str(write(tmp_path / "old.rec", exchanges))
    Path("bad.toml").write_text("wrong = 1\n")
    new = Legacy(seed=2)
    with served(new.app) as url:
        assert dragoman("replay", file, "--target", url).status == 0
        before = Path(f"{file}.replay").read_bytes()
        assert dragoman("replay", file, "--target", url, "--force", option, "bad.toml").status == 2
    assert Path(f"{file}.replay").read_bytes() == before
    assert len(new.tasks) == 3


def test_what_must_not_be_sent_is_not(dragoman: Commands, exchanges: list[Exchange], tmp_path: Path) -> None:
    old = Legacy(seed=3)
    with served(old.app) as url:
        port = int(url.rpartition(":")[2])
        file = str(write(tmp_path / "own.rec", exchanges, port=port))
        refused = dragoman("replay", file, "--target", f"http://localhost:{port}/")
        assert refused == (
            2,
            "",
            f"dragoman: http://localhost:{port} is the server that was recorded; --force sends it there all the same\n",
        )
        dry = dragoman("replay", file, "--target", url, "--dry-run")
        assert dry.status == 0
        assert "would be refused" in dry.out
        assert "POST /api/tasks  behind 1" in dry.out
        assert not old.tasks
        assert dragoman("replay", file, "--target", url, "--force").status == 0
        assert len(old.tasks) == 3
    gone = dragoman("replay", file, "--target", url, "--force")
    assert (gone.status, gone.out) == (5, "")
    assert gone.err.startswith(f"dragoman: nothing answers at {url}: ")


def test_only_what_failed_is_sent_again(dragoman: Commands, exchanges: list[Exchange], tmp_path: Path) -> None:
    """The completion is mended on the running server: only the looks that differed are repeated."""
    over_json = exchanges[:12]
    file = str(write(tmp_path / "old.rec", over_json))
    new = Legacy(seed=2, bugs=IDLE)
    with served(new.app) as url:
        assert dragoman("replay", file, "--target", url, *SUSPICIOUS).status == 1
        refused = dragoman("replay", file, "--target", url)
        assert (refused.status, refused.err.partition(": --")[0]) == (2, f"dragoman: {file}.replay is there already")
        next(iter(new.tasks.values()))["state"] = "DONE"
        again = dragoman("replay", file, "--target", url, "--only", "failed", *SUSPICIOUS)
        assert again.status == 0, again.out
        assert len(new.tasks) == 2
    with Result(Path("old.rec.replay")) as result:
        assert len(result) == len(over_json)


def test_an_interrupted_replay_goes_on(dragoman: Commands, exchanges: list[Exchange], tmp_path: Path) -> None:
    """What there was of it is in the result: the others are sent, with ids and tickets that fit."""
    file = write(tmp_path / "old.rec", exchanges[:6], redacted=True)
    known = secrets(dragoman, file)
    new = Legacy(seed=2)
    with served(new.app) as url:
        assert dragoman("replay", str(file), "--target", url, *known).status == 0
        write(file, exchanges[6:], redacted=True)
        done = dragoman("replay", str(file), "--target", url, *known, "--resume")
        assert done.status == 0, done.out
    with Result(Path("old.rec.replay")) as result:
        assert len(result) == len(exchanges)
    assert len(new.tasks) == 3


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        ([], 2, "where to? Give one of --target, --demo and --database-url"),
        (["--demo", "--target", "http://localhost"], 2, "where to?"),
        (["--target", "localhost"], 2, "--target: localhost is no address"),
        (["--demo", "--paced", "-1"], 2, "--paced is a number above 0"),
        (["--demo", "--secret", "x"], 2, "--secret is MARK=VALUE"),
        (["--demo", "--resume"], 2, "old.rec.replay: No such file or directory"),
        (["--demo", "--noise", "none.toml"], 2, "none.toml: No such file or directory"),
        (["--demo", "--identities", "bad.toml"], 2, "bad.toml: identity 1: there is no wrong"),
        (["--demo", "--out", "old.rec"], 2, "old.rec is there already, and is not what came of a replay"),
    ],
)
def test_refusals_are_one_line(
    arguments: list[str], status: int, told: str, dragoman: Commands, exchanges: list[Exchange], tmp_path: Path
) -> None:
    write(tmp_path / "old.rec", exchanges)
    Path("bad.toml").write_text("[[identity]]\nwrong = 1\n")
    done = dragoman("replay", "old.rec", *arguments)
    assert (done.status, done.out) == (status, "")
    assert done.err.startswith("dragoman: ")
    assert told in done.err
    assert done.err.count("\n") == 1


async def _on_the_demo_world(template: Path, folder: Path) -> list[Exchange]:
    async with open_world(template, folder) as world:
        recorder = Recorder(world.gateway)
        demo = {"Authorization": basic("demo"), "Content-Type": "application/json"}
        found = json.loads((await recorder.ask("POST", "/v2/user-tasks/search", "{}", demo)).body)
        key = found["items"][0]["userTaskKey"]
        await recorder.ask("GET", f"/v2/user-tasks/{key}", None, demo)
        await recorder.ask("POST", f"/v2/user-tasks/{key}/completion", "{}", demo)
        await recorder.ask("GET", f"/v2/user-tasks/{key}", None, demo)
        await recorder.ask("GET", f"/v2/user-tasks/{key}", None, {"Authorization": basic("nobody")})
    return recorder.recorded


@pytest.mark.parametrize("where", [["--demo"], ["--database-url"]], ids=["demo", "database"])
def test_on_a_gateway_of_its_own(
    where: list[str], dragoman: Commands, template: Path, tmp_path: Path, copied: Callable[[], str]
) -> None:
    """Its database may be any, like a copy of the world that was recorded."""
    file = write(tmp_path / "demo.rec", asyncio.run(_on_the_demo_world(template, tmp_path)))
    arguments = [*where, copied()] if where == ["--database-url"] else where
    for _ in range(1 if where == ["--database-url"] else 2):
        done = dragoman("replay", str(file), *arguments, "--force")
        assert done.status == 0, done.out + done.err
        assert "5 exchanges: 5 equal" in done.out


@pytest.fixture
def copied(template: Path, tmp_path: Path) -> Callable[[], str]:
    def copy() -> str:
        path = tmp_path / "copy.db"
        path.write_bytes(template.read_bytes())
        return f"sqlite:///{path}"

    return copy
