"""How a gateway starts and stops, as whoever starts it sees it."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import urllib.request
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from gateway.exits import Exit
from tests.support.forks import run
from tests.support.server import launch, own_port

COLOUR = re.compile(r"\033\[\d+m")


def serve(folder: Path, *arguments: str, stderr: int = subprocess.PIPE, **environment: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "gateway", "serve", *arguments]
    environment = {**os.environ, **environment}
    return subprocess.Popen(command, cwd=folder, stderr=stderr, stdout=subprocess.DEVNULL, text=True, env=environment)


def refused(folder: Path, *arguments: str, **environment: str) -> tuple[int, list[dict[str, Any]]]:
    done = run("serve", *arguments, folder=folder, environment={**os.environ, **environment})
    return done.returncode, [json.loads(line) for line in done.stderr.splitlines()]


def test_listening_is_said_when_the_first_request_is_answered(tmp_path: Path) -> None:
    port = own_port()
    (tmp_path / "dragoman.toml").write_text(f"port = {port}")
    process = serve(tmp_path, "--demo", DRAGOMAN_LOG_REQUESTS="false")
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(json.loads(line))
        if said[-1]["event"].startswith("listening"):
            break
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready") as answer:
        assert answer.status == 200
    process.send_signal(signal.SIGTERM)
    _, rest = process.communicate()
    said += [json.loads(line) for line in rest.splitlines()]
    assert [line["event"] for line in said] == [
        f"settings come from the file {tmp_path}/dragoman.toml; the environment: DRAGOMAN_LOG_REQUESTS",
        "making the tables of the database data/dragoman.db",
        "serving the demo world: every password is the user's name",
        f"listening on http://127.0.0.1:{port}",
        "stopping: 0 connections are open",
        "stopped",
    ]
    assert process.returncode == Exit.DONE


def test_nobody_waits_for_whoever_reads_the_log(tmp_path: Path) -> None:
    """More is logged than a pipe holds, and read only afterwards."""
    process = serve(tmp_path, "--port", "0")
    assert process.stderr is not None
    events = (json.loads(line) for line in process.stderr)
    listening = next(line["event"] for line in events if line["event"].startswith("listening"))
    connection = HTTPConnection(listening.partition("//")[2])
    for n in range(100):
        connection.request("GET", f"/v2/{n}/{'x' * 2000}")
        answer = connection.getresponse()
        assert (answer.status, len(answer.read()) > 0) == (401, True)
    connection.close()
    requests = (line["path"] for line in events if line["event"] == "request")
    assert [next(requests).split("/")[2] for _ in range(100)] == [str(n) for n in range(100)]
    process.send_signal(signal.SIGTERM)
    _, rest = process.communicate()
    assert json.loads(rest.splitlines()[-1])["event"] == "stopped"


@pytest.mark.parametrize(
    ("arguments", "environment", "status", "text"),
    [
        (
            ("--database-url", "postgresql://ann:s3cret@127.0.0.1:1/tasks"),
            {},
            Exit.DATABASE,
            "cannot reach the database tasks at 127.0.0.1:1: Connection refused",
        ),
        (("--database-url", "sqlite:///broken"), {}, Exit.DATABASE, "cannot open broken: file is not a database"),
        (
            ("--host", "203.0.113.1"),
            {},
            Exit.NETWORK,
            "cannot listen on 203.0.113.1:PORT: Cannot assign requested address",
        ),
        (
            ("--host", "nowhere.invalid"),
            {},
            Exit.NETWORK,
            "cannot listen on nowhere.invalid:PORT: Name or service not known",
        ),
        ((), {"DRAGOMAN_CAMUNDA_PREFIX": "/c8", "DRAGOMAN_CAMUNDA_AUTHENTICATION": "x"}, Exit.SETTINGS, None),
        ((), {"DRAGOMAN_PROCESSES": '[{"file": "no.bpmn"}]'}, Exit.REFUSED, "there is no file no.bpmn"),
    ],
)
def test_what_keeps_it_from_starting_is_one_line(
    arguments: tuple[str, ...], environment: dict[str, str], status: Exit, text: str | None, tmp_path: Path
) -> None:
    (tmp_path / "broken").write_text("no database\n" * 500)
    port = str(own_port())
    code, said = refused(tmp_path, "--port", port, *arguments, **environment)
    errors = [line for line in said if line["level"] == "error"]
    assert (code, len(errors)) == (status, 1)
    if text is not None:
        assert errors[0]["event"] == f"could not start: {text.replace('PORT', port)}"
    assert "exception" not in errors[0]
    assert not any("listening" in line["event"] for line in said)


def test_two_on_one_port_and_two_on_one_file(tmp_path: Path) -> None:
    running = launch(tmp_path, f"sqlite:///{tmp_path}/a.db")
    try:
        code, said = refused(tmp_path, "--port", str(running.port), "--database-url", "sqlite:///b.db")
        assert code == Exit.NETWORK
        assert said[-1]["event"].endswith("there is something on this port already")
        assert not (tmp_path / "b.db").exists()
        code, said = refused(tmp_path, "--port", str(own_port()), "--database-url", "sqlite:///a.db")
        assert code == Exit.DATABASE
        assert f"a.db is in use by process {running.process.pid}" in said[-1]["event"]
    finally:
        running.terminate()


def on_a_terminal(folder: Path, *arguments: str, **environment: str) -> str:
    """What is on the terminal when a gateway has said that it stopped."""
    ours, theirs = pty.openpty()
    process = serve(folder, "--port", str(own_port()), *arguments, stderr=theirs, **environment)
    os.close(theirs)
    shown, asked_to_stop = "", False
    try:
        while select.select([ours], [], [], None)[0]:
            shown += os.read(ours, 4096).decode()
            if "listening" in shown and not asked_to_stop:
                process.send_signal(signal.SIGINT)
                asked_to_stop = True
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert process.wait() == Exit.DONE
    return shown


def test_people_at_a_terminal_read_text(tmp_path: Path) -> None:
    shown = on_a_terminal(tmp_path, DRAGOMAN_LOG_LEVEL="info", TERM="xterm")
    assert COLOUR.search(shown)
    plain = COLOUR.sub("", shown).splitlines()
    assert re.fullmatch(r"\d\d:\d\d:\d\d  listening on http://127\.0\.0\.1:\d+", plain[-3])
    assert plain[-1].endswith("  stopped")
    shown = on_a_terminal(tmp_path, TERM="xterm", NO_COLOR="1")
    assert "listening on" in shown
    assert not COLOUR.search(shown)
    assert '"event":"stopped"' in on_a_terminal(tmp_path, DRAGOMAN_LOG_FORMAT="json")


def test_the_prompts_of_a_terminal(tmp_path: Path) -> None:
    """They say what is asked for, and the password is not shown."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "gateway", "user", "add", "ann"]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    shown = ""
    try:
        while select.select([ours], [], [], None)[0]:
            shown += os.read(ours, 4096).decode()
            if shown.endswith(": "):
                os.write(ours, b"s3cret\n")
    except OSError:
        pass
    os.close(ours)
    assert process.wait() == Exit.DONE
    assert shown.split("\r\n") == [
        "New password for ann: ",
        "New password for ann once more: ",
        "added ann",
        "",
    ]
