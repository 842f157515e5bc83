"""The one ASGI app: limits, request ids, logs and metrics around the dialects and the gateway's own pages."""

import asyncio
import logging
import os
import random
import re
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.common.hosts import Hosts, bracketed, name_of
from adapters.common.http import OVERDUE
from core.engine import Engine
from core.identity.throttle import peer
from gateway import dialects
from gateway.door.connection import RETRY_AFTER, TEXTS
from gateway.door.keeper import Keeper, Trusted
from gateway.door.limits import Limits
from gateway.logs import RequestLog, request_id, without_tickets
from gateway.metrics import Metrics
from gateway.pages import Pages
from gateway.settings import Settings

log = logging.getLogger("dragoman.gateway")
_RANDOM = random.Random(os.urandom(32))  # noqa: S311  request ids are no secrets
os.register_at_fork(after_in_child=lambda: _RANDOM.seed(os.urandom(32)))

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:-]{1,128}")
OWN = "gateway"
#: for the log: the client went away before it was answered
GONE = 499
_KINDS = {400: "host", 414: "path", 431: "head_size", 503: "address"}
_CLOSE = (b"connection", b"close")
_GIVEN_UP = ((b"retry-after", RETRY_AFTER), _CLOSE)
#: seconds after which who was told "not now" may come again, unless it is said for how long
LATER = (b"retry-after", b"5")
SOON = (b"retry-after", RETRY_AFTER)


@dataclass(frozen=True, slots=True)
class Mounted:
    name: str
    owns: Callable[[str], object]
    prefix: str
    hosts: frozenset[str]
    app: ASGIApp
    any_case: bool = False

    def place(self, path: str) -> str | None:
        """The prefix as it stands in a path; None if it does not."""
        start = path[: len(self.prefix)]
        is_here = start == self.prefix or (self.any_case and start.lower() == self.prefix.lower())
        return start if is_here else None


class Gateway:
    """`on_start` runs once the engine is ready: to load a world, to make the first administrator. `log_request` writes
    the lines of requests, where the settings want them."""

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        *,
        on_start: Callable[[Engine], Awaitable[None]] | None = None,
        log_request: RequestLog | None = None,
    ) -> None:
        self.settings = settings
        self.engine = engine
        self.keeper = Keeper(Limits.of(settings), Trusted(settings.trusted_proxies))
        self.metrics = Metrics(engine, self.keeper)
        self.plans = dialects.plans(settings)
        self._on_start = on_start
        self._log_request = log_request if settings.log_requests else None
        self._background: list[asyncio.Task[None]] = []
        self._mounted = [
            Mounted(
                p.dialect.name,
                p.dialect.owns.match,
                p.prefix,
                frozenset(p.hosts),
                dialects.build(p, engine, settings),
                any_case=p.dialect.any_case,
            )
            for p in self.plans
        ]
        self._pages = Pages(self.settings, engine, self.metrics, self.plans)
        self._hosts = self._served_hosts() if settings.allowed_hosts else None
        self._names: dict[bytes, str] = {}
        self._id_header = settings.request_id_header.lower().encode("latin-1")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def start(self) -> None:
        """Afterwards every request can be answered. Raises what keeps the engine from starting, after stopping it."""
        try:
            await self.engine.start()
            if self._on_start is not None:
                await self._on_start(self.engine)
        except BaseException:
            await self.engine.stop()
            raise
        runs = [self.keeper.watch()] + [
            plan.dialect.background(dialects.mount(plan, self.engine, self.settings))
            for plan in self.plans
            if plan.dialect.background is not None
        ]
        self._background = [asyncio.create_task(run) for run in runs]

    async def stop(self) -> None:
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self.engine.stop()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        """For servers other than `dragoman serve`."""
        await receive()
        try:
            await self.start()
        except Exception as error:
            await send({"type": "lifespan.startup.failed", "message": f"could not start: {error}"})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.stop()
        await send({"type": "lifespan.shutdown.complete"})

    def _served_hosts(self) -> Hosts:
        public = urlsplit(self.settings.public_url).netloc
        of_dialects = (host for plan in self.plans for host in plan.hosts)
        return Hosts([*self.settings.allowed_hosts, *of_dialects, *([public] if public else [])])

    def _find(self, scope: Scope, host: str) -> tuple[str, ASGIApp]:
        raw = scope.get("raw_path")
        path = raw.decode("latin-1") if raw is not None else scope["path"]
        for mounted in self._mounted:
            if mounted.hosts and host not in mounted.hosts:
                continue
            if mounted.prefix:
                place = mounted.place(path)
                if place is not None and mounted.owns(path[len(place) :]):
                    scope["root_path"] = place
                    return mounted.name, mounted.app
            elif mounted.owns(path):
                return mounted.name, mounted.app
        elsewhere = self._of_place(path, host)
        if elsewhere is None:
            return OWN, self._pages.app
        scope["root_path"] = elsewhere.prefix
        return elsewhere.name, elsewhere.app

    def _of_place(self, path: str, host: str) -> Mounted | None:
        """The one dialect whose prefix or host it is, for a path that is nobody's: it says in its own words that there
        is nothing. Where several share a place it is not guessed whose words these would be."""
        named = [
            mounted
            for mounted in self._mounted
            if (mounted.prefix or mounted.hosts)
            and (not mounted.hosts or host in mounted.hosts)
            and ((place := mounted.place(path)) is not None and path[len(place) : len(place) + 1] in ("", "/"))
        ]
        return named[0] if len(named) == 1 and not self._pages.has(path) else None

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        scope["dragoman.max_body"] = self.settings.max_body
        scope["dragoman.max_fields"] = self.settings.max_fields
        scope["dragoman.in_thread"] = self.engine.in_thread
        identity, refused, host = self._examine(scope)
        token = request_id.set(identity.decode("ascii"))
        client = scope.get("client")
        address = client[0] if client else ""
        peer.set(address)
        status = 500
        answered = False

        async def answer(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status, answered = message["status"], True
                self._complete(message, scope, identity)
            await send(message)

        name, app = self._find(scope, host)
        is_counted = not refused and not self.keeper.trusted[address]
        if is_counted and not self.keeper.enter(address):
            is_counted, refused = False, 503
        try:
            if refused:
                self.keeper.note(_KINDS[refused], address)
                await _plain(answer, refused)
            elif OVERDUE in scope:
                self.keeper.note("overload", address)
                await (_plain(answer, 503, goes_on=True) if name == OWN else app(scope, receive, answer))
            else:
                await app(scope, receive, answer)
                if not answered:
                    status = GONE
        except asyncio.CancelledError:
            log.warning("a request was cut off by the stop")
        except Exception:
            log.exception("the request broke")
            if not answered:
                await _plain(answer, 500)
        finally:
            if is_counted:
                self.keeper.leave(address)
            self._tell(scope, name, status, time.perf_counter() - began)
            request_id.reset(token)

    def _complete(self, message: Message, scope: Scope, identity: bytes) -> None:
        """With the headers that are not the dialect's to say."""
        headers, status = message.get("headers", ()), message["status"]
        if self._id_header:
            headers = [*headers, (self._id_header, identity)]
        if "dragoman.given_up" in scope:
            headers = [*headers, *_GIVEN_UP]
        elif status == 413:  # nobody reads the rest
            headers = _with(_CLOSE, headers)
        if status == 503:
            headers = _with(SOON if OVERDUE in scope else LATER, headers)
        message["headers"] = headers

    def _tell(self, scope: Scope, name: str, status: int, seconds: float) -> None:
        """The metrics and the log."""
        operation = scope.get("dragoman.operation", "")
        self.metrics.count(name, operation, status, seconds)
        if self._log_request is not None and OVERDUE not in scope:
            path = scope.get("dragoman.path", scope["path"])
            path = path if operation else without_tickets(path)
            self._log_request(scope["method"], path, status=status, dialect=name, operation=operation, seconds=seconds)

    def _examine(self, scope: Scope) -> tuple[bytes, int, str]:
        """(the id of the request, the status with which it is refused or 0, the name in its Host header)"""
        identity, host, count, size = b"", b"", 0, 0
        headers, limits = scope["headers"], self.keeper.limits
        for header, value in headers:
            size += len(header) + len(value)
            if header == b"host":
                host, count = value, count + 1
            elif header == b"x-request-id" and _REQUEST_ID.fullmatch(value):
                identity = bytes(value)
        name = self._names.get(host)
        if name is None:
            name = self._name_of(host)
        refused = 0
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > limits.path:
            refused = 414
        elif size > limits.header_bytes or len(headers) > limits.headers:
            refused = 431
        elif count != 1:
            refused = 0 if count == 0 and scope["http_version"] == "1.0" else 400  # which knows no Host
        elif not name or (self._hosts is not None and not self._serves(host.decode("latin-1"), name, scope)):
            refused = 400
        return identity or b"%016x" % _RANDOM.getrandbits(64), refused, name

    def _name_of(self, host: bytes) -> str:
        """Remembered, since most clients send the same."""
        name = name_of(host.decode("latin-1"))
        if len(self._names) < 256 and len(host) < 300:
            self._names[host] = name
        return name

    def _serves(self, host: str, name: str, scope: Scope) -> bool:
        """A host from the settings, or this machine's address, to which probes come."""
        assert self._hosts is not None
        server = scope.get("server")
        return host in self._hosts or (server is not None and name == bracketed(server[0]).lower())


def _with(header: tuple[bytes, bytes], headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Unless the dialect has said it in its own way."""
    known = list(headers)
    return known if any(name.lower() == header[0] for name, _ in known) else [*known, header]


async def _plain(send: Send, status: int, *, goes_on: bool = False) -> None:
    text = TEXTS.get(status, b"Internal Server Error")
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(text)).encode())]
    if status == 503:
        headers.append(SOON)
    if not goes_on:
        headers.append(_CLOSE)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})
