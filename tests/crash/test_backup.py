"""A backup under load has everything that was acknowledged before, and nothing by half; the way back is the one in the
documentation."""

import asyncio
import os
import re
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from gateway.exits import Exit
from tests.conftest import fresh_database
from tests.crash.test_kill import Notes, Round, _check
from tests.support.forks import run
from tests.support.server import Server, launch

pytestmark = pytest.mark.crash

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
BACKUPS = 4
#: the commands of the page, in order: make a copy, go back to it
BACKUP, RESTORE = re.findall(r"^```sh\n(.*?)^```$", PAGE.partition("### Backups")[2], re.MULTILINE | re.DOTALL)[:2]


def shell(text: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """As somebody types it in the gateway's folder."""
    text = text.replace(".venv/bin/dragoman", f"{sys.executable} -m gateway").replace("/var/backups", "backups")
    return subprocess.run(["sh", "-ec", text], cwd=folder, capture_output=True, text=True)


async def _load_with_backups(server: Server, notes: Notes, folder: Path, seed: int) -> None:
    working = asyncio.create_task(Round(server, notes, left=-1).run(seed))
    copy = folder / "backups" / "dragoman.db"
    for number in range(1, BACKUPS + 1):
        while True:
            if len(notes.started) >= 10 * number:
                break
            await asyncio.sleep(0.01)
        before = Notes(set(notes.started), set(notes.completed))
        done = await asyncio.to_thread(shell, BACKUP, folder)
        assert (done.returncode, done.stdout) == (0, "the copy is backups/dragoman.db\n"), done.stderr
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
        assert os.listdir(copy.parent) == ["dragoman.db"], "nothing is beside it"
        _check(copy, before)
        if number < BACKUPS:
            copy.unlink()
    server.kill()
    await working


@pytest.mark.needs("coreutils")
def test_a_backup_under_load_and_the_way_back(template: Path, tmp_path: Path, seed: int) -> None:
    for name in ("data", "backups"):
        (tmp_path / name).mkdir(mode=0o700)
    path = tmp_path / "data" / "dragoman.db"
    with sqlite3.connect(template) as source, sqlite3.connect(path) as target:
        source.backup(target)
    source.close()
    target.close()
    notes = Notes()
    server = launch(tmp_path, "sqlite:///data/dragoman.db", DRAGOMAN_LOG_REQUESTS="false")
    try:
        asyncio.run(_load_with_backups(server, notes, tmp_path, seed))
    finally:
        if server.process.poll() is None:
            server.kill()
    assert (tmp_path / "data" / "dragoman.db-wal").exists(), "what was killed leaves its log behind"

    restored = shell(RESTORE, tmp_path)
    assert restored.returncode == 0, restored.stderr
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with sqlite3.connect(tmp_path / "backups" / "dragoman.db") as copy:
        kept = {
            row[0] for row in copy.execute("SELECT uid FROM task WHERE state = 'CREATED' AND assignee = 'testuser'")
        }
    copy.close()
    server = launch(tmp_path, "sqlite:///data/dragoman.db", DRAGOMAN_LOG_REQUESTS="false")
    try:
        listed = httpx2.get(f"{server.url}/ibis/rest/task/tasks", auth=("testuser", "testuser"), timeout=60).text
        starter = "/ibis/rest/task/adhoc/testuser/74933f6c-72c6-44c5-9e90-91070f98c7dd"
        assert httpx2.post(server.url + starter, auth=("testuser", "testuser")).status_code == 201
    finally:
        assert server.terminate() == 0
    assert kept
    for uid in kept:
        assert f"{uid[:8]}-{uid[8:12]}-" in listed
    _check(path, Notes())


def dragoman(folder: Path, *arguments: str) -> tuple[int, str, str]:
    done = run(*arguments, folder=folder)
    return done.returncode, done.stdout, done.stderr


def test_what_a_backup_refuses(template: Path, tmp_path: Path) -> None:
    url = ("--database-url", f"sqlite:///{template}")
    (tmp_path / "there").write_text("precious")
    refused = dragoman(tmp_path, "backup", "there", *url)
    assert refused == (Exit.REFUSED, "", "dragoman: there: there is a file already\n")
    assert (tmp_path / "there").read_text() == "precious"
    assert dragoman(tmp_path, "backup", "no/where", *url)[2] == "dragoman: no: there is no such folder\n"
    nothing = dragoman(tmp_path, "backup", "copy", "--database-url", "sqlite:///no.db")
    assert nothing == (Exit.DATABASE, "", "dragoman: no database at no.db\n")
    assert os.listdir(tmp_path) == ["there"]


def test_a_backup_of_a_damaged_file_is_none(template: Path, tmp_path: Path) -> None:
    content = bytearray(template.read_bytes())
    content[40 * 4096 : 44 * 4096] = bytes(4 * 4096)
    (tmp_path / "damaged.db").write_bytes(content)
    status, _, told = dragoman(tmp_path, "backup", "copy", "--database-url", "sqlite:///damaged.db")
    assert status == Exit.DATABASE
    assert told.startswith("dragoman: damaged.db")
    assert told.count("\n") == 1
    assert not [name for name in os.listdir(tmp_path) if name.startswith("copy")]


@pytest.mark.postgresql
def test_postgresql_has_a_tool_of_its_own(postgresql: str, tmp_path: Path) -> None:
    status, _, told = dragoman(tmp_path, "backup", "copy", "--database-url", fresh_database(postgresql))
    assert status == Exit.USAGE
    assert told.endswith("is a PostgreSQL database: use pg_dump\n")
