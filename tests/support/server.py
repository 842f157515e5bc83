"""Gateways in processes of their own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Server:
    url: str
    port: int
    process: "subprocess.Popen[bytes]"
    log: Path

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def terminate(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def until(test: Callable[[], object]) -> None:
    """However long it takes."""
    while not test():
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def launch(folder: Path, database_url: str, *arguments: str, port: int = 0, **environment: str) -> Server:
    """Start a gateway and wait until it is ready."""
    port = port or free_port()
    log = folder / "server.log"
    command = [
        sys.executable,
        "-m",
        "gateway",
        "serve",
        "--port",
        str(port),
        "--database-url",
        database_url,
        *arguments,
    ]
    with log.open("ab") as stream:
        process = subprocess.Popen(command, cwd=folder, stderr=stream, env={**os.environ, **environment})
    running = Server(f"http://127.0.0.1:{port}", port, process, log)
    while True:
        if process.poll() is not None:
            raise AssertionError(f"the server ended with {process.returncode}: {log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(f"{running.url}/ready") as answer:
                answer.read()
                return running
        except (urllib.error.URLError, ConnectionError):
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
