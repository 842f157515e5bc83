"""Commands that write do the same and say the same, whether a gateway has the file or nobody; and clients of the
gateway notice at once."""

import random
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest
from typer.main import get_command

from gateway.admin import client
from gateway.admin import orders as orders  # which have names then
from gateway.admin.client import carry_out
from gateway.admin.order import NAMES
from gateway.admin.orders import AddUser
from gateway.cli.main import app
from gateway.exits import Exit
from gateway.settings import Settings
from tests.support.cli import Commands, Done, dragoman
from tests.support.postgresql import fresh_database
from tests.support.rounds import rounds
from tests.support.server import Server, launch, start, until

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
USERS = ("ann", "Bob", "mary", "nobody", "Zoë", "x" * 300, "a b", "")
LIBRARIES = ("Papers", "papers", "Corporate", "a/b", "Ärzte", "")
#: with everything random in the place of what no two runs have in common
RANDOM = re.compile(r"[0-9a-f]{32,40}|(?<=KEY-----)[^-]+")
#: commands that only read, or that are about something else than the database
OTHERS = {"user/list", "library/list", "document/list", "process/list"}
OTHERS |= {f"recording/{name}" for name in ("show", "list", "import", "export")}


def masked(done: Done) -> Done:
    return Done(done.status, RANDOM.sub("*", done.out), RANDOM.sub("*", done.err))


def commands(chance: random.Random) -> Iterator[tuple[tuple[str, ...], dict[str, str]]]:
    """Arguments and environment, of each command as often as of any other."""
    pick = chance.choice
    while True:
        user, library = pick(USERS), pick(LIBRARIES)
        yield pick(
            (
                (("user", "add", user, *pick(((), ("--admin", "--email", "a@x.de")))), {"DRAGOMAN_PASSWORD": "s3cret"}),
                (("user", "password", user), {"DRAGOMAN_PASSWORD": "n3w"}),
                (("library", "add", library, *pick(((), ("--manager", user)))), {}),
                (("document", "add", f"/{library}/Old/{pick('ab')}.txt", *pick(((), ("--owner", user)))), {}),
                (("document", "add", pick(("Letter.txt", "/x", "/Papers/y.txt"))), {}),
                (
                    (
                        "process",
                        "import",
                        pick(("leave.bpmn", "none.bpmn", "bad.xml")),
                        "--process-id",
                        pick(("", "x")),
                    ),
                    {},
                ),
                (("process", "import", "leave.bpmn", "--uid", pick(("1" * 32, "2" * 32, "y"))), {}),
                (("client", "add", pick(("Legacy", "")), *pick(((), ("--client-id", pick("AB"))))), {}),
                (("token", "add", user, "--dialect", pick(("inubit", "facilioo", "camunda"))), {}),
                (("token", "add", user, "--text", pick("tuv")), {}),
                (("token", "revoke", "--text", pick("tuvw")), {}),
                (("token", "key"), {}),
            )
        )


def state(run: Commands) -> list[Done]:
    listed = [run("user", "list"), run("library", "list"), run("process", "list", "--activities")]
    return [masked(done) for done in (*listed, *(run("document", "list", name) for name in LIBRARIES))]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    return Commands(monkeypatch, capsys)


@pytest.fixture
def served(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRAGOMAN_DATABASE_URL", "sqlite:///server.db")
    with start(tmp_path, template) as server:
        yield server


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine whoever waits with others does so for longer than a user would."""
    monkeypatch.setattr(client, "PATIENCE", float("inf"))


def test_every_command_that_writes_is_an_order() -> None:
    root = get_command(app)
    groups = {name: set(getattr(group, "commands", ())) for name, group in root.commands.items()}  # type: ignore[attr-defined]
    assert {f"{name}/{sub}" for name, subs in groups.items() for sub in subs} - OTHERS == set(NAMES)


@pytest.mark.rounds
def test_commands_do_and_say_the_same_served_or_not(
    template: Path, tmp_path: Path, run: Commands, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setenv("DRAGOMAN_DATABASE_URL", "sqlite:///server.db")
    folders = [tmp_path / "served", tmp_path / "alone"]
    for folder in folders:
        folder.mkdir()
        shutil.copy(EXAMPLES / "leave.bpmn", folder)
        (folder / "bad.xml").write_text("no XML")
    shutil.copy(template, folders[1] / "server.db")
    asked = commands(random.Random(seed))
    with start(folders[0], template):
        for _ in range(rounds(40)):
            arguments, environment = next(asked)
            done = []
            for folder in folders:
                monkeypatch.chdir(folder)
                done.append(masked(run(*arguments, **environment)))
            assert done[0] == done[1], arguments
            assert done[0].status in (Exit.DONE, Exit.REFUSED, Exit.USAGE), (arguments, done[0])
        states = []
        for folder in folders:
            monkeypatch.chdir(folder)
            states.append(state(run))
    assert states[0] == states[1]


def test_a_client_that_is_added_while_the_gateway_serves_logs_in_at_once(served: Server, run: Commands) -> None:
    grant = {"grant_type": "password", "client_id": "A", "client_secret": "B", "username": "ann", "password": "s3cret"}
    address = f"{served.url}/workflow/oauth2/token"
    assert httpx2.post(address, json=grant).status_code == 400
    assert run("client", "add", "Legacy", "--client-id", "A", "--secret", "B").out == "client_id=A\nclient_secret=B\n"
    assert run("user", "add", "ann", "--password-stdin", stdin="s3cret\n") == (0, "added ann\n", "")
    assert httpx2.post(address, json=grant).status_code == 200


@pytest.mark.postgresql
def test_on_postgresql_commands_go_to_the_database(
    postgresql: str, demo_postgresql: str, tmp_path: Path, run: Commands
) -> None:
    url = fresh_database(postgresql, demo_postgresql)
    server = launch(tmp_path, url)
    assert run("user", "add", "ann", DRAGOMAN_PASSWORD="s3cret", DRAGOMAN_DATABASE_URL=url).out == "added ann\n"
    tasks = f"{server.url}/ibis/rest/task/tasks"
    assert httpx2.get(tasks, auth=("ann", "s3cret")).status_code == 200
    assert server.terminate() == 0
    assert [file.name for file in tmp_path.iterdir()] == ["server.log"]


def test_a_process_that_is_imported_while_the_gateway_serves_starts_at_once(served: Server, run: Commands) -> None:
    start = {"processDefinitionId": "leave"}
    address = f"{served.url}/v2/process-instances"
    assert httpx2.post(address, json=start, auth=("demo", "demo")).status_code == 404
    for version, text in (1, "Leave request"), (2, "Holiday"):
        drawing = (EXAMPLES / "leave.bpmn").read_text(encoding="utf-8").replace("Leave request", text)
        Path("drawn.bpmn").write_text(drawing, encoding="utf-8")
        assert run("process", "import", "drawn.bpmn").out.endswith(f" is version {version} of {text}\n")
        started = httpx2.post(address, json=start, auth=("demo", "demo")).json()
        assert started["processDefinitionVersion"] == version


def test_what_the_gateway_remembered_is_forgotten(served: Server, run: Commands) -> None:
    tasks = f"{served.url}/ibis/rest/task/tasks"
    assert httpx2.get(tasks, auth=("mary", "mary")).status_code == 200
    assert run("user", "password", "mary", DRAGOMAN_PASSWORD="n3w").status == 0
    assert httpx2.get(tasks, auth=("mary", "mary")).status_code == 401
    assert httpx2.get(tasks, auth=("mary", "n3w")).status_code == 200
    bearer = {"authorization": f"Bearer {run('token', 'add', 'admin').out.strip()}"}
    parties = f"{served.url}/api/parties"
    assert httpx2.get(parties, headers=bearer).status_code == 200
    assert run("token", "revoke", DRAGOMAN_TOKEN=bearer["authorization"].split()[1]).out == "revoked\n"
    assert httpx2.get(parties, headers=bearer).status_code == 401


def test_what_is_done_is_there_after_a_restart(served: Server, run: Commands, tmp_path: Path) -> None:
    assert run("library", "add", "Papers", "--manager", "mary").out == "added Papers\n"
    assert (tmp_path / "server.db.admin").exists()
    served.terminate()
    assert not (tmp_path / "server.db.admin").exists()
    assert "Papers" in run("library", "list").out
    again = launch(tmp_path, "sqlite:///server.db")
    assert run("document", "add", "/papers/Letter.txt", "--owner", "mary").status == 0
    again.terminate()


def test_many_commands_at_once_with_a_gateway_and_without(served: Server, tmp_path: Path, patient: None) -> None:
    """A program that adds users one by one needs not know whether others do so, too."""
    settings = Settings(database_url=f"sqlite:///{tmp_path}/server.db")

    def add(name: str) -> str:
        return carry_out(settings, AddUser(name, "s3cret"))

    with ThreadPoolExecutor(8) as pool:
        names = [f"u{n}" for n in range(16)]
        assert list(pool.map(add, names)) == [f"added {name}\n" for name in names]
    served.terminate()
    with ThreadPoolExecutor(4) as pool:
        names = [f"v{n}" for n in range(6)]
        assert list(pool.map(add, names)) == [f"added {name}\n" for name in names]


def test_a_gateway_that_stops_takes_no_order_twice_and_loses_none(
    served: Server, tmp_path: Path, patient: None
) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/server.db")
    names = [f"u{n}" for n in range(16)]
    added: list[str] = []

    def add(name: str) -> None:
        added.append(carry_out(settings, AddUser(name, "s3cret")))

    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(add, name) for name in names]
        until(lambda: len(added) > 5)
        assert served.terminate() == 0
        for each in running:
            each.result()
    assert sorted(added) == sorted(f"added {name}\n" for name in names)
    listed = dragoman("user", "list", DRAGOMAN_DATABASE_URL=settings.database_url).stdout
    assert {line.split()[0] for line in listed.splitlines()} >= set(names)
