"""Clients that go away in the middle: row H7 of the fault matrix.

Hundreds of them, in every state that a request has. Afterwards the gateway holds nothing for them: no connection, no
bytes, no file; and of each command that was sent all has happened, once, or nothing.
"""

import os
import random
import socket
import sqlite3
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.test_front_door import FORM, HOST, JSON, UPLOADS, connect, is_fair, metric, serving
from tests.support.asgi import basic
from tests.support.rounds import rounds
from tests.support.server import Server, until

TESTUSER = f"Authorization: {basic('testuser')}\r\n".encode()
START = b"POST /ibis/rest/task/adhoc/testuser/74933f6c-72c6-44c5-9e90-91070f98c7dd HTTP/1.1\r\n" + HOST + TESTUSER
STARTED = START + b"Content-Length: 0\r\n\r\n"
LONG = b"GET /srv.asmx?WSDL HTTP/1.1\r\n" + HOST + b"\r\n"
LOGIN = b"POST /login HTTP/1.1\r\n" + HOST + FORM
#: how much of what is sent, and how much of the answer is waited for
STATES = {
    "before a word": (b"", b""),
    "in the first line": (b"GET /hea", b""),
    "in a head": (START + b"X: ", b""),
    "in a body": (LOGIN + b"Content-Length: 9000\r\n\r\nusername=" + b"x" * 5000, b""),
    "in a chunk": (LOGIN + b"Transfer-Encoding: chunked\r\n\r\n2000\r\nusername=", b""),
    "waiting to be told to go on": (LOGIN + b"Expect: 100-continue\r\nContent-Length: 9\r\n\r\n", b"100 Continue"),
    "behind a command": (STARTED, b""),
    "behind a password": (b"GET /v2/topology HTTP/1.1\r\n" + HOST + TESTUSER + b"\r\n", b""),
    "behind many commands": (STARTED * 5, b""),
    "in an answer": (LONG, b"HTTP/1.1 200"),
    "in the first of many answers": (LONG * 20, b"HTTP/1.1 200"),
    "behind an answer": (STARTED, b"\r\n\r\n"),
    "in the body of the next": (STARTED + UPLOADS["facilioo"][0] + HOST + JSON + b"Content-Length: 99\r\n\r\n{", b""),
}


@pytest.fixture
def left(template: Path, tmp_path: Path) -> Iterator[Server]:
    with serving(template, tmp_path, log_requests="false", login_failures=0) as running:
        yield running


def vanish(server: Server, state: str, reset: bool) -> None:
    sent, awaited = STATES[state]
    with connect(server) as sock:
        sock.sendall(sent)
        received = b""
        while awaited not in received:
            data = sock.recv(4096)
            assert data, received
            received += data
        if reset:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def files(server: Server) -> int:
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def tasks(path: Path) -> dict[str, int]:
    """How many there are, how many events say that one was made, and how many stand in no instance or element."""
    connection = sqlite3.connect(path)
    try:
        asked = {
            "tasks": "SELECT count(*) FROM task",
            "instances": "SELECT count(DISTINCT instance_key) FROM task",
            "created": "SELECT count(*) FROM event WHERE kind = 'task.created'",
            "twice": "SELECT count(*) FROM (SELECT 1 FROM event WHERE kind = 'task.created' GROUP BY entity_key "
            "HAVING count(*) > 1)",
            "torn": "SELECT count(*) FROM task t LEFT JOIN element_instance e ON e.key = t.element_instance_key "
            "LEFT JOIN instance i ON i.key = t.instance_key WHERE i.key IS NULL OR e.key IS NULL "
            "OR (t.state = 'COMPLETED') <> (e.state = 'COMPLETED')",
        }
        return {name: connection.execute(text).fetchone()[0] for name, text in asked.items()}
    finally:
        connection.close()


@pytest.mark.rounds
def test_nothing_is_kept_for_who_is_gone(left: Server, seed: int) -> None:
    path = left.log.parent / "server.db"
    chance = random.Random(seed)
    for state in STATES:  # what is opened once, is
        vanish(left, state, reset=True)
    until(lambda: metric(left, "dragoman_connections") == 1)
    before, made_before = files(left), tasks(path)
    sent = 0
    for _ in range(rounds(25)):
        order = list(STATES)
        chance.shuffle(order)
        for state in order:
            vanish(left, state, reset=chance.random() < 0.5)
            sent += STATES[state][0].count(STARTED)
    until(lambda: metric(left, "dragoman_connections") == 1)
    for part in ("heads", "bodies"):
        assert metric(left, f'dragoman_held_bytes{{part="{part}"}}') == 0
    assert files(left) - before < rounds(25), "not even one for each time that all of them vanished"
    with connect(left) as sock:
        sock.sendall(STARTED)  # behind all that was sent before
        assert sock.recv(4096).startswith(b"HTTP/1.1 201 ")
    assert is_fair(left)
    assert left.terminate() == 0
    assert "cut off" not in left.log.read_text(), "nobody is worked for any more"
    made = tasks(path)
    new = made["tasks"] - made_before["tasks"]
    assert 0 < new <= sent + 1
    assert made["created"] - made_before["created"] == new
    assert made["instances"] - made_before["instances"] == new
    assert made["twice"] == 0
    assert made["torn"] == 0
