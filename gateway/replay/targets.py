"""Where a replay goes: to a server over the network, or to a gateway in this process."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import httpcore2
from starlette.types import ASGIApp, Message

from gateway.compare import addresses
from gateway.traffic.exchange import Headers, Request, Response

#: seconds until a server has to accept, and to send something
CONNECT, READ = 10.0, 60.0
#: bytes of an answer that are kept
MAX_ANSWER = 64 * 1024 * 1024
#: about one connection and not about the message
_HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-connection proxy-authenticate proxy-authorization te trailer upgrade expect".split()
)


class NoAnswer(Exception):
    """None came; the text says why."""


class Target(Protocol):
    #: how a client calls it, without a slash at the end; empty for what has no address of its own
    address: str

    def prepared(self, request: Request) -> Request:
        """As it goes out: for another host, on another connection."""
        ...

    async def send(self, request: Request) -> Response:
        """One that was prepared. Raises NoAnswer."""
        ...


def _outgoing(request: Request, host: bytes = b"") -> Headers:
    """The headers in their order and case: with the length of the body, and for another host if there is one."""
    headers: list[tuple[bytes, bytes]] = []
    length = (b"Content-Length", str(len(request.body)).encode())
    has_length = has_host = False
    for name, value in request.headers:
        low = name.lower()
        if low in (b"content-length", b"transfer-encoding"):
            if not has_length:
                headers.append((name if low == b"content-length" else length[0], length[1]))
            has_length = True
        elif low == b"host":
            if not has_host:
                headers.append((name, host or value))
            has_host = True
        elif low not in _HOP_BY_HOP:
            headers.append((name, value))
    if request.body and not has_length:
        headers.append(length)
    if not has_host:
        headers.insert(0, (b"Host", host or b"localhost"))
    return tuple(headers)


class Network:
    """A server at an address. Certificates are checked."""

    def __init__(self, address: str, *, connections: int) -> None:
        self.address = address.rstrip("/")
        parts = urlsplit(self.address)
        assert parts.hostname
        self._scheme = parts.scheme.encode()
        self._host = parts.hostname.encode("idna")
        self._port = parts.port
        self._prefix = parts.path.rstrip("/").encode()
        self._authority = parts.netloc.rpartition("@")[2].encode()
        context = ssl.create_default_context() if parts.scheme == "https" else None
        #: of one connection each: a pool looks at all of its connections for each request
        self._pools = [
            httpcore2.AsyncConnectionPool(ssl_context=context, max_connections=1, keepalive_expiry=5.0)
            for _ in range(connections)
        ]
        self._free = list(self._pools)
        self._places = asyncio.Semaphore(connections)

    def prepared(self, request: Request) -> Request:
        target = self._prefix + request.target
        return replace(request, target=target, headers=_outgoing(request, self._authority), version="1.1")

    async def send(self, request: Request) -> Response:
        async with self._places:
            pool = self._free.pop()
            try:
                return await self._sent(pool, request)
            finally:
                self._free.append(pool)

    async def _sent(self, pool: httpcore2.AsyncConnectionPool, request: Request) -> Response:
        url = httpcore2.URL(scheme=self._scheme, host=self._host, port=self._port, target=request.target)
        timeout = {"connect": CONNECT, "read": READ, "write": READ, "pool": None}
        wanted = httpcore2.Request(
            request.method,
            url,
            headers=list(request.headers),
            content=request.body or None,
            extensions={"timeout": timeout},
        )
        try:
            answer = await pool.handle_async_request(wanted)
            try:
                body = await _limited(answer.aiter_stream())
            finally:
                await answer.aclose()
        except (httpcore2.TimeoutException, TimeoutError):
            raise NoAnswer(f"no answer within {READ:g} seconds") from None
        except (httpcore2.ProtocolError, httpcore2.NetworkError, OSError, ValueError) as error:
            raise NoAnswer(str(error) or type(error).__name__) from None
        reason = answer.extensions.get("reason_phrase", b"").decode("latin-1")
        version = answer.extensions.get("http_version", b"HTTP/1.1").decode("latin-1").removeprefix("HTTP/")
        lacks = "" if len(body) <= MAX_ANSWER else f"more than {MAX_ANSWER} bytes"
        return Response(answer.status, reason, tuple(answer.headers), body[:MAX_ANSWER], version=version, lacks=lacks)

    async def close(self) -> None:
        for pool in self._pools:
            await pool.aclose()


async def _limited(chunks: AsyncIterator[bytes]) -> bytes:
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > MAX_ANSWER:
            break
    return bytes(body)


class InProcess:
    """An ASGI app, for which the recorded host is its own."""

    address = ""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def prepared(self, request: Request) -> Request:
        return replace(request, headers=_outgoing(request), version="1.1")

    async def send(self, request: Request) -> Response:
        path, _, query = request.target.partition(b"?")
        own = addresses.of(request)
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": "http",
            "path": unquote(path.decode("latin-1")),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in request.headers],
            "client": ("127.0.0.1", 0),
            "server": (own.host, int(own.port or 80)) if own is not None else ("127.0.0.1", 80),
            "state": {},
        }
        return await self._answer(scope, request)

    async def _answer(self, scope: MutableMapping[str, Any], request: Request) -> Response:
        status = 0
        received: Headers = ()
        body = bytearray()
        is_sent = False
        gone = asyncio.Event()

        async def receive() -> Message:
            nonlocal is_sent
            if not is_sent:
                is_sent = True
                return {"type": "http.request", "body": request.body, "more_body": False}
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            nonlocal status, received
            if message["type"] == "http.response.start":
                status, received = message["status"], tuple((bytes(n), bytes(v)) for n, v in message["headers"])
            elif message["type"] == "http.response.body":
                body.extend(message.get("body", b""))

        try:
            await self._app(scope, receive, send)
        except Exception as error:
            raise NoAnswer(f"{type(error).__name__}: {error}") from error
        finally:
            gone.set()
        if not status:
            raise NoAnswer("the connection was closed without an answer")
        return Response(status, "", received, b"" if request.method == "HEAD" else bytes(body))


@asynccontextmanager
async def network(address: str, *, connections: int) -> AsyncIterator[Network]:
    target = Network(address, connections=connections)
    try:
        yield target
    finally:
        await target.close()


def same_server(one: str, others: Iterable[str]) -> bool:
    """Do two addresses lead to one host and port, as far as their names tell?"""
    return any(_place(one) == _place(other) for other in others if other)


def _place(address: str) -> tuple[str, int]:
    parts = urlsplit(address)
    host = (parts.hostname or "").rstrip(".").lower()
    local = {"localhost", "127.0.0.1", "::1", "0.0.0.0"}  # noqa: S104
    return "localhost" if host in local else host, parts.port or (443 if parts.scheme == "https" else 80)
