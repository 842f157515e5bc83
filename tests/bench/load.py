"""A load generator: keep-alive connections on uvloop, one request after the other on each."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass
class Result:
    """Requests answered with the wanted status per second, and milliseconds to the answer."""

    done: int = 0
    wrong: int = 0
    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    sample: bytes = b""

    @property
    def rate(self) -> float:
        return self.done / self.seconds if self.seconds else 0.0

    def percentile(self, part: float) -> float:
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000 if ordered else 0.0


class _Client(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], wanted: bytes, result: Result, until: float) -> None:
        self._requests = requests
        self._wanted = wanted
        self._result = result
        self._until = until
        self._buffer = b""
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._next()

    def _next(self) -> None:
        now = time.perf_counter()
        request = next(self._requests, None) if now < self._until else None
        if request is None:
            self._transport.close()
            return
        self._sent = now
        self._transport.write(request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        start = self._buffer.find(b"content-length: ", 0, head)
        length = int(self._buffer[start + 16 : self._buffer.find(b"\r", start)]) if start >= 0 else 0
        if len(self._buffer) < head + 4 + length:
            return
        if self._buffer.startswith(self._wanted, 9):
            self._result.done += 1
        else:
            self._result.wrong += 1
            self._result.sample = self._buffer
        self._result.times.append(time.perf_counter() - self._sent)
        self._buffer = self._buffer[head + 4 + length :]
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.finished.done():
            self.finished.set_result(None)


async def _run(port: int, requests: Iterator[bytes], wanted: bytes, connections: int, seconds: float) -> Result:
    result = Result()
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    clients = []
    for _ in range(connections):
        _, client = await loop.create_connection(
            lambda: _Client(requests, wanted, result, began + seconds), "127.0.0.1", port
        )
        clients.append(client)
    await asyncio.gather(*(client.finished for client in clients))
    result.seconds = time.perf_counter() - began
    return result


def load(
    port: int, requests: Iterator[bytes], *, status: int = 200, connections: int = 32, seconds: float = 5.0
) -> Result:
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_run(port, requests, str(status).encode(), connections, seconds))


def http(method: str, path: str, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *headers]
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


Make = Callable[[], Iterator[bytes]]
