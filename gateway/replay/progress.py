"""How far a replay is: a bar on a terminal, a line now and then for whoever reads a log."""

import time
from typing import TextIO

#: seconds between two looks at it
ON_TERMINAL, IN_LOG = 0.1, 10.0
_WIDTH = 30


class Progress:
    def __init__(self, stream: TextIO, total: int) -> None:
        self._stream = stream
        self._total = total
        self._is_terminal = stream.isatty()
        self._done = 0
        self._failed = 0
        self._last = 0.0
        self._began = time.monotonic()

    def step(self, *, failed: bool) -> None:
        self._done += 1
        self._failed += failed
        now = time.monotonic()
        if now - self._last >= (ON_TERMINAL if self._is_terminal else IN_LOG):
            self._last = now
            self._tell()

    def end(self) -> None:
        self._tell()
        if self._is_terminal:
            self._stream.write("\n")
            self._stream.flush()

    def _tell(self) -> None:
        rate = self._done / max(time.monotonic() - self._began, 0.001)
        text = f"{self._done} of {self._total} sent, {self._failed} differ, {rate:.0f}/s"
        if self._is_terminal:
            full = _WIDTH * self._done // max(self._total, 1)
            self._stream.write(f"\r[{'#' * full}{' ' * (_WIDTH - full)}] {text}\x1b[K")
        else:
            self._stream.write(f"{text}\n")
        self._stream.flush()
