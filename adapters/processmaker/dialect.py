"""ProcessMaker 3 as the gateway mounts it.

Order of checks: version and workspace, what is accepted, route, body, token, permission, parameters, business rules.
Source: dossier processmaker.md, section 1.4, and the vendor's front run beside this.
"""

import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from adapters.common.dialect import Dialect, Mount
from adapters.common.http import Front, Raw
from adapters.common.noise import Rule
from adapters.common.options import check_number
from adapters.common.routing import raw_path
from adapters.common.slices import in_json
from adapters.processmaker import (
    assignees,
    case_actions,
    case_lists,
    case_reads,
    case_variables,
    documents,
    errors,
    groups,
    imports,
    light,
    notes,
    oauth,
    projects,
    roles,
    users,
)
from adapters.processmaker.auth import authenticate, workspace
from adapters.processmaker.bodies import Body, method_of, read, read_query
from adapters.processmaker.calls import API, EMPTY, Call, Endpoint
from adapters.processmaker.numbers import NUMBERS
from adapters.processmaker.oauth import Tokens
from adapters.processmaker.paths import Paths, decoded
from adapters.processmaker.profile import PROFILES
from core.principal import Principal
from core.rejections import Unauthenticated, Unavailable
from schemas.common.accept import quality
from schemas.processmaker import wire
from schemas.processmaker.wire import BadRequest, UnsupportedContent

ENDPOINTS: tuple[Endpoint, ...] = (
    *assignees.endpoints.all,
    *projects.endpoints.all,
    *imports.endpoints.all,
    *case_lists.endpoints.all,
    *case_actions.endpoints.all,
    *case_reads.endpoints.all,
    *notes.endpoints.all,
    *case_variables.endpoints.all,
    *documents.endpoints.all,
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
_PATH = re.compile(r"/api/(?P<version>[^/]+)/(?P<workspace>[^/]*)(?P<rest>/?.*)", re.DOTALL)
_TOKEN_PATH = re.compile(r"/(?P<workspace>[^/]+)(?P<rest>/oauth2/.*)", re.DOTALL)


class Service:
    def __init__(self, mount: Mount) -> None:
        self._mount = mount
        self._profile = PROFILES[mount.profile]
        self._tokens = Tokens(mount)
        here = [e for e in ENDPOINTS if not e.profile or getattr(self._profile, e.profile)]
        self._paths = Paths(here, prefix=API)

    async def __call__(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Raw(200, b"", {**errors.HEADERS, **PREFLIGHT})
        if self._mount.engine.maintenance:
            raise Unavailable("maintenance")
        path = raw_path(request)
        under_api = _PATH.fullmatch(path)
        parts = under_api or _TOKEN_PATH.fullmatch(path)
        if parts is None:
            return errors.reply(404)
        if under_api is not None and under_api["version"] != "1.0":
            raise BadRequest("Invalid API version.")
        asking = workspace(self._mount, parts["workspace"])
        rest = decoded(parts["rest"])
        query = read_query(request)
        if rest.lower().startswith("/oauth2/"):
            return await self._tokens.answer(request, asking, rest, query)
        if under_api is None:
            return errors.reply(404)
        return await self._call(request, asking, rest, query)

    async def _call(self, request: Request, asking: Principal, path: str, query: Mapping[str, Any]) -> Response:
        self._check_accept(request)
        body, problem = Body({}), None
        if path.lower().endswith(documents.UPLOAD):
            await self._let_more_in(request, asking, query)
        try:
            body = await read(request, query)
        except (BadRequest, UnsupportedContent) as error:
            problem = error
        match = self._paths.find(method_of(request, query, body), path)
        endpoint = match.endpoint
        request.scope["dragoman.operation"] = endpoint.operation.name if endpoint is not None else ""
        if endpoint is None:
            if match.allowed:
                return errors.reply(405, headers={"allow": ", ".join(match.allowed)})
            return errors.reply(404)
        if problem is not None:
            raise problem
        principal = await authenticate(request, self._mount, asking=asking, query=query, body=body)
        call = Call(
            mount=self._mount,
            profile=self._profile,
            principal=principal,
            params=match.params,
            query=query,
            values={**query, **body.mapping},
            body=body.value,
            paged=is_paged(path, endpoint),
            files=body.files,
        )
        if endpoint.needs:
            call.need(*endpoint.needs)
        if endpoint.takes:
            call.check(endpoint.takes)
        value = await endpoint.handler(call)
        if isinstance(value, Raw):
            return value
        return Raw(endpoint.success, b"" if value is EMPTY else await in_json(value, wire.dumps), errors.HEADERS)

    async def _let_more_in(self, request: Request, asking: Principal, query: Mapping[str, Any]) -> None:
        """A file may be longer than other bodies, if whoever sends it says who they are before it is read."""
        try:
            await authenticate(request, self._mount, asking=asking, query=query, body=Body({}))
        except Unauthenticated:
            return
        limit = int(self._mount.options["max_file"]) + documents.BESIDES
        request.scope["dragoman.max_body"] = max(limit, request.scope.get("dragoman.max_body", 0))

    @staticmethod
    def _check_accept(request: Request) -> None:
        accept = request.headers.get("accept") or "*/*"
        if not quality(accept, "application/json"):
            raise _NotAcceptable


def is_paged(path: str, endpoint: Endpoint) -> bool:
    """Case lists have a method of their own for pages; the others look for `/paged`, spelled so, in the path."""
    declared = endpoint.operation.path
    if declared.startswith((f"{API}/cases", f"{API}/case")):
        return declared.endswith("/paged")
    return "/paged" in path


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
    check_number(mount.options, "max_file", 1024)
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
    owns=re.compile(r"/api/[0-9]+\.[0-9]+(/|$)|/[^/]+/oauth2(/|$)"),
    example="POST /workflow/oauth2/token",
    operations=(*oauth.OPERATIONS, *(e.operation for e in ENDPOINTS)),
    build=build,
    describe=describe,
    options={"password_min_length": "5", "max_file": str(documents.MAX_FILE)},
    numbers=NUMBERS,
    noise=(Rule("/PIN", "shape", pattern="{hex:4}", kind="random", why="made for each case"),),
)
