"""Processes that are forked are like those that are started."""

import os
import signal
import subprocess
from pathlib import Path

from gateway.exits import Exit
from tests.support.forks import Fork, run
from tests.support.server import start

URL = ("--database-url", "sqlite:///x/y.db")


def test_a_command_says_what_it_says_and_ends_as_it_ends(tmp_path: Path) -> None:
    done = run("user", "add", "ann", *URL, folder=tmp_path, umask=0, environment={"DRAGOMAN_PASSWORD": "s3cret"})
    assert (done.returncode, done.stdout, done.stderr) == (Exit.DONE, "added ann\n", "")
    assert (tmp_path / "x" / "y.db").exists()
    again = run("user", "add", "ann", *URL, folder=tmp_path, environment={"DRAGOMAN_PASSWORD": "s3cret"})
    assert (again.returncode, again.stdout) == (Exit.REFUSED, "")
    assert again.stderr.startswith("dragoman: ")
    assert run("user", "list", *URL, folder=tmp_path, environment={}).stdout.startswith("ann")


def test_files_have_an_end(tmp_path: Path) -> None:
    done = run("user", "add", "ann", *URL, folder=tmp_path, file_size=0, environment={"DRAGOMAN_PASSWORD": "x"})
    assert done.returncode == Exit.DATABASE


def test_several_run_beside_each_other_and_are_killed(template: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    with start(tmp_path / "a", template) as first, start(tmp_path / "b", template) as second:
        assert first.process.poll() is None
        assert first.process.pid != second.process.pid
        assert os.readlink(f"/proc/{first.process.pid}/cwd") == str(tmp_path / "a")
        first.kill()
        assert first.process.wait() == first.process.poll() == -signal.SIGKILL
        first.process.send_signal(signal.SIGTERM)
        assert second.process.poll() is None
        assert second.terminate() == 0


def test_what_is_printed_and_said_is_more_than_a_pipe_holds() -> None:
    fork = Fork("openapi", "inubit", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = fork.communicate()
    assert (len(out) > 100_000, err, fork.wait()) == (True, "", 0)
