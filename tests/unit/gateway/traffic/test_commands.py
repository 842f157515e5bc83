"""The commands on recordings, from a shell."""

import json
import random
import resource
import select
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from gateway.traffic.recording import Recording
from tests.support.cli import Commands
from tests.support.cli import dragoman as run
from tests.support.recorders import old_server, recorder
from tests.support.server import until

TICKET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def dragoman(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    """In an empty folder."""
    monkeypatch.chdir(tmp_path)
    return Commands(monkeypatch, capsys)


def count(file: Path) -> int:
    with Recording(file) as recording:
        return len(recording)


def ask(url: str, body: bytes = b"", **headers: str) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(url, body or None, headers)) as answer:
        return bytes(answer.read())


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Somebody logs in and asks something."""
    file = tmp_path_factory.mktemp("recorded") / "a.rec"
    with old_server() as upstream, recorder(file, upstream) as running:
        ticket = json.loads(ask(running.url + "/login", b'{"user":"ann","password":"s3cret"}'))["ticket"]
        ask(running.url + "/tasks/1234", b"hello", Authorization=f"Bearer {ticket}")
        assert running.stop() == (0, f"2 exchanges recorded in {file}\n", "")
    return file


def test_what_is_in_a_recording(recorded: Path, dragoman: Commands) -> None:
    status, out, err = dragoman("recording", "show", str(recorded))
    assert (status, err) == (0, "")
    assert "2 exchanges, " in out
    assert "operations:\n       1 POST /login\n       1 POST /tasks/{id}\n" in out
    assert "sessions:\n       1 connection 1\n       1 session 1\n" in out
    assert "  password, 1 times, first in 1 (request: password)" in out
    assert "  token, 2 times, first in 1 (answer: ticket)" in out


def test_one_exchange_with_all_that_was_said(recorded: Path, dragoman: Commands) -> None:
    out = dragoman("recording", "show", str(recorded), "2").out
    assert "POST /tasks/1234 HTTP/1.1\n" in out
    assert "Authorization: Bearer redacted-" in out
    assert '\n{"said": "hello"}\n' in out
    assert TICKET not in out
    assert dragoman("recording", "show", str(recorded), "3") == (
        1,
        "",
        f"dragoman: {recorded} has no exchange 3\n",
    )


def test_lists(recorded: Path, dragoman: Commands) -> None:
    def numbers(*arguments: str) -> list[str]:
        return [line.split()[0] for line in dragoman("recording", "list", str(recorded), *arguments).out.splitlines()]

    assert numbers() == ["1", "2"]
    assert numbers("--session", "session 1") == ["2"]
    assert numbers("--operation", "POST /login") == ["1"]
    assert numbers("--status", "404") == numbers("--status", "0") == numbers("--lacking") == []


@pytest.mark.parametrize("name", ["a.har", "a.har.gz", "a.gor"])
def test_out_and_in_again(recorded: Path, dragoman: Commands, name: str) -> None:
    assert dragoman("recording", "export", str(recorded), name) == (0, "", "")
    assert dragoman("recording", "import", "b.rec", name) == (0, "2 entries, 2 replayable\n", "")
    assert '\n{"said": "hello"}\n' in dragoman("recording", "show", "b.rec", "2").out
    again = dragoman("recording", "export", str(recorded), name)
    assert again == (2, "", f"dragoman: {name} is there already\n")


def test_several_files_at_once(recorded: Path, dragoman: Commands) -> None:
    dragoman("recording", "export", str(recorded), "a.har")
    out = dragoman("recording", "import", "b.rec", "a.har", "a.har").out
    assert out == "2 entries, 2 replayable in a.har\n" * 2


def test_names_of_formats(recorded: Path, dragoman: Commands) -> None:
    assert dragoman("recording", "export", str(recorded), "a.txt").status == 2
    assert dragoman("recording", "export", str(recorded), "a.txt", "--format", "goreplay").status == 0
    assert dragoman("recording", "import", "b.rec", "a.txt").out == "2 entries, 2 replayable\n"


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("show", "none.rec"), 2, "none.rec: No such file or directory"),
        (("show", "text"), 2, "text is no recording"),
        (("show", "."), 2, ". is no file"),
        (("list", "text"), 2, "text is no recording"),
        (("export", "text", "a.har"), 2, "text is no recording"),
        (("list", "none.rec"), 2, "none.rec: No such file or directory"),
        (("export", "none.rec", "a.har"), 2, "none.rec: No such file or directory"),
        (("export", "text", "good.har"), 2, "text is no recording"),
        (("import", "a.rec", "none.har"), 2, "none.har: No such file or directory"),
        (("import", "a.rec", "text"), 2, "text is neither a HAR file nor one of GoReplay's"),
        (("import", "a.rec", "empty"), 2, "empty is empty"),
        (("import", "text", "good.har"), 2, "text is no recording"),
        (("import", "no/folder/a.rec", "text"), 2, "text is neither a HAR file nor one of GoReplay's"),
        (
            ("import", "a.rec", "good.har", "--keep-secrets", "--redact", "x"),
            2,
            "--redact and --keep-secrets do not go",
        ),
        (("show", "good.har", "x"), 2, "invalid value for"),
    ],
)
def test_refusals_are_one_line(
    dragoman: Commands, tmp_path: Path, arguments: tuple[str, ...], status: int, words: str
) -> None:
    (tmp_path / "text").write_text("not a recording")
    (tmp_path / "empty").touch()
    (tmp_path / "good.har").write_text('{"log":{"entries":[{"request":{"url":"http://a/"}}]}}')
    done = dragoman("recording", *arguments)
    assert done.status == status
    assert done.err.startswith(f"dragoman: {words}")
    assert done.err.count("\n") == 1
    assert not (tmp_path / "a.rec").exists()


def test_a_file_that_was_cut_is_imported_as_far_as_it_goes(dragoman: Commands, tmp_path: Path) -> None:
    (tmp_path / "cut.har").write_text(
        '{"log":{"entries":[{"request":{"url":"http://a/"}, "response":{"status":200}}, {"re'
    )
    status, out, err = dragoman("recording", "import", "a.rec", "cut.har")
    assert out.startswith("1 entries, 1 replayable\n")
    assert "  the file is cut: it is no JSON from there on" in out
    assert (status, err) == (1, "dragoman: cut.har is cut, and was imported as far as it goes\n")
    assert dragoman("recording", "list", "a.rec").out.count("\n") == 1


def test_a_recording_goes_on_with_the_same_server_only(recorded: Path) -> None:
    with old_server() as another:
        command = ["record", str(recorded), "--upstream", another, "--port", "0"]
        done = run(*command)
    assert done.returncode == 2
    assert "is a recording with port " in done.stderr
    assert done.stderr.count("\n") == 1


def test_secrets_are_kept_or_not_in_all_of_a_recording(tmp_path: Path) -> None:
    file = tmp_path / "a.rec"
    with old_server() as upstream:
        with recorder(file, upstream, "--keep-secrets") as running:
            ask(running.url + "/login", b'{"password":"s3cret"}')
            assert running.stop(signal.SIGINT)[0] == 0
        assert b"s3cret" in file.read_bytes()
        assert not (tmp_path / "a.rec.key").exists()
        done = run("record", str(file), "--upstream", upstream, "--port", "0")
    assert "is a recording with secrets kept, and cannot go on with secrets redacted" in done.stderr


def test_two_recorders_on_one_file(tmp_path: Path) -> None:
    file = tmp_path / "a.rec"
    with old_server() as upstream, recorder(file, upstream):
        done = run("record", str(file), "--upstream", upstream, "--port", "0")
    assert (done.returncode, done.stderr) == (2, f"dragoman: {file} is being written by another process\n")


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run("record", str(tmp_path / "a.rec"), "--upstream", "http://old", "--port", port)
    assert (done.returncode, done.stderr.count("\n")) == (5, 1)
    assert not (tmp_path / "a.rec").exists()


@pytest.mark.parametrize("upstream", ["old", "http://old/path", "ftp://old"])
def test_an_upstream_that_is_none(tmp_path: Path, upstream: str) -> None:
    done = run("record", str(tmp_path / "a.rec"), "--upstream", upstream)
    assert done.returncode == 2
    assert done.stderr.startswith("dragoman: --upstream")


def test_a_full_disk_keeps_no_client_from_the_server(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "a.rec"
    with old_server() as upstream, recorder(file, upstream) as running:
        ask(running.url + "/", b"first")
        until(lambda: count(file))
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (200_000, 200_000))
        assert running.process.stderr is not None
        told = select.poll()
        told.register(running.process.stderr, select.POLLIN)
        asked = 1
        while not told.poll(0):
            body = random.randbytes(20_000).hex().encode()
            assert json.loads(ask(running.url + "/", body)) == {"said": body.decode()}
            asked += 1
        assert json.loads(ask(running.url + "/", b"still")) == {"said": "still"}
        status, out, err = running.stop()
    assert status == 1
    assert err.startswith(f"dragoman: warning: nothing is recorded any more, clients are served: {file}: ")
    assert "exchanges could not be recorded: " in err
    assert 0 < count(file) <= asked
    assert out == f"{count(file)} exchanges recorded in {file}\n"


def test_the_server_is_away_and_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "a.rec"
    with old_server() as upstream:
        pass
    with recorder(file, upstream) as running:
        with pytest.raises(urllib.error.HTTPError, match="502"):
            ask(running.url + "/")
        assert running.stop() == (0, f"1 exchanges recorded in {file}\n", "")
    assert "no connection to" in run("recording", "list", str(file), "--lacking").stdout


@pytest.mark.needs("curl")
def test_curl(tmp_path: Path) -> None:
    file = tmp_path / "a.rec"
    with old_server() as upstream, recorder(file, upstream) as running:
        for arguments in (
            ["-X", "POST", "-d", "a=1", f"{running.url}/a", "--next", "-s", f"{running.url}/b"],
            ["-H", "Transfer-Encoding: chunked", "-d", "", f"{running.url}/chunked"],
            ["--http1.0", f"{running.url}/old"],
            ["-H", "Expect: 100-continue", "-d", "x" * 5000, f"{running.url}/continue"],
        ):
            done = subprocess.run(["curl", "-s", "-f", *arguments], input=b"", capture_output=True, check=True)
            assert b'"said"' in done.stdout
        assert running.stop()[1].startswith("5 exchanges recorded")
