"""INUBIT as the gateway mounts it."""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from adapters.common.dialect import Dialect, Mount
from adapters.common.http import Front, Raw, note_operation
from adapters.common.options import check_truth
from adapters.common.routing import Route, Table, offered, raw_path
from adapters.inubit import delegation, errors, health, lists, people, tasks, work
from adapters.inubit.auth import authenticate
from adapters.inubit.delegation import Delegation
from adapters.inubit.health import Health
from adapters.inubit.lists import Lists
from adapters.inubit.numbers import NUMBERS
from adapters.inubit.people import People
from adapters.inubit.profile import PROFILES
from adapters.inubit.tasks import Tasks
from adapters.inubit.work import Work
from core.rejections import Unavailable

#: what makes the handlers of a module for a mount, and its operations
PARTS = (
    (Tasks, tasks.endpoints),
    (Lists, lists.endpoints),
    (Work, work.endpoints),
    (Delegation, delegation.endpoints),
    (People, people.endpoints),
    (Health, health.endpoints),
)
OPERATIONS = tuple(endpoint.operation for _, endpoints in PARTS for endpoint in endpoints.all)
_ODD_PATH = re.compile(r"//|/\.\.?(/|$)")


def build(mount: Mount) -> ASGIApp:
    profile = PROFILES[mount.profile]
    check_truth(mount.options, "delete_all_tasks")
    routes = []
    for make, endpoints in PARTS:
        part = make(mount)
        routes += [Route(operation, partial(handler, part)) for operation, handler in endpoints.all]
    table = Table(routes)

    async def serve(request: Request) -> Response:
        path = raw_path(request)
        match = table.match(request.method, path.rstrip("/"))
        note_operation(request, match.route)
        if match.route is not None and match.route.operation.is_open:
            return await match.route.handler(request)
        if mount.engine.maintenance:
            raise Unavailable("maintenance")
        request.state.principal = await authenticate(request, mount)
        if _ODD_PATH.search(path):
            raise errors.BadPath
        if match.route is None:
            if not match.allowed:
                return errors.reply(request, 404, profile)
            if request.method == "OPTIONS":
                return Raw(200, b"", {"allow": offered(match.allowed)})
            return errors.reply(request, 405, profile, {"allow": ", ".join(match.allowed)})
        request.scope["path_params"] = match.params
        return await match.route.handler(request)

    return Front(serve, lambda request, error: errors.render(request, error, profile))


def describe(profile: str, server: str = "/", options: Mapping[str, str] | None = None) -> dict[str, Any]:
    from adapters.inubit.openapi import describe  # not needed to serve

    return describe(OPERATIONS, profile, server)


dialect = Dialect(
    name="inubit",
    title="INUBIT",
    profiles=tuple(PROFILES),
    owns=re.compile(r"/ibis(/|$)"),
    example="GET /ibis/rest/task/tasks",
    operations=OPERATIONS,
    build=build,
    describe=describe,
    options={"delete_all_tasks": "false"},
    numbers=NUMBERS,
)
