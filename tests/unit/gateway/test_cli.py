"""The command line: what it does, and how it says that it does not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.rejections import Conflict, Invalid, NotFound, Unavailable, WrongState
from core.tables.schema import REVISION
from gateway.exits import Exit, told
from gateway.words import words
from tests.support import pmx
from tests.support.cli import Commands
from tests.support.version import VERSION


@pytest.fixture
def dragoman(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    """In an empty folder."""
    monkeypatch.chdir(tmp_path)
    return Commands(monkeypatch, capsys)


def add_ann(dragoman: Commands) -> None:
    assert dragoman("user", "add", "ann", "--admin", "--password-stdin", stdin="s3cret\n") == (0, "added ann\n", "")


def test_users(dragoman: Commands) -> None:
    add_ann(dragoman)
    assert dragoman("user", "list").out.split()[:2] == ["ann", "ACTIVE"]
    assert dragoman("user", "add", "Ann", DRAGOMAN_PASSWORD="x") == (1, "", "dragoman: there is a user Ann already\n")
    assert dragoman("user", "password", "ANN", DRAGOMAN_PASSWORD="n3w").out == "changed the password of ANN\n"
    checked = dragoman("check").out
    assert f"database data/dragoman.db: schema {REVISION}, as this program knows it" in checked
    assert "dialect camunda: profile 8.9" in checked


def test_libraries_and_documents(dragoman: Commands) -> None:
    add_ann(dragoman)
    assert dragoman("library", "add", "Papers", "--manager", "ANN").out == "added Papers\n"
    assert dragoman("library", "add", "papers") == (1, "", "dragoman: there is a library papers already\n")
    added = dragoman("document", "add", "/papers/Old/Letter.txt", "--owner", "ann")
    assert added.out == "registered /papers/Old/Letter.txt as ~D1\n"
    assert dragoman("document", "add", "/papers/Top.txt").status == 0
    assert dragoman("library", "list").out.split() == ["1", "Papers"]
    listed = dragoman("document", "list", "PAPERS").out
    assert listed.split() == ["~D2", "/Papers/Top.txt", "~D1", "/Papers/Old/Letter.txt"]


def test_tokens_and_clients(dragoman: Commands) -> None:
    add_ann(dragoman)
    assert dragoman("token", "add", "ann", "--token-stdin", stdin="of-the-old-system\n").out == "of-the-old-system\n"
    assert dragoman("token", "revoke", "--token-stdin", stdin="of-the-old-system\n").out == "revoked\n"
    again = dragoman("token", "revoke", DRAGOMAN_TOKEN="of-the-old-system")
    assert again == (1, "", "dragoman: there is no such token\n")
    key = dragoman("token", "key").out
    assert key.startswith("-----BEGIN PUBLIC KEY-----")
    assert dragoman("token", "key").out == key
    added = dragoman("client", "add", "Legacy", "--client-id", "ABC", DRAGOMAN_CLIENT_SECRET="XYZ")
    assert added.out == "client_id=ABC\nclient_secret=XYZ\n"
    assert dragoman("client", "add", "Legacy", "--client-id", "ABC").err == "dragoman: there is a client ABC already\n"


READING = [
    ("check",),
    ("user", "list"),
    ("library", "list"),
    ("document", "list", "Papers"),
    ("process", "list", "--activities"),
    ("token", "key"),
]
#: these change what is there, so they make nothing either
CHANGING = [
    ("user", "password", "ann"),
    ("document", "add", "/Papers/Letter.txt"),
    ("token", "add", "ann"),
    ("token", "revoke"),
]


@pytest.mark.parametrize("arguments", [*READING, *CHANGING], ids=" ".join)
def test_no_database_is_made_by_who_needs_one(arguments: tuple[str, ...], dragoman: Commands, tmp_path: Path) -> None:
    done = dragoman(*arguments)
    assert (done.status, done.err) == (Exit.DATABASE, "dragoman: no database at data/dragoman.db\n")
    assert list(tmp_path.iterdir()) == []


REFUSED = [
    (("document", "list", "Nope"), 1, "there is no library Nope"),
    (("document", "add", "/Nope/x"), 1, "there is no library Nope"),
    (("document", "add", "Letter.txt"), 1, "Letter.txt: a document is at /Library/Folder/Name.ext"),
    (("document", "add", "/Papers/x", "--owner", "bob"), 1, "there is no user bob"),
    (("library", "add", "a/b"), 1, "the name a/b has characters that are not allowed"),
    (("library", "add", "New", "--manager", "bob"), 1, "there is no user bob"),
    (("user", "password", "Bob"), 1, "there is no user Bob"),
    (("token", "add", "bob"), 1, "there is no user bob"),
    (("token", "add", "ann", "--dialect", "camunda"), 1, "a token is for one of facilioo, inubit, not for camunda"),
    (("process", "import", "nowhere.bpmn"), 1, "there is no file nowhere.bpmn"),
    (("process", "import", "data"), 1, "data cannot be read: Is a directory"),
    (("process", "import", "no.xml"), 1, "no.xml: Start tag expected, '<' not found, line 1, column 1"),
    (("process", "import", "other.xml"), 1, "other.xml: the root element is not bpmn:definitions"),
    (("process", "import", "empty.pmx"), 1, 'empty.pmx: BPMN table: "Project", definition is missing'),
    (
        ("process", "import", "some.pmx"),
        1,
        "some.pmx: 300000000000000000000000000000a3: A gateway of kind INCLUSIVE is not",
    ),
    (
        ("process", "import", "some.pmx", "--uid", "a" * 32),
        1,
        "some.pmx: a project brings its own id, and is one process",
    ),
    (("process", "import", "x", "--uid", "y"), 1, "y: a uid has 32 hexadecimal digits, in lower case"),
    (("openapi", "camnuda"), 2, "there is no dialect camnuda; did you mean camunda?"),
    (("openapi", "camunda", "--profile", "7"), 2, "--profile has to be one of 8.9, 8.8, 8.10, not 7"),
    (("openapi", "inforouter"), 2, "infoRouter speaks SOAP, which OpenAPI has no words for: see dragoman wsdl"),
    (("maintenance", "on", "--url", "foo"), 3, "--url: foo is no address; one looks like http://127.0.0.1:8080"),
    (("tour", "--url", "foo"), 3, "--url: foo is no address; one looks like http://127.0.0.1:8080"),
    (("tour", "--url", "http://h:x"), 3, "--url: http://h:x is no address; one looks like http://127.0.0.1:8080"),
    (("tour", "--url", "http://127.0.0.1:1"), 5, "no gateway answers at http://127.0.0.1:1: Connection refused"),
    (("check", "--database-url", "mysql://x"), 4, "unknown kind of database: mysql; use sqlite:///FILE or postgresql"),
    (("check", "--database-url", "sqlite:///no.xml"), 4, "cannot open no.xml: file is not a database"),
    (("user", "add", "x", "--database-url", "sqlite:////proc/x/y"), 4, "cannot open /proc/x/y: No such file"),
]


def test_refusals_are_one_line_in_words(dragoman: Commands, tmp_path: Path) -> None:
    add_ann(dragoman)
    dragoman("library", "add", "Papers")
    (tmp_path / "no.xml").write_text("no XML\n" * 500)
    (tmp_path / "other.xml").write_text("<a/>")
    (tmp_path / "empty.pmx").write_bytes(pmx.written({}, {}))
    (tmp_path / "some.pmx").write_bytes(pmx.written(*pmx.requests()).replace(b"EXCLUSIVE", b"INCLUSIVE"))
    for arguments, status, text in REFUSED:
        done = dragoman(*arguments, DRAGOMAN_PASSWORD="x")
        assert (done.status, done.out.partition("settings")[0]) == (status, ""), arguments
        assert done.err.startswith(f"dragoman: {text}"), arguments
        assert done.err.count("\n") == 1, arguments


def test_a_project_is_imported_and_what_is_left_out_is_told(dragoman: Commands, tmp_path: Path) -> None:
    (tmp_path / "requests.pmx").write_bytes(pmx.written(*pmx.requests()))
    done = dragoman("process", "import", "requests.pmx")
    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines() == [
        f"{pmx.PROJECT} is version 1 of Requests & more",
        "left out: 2 triggers: scripts are not run",
        "left out: Tell: the user 00000000000000000000000000000001 is not here",
        "left out: Tell: the user 0000000000000000000000000000dead is not here",
    ]
    other = (tmp_path / "requests.pmx").read_bytes().replace(pmx.PROJECT.encode(), b"1" * 32)
    (tmp_path / "other.pmx").write_bytes(other)
    taken = dragoman("process", "import", "other.pmx")
    assert (taken.status, taken.err.count("\n")) == (1, 1)
    assert taken.err.startswith("dragoman: other.pmx: the id of the project, or of one of its activities, belongs to")
    assert f"{pmx.ASK}  {pmx.ASK} Ask" in dragoman("process", "list", "--activities").out


def test_what_cannot_be_done_is_said_before_anything_is_asked(dragoman: Commands) -> None:
    """No password is given here: whoever asks for one gets a refusal that names it."""
    add_ann(dragoman)
    for arguments, text in (
        (("user", "add", "ann"), "there is a user ann already"),
        (("user", "password", "bob"), "there is no user bob"),
        (("maintenance", "maybe"), "invalid value for 'state': 'maybe' is not one of 'on', 'off'"),
        (("maintenance", "on", "--url", "foo"), "--url: foo is no address"),
        (("maintenance", "on", "--url", "http://127.0.0.1:1"), "no gateway answers at http://127.0.0.1:1: "),
    ):
        assert dragoman(*arguments).err.startswith(f"dragoman: {text}"), arguments
    asked = dragoman("user", "add", "bob")
    assert asked == (
        Exit.USAGE,
        "",
        "dragoman: New password for bob: there is no terminal to ask on; use --password-stdin or DRAGOMAN_PASSWORD\n",
    )
    nothing = dragoman("user", "add", "bob", "--password-stdin")
    assert nothing.err == "dragoman: --password-stdin: there was nothing on standard input\n"


def test_where_nothing_may_be_written(dragoman: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # whoever is root may write everywhere
    refused = dragoman("user", "add", "ann")
    text = f"no database at data/dragoman.db, and none can be made: {tmp_path} may not be written to"
    assert refused == (Exit.REFUSED, "", f"dragoman: {text}\n")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("maintenence",), "no such command 'maintenence'. Did you mean 'maintenance'?; see dragoman --help"),
        (("user", "add"), "missing argument 'username'; see dragoman user add --help"),
        (("serve", "--prot", "1"), "no such option: --prot (Possible options: --host, --port); see dragoman serve"),
        (("serve", "--port", "x"), "invalid value for '--port': it has to be a valid integer; see dragoman serve"),
        (("token", "add", "ann", "--days", "0"), "invalid value for '--days': it has to be greater than or equal to 1"),
    ],
)
def test_a_command_line_that_cannot_be_used(arguments: tuple[str, ...], text: str, dragoman: Commands) -> None:
    done = dragoman(*arguments)
    assert done.status == Exit.USAGE
    assert done.err.startswith(f"dragoman: {text}")
    assert done.err.count("\n") == 1


def test_saying_nothing_shows_the_help(dragoman: Commands) -> None:
    shown = dragoman()
    assert (shown.status, shown.err) == (Exit.USAGE, "")
    assert "Usage: dragoman" in shown.out


def test_the_version(dragoman: Commands) -> None:
    assert dragoman("--version").out == f"dragoman {VERSION}\n"


def test_a_fault_of_our_own_says_where_to_look(monkeypatch: pytest.MonkeyPatch, dragoman: Commands) -> None:
    assert told(KeyError("x\ny")) == (
        Exit.FAULT,
        "this is a fault of Dragoman's own (key error: 'x\\ny'); DRAGOMAN_LOG_LEVEL=debug shows where it is",
    )


def test_refusals_in_words() -> None:
    assert words(NotFound("token", "")) == "there is no token"
    assert words(WrongState("task", 1, "COMPLETED")) == "the task 1 is completed"
    assert words(Conflict("document", 1, "checked-out")) == "the document 1 is checked-out"
    assert words(Invalid("text", "unstorable")) == "the text cannot be stored"
    assert words(Unavailable("stopping")) == "the gateway is stopping"


def test_a_wsdl_has_the_address_of_the_gateway(dragoman: Commands) -> None:
    short = dragoman("wsdl", "--soap-only").out
    assert "srvSoap12" in short
    assert "srvHttp" not in short
    assert "HttpGet" not in short
    for environment, address in (
        ({}, "http://127.0.0.1:8080/srv.asmx"),
        ({"DRAGOMAN_PORT": "81", "DRAGOMAN_HOST": "0.0.0.0"}, "http://127.0.0.1:81/srv.asmx"),
        ({"DRAGOMAN_HOST": "::1", "DRAGOMAN_INFOROUTER_PREFIX": "/iR"}, "http://[::1]:8080/iR/srv.asmx"),
        ({"DRAGOMAN_PUBLIC_URL": "https://t.example.com/"}, "https://t.example.com/srv.asmx"),
        (
            {"DRAGOMAN_URL": "http://a:1/", "DRAGOMAN_PUBLIC_URL": "https://t.example.com/"},
            "http://a:1/srv.asmx",
        ),
    ):
        assert f'<soap:address location="{address}" />' in dragoman("wsdl", **environment).out
    refused = dragoman("wsdl", DRAGOMAN_PORT="0")
    assert refused.err.startswith("dragoman: port is 0, so nobody knows where the gateway listens")
    assert dragoman("wsdl", "--address", "http://b/", DRAGOMAN_PORT="0").status == 0


def test_routes(dragoman: Commands) -> None:
    assert "/v2/user-tasks/{userTaskKey}/completion" in dragoman("routes").out


def test_the_address_of_the_environment(dragoman: Commands) -> None:
    for command in ("tour",), ("maintenance", "on"):
        done = dragoman(*command, DRAGOMAN_URL="http://127.0.0.1:1")
        assert done.err == "dragoman: no gateway answers at http://127.0.0.1:1: Connection refused\n"
        assert dragoman(*command, DRAGOMAN_URL="foo").err.startswith("dragoman: DRAGOMAN_URL: foo is no address")
    done = dragoman("maintenance", "on", DRAGOMAN_PORT="1")
    assert done == (Exit.NETWORK, "", "dragoman: no gateway answers at http://127.0.0.1:1: Connection refused\n")


@pytest.mark.parametrize(
    ("shell", "environment"),
    [
        pytest.param("bash", {"COMP_WORDS": "dragoman user pa", "COMP_CWORD": "2"}, marks=pytest.mark.needs("bash")),
        ("zsh", {"_TYPER_COMPLETE_ARGS": "dragoman user pa"}),
        ("fish", {"_TYPER_COMPLETE_ARGS": "dragoman user pa", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}),
    ],
)
def test_completion(shell: str, environment: dict[str, str], dragoman: Commands) -> None:
    script = dragoman(_DRAGOMAN_COMPLETE=f"source_{shell}")
    assert (script.status, script.err) == (0, "")
    assert f"_DRAGOMAN_COMPLETE=complete_{shell}" in script.out
    assert "password" in dragoman(_DRAGOMAN_COMPLETE=f"complete_{shell}", **environment).out


@pytest.mark.needs("bash")
def test_bash_completes() -> None:
    """A real shell, told by the command itself."""
    script = """
    eval "$(dragoman --show-completion)"
    COMP_WORDS=(dragoman openapi ca) COMP_CWORD=2
    _dragoman_completion dragoman
    echo "${COMPREPLY[@]}"
    """
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--norc", "-c", script], capture_output=True, text=True, env={**os.environ, "PATH": path}
    )
    assert (done.stdout, done.stderr) == ("camunda\n", "")


def test_it_is_a_module_too() -> None:
    done = subprocess.run([sys.executable, "-m", "dragoman", "--version"], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == (f"dragoman {VERSION}\n", "")


@pytest.mark.needs("bash")
def test_nobody_reads_to_the_end() -> None:
    command = f"{sys.executable} -m gateway routes | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""
