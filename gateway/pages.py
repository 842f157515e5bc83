"""The gateway's own addresses: what it serves, how it is, what happened."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
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
from core.engine import Engine
from core.principal import NOBODY
from core.rejections import Invalid, NotFound, Unauthenticated, Unavailable
from core.task.queries import History
from core.times import iso_utc
from gateway import manual
from gateway.about import as_page, described, page
from gateway.dialects import Plan, description
from gateway.metrics import Metrics
from gateway.settings import Settings
from schemas.common.accept import quality
from schemas.common.numbers import whole


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")


def _html(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return HTMLResponse(text, status, headers={**PAGE_POLICY, **(headers or {})})


def _wants_json(request: Request) -> bool:
    accept = request.headers.get("accept", "*/*")
    return quality(accept, "application/json") > quality(accept, "text/html")


class Pages:
    def __init__(self, settings: Settings, engine: Engine, metrics: Metrics, plans: Sequence[Plan]) -> None:
        self._settings = settings
        self._engine = engine
        self._metrics = metrics
        self._plans = plans
        self._described = lru_cache(maxsize=len(plans) + 1)(self._describe)
        routes = [
            Route("/", self.root),
            Route("/docs/", self.contents),
            Route("/docs/{page:path}", self.page),
            Route("/openapi/{dialect}.json", self.openapi),
            Route("/health", self.health),
            Route("/ready", self.ready),
            Route("/metrics", self.metric_page),
            Route("/history/{key}", self._for_administrators(self.history)),
            Route("/maintenance", self._for_administrators(self.maintenance), methods=["GET", "PUT"]),
        ]
        self.app = Starlette(
            routes=routes, exception_handlers={HTTPException: self._failed, Unavailable: self._unavailable}
        )

    def has(self, path: str) -> bool:
        """Is it one of these addresses?"""
        return any(isinstance(route, Route) and route.path_regex.match(path) for route in self.app.routes)

    async def _failed(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if _wants_json(request):
            return _json({"error": error.detail}, error.status_code)
        body = f'<h1>{error.status_code} {escape(error.detail)}</h1><p><a href="/">What there is</a></p>'
        return _html(page(str(error.status_code), body), error.status_code, error.headers)

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
            if not principal.is_administrator:
                return PlainTextResponse("administrators only", 403)
            request.state.principal = principal
            try:
                return await handler(request)
            except Unavailable:
                return PlainTextResponse("not available", 503)

        return guarded

    async def _unavailable(self, request: Request, error: Exception) -> Response:
        return PlainTextResponse("not available", 503)

    async def root(self, request: Request) -> Response:
        about = described(self._engine, self._plans)
        answer = _json(about) if _wants_json(request) else _html(as_page(about))
        answer.headers["vary"] = "Accept"
        return answer

    async def contents(self, request: Request) -> Response:
        return _html(page("Documentation", manual.contents()))

    async def page(self, request: Request) -> Response:
        """A page of the manual, or an example as it is."""
        name: str = request.path_params["page"]
        file = manual.pages().get(name)
        if file is None:
            raise HTTPException(404)
        if file.suffix != ".md":
            return PlainTextResponse(file.read_bytes())
        title, body = manual.rendered(name)
        return _html(page(title, f'<p><a href="/docs/">Documentation</a></p>{body}'))

    async def openapi(self, request: Request) -> Response:
        document = self._described(request.path_params["dialect"])
        if document is None:
            raise HTTPException(404)
        return Response(document, media_type="application/json")

    def _describe(self, dialect: str) -> bytes | None:
        for plan in self._plans:
            if plan.dialect.name == dialect and (document := description(plan, self._settings)):
                return orjson.dumps(document)
        return None

    async def health(self, request: Request) -> Response:
        return _json({"status": "alive"})

    async def ready(self, request: Request) -> Response:
        if self._engine.maintenance:
            return _json({"status": "not ready", "reason": "maintenance"}, 503)
        try:
            await self._engine.check()
        except Unavailable as error:
            detail = {"detail": error.detail} if error.detail else {}
            return _json({"status": "not ready", "reason": error.reason, **detail}, 503)
        return _json({"status": "ready"})

    async def metric_page(self, request: Request) -> Response:
        return Response(self._metrics.render(), media_type="text/plain; version=0.0.4; charset=utf-8")

    async def history(self, request: Request) -> Response:
        """What happened to a task: who, when, through which dialect, before and after."""
        key: str = request.path_params["key"]
        try:
            events = await self._engine.ask(History(whole(key) or 0), request.state.principal)
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
