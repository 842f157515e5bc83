"""The server that is recorded: where it is, and a connection to it that tells when the other side has ended."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from gateway.exits import Failed, Usage

_PORTS = {"http": 80, "https": 443}
#: bytes that are read ahead of whoever takes them
READ_AHEAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class Upstream:
    scheme: str
    host: str
    port: int
    tls: ssl.SSLContext | None = None

    @property
    def authority(self) -> str:
        """As it stands in a Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}"

    @property
    def about(self) -> dict[str, str]:
        """For the file that is recorded."""
        return {"scheme": self.scheme, "host": self.host, "port": str(self.port)}


def upstream_of(url: str, ca: Path | None = None) -> Upstream:
    """Raises Usage for what is no address of a server, and Failed for certificates that cannot be read."""
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
        good = scheme in _PORTS and bool(host) and (port is None or port > 0) and host.isascii()
    except ValueError:
        good = False
    if not good:
        raise Usage(f"--upstream: {url} is no address; one looks like http://old.example:8080")
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None:
        raise Usage("--upstream: only scheme, host and port; paths and queries are those of the requests")
    context = _context(ca) if scheme == "https" else None
    if ca is not None and context is None:
        raise Usage("--ca: the upstream is not asked over https")
    return Upstream(scheme, host, port or _PORTS[scheme], context)


def _context(ca: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(ca) if ca else None)
    except (ssl.SSLError, FileNotFoundError) as error:
        raise Failed(f"--ca: {ca} cannot be read: {error.strerror or error}") from None


class Line(asyncio.StreamReaderProtocol):
    """A connection to the upstream. As long as nobody waits for an answer, whatever comes is the end of it."""

    def __init__(self, reader: asyncio.StreamReader, on_end: Callable[[], None]) -> None:
        super().__init__(reader)
        self.idle = False
        self._on_end = on_end

    def data_received(self, data: bytes) -> None:
        if self.idle:
            self._on_end()
        super().data_received(data)

    def eof_received(self) -> bool | None:
        if self.idle:
            self._on_end()
        return super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.idle:
            self._on_end()
        super().connection_lost(exc)


@dataclass(slots=True)
class Connection:
    line: Line
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


async def connect(upstream: Upstream, within: float, on_end: Callable[[], None]) -> Connection:
    """Raises OSError, ssl.SSLError and TimeoutError."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=READ_AHEAD)
    line = Line(reader, on_end)
    name = upstream.host if upstream.tls else None
    async with asyncio.timeout(within):
        transport, _ = await loop.create_connection(
            lambda: line, upstream.host, upstream.port, ssl=upstream.tls, server_hostname=name
        )
    return Connection(line, reader, asyncio.StreamWriter(transport, line, reader, loop))
