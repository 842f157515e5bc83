"""What clients of all five dialects say to a gateway, recorded twice: what was learned of it leaves no false alarm, and
hides no change."""

import asyncio
import json
from pathlib import Path

import pytest

from gateway.traffic.exchange import Exchange
from tests.support.cli import Commands
from tests.support.elsewhere import move_on
from tests.support.planted import plant
from tests.support.script import Script, with_a_shelf
from tests.support.world import open_world
from tests.support.written import write


async def said(template: Path, folder: Path, *, is_elsewhere: bool = False) -> list[Exchange]:
    if is_elsewhere:
        move_on(template)
    async with open_world(template, folder) as world:
        script = Script(with_a_shelf(world.gateway))
        for asked in await script.prepare():
            await script.ask(*asked)
    return script.recorder.recorded


@pytest.fixture(scope="module")
def runs(template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Exchange], list[Exchange]]:
    """The second one where keys and numbers are further on."""
    folder = tmp_path_factory.mktemp("runs")
    other = folder / "other.db"
    other.write_bytes(template.read_bytes())
    return asyncio.run(said(template, folder)), asyncio.run(said(other, folder, is_elsewhere=True))


@pytest.fixture
def dragoman(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    runs: tuple[list[Exchange], list[Exchange]],
) -> Commands:
    """Beside both recordings."""
    monkeypatch.chdir(tmp_path)
    for name, exchanges in zip(("a.rec", "b.rec"), runs, strict=True):
        write(tmp_path / name, exchanges)
    return Commands(monkeypatch, capsys)


def test_after_learning_there_is_no_false_alarm(dragoman: Commands) -> None:
    done = dragoman("learn", "a.rec", "b.rec", "--out", "rules.toml")
    assert done.status == 0, done.err
    done = dragoman("diff", "a.rec", "b.rec", "--noise", "rules.toml", "--fail-on", "bytes", "--json", "-")
    report = json.loads(done.out)
    assert report["differences"] == []
    assert report["exchanges"]["equal"] == report["exchanges"]["seen"] > 30
    assert done.status == 0


def test_what_was_learned_hides_no_change(
    dragoman: Commands, runs: tuple[list[Exchange], list[Exchange]], seed: int, tmp_path: Path
) -> None:
    """One that is planted into each answer of the second run."""
    assert dragoman("learn", "a.rec", "b.rec", "--out", "rules.toml").status == 0
    changed = []
    for one in runs[1]:
        assert one.response is not None
        made = plant("an_added_header", one.response, seed)
        assert made is not None
        changed.append(Exchange(one.number, one.began, one.ended, one.connection, one.request, response=made.answer))
    write(tmp_path / "c.rec", changed)
    done = dragoman("diff", "a.rec", "c.rec", "--noise", "rules.toml", "--json", "-")
    exchanges = json.loads(done.out)["exchanges"]
    assert exchanges["different"] == exchanges["seen"] == len(changed)
