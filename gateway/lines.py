"""Where lines of the log go. Nobody waits for whoever reads them."""

import os
import select
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

#: bytes that wait for a reader; lines beyond that are lost, and counted
WAITING = 1024 * 1024
#: seconds that the end of the process waits for a reader
PATIENCE = 1.0


class Lines:
    """Writes lines at once, as long as the stream takes them.

    A pipe that is full and a terminal that is held take none. Then a thread waits for them; it ends when all is
    written. `lost` makes the line that tells how many were not kept.
    """

    def __init__(self, stream: TextIO, lost: Callable[[int], str]) -> None:
        self._stream = stream
        self._line_of_lost = lost
        self._fd = _descriptor(stream)
        # of a kind that a thread may take twice: what the collector ends may be logged while a line is written
        self._lock = threading.RLock()
        self._waiting = bytearray()
        self._lost = 0
        self._thread: threading.Thread | None = None
        self._poll = select.poll()
        if self._fd is not None:
            self._poll.register(self._fd, select.POLLOUT)

    def write(self, line: str) -> None:
        """With the line feed that it ends with."""
        with self._lock:
            if self._fd is None:
                with suppress(OSError):  # the log may be on a disk that is full
                    self._stream.write(line)
                return
            rest = self._bytes(line)
            if not self._waiting:
                rest = rest[self._put(self._fd, rest) :]
            if rest:
                self._keep(self._fd, rest)

    def flush(self) -> None:
        """What can be written is."""

    def close(self) -> None:
        """Those that still wait have a moment."""
        if thread := self._thread:
            thread.join(PATIENCE)

    def _bytes(self, line: str) -> bytes:
        return line.encode(self._stream.encoding or "utf-8", "backslashreplace")

    def _put(self, fd: int, some: bytes | bytearray) -> int:
        """How many bytes are done with: the stream has taken them, or is gone."""
        done = 0
        # a stream that is ready takes that many without a wait
        while done < len(some) and self._poll.poll(0):
            try:
                done += os.write(fd, some[done : done + select.PIPE_BUF])
            except BlockingIOError:
                break
            except OSError:
                return len(some)
        return done

    def _keep(self, fd: int, rest: bytes) -> None:
        if len(self._waiting) + len(rest) > WAITING:
            self._lost += 1
            return
        self._tell_lost()
        self._waiting += rest
        if self._thread is None:
            self._thread = threading.Thread(target=self._wait, args=(fd,), name="dragoman-log", daemon=True)
            self._thread.start()

    def _tell_lost(self) -> None:
        """Where the lines would stand."""
        if self._lost:
            self._waiting += self._bytes(self._line_of_lost(self._lost))
            self._lost = 0

    def _wait(self, fd: int) -> None:
        """In a thread, until nothing waits."""
        poll = select.poll()
        poll.register(fd, select.POLLOUT)
        while True:
            poll.poll()
            with self._lock:
                del self._waiting[: self._put(fd, self._waiting)]
                if not self._waiting:
                    self._tell_lost()
                if not self._waiting:
                    self._thread = None
                    return


def _descriptor(stream: TextIO) -> int | None:
    """That of a pipe, a socket or a terminal; None for a file, and for what has none."""
    try:
        fd = stream.fileno()
    except (OSError, ValueError):
        return None
    mode = os.fstat(fd).st_mode
    return fd if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(fd) else None
