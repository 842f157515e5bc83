"""Workspaces and access tokens. Source: dossier processmaker.md, sections 1.1 and 1.8."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.requests import Request

from adapters.common.dialect import Mount
from adapters.common.http import bearer_token
from adapters.processmaker.bodies import Body
from core.identity.queries import CheckCredential
from core.principal import NOBODY, Principal
from core.rejections import Unauthenticated
from core.types import CredentialKind
from schemas.processmaker.wire import BadRequest


def workspace(mount: Mount, name: str) -> Principal:
    """Nobody yet, but of the tenant behind the workspace."""
    tenant = mount.engine.tenant("processmaker", name)
    if tenant is None:
        raise BadRequest("You have specified an unavailable workspace.")
    return replace(NOBODY, tenant_key=tenant, dialect="processmaker")


async def authenticate(
    request: Request, mount: Mount, asking: Principal, query: Mapping[str, Any], body: Body
) -> Principal:
    """The bearer token stands in the header, in the query, or in a form body; two at once are one too many."""
    tokens = [
        token
        for token in (
            bearer_token(request.headers.get("authorization")),
            query.get("access_token"),
            body.mapping.get("access_token") if body.is_form else None,
        )
        if isinstance(token, str)
    ]
    if len(tokens) != 1:
        raise Unauthenticated("missing" if not tokens else "twice")
    session = await mount.engine.ask(CheckCredential(tokens[0], CredentialKind.ACCESS), asking)
    if session.principal.tenant_key != asking.tenant_key:
        raise Unauthenticated("tenant")
    return session.principal
