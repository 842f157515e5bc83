"""Camunda 8 as the gateway mounts it."""

import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from adapters.camunda import (
    ad_hoc,
    audit_logs,
    authorizations,
    cluster,
    decision_definitions,
    decision_instances,
    decision_requirements,
    deployments,
    directory,
    element_instances,
    errors,
    groups,
    incident_statistics,
    incidents,
    job_searches,
    jobs,
    memberships,
    messages,
    modification,
    process_definitions,
    process_instances,
    resources,
    sessions,
    tasklist,
    tasklist_search,
    user_tasks,
    users,
    variables,
)
from adapters.camunda.auth import OPTIONS, Authenticator
from adapters.camunda.calls import Call, Endpoint
from adapters.camunda.default_roles import put_default_roles
from adapters.camunda.newer import Onlooker
from adapters.camunda.profile import PROFILES
from adapters.camunda.waiting import Waiting
from adapters.common.dialect import Dialect, Mount
from adapters.common.http import Front, Raw, note_operation
from adapters.common.noise import Rule
from adapters.common.options import check_number
from adapters.common.routing import Route, Table, offered, raw_path
from core.rejections import Unavailable

MODULES = (
    *(user_tasks, audit_logs, variables, process_instances, modification),
    *(element_instances, ad_hoc),
    *(process_definitions, deployments, resources, cluster, jobs, job_searches, messages),
    *(incidents, incident_statistics, decision_definitions, decision_requirements, decision_instances),
    *(users, groups, directory, memberships, authorizations, sessions, tasklist_search, tasklist),
)
ENDPOINTS: tuple[Endpoint, ...] = tuple(endpoint for module in MODULES for endpoint in module.endpoints.all)


def build(mount: Mount) -> ASGIApp:
    profile = PROFILES[mount.profile]
    authenticator = Authenticator(mount)
    onlooker = Onlooker(profile)
    waiting = Waiting(mount.engine)
    check_number(mount.options, "request_timeout_ms", 1)
    check_number(mount.options, "max_deployment", 1024)

    def handler(endpoint: Endpoint) -> Route:
        async def serve(request: Request) -> Response:
            call = Call(request, mount, profile, authenticator, waiting)
            if not endpoint.operation.is_open:
                call.check_accept(*endpoint.accepts)
            return await endpoint.handler(call)

        return Route(endpoint.operation, serve)

    table = Table([handler(endpoint) for endpoint in ENDPOINTS if endpoint.operation.name not in profile.lacks])

    async def serve(request: Request) -> Response:
        if mount.engine.maintenance:
            raise Unavailable("maintenance")
        onlooker.look(request)
        path = raw_path(request)
        match = table.match(request.method, path)
        if match.route is None or not match.route.operation.is_open:
            request.state.challenge = authenticator.challenge
            request.state.caller = await authenticator.caller(request)
        note_operation(request, match.route)
        if match.route is None:
            if not match.allowed:
                return errors.reply(request, 404, "Not Found", f"No static resource {path.lstrip('/')}.")
            if request.method == "OPTIONS":
                return Raw(200, b"", {"allow": offered(match.allowed)})
            detail = f"Method '{request.method}' is not supported."
            return errors.reply(request, 405, "Method Not Allowed", detail, {"allow": ", ".join(match.allowed)})
        request.scope["path_params"] = match.params
        return await match.route.handler(request)

    return Front(serve, lambda request, error: errors.render(request, error, profile))


def describe(profile: str, server: str = "/", options: Mapping[str, str] | None = None) -> dict[str, Any]:
    from adapters.camunda.openapi import describe  # not needed to serve

    return describe(ENDPOINTS, profile, server, {**OPTIONS, **(options or {})})


dialect = Dialect(
    name="camunda",
    title="Camunda 8",
    profiles=tuple(PROFILES),
    owns=re.compile(r"/(v[12](/|$)|(login|logout)$)"),
    example="POST /v2/user-tasks/search",
    operations=tuple(endpoint.operation for endpoint in ENDPOINTS),
    build=build,
    describe=describe,
    noise=tuple(
        Rule(f"/brokers/*/{name}", "present", "* /v2/topology", kind="random", why="where the server itself is")
        for name in ("host", "port")
    ),
    background=put_default_roles,
    options={**OPTIONS, "request_timeout_ms": "10000", "max_deployment": str(deployments.MAX_DEPLOYMENT)},
)
