"""The one ASGI app: limits, request ids, logs and metrics around the dialects and the gateway's own pages."""

import asyncio
import logging
import os
import random
import re
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.engine.engine import Engine
from core.identity.throttle import peer
from gateway import dialects
from gateway.logs import log_request, request_id
from gateway.metrics import Metrics
from gateway.pages import Pages
from gateway.settings import Settings

log = logging.getLogger("dragoman.gateway")
_RANDOM = random.Random(os.urandom(32))  # noqa: S311  request ids are no secrets

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:-]{1,128}")
OWN = "gateway"


@dataclass(frozen=True, slots=True)
class Mounted:
    name: str
    owns: Callable[[str], object]
    prefix: str
    hosts: frozenset[str]
    app: ASGIApp


class Gateway:
    """`on_start` runs once the engine is ready: to load a world, to make the first administrator."""

    def __init__(
        self, settings: Settings, engine: Engine, *, on_start: "Callable[[Engine], object] | None" = None
    ) -> None:
        self.settings = settings
        self.engine = engine
        self.metrics = Metrics(engine)
        self.plans = dialects.plans(settings)
        self._on_start = on_start
        self._mounted = [
            Mounted(
                p.dialect.name, p.dialect.owns.match, p.prefix, frozenset(p.hosts), dialects.build(p, engine, settings)
            )
            for p in self.plans
        ]
        self._pages = Pages(self.settings, engine, self.metrics, self.plans)
        self._id_header = settings.request_id_header.lower().encode("latin-1")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self.engine.start()
            if self._on_start is not None:
                result = self._on_start(self.engine)
                if hasattr(result, "__await__"):
                    await result
        except Exception as error:
            log.error("could not start: %s", error)
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        background = [asyncio.create_task(run) for run in self._background()]
        await receive()
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)
        await self.engine.stop()
        await send({"type": "lifespan.shutdown.complete"})

    def _background(self) -> list[Coroutine[Any, Any, None]]:
        return [
            plan.dialect.background(dialects.mount(plan, self.engine, self.settings))
            for plan in self.plans
            if plan.dialect.background is not None
        ]

    def _find(self, scope: Scope) -> tuple[str, ASGIApp]:
        raw = scope.get("raw_path")
        path = raw.decode("latin-1") if raw is not None else scope["path"]
        host = ""
        for mounted in self._mounted:
            if mounted.hosts:
                host = host or _host(scope)
                if host not in mounted.hosts:
                    continue
            if mounted.prefix:
                if path.startswith(mounted.prefix) and mounted.owns(path[len(mounted.prefix) :]):
                    scope["root_path"] = mounted.prefix
                    return mounted.name, mounted.app
            elif mounted.owns(path):
                return mounted.name, mounted.app
        return OWN, self._pages.app

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        scope["dragoman.max_body"] = self.settings.max_body
        identity = self._identify(scope)
        token = request_id.set(identity.decode("ascii"))
        client = scope.get("client")
        peer.set(client[0] if client else "")
        status = 500
        answered = False

        async def answer(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status = message["status"]
                answered = True
                if self._id_header:
                    message["headers"] = [*message.get("headers", ()), (self._id_header, identity)]
            await send(message)

        name, app = self._find(scope)
        refused = self._refuse(scope)
        try:
            if refused:
                await _plain(answer, refused)
            else:
                await app(scope, receive, answer)
        except Exception:
            log.exception("the request broke")
            if not answered:
                await _plain(answer, 500)
        finally:
            seconds = time.perf_counter() - began
            operation = scope.get("dragoman.operation", "")
            self.metrics.count(name, operation, status, seconds)
            if self.settings.log_requests:
                path = scope.get("dragoman.path", scope["path"])
                log_request(scope["method"], path, status, name, operation, seconds)
            request_id.reset(token)

    @staticmethod
    def _identify(scope: Scope) -> bytes:
        for header, value in scope["headers"]:
            if header == b"x-request-id" and _REQUEST_ID.fullmatch(value):
                return bytes(value)
        return b"%016x" % _RANDOM.getrandbits(64)

    def _refuse(self, scope: Scope) -> int:
        """The status for a request that is too long before its body, 0 if it is not."""
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > self.settings.max_path:
            return 414
        size = sum(len(name) + len(value) for name, value in scope["headers"])
        return 431 if size > self.settings.max_header_bytes or len(scope["headers"]) > 200 else 0


def _host(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"host":
            return str(value.decode("latin-1").rpartition(":")[0] or value.decode("latin-1")).lower()
    return ""


async def _plain(send: Send, status: int) -> None:
    text = {414: b"URI Too Long", 431: b"Request Header Fields Too Large"}.get(status, b"Internal Server Error")
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, (b"connection", b"close")]})
    await send({"type": "http.response.body", "body": text})
