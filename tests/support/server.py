"""Gateways in processes of their own."""

import fcntl
import os
import re
import shutil
import signal
import socket
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.support.forks import Fork


@dataclass
class Server:
    url: str
    port: int
    process: Fork
    log: Path

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def terminate(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait()


def until(test: Callable[[], object]) -> None:
    """However long it takes."""
    while not test():
        time.sleep(0.02)


def reserve() -> socket.socket:
    """A socket with a port that nobody else gets; until it listens nobody answers there."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    return sock


_owned: list[IO[str]] = []


def own_port() -> int:
    """A port that no other test gets, in this run or in another one on the machine, for who has to know it beforehand.

    They lie below those that the system chooses from.
    """
    folder = Path(tempfile.gettempdir(), f"dragoman-ports-{os.getuid()}")
    folder.mkdir(exist_ok=True)
    for port in range(20_000, 30_000):
        claim = open(folder / str(port), "a")  # noqa: SIM115  kept as long as the process lives
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket() as sock:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                sock.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
            continue
        _owned.append(claim)
        return port
    raise AssertionError("all ports are taken")


#: on a busy machine whoever comes waits for longer than a user would
PATIENT = {"DRAGOMAN_ADMIT_WITHIN": "0"}


def launch(folder: Path, database_url: str, *arguments: str, **environment: str) -> Server:
    """Start a gateway on a port that it chooses and wait until it is ready."""
    log = folder / "server.log"
    with log.open("ab") as stream:
        written = stream.tell()
        serve = ("serve", "--port", "0", "--database-url", database_url, *arguments)
        process = Fork(*serve, folder=folder, environment={**PATIENT, **os.environ, **environment}, stderr=stream)
    try:
        port = _port(process, log, written)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready") as answer:
            answer.read()
    except (OSError, AssertionError) as error:
        process.kill()
        raise AssertionError(f"the server ended with {process.wait()}: {log.read_text()[-2000:]}") from error
    return Server(f"http://127.0.0.1:{port}", port, process, log)


def _port(process: Fork, log: Path, written: int) -> int:
    """The port that a server tells in its log, behind what others wrote there."""
    while True:
        ended = process.poll() is not None
        with log.open("rb") as stream:
            stream.seek(written)
            told = re.search(rb"listening on http://127\.0\.0\.1:(\d+)\b.*\n", stream.read())
        if told is not None:
            return int(told[1])
        assert not ended
        time.sleep(0.02)


@contextmanager
def start(folder: Path, template: Path | None = None, *arguments: str, **environment: str) -> Iterator[Server]:
    """A server on a copy of a template database."""
    path = folder / "server.db"
    if template is not None:
        shutil.copy(template, path)
    running = launch(folder, f"sqlite:///{path}", *arguments, **environment)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.terminate()
