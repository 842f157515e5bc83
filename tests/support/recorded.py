"""A recorder on a real port, between raw sockets: the server does what a test says, the client sends bytes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.server import bind
from gateway.traffic.exchange import Exchange
from gateway.traffic.own_addresses import OwnAddresses
from gateway.traffic.recorder import Recorder
from gateway.traffic.recording import Recording
from gateway.traffic.relay import Rules
from gateway.traffic.upstream import Upstream
from gateway.traffic.writer import Writer

#: what the server does with a connection
Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Recorded:
    """What was recorded is there when `exchanges` is called, which ends the recording."""

    def __init__(self, path: Path, port: int, upstream_port: int, end: Callable[[], Awaitable[None]]) -> None:
        self.path = path
        self.port = port
        self.upstream_port = upstream_port
        self._end = end

    async def say(self, data: bytes, *, half_close: bool = False) -> bytes:
        """Send bytes, and read until the other side ends."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(data)
            if half_close:
                writer.write_eof()
            return await reader.read()
        except ConnectionError:
            return b""
        finally:
            writer.close()

    async def exchanges(self) -> list[Exchange]:
        await self._end()
        with Recording(self.path) as recording:
            return list(recording.exchanges())


@asynccontextmanager
async def recorded(
    path: Path, script: Script | None, *, patience: float = 60, rewrite_host: bool = False
) -> AsyncIterator[Recorded]:
    """Without a script nobody listens where the server should be."""
    server = None
    ended: list[asyncio.Task[None]] = []

    async def run(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        ended.append(task)
        try:
            assert script is not None
            await script(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    if script is None:
        with bind("127.0.0.1", 0) as nobody:
            upstream_port = nobody.getsockname()[1]
    else:
        server = await asyncio.start_server(run, "127.0.0.1", 0)
        upstream_port = server.sockets[0].getsockname()[1]
    upstream = Upstream("http", "127.0.0.1", upstream_port)
    own = OwnAddresses(upstream)
    writer = Writer(path, source=upstream.url, about=upstream.about, beside=[own.look])
    recorder = Recorder(Rules(upstream, own, 10, patience, rewrite_host), writer)
    with bind("127.0.0.1", 0) as sock:
        running = asyncio.create_task(recorder.run(sock))
        await asyncio.sleep(0)

        async def end() -> None:
            recorder.stop()
            await running
            if not writer.is_closed:
                writer.flush()
                writer.note(own.told)
            writer.close()

        try:
            yield Recorded(path, sock.getsockname()[1], upstream_port, end)
        finally:
            await end()
            for task in ended:
                task.cancel()
            if server is not None:
                server.close()


async def head_of(reader: asyncio.StreamReader) -> bytes:
    return await reader.readuntil(b"\r\n\r\n")
