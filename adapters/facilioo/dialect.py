"""facilioo as the gateway mounts it.

Order of checks: route, version, token, party type and permission, body (dossier facilioo.md, sections 1.2 to 1.5).
"""

import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from adapters.common.dialect import Dialect, Mount, Operation
from adapters.common.http import Front, Raw, note_operation
from adapters.common.routing import Route, Table, raw_path
from adapters.facilioo import errors
from adapters.facilioo.auth import Tokens
from adapters.facilioo.processes import Processes
from adapters.facilioo.profile import PROFILES
from core.rejections import Unavailable

CREATE = Operation("createProcess", "POST", "/api/processes", (200, 400, 401, 403, 405, 413, 415, 500, 503))
LIST = Operation("listProcesses", "GET", "/api/processes", (200, 400, 401, 403, 405, 500, 503), "measured")
GET = Operation("getProcess", "GET", "/api/processes/{id}", (200, 400, 401, 403, 404, 405, 500, 503), "our choice")
LOGIN = Operation("login", "POST", "/api/auth/login", (200, 400, 401, 405, 415, 500, 503))
REFRESH = Operation("refresh", "POST", "/api/auth/refresh", (200, 400, 401, 405, 415, 500, 503), "our choice")

#: answered without a token
OPEN = (LOGIN, REFRESH)


def build(mount: Mount) -> ASGIApp:
    profile = PROFILES[mount.profile]
    tokens, processes = Tokens(mount), Processes(mount)
    table = Table(
        [
            Route(CREATE, processes.create),
            Route(LIST, processes.page),
            Route(GET, processes.get),
            Route(LOGIN, tokens.login),
            Route(REFRESH, tokens.refresh),
        ],
        ignore_case=True,
    )

    async def serve(request: Request) -> Response:
        if mount.engine.maintenance:
            raise Unavailable("maintenance")
        match = table.match(request.method, raw_path(request).rstrip("/"))
        note_operation(request, match.route)
        if match.route is None:
            if not match.allowed:
                return errors.reply(404, "Not Found")
            return Raw(405, b"", {"allow": ", ".join(match.allowed), **errors.VERSIONS})
        if request.headers.get("api-version", "2.0") not in profile.versions:
            return errors.reply(400, "Unsupported API version")
        if match.route.operation not in OPEN:
            request.state.principal = await tokens.authenticate(request)
        request.scope["path_params"] = match.params
        return await match.route.handler(request)

    return Front(serve, errors.render)


dialect = Dialect(
    name="facilioo",
    title="facilioo",
    profiles=tuple(PROFILES),
    owns=re.compile(r"/api(/|$)"),
    example="POST /api/processes",
    operations=(CREATE, LIST, GET, LOGIN, REFRESH),
    build=build,
    noise=("traceId", "created", "lastModified", "accessToken", "refreshToken"),
)
