"""facilioo as the gateway mounts it.

Order of checks: route, version, token, party type and permission, path, body, references, state (dossier facilioo.md,
sections 1.2 to 1.5).
"""

import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from adapters.common.deliverer import check_pause
from adapters.common.dialect import Dialect, Mount
from adapters.common.http import Front, Raw, note_operation
from adapters.common.noise import Rule
from adapters.common.options import check_number, check_truth
from adapters.common.routing import Handler, Route, Table, raw_path
from adapters.facilioo import errors, login
from adapters.facilioo.accounts import Accounts
from adapters.facilioo.auth import Tokens
from adapters.facilioo.calls import Call, Endpoint
from adapters.facilioo.delivery import deliver
from adapters.facilioo.feeds import Feeds
from adapters.facilioo.numbers import NUMBERS
from adapters.facilioo.participants import Participants
from adapters.facilioo.processes import Processes
from adapters.facilioo.profile import PROFILES
from adapters.facilioo.registry import Contracts, FeedTypes, Parties, Properties, Units
from adapters.facilioo.stages import Stages, Types
from adapters.facilioo.user_tasks import UserTasks
from adapters.facilioo.webhooks import Webhooks
from core.rejections import Unavailable

OPTIONS: Mapping[str, str] = {
    "user_tasks": "true",
    "webhook_targets": "",
    "webhook_pause": "1",
    "webhook_attempts": "10",
}


def _entities() -> tuple[Endpoint, ...]:
    processes, types, accounts, parties, contracts = Processes(), Types(), Accounts(), Parties(), Contracts()
    feeds = Feeds(processes)
    parts = (
        *(processes, types, Stages(processes, types), feeds, FeedTypes()),
        Participants(processes, feeds, parties, accounts),
        *(UserTasks(processes), accounts, parties, Properties(processes), Units(contracts), contracts, Webhooks()),
    )
    return tuple(endpoint for part in parts for endpoint in part.endpoints())


#: with a token
ENDPOINTS = _entities()
ALL_ENDPOINTS = (*login.ENDPOINTS, *ENDPOINTS)


def _check(options: Mapping[str, str]) -> None:
    """Raises ValueError with the name of the option."""
    check_truth(options, "user_tasks")
    check_number(options, "webhook_attempts", 1)
    check_pause("webhook_pause", options)
    for target in filter(None, map(str.strip, options["webhook_targets"].split(","))):
        if not re.fullmatch(r"https?://[^/?#@\s]+(/[^?#\s]*)?", target):
            raise ValueError(f"webhook_targets has to have http or https addresses, not {target}")


def _served(options: Mapping[str, str]) -> tuple[Endpoint, ...]:
    """All, or all but user tasks."""
    if options["user_tasks"] == "true":
        return ALL_ENDPOINTS
    return tuple(e for e in ALL_ENDPOINTS if not e.operation.path.startswith("/api/user-tasks"))


def _handler(endpoint: Endpoint, mount: Mount, tokens: Tokens) -> Handler:
    async def handle(request: Request) -> Response:
        return await endpoint.handler(Call(request, mount, request.state.principal, tokens))

    return handle


def build(mount: Mount) -> ASGIApp:
    _check(mount.options)
    profile = PROFILES[mount.profile]
    tokens = Tokens(mount)
    served = _served(mount.options)
    table = Table([Route(e.operation, _handler(e, mount, tokens)) for e in served], ignore_case=True, everywhere=True)

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
        request.state.principal = tokens.nobody if match.route.operation.is_open else await tokens.authenticate(request)
        request.scope["path_params"] = match.params
        return await match.route.handler(request)

    return Front(serve, errors.render)


def describe(profile: str, server: str = "/", options: Mapping[str, str] | None = None) -> dict[str, Any]:
    from adapters.facilioo.openapi import describe  # not needed to serve

    return describe(_served({**OPTIONS, **(options or {})}), profile, server)


dialect = Dialect(
    name="facilioo",
    title="facilioo",
    profiles=tuple(PROFILES),
    owns=re.compile(r"/api(/|$)", re.IGNORECASE),
    example="POST /api/processes",
    operations=tuple(e.operation for e in ALL_ENDPOINTS),
    build=build,
    options=OPTIONS,
    describe=describe,
    background=deliver,
    noise=(Rule("/traceId", "shape", pattern="{hex:2}-{hex:32}-{hex:16}-{hex:2}", kind="random"),),
    numbers=NUMBERS,
)
