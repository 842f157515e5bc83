"""One process on a SQLite file, whatever name it is opened by; and nobody else may read it."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.exits import Exit
from tests.support.forks import Fork, run
from tests.support.server import launch, start


def dragoman(
    folder: Path, *arguments: str, umask: int = 0o022, **environment: str
) -> "subprocess.CompletedProcess[str]":
    return run(*arguments, folder=folder, umask=umask, environment={**os.environ, **environment})


def add_user(folder: Path, path: str) -> "subprocess.CompletedProcess[str]":
    return dragoman(folder, "user", "add", "ann", "--database-url", f"sqlite:///{path}", DRAGOMAN_PASSWORD="s3cret")


def look_into(path: Path, table: str) -> None:
    """As another program does."""
    program = f"import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM {table}').fetchall()"
    subprocess.run([sys.executable, "-c", f"{program}; c.close()", str(path)], check=True)


def by_the_same_name(folder: Path) -> str:
    return "server.db"


def by_a_symbolic_link(folder: Path) -> str:
    (folder / "link.db").symlink_to("server.db")
    return "link.db"


def by_a_link_to_the_folder(folder: Path) -> str:
    (folder / "elsewhere").symlink_to(folder)
    return "elsewhere/server.db"


def by_a_hard_link(folder: Path) -> str:
    (folder / "hard.db").hardlink_to(folder / "server.db")
    return "hard.db"


def without_the_lock_file(folder: Path) -> str:
    (folder / "server.db.lock").unlink()
    return "server.db"


WAYS: list[Callable[[Path], str]] = [
    by_the_same_name,
    by_a_symbolic_link,
    by_a_link_to_the_folder,
    by_a_hard_link,
    without_the_lock_file,
]


@pytest.mark.parametrize("way", WAYS)
def test_a_second_process_is_refused_and_told_who_is_first(
    way: Callable[[Path], str], template: Path, tmp_path: Path
) -> None:
    with start(tmp_path, template) as running:
        name = way(tmp_path)
        refused = dragoman(tmp_path, "serve", "--port", "0", "--database-url", f"sqlite:///{name}")
        assert refused.returncode == Exit.DATABASE
        assert f"{name} is in use by process {running.process.pid}. " in refused.stderr


def test_the_file_is_free_when_its_process_was_killed(template: Path, tmp_path: Path) -> None:
    shutil.copy(template, tmp_path / "server.db")
    running = launch(tmp_path, f"sqlite:///{tmp_path}/server.db")
    served = dragoman(tmp_path, "serve", "--port", "0", "--database-url", "sqlite:///server.db")
    assert served.returncode == Exit.DATABASE
    assert f"in use by process {running.process.pid}" in served.stderr
    running.process.send_signal(signal.SIGKILL)
    running.process.wait()
    assert add_user(tmp_path, "server.db").returncode == Exit.DONE


def test_our_lock_is_no_hindrance_to_those_of_sqlite(template: Path, tmp_path: Path) -> None:
    """A program that opens and closes the file while a gateway has it must see that it is not the last one: that would
    remove the log from under the gateway's feet."""
    with start(tmp_path, template) as running:
        added = add_user(tmp_path, "server.db")  # it has opened the file as well, and closed it
        assert added.returncode == Exit.DONE
        for _ in range(2):
            look_into(tmp_path / "server.db", "task")
            assert (tmp_path / "server.db-wal").exists()
        assert running.terminate() == 0
    assert not (tmp_path / "server.db-wal").exists()


def test_two_in_one_process(tmp_path: Path) -> None:
    """Closing a descriptor of the file would take the locks of the first one's connections away."""
    from core.storage import open_store
    from core.storage.store import StoreInUse

    first = open_store(f"sqlite:///{tmp_path}/one.db")
    connection = first.connect()
    connection.execute("CREATE TABLE t (x)", {})
    (tmp_path / "two.db").hardlink_to(tmp_path / "one.db")
    for name in ("one.db", "two.db"):
        with pytest.raises(StoreInUse, match=f"in use by process {os.getpid()}"):
            open_store(f"sqlite:///{tmp_path}/{name}")
    look_into(tmp_path / "one.db", "t")
    assert (tmp_path / "one.db-wal").exists(), "the other program saw that the file is in use"
    connection.close()
    first.close()


def modes(folder: Path) -> dict[str, int]:
    return {str(p.relative_to(folder)): stat.S_IMODE(p.stat().st_mode) for p in folder.rglob("*")}


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    """As umask 0 would have it, everybody could write."""
    serve = ("serve", "--port", "0", "--database-url", "sqlite:///a/b/x.db")
    process = Fork(*serve, folder=tmp_path, stderr=subprocess.PIPE, umask=0)
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(json.loads(line))
        if lines[-1]["event"].startswith("listening"):
            break
    made = modes(tmp_path)
    copied = dragoman(tmp_path, "backup", "copy.db", "--database-url", "sqlite:///a/b/x.db", umask=0)
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert made == {
        "a": 0o700,
        "a/b": 0o700,
        **{f"a/b/x.db{end}": 0o600 for end in ("", "-wal", "-shm", ".lock", ".admin")},
    }
    assert not [line for line in lines if line["level"] == "warning"]
    assert copied.stdout == "the copy is copy.db\n"
    assert modes(tmp_path)["copy.db"] == 0o600
    assert dragoman(tmp_path, "user", "add", "ann", umask=0, DRAGOMAN_PASSWORD="x").returncode == 0
    assert {p: m for p, m in modes(tmp_path).items() if p.startswith("data")} == {
        "data": 0o700,
        "data/dragoman.db": 0o600,
        "data/dragoman.db.lock": 0o600,
    }


def test_what_is_open_to_all_is_told_and_left_so(template: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "log").touch()
    shutil.copy(template, tmp_path / "server.db")
    (tmp_path / "server.db").chmod(0o644)
    checked = dragoman(tmp_path, "check", "--database-url", "sqlite:///server.db")
    concern = (
        "server.db is open to every account of this machine (mode 644), and digests of passwords and keys are in it: "
        "chmod o= server.db*"
    )
    assert checked.stdout.endswith(f"warning: {concern}\n")
    running = launch(tmp_path, "sqlite:///server.db")
    running.terminate()
    events = [json.loads(line) for line in running.log.read_text().splitlines()]
    assert next(e["event"] for e in events if e["level"] == "warning") == concern
    assert stat.S_IMODE((tmp_path / "server.db").stat().st_mode) == 0o644
    for file, folder in ((0o640, 0o755), (0o644, 0o750)):  # a decision; nobody comes that far
        (tmp_path / "server.db").chmod(file)
        tmp_path.chmod(folder)
        assert "warning" not in dragoman(tmp_path, "check", "--database-url", "sqlite:///server.db").stdout


def test_a_file_with_two_names_is_told(template: Path, tmp_path: Path) -> None:
    shutil.copy(template, tmp_path / "one.db")
    (tmp_path / "two.db").hardlink_to(tmp_path / "one.db")
    (tmp_path / "one.db").chmod(0o600)
    checked = dragoman(tmp_path, "check", "--database-url", "sqlite:///one.db")
    assert "warning: one.db has 2 names (hard links)" in checked.stdout


def test_a_file_that_is_moved_away_is_noticed(template: Path, tmp_path: Path) -> None:
    """Those who start another gateway on what they find there then lose nothing of what this one is told."""
    import httpx2

    with start(tmp_path, template) as running:
        (tmp_path / "server.db").rename(tmp_path / "old.db")
        answer = httpx2.get(f"{running.url}/ready")
        detail = "the database was moved or removed"
        assert (answer.status_code, answer.json()) == (
            503,
            {"status": "not ready", "reason": "storage", "detail": detail},
        )
        (tmp_path / "server.db").touch()
        assert httpx2.get(f"{running.url}/ready").status_code == 503
        (tmp_path / "old.db").replace(tmp_path / "server.db")
        assert httpx2.get(f"{running.url}/ready").status_code == 200
