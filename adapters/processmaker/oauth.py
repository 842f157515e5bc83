"""The token endpoint: password and refresh grants. Source: dossier processmaker.md, section 1.7."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from adapters.common.dialect import Mount
from adapters.common.http import Raw, basic_credentials
from core.clock import DAY
from core.commands import IssueCredential, RevokeCredential
from core.identity.digests import digest, matches
from core.principal import Principal
from core.queries import CheckCredential, CheckPassword, ClientById
from core.rejections import Expired, NotFound, Unauthenticated
from core.types import CredentialKind

ACCESS_LIFETIME = DAY
REFRESH_LIFETIME = 14 * DAY
SCOPES = ("view_processes", "edit_processes", "*")
HEADERS = {
    "content-type": "application/json",
    "cache-control": "no-store",
    "pragma": "no-cache",
    "access-control-allow-origin": "*",
}
_NOTHING = digest("a secret that no client has")


class OAuthError(Exception):
    """Rendered in the OAuth shape, always 400."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error, description)
        self.body = orjson.dumps({"error": error, "error_description": description})


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return (
        value
        if isinstance(value, str)
        else ""
        if value is None or isinstance(value, bool | dict | list)
        else str(value)
    )


class Tokens:
    def __init__(self, mount: Mount) -> None:
        self._engine = mount.engine

    async def token(self, request: Request, asking: Principal, values: Mapping[str, Any]) -> Response:
        try:
            body = await self._grant(request, asking, values)
        except OAuthError as error:
            return Raw(400, error.body, HEADERS)
        return Raw(200, orjson.dumps(body), HEADERS)

    async def _grant(self, request: Request, asking: Principal, values: Mapping[str, Any]) -> dict[str, Any]:
        grant = _text(values, "grant_type")
        if not grant:
            raise OAuthError("invalid_request", "The grant type was not specified in the request")
        if grant not in ("password", "refresh_token"):
            raise OAuthError("unsupported_grant_type", f'Grant type "{grant}" not supported')
        client_id = await self._client(request, asking, values)
        if grant == "password":
            return await self._password(asking, client_id, values)
        return await self._refresh(asking, client_id, values)

    async def _client(self, request: Request, asking: Principal, values: Mapping[str, Any]) -> str:
        basic = basic_credentials(request.headers.get("authorization"))
        client_id, secret = basic or (_text(values, "client_id"), _text(values, "client_secret"))
        if not client_id:
            raise OAuthError("invalid_client", "Client credentials were not found in the headers or body")
        try:
            client = await self._engine.ask(ClientById(client_id), asking)
            known, tenant = client.secret_digest, client.tenant_key
        except NotFound:
            known, tenant = _NOTHING, 0
        if not matches(secret, known) or tenant != asking.tenant_key:
            raise OAuthError("invalid_client", "The client credentials are invalid")
        return client_id

    async def _password(self, asking: Principal, client_id: str, values: Mapping[str, Any]) -> dict[str, Any]:
        username, password = _text(values, "username"), _text(values, "password")
        if not username or not password:
            raise OAuthError("invalid_request", 'Missing parameters: "username" and "password" required')
        try:
            principal = await self._engine.ask(CheckPassword(username, password), asking)
        except Unauthenticated:
            raise OAuthError("invalid_grant", "Invalid username and password combination") from None
        return await self._issue(principal, client_id, self._scope(values))

    async def _refresh(self, asking: Principal, client_id: str, values: Mapping[str, Any]) -> dict[str, Any]:
        text = _text(values, "refresh_token")
        if not text:
            raise OAuthError("invalid_request", 'Missing parameter: "refresh_token" is required')
        try:
            session = await self._engine.ask(CheckCredential(text, CredentialKind.REFRESH), asking)
        except Expired:
            raise OAuthError("invalid_grant", "Refresh token has expired") from None
        except Unauthenticated:
            raise OAuthError("invalid_grant", "Invalid refresh token") from None
        if session.client_id != client_id:
            raise OAuthError("invalid_grant", "refresh_token doesn't exist or is invalid for the client")
        scope = self._scope(values) if values.get("scope") is not None else session.scope
        try:
            await self._engine.execute(RevokeCredential(session.digest), session.principal)
        except NotFound:
            raise OAuthError("invalid_grant", "Invalid refresh token") from None
        return await self._issue(session.principal, client_id, scope)

    @staticmethod
    def _scope(values: Mapping[str, Any]) -> str | None:
        if values.get("scope") is None:
            return None
        scope = _text(values, "scope")
        if any(part not in SCOPES for part in scope.split()):
            raise OAuthError("invalid_scope", "An unsupported scope was requested")
        return scope or None

    async def _issue(self, principal: Principal, client_id: str, scope: str | None) -> dict[str, Any]:
        """The order of the members matters: one client looks at how the body begins."""
        texts = []
        for kind, lifetime in ((CredentialKind.ACCESS, ACCESS_LIFETIME), (CredentialKind.REFRESH, REFRESH_LIFETIME)):
            command = IssueCredential(kind, principal.user_key, lifetime, client_id, scope)
            texts.append((await self._engine.execute(command, principal)).text)
        return {
            "access_token": texts[0],
            "expires_in": ACCESS_LIFETIME // 1000,
            "token_type": "bearer",
            "scope": scope,
            "refresh_token": texts[1],
        }
