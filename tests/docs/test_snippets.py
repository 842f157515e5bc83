"""Every snippet of the documentation does what it says: a shell runs it, and what reads a file reads it."""

import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from gateway.dialects import check, plans
from gateway.processes import deploy_all
from gateway.replay.files import read as read_identities
from gateway.settings import load
from tests.support.paid import start_paid, totals
from tests.support.server import Server, own_port, start
from tests.support.world import World

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "CONTRIBUTING.md", *sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")))

#: (page, first line) -> why no test runs it
NOT_RUN = {
    ("README.md", "make run"): "installs, and serves until it is stopped",
    ("README.md", ".venv/bin/python -m hatchling build"): "the packaging tests build both",
    ("README.md", "pipx install dist/dragoman-*.whl"): "package managers, which may be absent and ask a registry",
    ("README.md", "export DRAGOMAN_DATABASE_URL=postgresql://dragoman@db.example.com/dragoman"): "no such server",
    ("docs/benchmarks.md", "make bench"): "takes half an hour",
    ("docs/operations.md", ".venv/bin/dragoman backup"): "tests/crash/test_backup.py runs it, under load",
    ("docs/operations.md", "rm -f data/dragoman.db-wal"): "tests/crash/test_backup.py runs it",
    ("docs/releasing.md", "python3 -m venv /tmp/released"): "asks a registry",
    ("docs/releasing.md", "git tag"): "it is the release",
    ("docs/high-availability.md", 'psql -q -c "ALTER SYSTEM SET'): "tests/support/cluster.py does, with two servers",
    ("docs/high-availability.md", "PGDATA="): "tests/support/cluster.py runs the file",
    ("docs/high-availability.md", 'psql -q -c "ALTER SYSTEM RESET'): "tests/support/cluster.py does",
}
#: pages whose server needs a setting that they speak of
SETTINGS = {"docs/facilioo.md": {"DRAGOMAN_FACILIOO_WEBHOOK_TARGETS": "https://erp.example.com/hooks"}}


#: languages of which there is a worker; the clients of two are run by tests/interop/test_workers.py
WORKERS = ("python", "js", "java")


@dataclass(frozen=True)
class Snippet:
    page: str
    language: str
    text: str
    number: int

    def __str__(self) -> str:
        return f"{self.page}-{self.number}"

    @property
    def reason(self) -> str | None:
        """Why it is not run, None if it is."""
        first = self.text.splitlines()[0]
        return next((NOT_RUN[p, start] for p, start in NOT_RUN if p == self.page and first.startswith(start)), None)

    @property
    def asks_a_server(self) -> bool:
        """Which is there already."""
        return self.language == "python" or ("curl" in self.text and "dragoman serve" not in self.text)


def snippets(*languages: str) -> list[Snippet]:
    every = [
        Snippet(page, language, text, number)
        for page in PAGES
        for number, (language, text) in enumerate(
            re.findall(
                r"^```([^\n]*)\n(.*?)^```$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
            ),
            1,
        )
    ]
    return [snippet for snippet in every if not languages or snippet.language in languages]


def test_every_snippet_says_what_it_is() -> None:
    assert {snippet.language for snippet in snippets()} == {"sh", "toml", "mermaid", "text", *WORKERS}


def test_the_list_of_those_that_are_not_run_is_exact() -> None:
    for page, first in NOT_RUN:
        matching = [s for s in snippets("sh") if s.page == page and s.text.startswith(first)]
        assert len(matching) == 1, (page, first)


def test_targets_of_make_that_are_named_are_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for page in PAGES:
        for target in re.findall(r"(?:^|`)make (\w+)", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), (page, target)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Like a checkout, with the commands, the documentation and the source."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "docs", folder / "docs")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for source in ("core", "adapters", "schemas", "gateway", "tests"):
        (folder / source).symlink_to(ROOT / source)
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / ".curlrc").write_text("fail-with-body\nno-progress-meter\n")
    return folder


@pytest.fixture(scope="module")
def servers(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """One with the demo world for each page that wants one, so that pages do not meet."""
    running: dict[str, Server] = {}
    opened = []
    for page in dict.fromkeys(s.page for s in snippets("sh", "python") if s.reason is None and s.asks_a_server):
        server = start(tmp_path_factory.mktemp("page"), template, **SETTINGS.get(page, {}))
        running[page] = server.__enter__()
        opened.append(server)
    yield running
    for server in opened:
        server.__exit__(None, None, None)


@pytest.mark.needs("bash", "curl")
@pytest.mark.parametrize("snippet", [s for s in snippets("sh") if s.reason is None], ids=str)
def test_a_shell_runs_it(snippet: Snippet, servers: dict[str, Server], folder: Path) -> None:
    """Answers of 400 and more are failures, and so are infoRouter's refusals, which are answered with 200."""
    port = own_port()
    text = snippet.text.replace("--port 8080", f"--port {port}")
    if "dragoman serve" in text:
        text = text.replace("localhost:8080", f"localhost:{port}")
    elif snippet.page in servers:
        text = text.replace("localhost:8080", f"localhost:{servers[snippet.page].port}")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "CURL_HOME": str(folder),
        "DRAGOMAN_PASSWORD": "s3cret",
        "DRAGOMAN_PORT": str(port),
    }
    *before, last = text.rstrip().splitlines()
    serves = last.startswith("dragoman serve")
    # what fails leaves nothing in the background behind
    setting = ["set -euo pipefail", "trap 'jobs -p | xargs -r kill' EXIT"]
    script = "\n".join([*setting, *before, f"exec {last}" if serves else last])
    process = subprocess.Popen(
        ["bash", "--norc", "-c", script],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if serves:
        assert process.stderr is not None
        assert any("listening on" in line for line in process.stderr)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready") as answer:
            assert answer.status == 200
        process.terminate()
    out, err = process.communicate()
    assert process.returncode == 0, f"{text}\n{out}\n{err}"
    assert 'success="false"' not in out


@pytest.mark.needs("bash", "curl")
@pytest.mark.parametrize("text", ["curl http://localhost:8080/nowhere", """echo 'success="false"'""", "false\ntrue"])
def test_what_fails_is_noticed(text: str, servers: dict[str, Server], folder: Path) -> None:
    with pytest.raises(AssertionError):
        test_a_shell_runs_it(Snippet("README.md", "sh", text, 0), servers, folder)


def test_the_worker_in_python_works(servers: dict[str, Server], monkeypatch: pytest.MonkeyPatch) -> None:
    (snippet,) = snippets("python")
    port = servers[snippet.page].port
    start_paid(port, 21)
    monkeypatch.setitem(sys.modules, "httpx", httpx2)
    scope: dict[str, Any] = {}
    exec(snippet.text, scope)
    assert scope["work"](base=f"http://127.0.0.1:{port}/v2", wait=-1) == 1
    assert totals(port) == ["42"]


@pytest.mark.parametrize("snippet", snippets("toml"), ids=str)
async def test_the_gateway_reads_it(
    snippet: Snippet, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    file = tmp_path / "dragoman.toml"
    file.write_text(snippet.text)
    if snippet.text.startswith("[[identity]]"):
        assert read_identities([file]).numbers
        return
    monkeypatch.setenv("DRAGOMAN_CONFIG", str(file))
    settings = load()
    check(plans(settings), settings)
    await deploy_all(world.engine, settings)
