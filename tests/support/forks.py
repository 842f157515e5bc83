"""The command line in processes of their own, forked from one that has imported everything already.

To import takes a second, which is most of what a command or a start costs, and tests start hundreds. What is about how
a process begins starts Python itself: tests/clients/test_start.py, and the shells of the documentation.
"""

import array
import atexit
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import IO, Any

from tests.support.forkserver import SIZE

ROOT = Path(__file__).parents[2]
#: what a stream is, as for subprocess: ours if none is given
Stream = int | IO[Any] | None


@cache
def _server() -> socket.socket:
    """Where to ask; who closes it ends the server."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    here.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SIZE)
    command = [sys.executable, "-m", "tests.support.forkserver", str(there.fileno())]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, pass_fds=[there.fileno()])
    there.close()

    def end() -> None:
        here.close()
        process.wait()

    atexit.register(end)
    return here


class Fork:
    """`python -m gateway`, with as much of `subprocess.Popen` as is needed. Its parent is the server."""

    def __init__(
        self,
        *arguments: str | os.PathLike[str],
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
        stdout: Stream = None,
        stderr: Stream = None,
        umask: int = 0o022,
        file_size: int = resource.RLIM_INFINITY,
    ) -> None:
        """`file_size`: no file gets longer."""
        self.returncode: int | None = None
        self._lock = threading.Lock()
        self.stdout, out = _stream(stdout, 1)
        self.stderr, err = _stream(stderr, 2)
        self._teller, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        request = {
            "arguments": [os.fspath(argument) for argument in arguments],
            "folder": str(folder or Path.cwd()),
            "environment": dict(os.environ if environment is None else environment),
            "umask": umask,
            "file_size": file_size,
        }
        with there:
            socket.send_fds(_server(), [json.dumps(request).encode()], [0, out, err, there.fileno()])
        for ours, given in ((self.stdout, out), (self.stderr, err)):
            if ours is not None:
                os.close(given)
        self.pid = self._told()

    def _told(self, *flags: int) -> int:
        numbers = array.array("i", self._teller.recv(array.array("i").itemsize, *flags))
        return numbers[0]

    def poll(self) -> int | None:
        with self._lock:
            if self.returncode is None:
                try:
                    self._ended(self._told(socket.MSG_DONTWAIT))
                except BlockingIOError:
                    return None
            return self.returncode

    def wait(self) -> int:
        with self._lock:
            if self.returncode is None:
                self._ended(self._told())
            assert self.returncode is not None
            return self.returncode

    def _ended(self, status: int) -> None:
        self.returncode = status
        self._teller.close()

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def state(self) -> str:
        """A letter of the kernel's: R runs, S waits, T was stopped."""
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(") ")[2][0]

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def communicate(self) -> tuple[str, str]:
        """What it printed, and said, until it ended."""
        said: list[str] = []
        reader = threading.Thread(target=lambda: said.append(_rest(self.stderr)))
        reader.start()
        printed = _rest(self.stdout)
        reader.join()
        self.wait()
        return printed, said[0]


def _stream(wanted: Stream, ours: int) -> tuple[IO[str] | None, int]:
    """(where to read what is written, where to write)."""
    if wanted is None:
        return None, ours
    if wanted == subprocess.PIPE:
        reading, writing = os.pipe()
        return open(reading, encoding="utf-8"), writing
    return None, wanted if isinstance(wanted, int) else wanted.fileno()


def _rest(stream: IO[str] | None) -> str:
    if stream is None or stream.closed:
        return ""
    with stream:
        return stream.read()


def run(
    *arguments: str | os.PathLike[str],
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    umask: int = 0o022,
    file_size: int = resource.RLIM_INFINITY,
) -> "subprocess.CompletedProcess[str]":
    """One command and what it said."""
    fork = Fork(
        *arguments,
        folder=folder,
        environment=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        umask=umask,
        file_size=file_size,
    )
    out, err = fork.communicate()
    assert fork.returncode is not None
    return subprocess.CompletedProcess(["dragoman", *arguments], fork.returncode, out, err)
