"""A disk that is full, a file that is damaged: what fails says so, what can go on does, and readiness knows."""

import json
import os
import re
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from gateway.exits import Exit
from tests.support.forks import run
from tests.support.server import Server, launch, start, until

STARTER = "/ibis/rest/task/adhoc/testuser/74933f6c-72c6-44c5-9e90-91070f98c7dd"
TESTUSER = ("testuser", "testuser")


def limit_files(server: Server, size: int) -> None:
    """No file of the process gets longer: for SQLite that is what a full disk is."""
    _, most = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, most))


def test_a_full_disk_is_known_and_nothing_is_left_of_it(template: Path, tmp_path: Path) -> None:
    with start(tmp_path, template, DRAGOMAN_LOG_REQUESTS="false") as running:
        with httpx2.Client(base_url=running.url, auth=TESTUSER, timeout=60) as client:
            kept = [client.post(STARTER).text]
            limit_files(running, (tmp_path / "server.db-wal").stat().st_size)
            while (answer := client.post(STARTER)).status_code == 201:
                kept.append(answer.text)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            for _ in range(20):
                assert client.post(STARTER).status_code == 503
            ready = client.get("/ready")
            assert (ready.status_code, ready.headers["retry-after"]) == (503, "5")
            assert ready.json() == {"status": "not ready", "reason": "storage", "detail": "the last write failed"}
            assert client.get("/health").status_code == 200
            assert client.get(f"/ibis/rest/task/tasks/{kept[-1]}").status_code == 200

            limit_files(running, resource.RLIM_INFINITY)
            kept.append(client.post(STARTER).text)
            assert client.get("/ready").json() == {"status": "ready"}
            for uid in kept:
                assert uid in client.get(f"/ibis/rest/task/tasks/{uid}").text
        assert running.terminate() == 0
        told = [json.loads(line)["event"] for line in running.log.read_text().splitlines()]
        failed = [event for event in told if event.startswith("writing failed: ")]
        assert len(failed) == 1, "once, whatever the number of requests"
        assert f"{tmp_path}/server.db: " in failed[0]
        assert told.count("the storage takes writes again") == 1
    with sqlite3.connect(tmp_path / "server.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


def test_readiness_finds_out_by_itself(template: Path, tmp_path: Path) -> None:
    """Nobody has to have written; and that there is space again is found out, too."""
    with start(tmp_path, template) as running, httpx2.Client(base_url=running.url, timeout=60) as client:
        limit_files(running, 4096)  # the log is on the same disk
        until(lambda: client.get("/ready").status_code == 503)
        limit_files(running, resource.RLIM_INFINITY)
        until(lambda: client.get("/ready").status_code == 200)


def serve(folder: Path, url: str, limit: int = resource.RLIM_INFINITY) -> tuple[int, list[dict[str, str]]]:
    """The status, and what is said as a warning or worse."""
    ended = run("serve", "--port", "0", "--database-url", url, folder=folder, file_size=limit)
    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    return ended.returncode, [line for line in lines if line["level"] != "info"]


@pytest.mark.parametrize("limit", [0, 8192, 100_000, 300_000])
def test_a_start_on_a_full_disk_is_one_line_that_names_the_file(limit: int, tmp_path: Path) -> None:
    """Whatever it is that has no place any more: the note in the lock file, a table, the first tenant."""
    status, said = serve(tmp_path, "sqlite:///full.db", limit)
    assert (status, len(said)) == (Exit.DATABASE, 1), said
    assert said[0]["event"].startswith("could not start: ")
    assert "full.db" in said[0]["event"]
    assert "exception" not in said[0]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path | None]:
    """A file system of 600 kB, where the tests may mount one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        yield None
        return
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("left", [0, 40_000, 300_000])
def test_a_start_on_a_disk_that_is_really_full(left: int, small_disk: Path | None, tmp_path: Path) -> None:
    """Where nothing can be mounted, the limit has to do."""
    folder, limit = small_disk or tmp_path, left
    if small_disk is not None:
        limit = resource.RLIM_INFINITY
        with (folder / "ballast").open("wb", buffering=0) as ballast:
            free = os.statvfs(folder)
            ballast.write(bytes(max(free.f_bavail * free.f_bsize - left, 0)))
    status, said = serve(tmp_path, f"sqlite:///{folder}/full.db", limit)
    assert (status, len(said)) == (Exit.DATABASE, 1), said
    assert f"{folder}/full.db" in said[0]["event"]
    if small_disk is not None:
        assert re.search(r"disk is full|disk full|No space left", said[0]["event"]), said


def damage(path: Path, table: str) -> None:
    """Zeros where the table begins."""
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode=DELETE")
        ((size,),) = database.execute("PRAGMA page_size").fetchall()
        ((page,),) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchall()
    database.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(bytes(size))


def test_a_damaged_file_is_known_when_it_is_read(template: Path, tmp_path: Path) -> None:
    shutil.copy(template, tmp_path / "damaged.db")
    damage(tmp_path / "damaged.db", "event")
    with sqlite3.connect(tmp_path / "damaged.db") as database:
        ((task,),) = database.execute("SELECT max(key) FROM task")
    database.close()
    with start(tmp_path, tmp_path / "damaged.db") as running, httpx2.Client(base_url=running.url, timeout=60) as client:
        assert client.get("/ready").status_code == 200
        history = client.get(f"/history/{task}", auth=("admin", "admin"))
        assert (history.status_code, history.headers["retry-after"]) == (503, "5")
        ready = client.get("/ready")
        assert ready.status_code == 503
        assert ready.json() == {"status": "not ready", "reason": "storage", "detail": "what is stored is damaged"}
        assert client.get("/ibis/rest/task/tasks", auth=TESTUSER).status_code == 200
        assert "server.db: database disk image is malformed" in running.log.read_text()


def truncate(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(8192)


def lose_tenants(path: Path) -> None:
    damage(path, "tenant")


@pytest.mark.parametrize("harm", [truncate, lose_tenants])
def test_a_start_on_a_broken_file_is_one_line_that_names_it(
    harm: Callable[[Path], None], template: Path, tmp_path: Path
) -> None:
    shutil.copy(template, tmp_path / "broken.db")
    harm(tmp_path / "broken.db")
    status, said = serve(tmp_path, "sqlite:///broken.db")
    assert (status, len(said)) == (Exit.DATABASE, 1), said
    assert said[0]["event"].startswith("could not start: ")
    assert said[0]["event"].endswith("broken.db: database disk image is malformed")


CHANGES = {
    "ALTER TABLE task RENAME TO tasks": "there is no table task",
    "ALTER TABLE task RENAME COLUMN assignee TO who": "the table task has no column assignee",
    "ALTER TABLE comment ADD COLUMN mood TEXT": "the table comment has a column mood",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_schema_that_is_not_what_its_version_says(change: str, template: Path, tmp_path: Path) -> None:
    shutil.copy(template, tmp_path / "odd.db")
    with sqlite3.connect(tmp_path / "odd.db") as database:
        database.execute(change)
        ((revision,),) = database.execute("SELECT version_num FROM alembic_version")
    database.close()
    status, said = serve(tmp_path, "sqlite:///odd.db")
    assert (status, len(said)) == (Exit.DATABASE, 1), said
    told = f"could not start: the database odd.db says that it has schema {revision}, but {CHANGES[change]}"
    assert said[0]["event"] == told


def test_when_no_files_are_left_the_log_says_so(template: Path, tmp_path: Path) -> None:
    with start(tmp_path, template) as running:
        _, most = resource.prlimit(running.process.pid, resource.RLIMIT_NOFILE)
        # those that it has stay open, and there is no number below that is free
        resource.prlimit(running.process.pid, resource.RLIMIT_NOFILE, (3, most))
        until(lambda: "no more files can be opened" in running.log.read_text())
        resource.prlimit(running.process.pid, resource.RLIMIT_NOFILE, (most, most))
        until(lambda: "files can be opened again" in running.log.read_text())
        lines = [json.loads(line) for line in running.log.read_text().splitlines()]
        (said,) = [line for line in lines if line["event"].startswith("no more files")]
        assert said["level"] == "error"
        assert "the limit is 3," in said["event"]


def test_a_log_that_is_taken_away_takes_what_was_in_it_and_nothing_else(template: Path, tmp_path: Path) -> None:
    """Somebody tidies up behind a gateway that was killed: the file is an older one, and whole."""
    with start(tmp_path, template) as running, httpx2.Client(base_url=running.url, auth=TESTUSER, timeout=60) as client:
        before = client.get("/ibis/rest/task/tasks").text
        uid = client.post(STARTER).text
        running.kill()
    for name in ("server.db-wal", "server.db-shm"):
        (tmp_path / name).unlink()
    with sqlite3.connect(tmp_path / "server.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
    server = launch(tmp_path, f"sqlite:///{tmp_path}/server.db")
    try:
        with httpx2.Client(base_url=server.url, auth=TESTUSER, timeout=60) as client:
            assert client.get("/ibis/rest/task/tasks").text == before
            assert uid not in before
            again = client.post(STARTER)
            assert again.status_code == 201
            assert again.text in client.get("/ibis/rest/task/tasks").text
    finally:
        assert server.terminate() == 0
