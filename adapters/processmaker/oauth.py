"""OAuth 2: tokens, their end, and the login page of the authorization code grant. Whoever has a token may end it.

Source: dossier processmaker.md, section 1.7; what that leaves open is as in the library that the vendor uses.
"""

import re
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from adapters.common.dialect import Mount, Operation
from adapters.common.http import Raw, basic_credentials
from adapters.common.rights import ANYONE
from adapters.processmaker import errors
from adapters.processmaker.bodies import JSON, read
from adapters.processmaker.calls import API
from adapters.processmaker.grants import Grants, OAuthError
from adapters.processmaker.login_page import LoginPage
from core.identity.commands import RevokeCredential
from core.identity.digests import digest
from core.identity.queries import CheckCredential
from core.principal import Principal
from core.rejections import Expired, NotFound, Unauthenticated
from core.types import CredentialKind

HEADERS = {
    "content-type": "application/json",
    "cache-control": "no-store",
    "pragma": "no-cache",
    "access-control-allow-origin": "*",
}

_TOKEN_STATUSES = (200, 400, 403, 405, 413, 500, 503)
_END_STATUSES = (200, 400, 403, 404, 500, 503)
_PAGE_STATUSES = (200, 302, 400, 403, 404, 500, 503)
TOKEN = Operation("token", "POST", "/{workspace}/oauth2/token", ANYONE, _TOKEN_STATUSES, source="measured")
AUTHORIZE = Operation("authorize", "GET", "/{workspace}/oauth2/authorize", ANYONE, _PAGE_STATUSES, source="our choice")
LOGIN = Operation("login", "POST", "/{workspace}/oauth2/authorize", ANYONE, (*_PAGE_STATUSES, 413), source="our choice")
EXPIRE = Operation(
    "expireToken", "POST", "/{workspace}/oauth2/{token}/expire", ANYONE, (*_END_STATUSES, 413), source="measured"
)
DELETE = Operation("deleteToken", "DELETE", "/{workspace}/oauth2/{token}", ANYONE, _END_STATUSES, source="measured")
OPERATIONS = (
    TOKEN,
    Operation("tokenUnderApi", "POST", f"{API}/oauth2/token", ANYONE, _TOKEN_STATUSES, source="measured"),
    AUTHORIZE,
    LOGIN,
    EXPIRE,
    DELETE,
)

_EXPIRE = re.compile(r"/oauth2/(?P<token>[^/]+)/expire", re.IGNORECASE)
_ONE = re.compile(r"/oauth2/(?P<token>[^/]+)", re.IGNORECASE)


class Tokens:
    """All that lies below `/oauth2`."""

    def __init__(self, mount: Mount) -> None:
        self._mount = mount
        self._grants = Grants(mount.engine)
        self._page = LoginPage(mount.engine)

    async def answer(self, request: Request, asking: Principal, path: str, query: Mapping[str, Any]) -> Response:
        """Credentials come in the header or the body only: what stands in an address is logged on its way.

        Raises BadRequest, UnsupportedContent.
        """
        body = await read(request, query)
        method, name = "GET" if request.method == "HEAD" else request.method, path.lower()
        if name == "/oauth2/token" and method == "POST":
            request.scope["dragoman.operation"] = TOKEN.name
            # what has no media type is read by the front, but not by the library behind it
            parameters = body.mapping if body.is_form or body.media_type == JSON else {}
            return await self._token(request, asking, parameters, query)
        if path == "/oauth2/token" and method != "DELETE":
            request.scope["dragoman.operation"] = TOKEN.name
            return errors.reply(405, headers={"allow": "POST"})
        if name == "/oauth2/authorize" and method in ("GET", "POST"):
            request.scope["dragoman.operation"] = (AUTHORIZE if method == "GET" else LOGIN).name
            address = {name: value for name, value in query.items() if name not in ("username", "password")}
            return await self._page.answer(asking, method, query, {**address, **body.mapping})
        # a token in a path shall not be in a log
        request.scope["dragoman.path"] = f"{request.url.path.partition('/oauth2/')[0]}/oauth2/{{token}}"
        expire, one = _EXPIRE.fullmatch(path), _ONE.fullmatch(path)
        if method == "POST" and expire is not None:
            request.scope["dragoman.operation"] = EXPIRE.name
            return await self._end(asking, expire["token"])
        if method == "DELETE" and one is not None:
            request.scope["dragoman.operation"] = DELETE.name
            return await self._end(asking, one["token"])
        return errors.reply(404)

    async def _token(
        self, request: Request, asking: Principal, values: Mapping[str, Any], query: Mapping[str, Any]
    ) -> Response:
        """The scope may also stand in the query, nothing else may."""
        basic = basic_credentials(request.headers.get("authorization"))
        scope = values.get("scope")
        parameters = {**values, "scope": query.get("scope") if scope is None else scope}
        try:
            body = await self._grants.answer(asking, basic, parameters)
        except OAuthError as error:
            return Raw(400, error.body, HEADERS)
        return Raw(200, orjson.dumps(body), HEADERS)

    async def _end(self, asking: Principal, token: str) -> Response:
        """One that is gone already stays gone."""
        try:
            session = await self._mount.engine.ask(CheckCredential(token, CredentialKind.ACCESS), asking)
            if session.principal.tenant_key == asking.tenant_key:
                command = RevokeCredential(digest(token), CredentialKind.ACCESS)
                await self._mount.engine.execute(command, session.principal)
        except (Expired, NotFound, Unauthenticated):
            pass
        return Raw(200, b"", errors.HEADERS)
