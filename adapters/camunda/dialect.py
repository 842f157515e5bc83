"""Camunda 8 as the gateway mounts it."""

import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from adapters.camunda import errors
from adapters.camunda.auth import authenticate
from adapters.camunda.profile import PROFILES
from adapters.camunda.user_tasks import UserTasks
from adapters.common.dialect import Dialect, Mount, Operation
from adapters.common.http import Front, note_operation
from adapters.common.routing import Route, Table, raw_path
from core.rejections import Unavailable

_COMMAND = (204, 400, 401, 403, 404, 405, 406, 409, 415, 500, 503, 504)
_TASK = "/user-tasks/{userTaskKey}"

COMPLETION = Operation("completeUserTask", "POST", f"/v2{_TASK}/completion", _COMMAND, "documented")
ASSIGNMENT = Operation("assignUserTask", "POST", f"/v2{_TASK}/assignment", _COMMAND, "measured")
UNASSIGNMENT = Operation("unassignUserTask", "DELETE", f"/v2{_TASK}/assignee", _COMMAND, "measured")
UPDATE = Operation("updateUserTask", "PATCH", f"/v2{_TASK}", _COMMAND, "measured")
GET = Operation("getUserTask", "GET", f"/v2{_TASK}", (200, 400, 401, 404, 406, 500, 503), "measured")
SEARCH = Operation("searchUserTasks", "POST", "/v2/user-tasks/search", (200, 400, 401, 406, 415, 500, 503), "measured")


def _v1(operation: Operation) -> Operation:
    return Operation(
        f"{operation.name}V1",
        operation.method,
        operation.path.replace("/v2/", "/v1/", 1),
        operation.statuses,
        operation.source,
    )


ALIASES = tuple(map(_v1, (COMPLETION, ASSIGNMENT, UNASSIGNMENT, UPDATE)))


def build(mount: Mount) -> ASGIApp:
    profile = PROFILES[mount.profile]
    tasks = UserTasks(mount, profile)
    commands = {
        COMPLETION: tasks.complete,
        ASSIGNMENT: tasks.assign,
        UNASSIGNMENT: tasks.unassign,
        UPDATE: tasks.update,
    }
    table = Table(
        [
            *(Route(operation, handler) for operation, handler in commands.items()),
            *(Route(_v1(operation), handler) for operation, handler in commands.items()),
            Route(GET, tasks.get),
            Route(SEARCH, tasks.search),
        ]
    )

    async def serve(request: Request) -> Response:
        if mount.engine.maintenance:
            raise Unavailable("maintenance")
        request.state.principal = await authenticate(request, mount)
        path = raw_path(request)
        match = table.match(request.method, path)
        note_operation(request, match.route)
        if match.route is None:
            if not match.allowed:
                return errors.reply(request, 404, "Not Found", f"No static resource {path.lstrip('/')}.")
            detail = f"Method '{request.method}' is not supported."
            return errors.reply(request, 405, "Method Not Allowed", detail, {"allow": ", ".join(match.allowed)})
        request.scope["path_params"] = match.params
        return await match.route.handler(request)

    return Front(serve, lambda request, error: errors.render(request, error, profile))


dialect = Dialect(
    name="camunda",
    title="Camunda 8",
    profiles=tuple(PROFILES),
    owns=re.compile(r"/v[12](/|$)"),
    example="POST /v2/user-tasks/search",
    operations=(COMPLETION, ASSIGNMENT, UNASSIGNMENT, UPDATE, GET, SEARCH, *ALIASES),
    build=build,
    options={"authentication": "basic", "request_timeout_ms": "10000"},
)
