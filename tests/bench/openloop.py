"""An open-loop load generator: requests come at their times, whether or not those before have been answered.

The time of an answer counts from when its request was to be sent, so that neither a slow server nor this generator
hides anything.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

#: connections that are open at most; a request that finds none free is not sent, and counted
MOST = 3000


@dataclass
class Outcome:
    """Seconds to the answer by status; what had no answer, by what happened."""

    times: dict[int, list[float]] = field(default_factory=dict)
    lost: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    #: seconds from the last request that was sent to the last answer
    drained: float = 0.0

    def count(self, *statuses: int) -> int:
        return sum(len(self.times.get(status, ())) for status in statuses)

    @property
    def offered(self) -> int:
        return sum(map(len, self.times.values())) + self.lost.total()

    @property
    def good(self) -> list[float]:
        return sorted(t for status, times in self.times.items() if status < 300 for t in times)

    def percentile(self, part: float, times: list[float] | None = None) -> float:
        ordered = self.good if times is None else sorted(times)
        return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0


class _Connection(asyncio.Protocol):
    def __init__(self, crowd: "_Crowd") -> None:
        self._crowd = crowd
        self._buffer = b""
        self._due: float | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def ask(self, request: bytes, due: float) -> None:
        self._due = due
        assert self._transport is not None
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0 or self._due is None:
            return
        start = self._buffer.find(b"content-length: ", 0, head)
        length = int(self._buffer[start + 16 : self._buffer.find(b"\r", start)]) if start >= 0 else 0
        if len(self._buffer) < head + 4 + length:
            return
        times = self._crowd.outcome.times.setdefault(int(self._buffer[9:12]), [])
        times.append(time.perf_counter() - self._due)
        self._buffer = self._buffer[head + 4 + length :]
        self._due = None
        self._crowd.idle.append(self)
        self._crowd.open -= 1

    def connection_lost(self, exc: Exception | None) -> None:
        self._crowd.connections -= 1
        if self._due is not None:
            self._crowd.outcome.lost["reset" if exc else "closed"] += 1
            self._crowd.open -= 1
        elif self in self._crowd.idle:
            self._crowd.idle.remove(self)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class _Crowd:
    def __init__(self, port: int) -> None:
        self.port = port
        self.outcome = Outcome()
        self.idle: list[_Connection] = []
        self.connections = 0
        #: requests without an answer
        self.open = 0
        self._connecting: set[asyncio.Task[None]] = set()

    def ask(self, request: bytes, due: float) -> None:
        if self.idle:
            self.open += 1
            self.idle.pop().ask(request, due)
        elif self.connections < MOST:
            self.open += 1
            self.connections += 1
            task = asyncio.create_task(self._connect(request, due))
            self._connecting.add(task)
            task.add_done_callback(self._connecting.discard)
        else:
            self.outcome.lost["not sent"] += 1

    async def _connect(self, request: bytes, due: float) -> None:
        try:
            loop = asyncio.get_running_loop()
            _, connection = await loop.create_connection(lambda: _Connection(self), "127.0.0.1", self.port)
        except OSError as error:
            self.outcome.lost[type(error).__name__] += 1
            self.connections -= 1
            self.open -= 1
            return
        connection.ask(request, due)


async def _offer(port: int, make: Callable[[], bytes], rate: float, seconds: float, patience: float) -> Outcome:
    chance = random.Random(0)
    crowd = _Crowd(port)
    began = due = time.perf_counter()
    while due - began < seconds:
        now = time.perf_counter()
        if due > now:
            await asyncio.sleep(due - now)
        while due <= time.perf_counter() and due - began < seconds:
            crowd.ask(make(), due)
            due += chance.expovariate(rate)
        await asyncio.sleep(0)
    ended = time.perf_counter()
    while crowd.open and time.perf_counter() - ended < patience:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    crowd.outcome.lost["no answer"] += crowd.open
    crowd.outcome.seconds = ended - began
    crowd.outcome.drained = time.perf_counter() - ended
    for connection in crowd.idle[:]:
        connection.close()
    return crowd.outcome


def offer(port: int, make: Callable[[], bytes], *, rate: float, seconds: float, patience: float = 60.0) -> Outcome:
    """So many requests a second, at random times."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_offer(port, make, rate, seconds, patience))
