"""What the tests themselves rely on."""

import os
import sys
from pathlib import Path

import pytest

from tests.support import replay, tools
from tests.support.clock import MovableClock
from tests.support.left_out import KEY, LeftOut
from tests.support.postgresql import fresh_database, tidy

PRINTS = "print('v1.2.10 of something else 7')"


def test_a_program_has_to_be_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tools.program("sh")() == ""
    monkeypatch.setenv("PATH", "/nowhere")
    assert tools.program("sh")() == "sh is not on the path"


@pytest.mark.parametrize(
    ("least", "text"),
    [
        ((1, 2, 9), ""),
        ((1, 2, 10), ""),
        ((1, 3), f"{sys.executable} is 1.2.10, not 1.3 or newer"),
    ],
)
def test_a_version_is_compared_by_numbers(least: tuple[int, ...], text: str) -> None:
    assert tools.version(least, sys.executable, "-c", PRINTS)() == text


def test_a_program_without_its_modules_is_not_enough() -> None:
    assert tools.works("it", sys.executable, "-c", "import json")() == ""
    for command in ((sys.executable, "-c", "import nothing_of_that_name"), ("/nowhere/python", "-c", "1")):
        assert tools.works("it", *command)() == "it is not installed"


def test_what_was_installed_for_an_older_list_is_not_enough(tmp_path: Path) -> None:
    stamp, listed = tmp_path / "installed", tmp_path / "list"
    listed.touch()
    check = tools.newer("it", stamp, listed)
    assert check() == "it is not installed"
    stamp.touch()
    assert check() == ""
    os.utime(listed, (stamp.stat().st_atime, stamp.stat().st_mtime + 1))
    assert check() == "it is not installed"


def report(nodeid: str, *missing: str) -> pytest.TestReport:
    properties = [(KEY, name) for name in missing]
    return pytest.TestReport(
        nodeid=nodeid,
        location=("", 0, ""),
        keywords={},
        outcome="skipped",
        longrepr=None,
        when="setup",
        user_properties=properties,
    )


def test_nothing_is_left_out_silently(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORBID_TOOLS", raising=False)
    left_out = LeftOut()
    left_out.pytest_runtest_logreport(report("a", "curl", "node-soap"))
    left_out.pytest_runtest_logreport(report("b", "git-checkout"))
    assert left_out.count == 2
    assert tools.summary(left_out.needs) == (
        "left out for want of curl, node-soap (`make interop` brings it); git-checkout (`git clone` brings it)"
    )
    assert left_out.wrong() == ""
    monkeypatch.setenv("FORBID_TOOLS", "1")
    left_out.needs.update(set(tools.NEEDS) - {"php"})
    assert left_out.wrong() == "not left out: php"
    left_out.pytest_runtest_logreport(report("c"))
    assert left_out.wrong() == "left out for no need of tests/support/tools.py: c"


def test_a_clock_stands_still_and_is_put_forward() -> None:
    clock = MovableClock()
    before = clock()
    clock.forward(60_000)
    assert clock() >= before + 60_000
    clock.stop()
    now = clock()
    clock.forward(1)
    assert clock() == now + 1


@pytest.mark.postgresql
def test_databases_that_nobody_is_connected_to_are_dropped(postgresql: str) -> None:
    import psycopg

    def there(name: str) -> bool:
        with psycopg.connect(postgresql) as connection:
            return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None

    used, unused = fresh_database(postgresql), fresh_database(postgresql)
    names = [url.partition("?")[0].rpartition("/")[2] for url in (used, unused)]
    with psycopg.connect(used):
        tidy()
        assert [there(name) for name in names] == [True, False]


def test_a_golden_exchange_tells_the_titles_of_its_cases(capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(__file__).parents[2] / "wire" / "camunda" / "assignment.http"
    assert replay.main(str(path)) == 0
    assert capsys.readouterr().out.splitlines()[:2] == ["Take an open task", "Claim it"]
    assert replay.main(str(path), "no such words") == 1
    assert "no case of" in capsys.readouterr().err
