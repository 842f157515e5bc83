"""Commands for a gateway that has the file: what else may be at the socket, and who may not come there."""

import json
import os
import shutil
import signal
import socket
import stat
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.engine import Engine
from core.storage import open_store
from core.storage.store import StoreInUse
from gateway.admin import client
from gateway.admin.client import carry_out
from gateway.admin.desk import AdminServer, Desk
from gateway.admin.orders import AddClient, AddLibrary, AddUser, ImportProcess
from gateway.admin.place import NoPlace, Taken, commanders, identity, listens_for
from gateway.admin.wire import MOST, ROOT
from gateway.exits import Answered, Exit, Failed, Unreachable, Usage, told
from gateway.settings import Settings
from tests.faults.test_one_gateway import (
    by_a_hard_link,
    by_a_link_to_the_folder,
    by_a_symbolic_link,
    without_the_lock_file,
)
from tests.support.cli import Commands, dragoman
from tests.support.server import Server, launch, start, until

GREETING = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"


def settings_for(folder: Path, **more: str) -> Settings:
    return Settings.model_validate({"database_url": f"sqlite:///{folder}/server.db", **more})


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRAGOMAN_DATABASE_URL", "sqlite:///server.db")
    return Commands(monkeypatch, capsys)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has the file takes no orders, however long one waits."""
    monkeypatch.setattr(client, "PATIENCE", 0)


def sent(folder: Path, data: bytes) -> bytes:
    """All that comes back."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(folder / "server.db.admin"))
        sock.sendall(data)
        answer = b""
        while piece := sock.recv(65536):
            answer += piece
        return answer


def asked(path: str, body: bytes, *headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "host: x", "connection: close", f"content-length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


# who may


def test_the_socket_is_its_owners_alone(template: Path, tmp_path: Path) -> None:
    with start(tmp_path, template):
        known = (tmp_path / "server.db.admin").stat()
        assert stat.S_ISSOCK(known.st_mode)
        assert (stat.S_IMODE(known.st_mode), known.st_uid) == (0o600, os.geteuid())
    assert not (tmp_path / "server.db.admin").exists()


def test_the_gateways_account_and_root_may(tmp_path: Path) -> None:
    assert {0, os.geteuid()} <= commanders()
    assert os.geteuid() + 1 not in commanders()
    assert listens_for(os.geteuid(), tmp_path)
    assert listens_for(0, tmp_path)
    assert not listens_for(os.geteuid() + 1, tmp_path), "they could have been quicker to make the socket"


async def test_whoever_else_gets_there_is_not_listened_to(template: Path, tmp_path: Path, impatient: None) -> None:
    path = Path(shutil.copy(template, tmp_path / "server.db"))
    settings = settings_for(tmp_path)
    engine = Engine(open_store(settings.database_url))
    await engine.start()
    taken = Taken(Path(f"{path}.admin"))
    server = AdminServer(Desk(engine, identity(path)), taken, settings, frozenset())
    await server.open()
    with pytest.raises(StoreInUse, match=r"It takes commands of its own account, and of root\.$"):
        await engine.in_thread(carry_out, settings, AddLibrary("Papers"))
    await server.close()
    await engine.stop()


def test_nothing_of_it_is_on_the_port(server: Server) -> None:
    for method, status in (("GET", b"404"), ("POST", b"404")):
        with socket.create_connection(("127.0.0.1", server.port)) as sock:
            head = f"{method} {ROOT}user/add HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n"
            sock.sendall(head.encode())
            assert sock.recv(65536).split()[1] == status


def test_no_secret_is_told_to_the_log(template: Path, tmp_path: Path) -> None:
    with start(tmp_path, template, DRAGOMAN_LOG_LEVEL="debug") as server:
        settings = settings_for(tmp_path)
        carry_out(settings, AddUser("ann", "s3cret-of-ann"))
        carry_out(settings, AddClient("Legacy", secret="s3cret-of-legacy"))
        with pytest.raises(Answered):
            carry_out(settings, AddUser("ann", "s3cret-of-ann"))
        sent(tmp_path, asked(ROOT + "user/add", b'{"username": "bob", "password": ["s3cret"]}'))
    assert "s3cret" not in server.log.read_text()
    assert "the command user add was carried out" in server.log.read_text()
    assert "s3cret" not in repr(AddUser("ann", "s3cret"))


# what is at the socket


def test_a_socket_that_was_left_behind_is_in_nobodys_way(template: Path, tmp_path: Path, run: Commands) -> None:
    shutil.copy(template, tmp_path / "server.db")
    first = launch(tmp_path, "sqlite:///server.db")
    first.kill()
    assert (tmp_path / "server.db.admin").is_socket()
    assert run("library", "add", "One").out == "added One\n"
    second = launch(tmp_path, "sqlite:///server.db")
    assert run("library", "add", "Two").out == "added Two\n"
    assert second.terminate() == 0
    assert not (tmp_path / "server.db.admin").exists()


def test_kill_while_orders_are_under_way(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was acknowledged is there; of what was not, some say that nobody knows."""
    monkeypatch.setattr(client, "PATIENCE", float("inf"))
    shutil.copy(template, tmp_path / "server.db")
    settings = settings_for(tmp_path)
    server = launch(tmp_path, settings.database_url)
    names = [f"u{n}" for n in range(16)]
    added: list[str] = []
    unsure: list[str] = []

    def add(name: str) -> None:
        try:
            carry_out(settings, AddUser(name, "s3cret"))
            added.append(name)
        except Unreachable as error:
            assert str(error).endswith("ended before it answered: whether it was done nobody knows")
            unsure.append(name)

    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(add, name) for name in names]
        until(lambda: len(added) > 5)
        server.kill()
        for each in running:
            each.result()
    assert sorted(added + unsure) == sorted(names)
    listed = dragoman("user", "list", DRAGOMAN_DATABASE_URL=settings.database_url).stdout
    there = [line.split()[0] for line in listed.splitlines()]
    assert set(added) <= set(there)
    assert len(there) == len(set(there))


@contextmanager
def listening(path: Path, answer: Callable[[socket.socket], None]) -> Iterator[None]:
    """Somebody of the same account."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(path))
        sock.listen()

        def serve() -> None:
            connection, _ = sock.accept()
            with connection:
                answer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join()


def hear(connection: socket.socket) -> None:
    """All of an order: whoever goes away before has not taken it."""
    heard = b""
    while not heard.endswith(b"}"):
        heard += connection.recv(65536)


def hangs_up(connection: socket.socket) -> None:
    hear(connection)


def says_nonsense(connection: socket.socket) -> None:
    hear(connection)
    connection.sendall(b"\0\1\2 what?\r\n\r\n")


def is_something_else(connection: socket.socket) -> None:
    hear(connection)
    connection.sendall(GREETING + b"ok")


def is_of_another_kind(connection: socket.socket) -> None:
    hear(connection)
    connection.sendall(GREETING + b"{}")


def is_silent(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


STRANGERS = [
    (hangs_up, "the gateway at {} ended before it answered: whether it was done nobody knows"),
    (says_nonsense, "the gateway at {} ended before it answered: whether it was done nobody knows"),
    (is_something_else, "whoever listens at {} is no gateway: it answered 200"),
    (is_of_another_kind, "whoever listens at {} is no gateway: it answered 200"),
    (is_silent, "no answer at {} within 0 seconds: whether it was done nobody knows"),
]


@pytest.mark.parametrize(("stranger", "text"), STRANGERS, ids=lambda one: getattr(one, "__name__", ""))
def test_whatever_listens_there_a_command_ends_in_words(
    stranger: Callable[[socket.socket], None], text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if stranger is is_silent:
        monkeypatch.setattr(client, "ANSWER", 0.05)
    settings = settings_for(tmp_path)
    store = open_store(settings.database_url)
    path = tmp_path / "server.db.admin"
    with listening(path, stranger), pytest.raises(Unreachable) as ended:
        carry_out(settings, AddLibrary("Papers"))
    assert str(ended.value) == text.format(path)
    assert told(ended.value)[0] is Exit.NETWORK
    store.close()


def test_a_frozen_gateway_is_not_waited_for_for_ever(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "ANSWER", 0.05)
    with start(tmp_path, template) as server:
        server.process.send_signal(signal.SIGSTOP)
        with pytest.raises(Unreachable, match="whether it was done nobody knows"):
            carry_out(settings_for(tmp_path), AddLibrary("Papers"))
        server.process.send_signal(signal.SIGCONT)


@pytest.mark.parametrize(
    ("data", "status", "text"),
    [
        (b"what?\r\n\r\n", b"400", b"Bad Request"),
        (b"\x16\x03\x01\x02\x00\x01" * 50, b"400", b"Bad Request"),
        (asked("/v2/topology", b""), b"404", b""),
        (asked(ROOT + "user/remove", b"{}"), b"404", b"does not know this command"),
        (asked(ROOT + "user/add", b""), b"400", b"cannot read it: Invalid JSON"),
        (asked(ROOT + "user/add", b'{"username": "\xff"}'), b"400", b"cannot read it"),
        (asked(ROOT + "user/add", b'{"username": "ann"}'), b"400", b"cannot read it: password: Field required"),
        (asked(ROOT + "user/add", b'{"username": 1, "password": ""}'), b"400", b"cannot read it: username: "),
        (asked(ROOT + "library/add", b'{"name": "P", "x": 1}'), b"400", b"cannot read it: x: "),
        (asked(ROOT + "library/add", b'{"name": "a/b"}'), b"409", b"the name a/b has characters that are not allowed"),
        (asked(ROOT + "token/add", b'{"username": "ann", "days": 1e99}'), b"400", b"cannot read it: days: "),
        (asked(ROOT + "library/add", b'{"name": "P"}', "dragoman-database: 1:2"), b"421", b"another database"),
        (b"POST /admin/v1/user/add HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\n\r\n", b"413", b"more than"),
        (b"POST /admin/v1/user/add HTTP/1.1\r\nhost: x\r\nx: " + b"x" * 100_000, b"431", b""),
    ],
)
def test_whatever_is_sent_there_is_answered_in_words(data: bytes, status: bytes, text: bytes, server: Server) -> None:
    answer = sent(server.log.parent, data)
    assert answer.split()[1] == status
    assert text in answer


def test_who_is_slow_or_goes_away_keeps_nobody_from_it(server: Server) -> None:
    folder = server.log.parent
    half = asked(ROOT + "library/add", b'{"name": "Slow"}')[:-3]
    waiting = []
    for _ in range(20):
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(str(folder / "server.db.admin"))
        sock.sendall(half)
        waiting.append(sock)
    for sock in waiting[:10]:
        sock.close()
    assert carry_out(settings_for(folder), AddLibrary("Quick")) == "added Quick\n"
    for sock in waiting[10:]:
        sock.close()
    with pytest.raises(Answered, match="there is a library Quick already"):
        carry_out(settings_for(folder), AddLibrary("Quick"))
    assert carry_out(settings_for(folder), AddLibrary("Slow")) == "added Slow\n", "half an order is none"


def test_an_order_that_is_too_long_is_not_sent(template: Path, tmp_path: Path) -> None:
    with start(tmp_path, template), pytest.raises(Failed, match="that is more than the 32 MiB"):
        carry_out(settings_for(tmp_path), ImportProcess("x.bpmn", "x" * MOST))


def test_what_was_typed_in_another_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Usage, match="first name: that is no UTF-8"):
        carry_out(settings_for(tmp_path), AddUser("ann", "x", first_name=b"Zo\xeb".decode("utf-8", "surrogateescape")))
    assert list(tmp_path.iterdir()) == []


# where it is


def test_a_path_that_is_too_long_for_a_socket(template: Path, tmp_path: Path) -> None:
    folder = tmp_path / ("a" * 60) / ("b" * 60)
    folder.mkdir(parents=True)
    with start(folder, template):
        assert (folder / "server.db.admin").is_socket()
        assert carry_out(settings_for(folder), AddLibrary("Papers")) == "added Papers\n"


def log_of(server: Server) -> list[str]:
    return [json.loads(line)["event"] for line in server.log.read_text().splitlines()]


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("x" * 120, "AF_UNIX path too long"),
        ("nowhere/socket", "No such file or directory"),
        ("file", "Address already in use"),
    ],
)
def test_where_there_can_be_no_socket_the_gateway_serves_and_says_so(
    place: str, text: str, template: Path, tmp_path: Path, impatient: None
) -> None:
    (tmp_path / "file").write_text("mine")
    path = str(tmp_path / place)
    with start(tmp_path, template, DRAGOMAN_ADMIN_SOCKET=path) as server:
        begins = "commands that write have to wait until the gateway is stopped: there is no socket at"
        assert f"{begins} {path}: {text}" in log_of(server)
        with pytest.raises(StoreInUse, match=f"server.db is in use by process {server.process.pid}"):
            carry_out(settings_for(tmp_path, admin_socket=path), AddLibrary("Papers"))
    assert (tmp_path / "file").read_text() == "mine"


def test_without_a_socket(template: Path, tmp_path: Path, impatient: None) -> None:
    with start(tmp_path, template, DRAGOMAN_ADMIN_SOCKET="off"):
        assert not (tmp_path / "server.db.admin").exists()
        with pytest.raises(StoreInUse):
            carry_out(settings_for(tmp_path, admin_socket="off"), AddLibrary("Papers"))


def test_two_gateways_with_one_socket_in_their_settings(template: Path, tmp_path: Path, impatient: None) -> None:
    """The second one has none, and what is meant for it does not come to the first."""
    place = str(tmp_path / "socket")
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    with start(one, template, DRAGOMAN_ADMIN_SOCKET=place), start(two, template, DRAGOMAN_ADMIN_SOCKET=place) as second:
        assert f"there is no socket at {place}: another process listens there" in " ".join(log_of(second))
        assert carry_out(settings_for(one, admin_socket=place), AddLibrary("Papers")) == "added Papers\n"
        with pytest.raises(StoreInUse, match=f"two/server.db is in use by process {second.process.pid}"):
            carry_out(settings_for(two, admin_socket=place), AddLibrary("Papers"))
        assert second.terminate() == 0
        assert carry_out(settings_for(one, admin_socket=place), AddLibrary("More")) == "added More\n"


def test_a_second_gateway_on_the_file_takes_nothing_from_the_first(template: Path, tmp_path: Path) -> None:
    with start(tmp_path, template):
        refused = dragoman("serve", "--port", "0", "--database-url", f"sqlite:///{tmp_path}/server.db")
        assert refused.returncode == Exit.DATABASE
        assert carry_out(settings_for(tmp_path), AddLibrary("Papers")) == "added Papers\n"


def test_the_file_by_other_names(template: Path, tmp_path: Path, impatient: None) -> None:
    """The gateway is found by links to the file or its folder, and without the lock file. By a hard link it is not."""
    with start(tmp_path, template):
        for way in by_a_symbolic_link, by_a_link_to_the_folder, without_the_lock_file:
            settings = Settings(database_url=f"sqlite:///{tmp_path}/{way(tmp_path)}")
            assert carry_out(settings, AddLibrary(way.__name__)) == f"added {way.__name__}\n"
        with pytest.raises(StoreInUse, match=r"hard\.db is in use by process"):
            carry_out(Settings(database_url=f"sqlite:///{tmp_path}/{by_a_hard_link(tmp_path)}"), AddLibrary("Hard"))


def test_a_socket_that_somebody_took_is_left_to_them(tmp_path: Path) -> None:
    first = Taken(tmp_path / "socket")
    second = Taken(tmp_path / "socket")  # nobody listened yet
    first.leave()
    assert (tmp_path / "socket").is_socket()
    second.socket.listen()
    with pytest.raises(NoPlace, match="another process listens there"):
        Taken(tmp_path / "socket")
    second.leave()
    assert not (tmp_path / "socket").exists()
    first.socket.close()
    second.socket.close()


def test_a_password_is_asked_for_when_somebody_will_take_it(template: Path, tmp_path: Path, run: Commands) -> None:
    with start(tmp_path, template):
        asked = run("user", "add", "ann")
        assert "New password for ann: there is no terminal to ask on" in asked.err
        assert run("user", "add", "mary").err == "dragoman: there is a user mary already\n"
    store = open_store(f"sqlite:///{tmp_path}/server.db")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "PATIENCE", 0)
        assert run("user", "add", "ann").err.startswith(f"dragoman: server.db is in use by process {os.getpid()}. ")
    store.close()
