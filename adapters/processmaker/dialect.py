"""ProcessMaker 3 as the gateway mounts it.

Order of checks: version and workspace, body, route, token, permission, parameters, business rules (dossier 1.4).
"""

import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from adapters.common.dialect import Dialect, Mount, Operation
from adapters.common.http import Front, Raw, max_fields, note_operation, parsed, read_body
from adapters.common.multipart import BadMultipart, read_multipart
from adapters.common.options import check_number
from adapters.common.routing import Handler, Route, Table, raw_path
from adapters.common.slices import in_json
from adapters.processmaker import (
    assignees,
    case_actions,
    case_lists,
    case_reads,
    errors,
    groups,
    light,
    notes,
    oauth,
    projects,
    roles,
    users,
)
from adapters.processmaker.auth import authenticate, workspace
from adapters.processmaker.calls import EMPTY, Call, Endpoint
from adapters.processmaker.oauth import Tokens
from adapters.processmaker.profile import PROFILES
from core.rejections import Unavailable
from schemas.common.accept import quality
from schemas.processmaker import wire
from schemas.processmaker.wire import BadRequest

ENDPOINTS: tuple[Endpoint, ...] = (
    *assignees.endpoints.all,
    *projects.endpoints.all,
    *case_lists.endpoints.all,
    *case_actions.endpoints.all,
    *case_reads.endpoints.all,
    *notes.endpoints.all,
    *users.endpoints.all,
    *groups.endpoints.all,
    *roles.endpoints.all,
    *light.endpoints.all,
)

PREFLIGHT = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, POST, PUT, DELETE, OPTIONS, HEADERS",
    "access-control-allow-headers": "authorization, content-type",
    "access-control-max-age": "60",
}
_PATH = re.compile(r"/api/(?P<version>[^/]+)/(?P<workspace>[^/]+)(?P<rest>/.*)")
_TOKEN_PATH = re.compile(r"/(?P<workspace>[^/]+)(?P<rest>/oauth2/.*)")
_OVERRIDES = ("PUT", "POST", "DELETE", "PATCH")
_API = "/api/1.0/{workspace}"


async def _data(request: Request) -> tuple[Any, bool]:
    """(what the body holds, is it a form?)"""
    if request.method in ("GET", "HEAD"):
        return {}, False
    content_type = request.headers.get("content-type", "")
    if content_type.lower().startswith("multipart/form-data"):
        body = await read_body(request)
        # charset parameters are ignored, as by the vendor
        try:
            form = await read_multipart(body, content_type, max_fields=max_fields(request), max_files=10)
        except BadMultipart:
            raise BadRequest("Error parsing multipart form data") from None
        try:
            return {k: v for k, v in form.items() if isinstance(v, str)}, True
        finally:
            await form.close()
    body = await read_body(request)
    data = await parsed(request, len(body), wire.read_body, body, content_type, max_fields(request))
    return data, "urlencoded" in content_type


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _handler(endpoint: Endpoint) -> Handler:
    async def handle(request: Request) -> Response:
        call: Call = request.state.call
        if endpoint.needs:
            call.need(*endpoint.needs)
        value = await endpoint.handler(call)
        body = b"" if value is EMPTY else await in_json(value, wire.dumps)
        return Raw(endpoint.success, body, errors.HEADERS)

    return handle


class Service:
    def __init__(self, mount: Mount) -> None:
        self._mount = mount
        self._profile = PROFILES[mount.profile]
        self._tokens = Tokens(mount)
        routes = []
        for endpoint in ENDPOINTS:
            if endpoint.profile and not getattr(self._profile, endpoint.profile):
                continue
            o = endpoint.operation
            inner = Operation(o.name, o.method, o.path.removeprefix(_API), o.right)
            routes.append(Route(inner, _handler(endpoint)))
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
        query = wire.form(request.scope["query_string"].decode("latin-1"), max_fields(request))
        values = {**query, **_mapping(data)}
        method = self._method(request, values)
        rest = found["rest"]
        if rest.startswith("/oauth2/"):
            return await self._tokens.answer(
                request, asking, method=method, rest=rest, query=query, body=_mapping(data)
            )
        match = self._table.match(method, rest)
        note_operation(request, match.route)
        if match.route is None or under_api is None:
            if match.allowed and not match.params and under_api is not None:
                return errors.reply(405, headers={"allow": ", ".join(match.allowed)})
            return errors.reply(404)
        self._check_accept(request)
        principal = await authenticate(
            request, self._mount, asking=asking, query=query, body=_mapping(data), is_form=is_form
        )
        request.state.call = Call(
            mount=self._mount,
            profile=self._profile,
            principal=principal,
            params=match.params,
            query=query,
            values=values,
            body=data,
            paged="/paged" in request.url.path,
        )
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
        return errors.reply(406, errors.NOT_ACCEPTABLE)
    return errors.render(request, error)


def _suppress(request: Request, response: Response) -> Response:
    """`suppress_response_codes=true`: the status is always 200, the body says what is wrong."""
    if b"suppress_response_codes=true" in request.scope["query_string"]:
        response.status_code = 200
    return response


def build(mount: Mount) -> ASGIApp:
    check_number(mount.options, "password_min_length", 0)
    service = Service(mount)

    async def serve(request: Request) -> Response:
        return _suppress(request, await service(request))

    return Front(serve, lambda request, error: _suppress(request, _fail(request, error)))


def describe(profile: str, server: str = "/", options: Mapping[str, str] | None = None) -> dict[str, Any]:
    from adapters.processmaker.openapi import describe  # not needed to serve

    return describe(ENDPOINTS, oauth.OPERATIONS, profile, server)


dialect = Dialect(
    name="processmaker",
    title="ProcessMaker 3",
    profiles=tuple(PROFILES),
    owns=re.compile(r"/api/\d+\.\d+(/|$)|/[^/]+/oauth2(/|$)"),
    example="POST /workflow/oauth2/token",
    operations=(*oauth.OPERATIONS, *(e.operation for e in ENDPOINTS)),
    build=build,
    describe=describe,
    options={"password_min_length": "5"},
)
