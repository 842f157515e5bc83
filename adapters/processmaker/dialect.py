"""ProcessMaker 3 as the gateway mounts it.

Order of checks: version and workspace, body, route, token, permission, parameters, business rules (dossier 1.4).
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from adapters.common.dialect import Dialect, Mount, Operation
from adapters.common.http import Front, Raw, note_operation, read_body
from adapters.common.routing import Route, Table, raw_path
from adapters.processmaker import errors
from adapters.processmaker.assignees import AD_HOC, ORDINARY, Assignees
from adapters.processmaker.auth import authenticate, workspace
from adapters.processmaker.oauth import Tokens
from adapters.processmaker.profile import PROFILES, Profile
from core.rejections import Unavailable
from schemas.common.accept import quality
from schemas.processmaker import wire
from schemas.processmaker.wire import BadRequest

_READ = (200, 400, 401, 404, 406, 500, 503)
_WRITE = (400, 401, 403, 404, 406, 500, 503)
_ACTIVITY = "/project/{prj_uid}/activity/{act_uid}"
_API = "/api/1.0/{workspace}"

TOKEN = Operation("token", "POST", "/{workspace}/oauth2/token", (200, 400, 405, 500, 503), "measured")
TOKEN_UNDER_API = Operation("tokenUnderApi", "POST", f"{_API}/oauth2/token", (200, 400, 405, 500, 503), "measured")


def _family(kind: str, name: str, source: str) -> tuple[Operation, ...]:
    path = f"{_API}{_ACTIVITY}"
    available = kind.replace("assignee", "available-assignee")
    return (
        Operation(f"list{name}", "GET", f"{path}/{kind}", _READ, source),
        Operation(f"page{name}", "GET", f"{path}/{kind}/paged", _READ, source),
        Operation(f"listAvailable{name}", "GET", f"{path}/{available}", _READ, source),
        Operation(f"pageAvailable{name}", "GET", f"{path}/{available}/paged", _READ, source),
        Operation(f"listAll{name}", "GET", f"{path}/{kind}/all", _READ, source),
        Operation(f"get{name}", "GET", f"{path}/{kind}/{{assignee}}", _READ, source),
        Operation(f"add{name}", "POST", f"{path}/{kind}", (201, *_WRITE), source),
        Operation(f"remove{name}", "DELETE", f"{path}/{kind}/{{assignee}}", (200, *_WRITE), source),
    )


AD_HOC_OPERATIONS = _family("adhoc-assignee", "AdhocAssignees", "documented")
ORDINARY_OPERATIONS = _family("assignee", "Assignees", "measured")

PREFLIGHT = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, POST, PUT, DELETE, OPTIONS, HEADERS",
    "access-control-allow-headers": "authorization, content-type",
    "access-control-max-age": "60",
}
_PATH = re.compile(r"/api/(?P<version>[^/]+)/(?P<workspace>[^/]+)(?P<rest>/.*)")
_TOKEN_PATH = re.compile(r"/(?P<workspace>[^/]+)(?P<rest>/oauth2/.*)")
_OVERRIDES = ("PUT", "POST", "DELETE", "PATCH")


def _routes(mount: Mount, profile: Profile) -> list[Route]:
    routes: list[Route] = []
    for kind, operations in ((AD_HOC, AD_HOC_OPERATIONS), (ORDINARY, ORDINARY_OPERATIONS)):
        handlers = Assignees(mount, profile, kind)
        functions: tuple[Callable[[Request], Awaitable[Response]], ...] = (
            handlers.assigned,
            handlers.assigned,
            handlers.available,
            handlers.available,
            handlers.everybody,
            handlers.get,
            handlers.assign,
            handlers.unassign,
        )
        for operation, function in zip(operations, functions, strict=True):
            inner = Operation(operation.name, operation.method, operation.path.removeprefix(_API))
            routes.append(Route(inner, function))
    return routes


async def _data(request: Request) -> tuple[Any, bool]:
    """(what the body holds, is it a form?)"""
    if request.method in ("GET", "HEAD"):
        return {}, False
    content_type = request.headers.get("content-type", "")
    if content_type.lower().startswith("multipart/form-data"):
        body = await read_body(request)
        replay = Request(request.scope, _once(body))
        try:
            async with replay.form(max_fields=1000, max_files=10) as form:
                return {k: v for k, v in form.items() if isinstance(v, str)}, True
        except (MultiPartException, KeyError, ValueError):
            raise BadRequest("Error parsing multipart form data") from None
    return wire.read_body(await read_body(request), content_type), "urlencoded" in content_type


def _once(body: bytes) -> Callable[[], Awaitable[dict[str, Any]]]:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


class Service:
    def __init__(self, mount: Mount) -> None:
        self._mount = mount
        self._tokens = Tokens(mount)
        routes = _routes(mount, PROFILES[mount.profile])
        # the fixed tails come first: `all` and `paged` are never read as an id
        routes.sort(key=lambda r: r.operation.path.count("{"))
        self._table = Table(routes, ignore_case=True)

    async def __call__(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Raw(200, b"", {**errors.HEADERS, **PREFLIGHT})
        if self._mount.engine.maintenance:
            raise Unavailable("maintenance")
        path = raw_path(request).replace(".json", "").rstrip("/")
        under_api = _PATH.fullmatch(path)
        found = under_api or _TOKEN_PATH.fullmatch(path)
        if found is None:
            return errors.reply(404)
        if under_api is not None and under_api["version"] != "1.0":
            raise BadRequest("Invalid API version.")
        asking = workspace(self._mount, found["workspace"])
        data, is_form = await _data(request)
        query = wire.form(request.scope["query_string"].decode("latin-1"))
        values = {**query, **_mapping(data)}
        method = self._method(request, values)
        if found["rest"] == "/oauth2/token":
            request.scope["dragoman.operation"] = TOKEN.name
            if method != "POST":
                return errors.reply(405, headers={"allow": "POST"})
            return await self._tokens.token(request, asking, values)
        match = self._table.match(method, found["rest"])
        note_operation(request, match.route)
        if match.route is None or under_api is None:
            return errors.reply(404)
        self._check_accept(request)
        request.state.principal = await authenticate(request, self._mount, asking, query, _mapping(data), is_form)
        request.state.values = values
        request.scope["path_params"] = match.params
        return await match.route.handler(request)

    @staticmethod
    def _method(request: Request, values: Mapping[str, Any]) -> str:
        if request.method == "HEAD":
            return "GET"
        override = request.headers.get("x-http-method-override")
        if request.method == "POST" and not override:
            override = values.get("http_method")
        return override.upper() if isinstance(override, str) and override.upper() in _OVERRIDES else request.method

    @staticmethod
    def _check_accept(request: Request) -> None:
        accept = request.headers.get("accept") or "*/*"
        if not quality(accept, "application/json"):
            raise _NotAcceptable


class _NotAcceptable(Exception):
    pass


def _fail(request: Request, error: Exception) -> Response:
    if isinstance(error, _NotAcceptable):
        return errors.reply(406, "Content negotiation failed. Try `application/json` instead.")
    return errors.render(request, error)


def build(mount: Mount) -> ASGIApp:
    return Front(Service(mount), _fail)


dialect = Dialect(
    name="processmaker",
    title="ProcessMaker 3",
    profiles=tuple(PROFILES),
    owns=re.compile(r"/api/\d+\.\d+/[^/]+/[^/]+|/[^/]+/oauth2/"),
    example="POST /workflow/oauth2/token",
    operations=(TOKEN, TOKEN_UNDER_API, *AD_HOC_OPERATIONS, *ORDINARY_OPERATIONS),
    build=build,
    noise=("access_token", "refresh_token"),
)
