"""The gateway's own addresses: what it serves, how it is, what happened."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from html import escape
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from adapters.common import basic
from adapters.common.http import PAGE_POLICY, BodyTooLarge, read_body
from core.engine.engine import Engine
from core.principal import NOBODY
from core.queries import History
from core.rejections import Invalid, NotFound, Unauthenticated, Unavailable
from core.times import iso_utc
from gateway.dialects import Plan
from gateway.metrics import Metrics
from gateway.settings import Settings

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:3rem auto;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #ddd}"
    "code{background:#f4f4f4;padding:.1rem .3rem}"
)


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")


class Pages:
    def __init__(self, settings: Settings, engine: Engine, metrics: Metrics, plans: Sequence[Plan]) -> None:
        self._settings = settings
        self._engine = engine
        self._metrics = metrics
        self._plans = plans
        routes = [
            Route("/", self.root),
            Route("/health", self.health),
            Route("/ready", self.ready),
            Route("/metrics", self.metric_page),
            Route("/history/{key}", self._for_administrators(self.history)),
            Route("/maintenance", self._for_administrators(self.maintenance), methods=["GET", "PUT"]),
        ]
        self.app = Starlette(routes=routes, exception_handlers={HTTPException: self._failed})

    async def _failed(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        page = f"<!DOCTYPE html><title>{error.status_code}</title><h1>{error.status_code}</h1><p>{escape(error.detail)}"
        return HTMLResponse(page, error.status_code, headers={**PAGE_POLICY, **(error.headers or {})})

    def _for_administrators(
        self, handler: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            asking = replace(NOBODY, tenant_key=self._engine.default_tenant, dialect="dragoman")
            try:
                principal = await basic.authenticate(request, self._engine, asking)
            except Unauthenticated as refused:
                text = "credentials are required" if refused.reason == "missing" else "wrong credentials"
                return PlainTextResponse(text, 401, headers={"www-authenticate": 'Basic realm="Dragoman"'})
            except Unavailable:
                return PlainTextResponse("not available", 503)
            if not principal.is_administrator:
                return PlainTextResponse("administrators only", 403)
            request.state.principal = principal
            try:
                return await handler(request)
            except Unavailable:
                return PlainTextResponse("not available", 503)

        return guarded

    async def root(self, request: Request) -> Response:
        rows = "".join(
            f"<tr><td>{escape(p.dialect.title)}</td><td>{escape(p.profile)}</td>"
            f"<td><code>{escape(_with_prefix(p))}</code></td><td>{len(p.dialect.operations)}</td></tr>"
            for p in self._plans
        )
        state = "in maintenance" if self._engine.maintenance else "ready"
        page = (
            f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Dragoman</title><style>{_STYLE}</style>'
            "</head><body><h1>Dragoman</h1><p>A compatibility gateway for user tasks: programs that talked to these "
            f"products talk to one task engine here, unchanged. The gateway is <b>{state}</b>.</p>"
            "<table><tr><th>Dialect</th><th>Profile</th><th>For example</th><th>Operations</th></tr>"
            f"{rows}</table><p><a href='/health'>health</a> · <a href='/ready'>ready</a> · "
            "<a href='/metrics'>metrics</a></p></body></html>"
        )
        return HTMLResponse(page, headers=PAGE_POLICY)

    async def health(self, request: Request) -> Response:
        return _json({"status": "alive"})

    async def ready(self, request: Request) -> Response:
        if self._engine.maintenance:
            return _json({"status": "not ready", "reason": "maintenance"}, 503)
        try:
            await self._engine.check()
        except Unavailable as error:
            return _json({"status": "not ready", "reason": error.reason}, 503)
        return _json({"status": "ready"})

    async def metric_page(self, request: Request) -> Response:
        return Response(self._metrics.render(), media_type="text/plain; version=0.0.4; charset=utf-8")

    async def history(self, request: Request) -> Response:
        """What happened to a task: who, when, through which dialect, before and after."""
        key: str = request.path_params["key"]
        try:
            if not (key.isascii() and key.isdigit() and len(key) < 20):
                raise NotFound("task", key)
            events = await self._engine.ask(History(int(key)), request.state.principal)
        except (NotFound, Invalid):
            return _json({"error": "no such task"}, 404)
        return _json(
            [
                {
                    "at": iso_utc(e.at),
                    "kind": e.kind,
                    "actor": e.actor,
                    "dialect": e.dialect,
                    "entity": e.entity,
                    "key": str(e.entity_key),
                    "before": e.before,
                    "after": e.after,
                }
                for e in events
            ]
        )

    async def maintenance(self, request: Request) -> Response:
        if request.method == "PUT":
            try:
                on = orjson.loads(await read_body(request))["on"]
            except (orjson.JSONDecodeError, KeyError, TypeError, BodyTooLarge):
                on = None
            if not isinstance(on, bool):
                return _json({"error": 'expected {"on": true} or {"on": false}'}, 400)
            await self._engine.set_maintenance(on)
        return _json({"on": self._engine.maintenance})


def _with_prefix(plan: Plan) -> str:
    method, _, path = plan.dialect.example.partition(" ")
    return f"{method} {plan.prefix}{path}"
