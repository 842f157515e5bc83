"""OAuth 2: tokens, their end, and the login page of the authorization code grant.

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
from adapters.common.rights import ANYONE, OWN
from adapters.processmaker import errors
from adapters.processmaker.auth import authenticate
from adapters.processmaker.calls import API
from adapters.processmaker.grants import Grants, OAuthError, text_of
from adapters.processmaker.login_page import LoginPage
from core.identity.commands import RevokeCredential
from core.identity.digests import digest
from core.identity.queries import CheckCredential
from core.principal import Principal
from core.rejections import NotFound, Unauthenticated
from core.types import CredentialKind

HEADERS = {
    "content-type": "application/json",
    "cache-control": "no-store",
    "pragma": "no-cache",
    "access-control-allow-origin": "*",
}

_TOKEN_STATUSES = (200, 400, 403, 405, 413, 500, 503)
_END_STATUSES = (200, 400, 401, 403, 404, 413, 500, 503)
_PAGE_STATUSES = (200, 302, 400, 404, 500, 503)
TOKEN = Operation("token", "POST", "/{workspace}/oauth2/token", ANYONE, _TOKEN_STATUSES, source="measured")
AUTHORIZE = Operation("authorize", "GET", "/{workspace}/oauth2/authorize", ANYONE, _PAGE_STATUSES, source="our choice")
LOGIN = Operation(
    "login", "POST", "/{workspace}/oauth2/authorize", ANYONE, (*_PAGE_STATUSES, 403, 413), source="our choice"
)
EXPIRE = Operation("expireToken", "POST", "/{workspace}/oauth2/{token}/expire", OWN, _END_STATUSES, source="measured")
DELETE = Operation("deleteToken", "DELETE", "/{workspace}/oauth2/{token}", OWN, _END_STATUSES, source="measured")
OPERATIONS = (
    TOKEN,
    Operation("tokenUnderApi", "POST", f"{API}/oauth2/token", ANYONE, _TOKEN_STATUSES, source="measured"),
    AUTHORIZE,
    LOGIN,
    EXPIRE,
    DELETE,
)

_EXPIRE = re.compile(r"/oauth2/(?P<token>[^/]+)/expire", re.IGNORECASE)
_ONE = re.compile(r"/oauth2/(?P<token>[^/]+)")


class Tokens:
    """All that lies below `/oauth2`."""

    def __init__(self, mount: Mount) -> None:
        self._mount = mount
        self._grants = Grants(mount.engine)
        self._page = LoginPage(mount.engine)

    async def answer(
        self,
        request: Request,
        asking: Principal,
        method: str,
        rest: str,
        query: Mapping[str, Any],
        body: Mapping[str, Any],
    ) -> Response:
        """Credentials come in the header or the body only: what stands in an address is logged on its way."""
        values = {**{name: value for name, value in query.items() if name not in ("username", "password")}, **body}
        if rest == "/oauth2/token":
            request.scope["dragoman.operation"] = TOKEN.name
            if method != "POST":
                return errors.reply(405, headers={"allow": "POST"})
            return await self._token(request, asking, body)
        if rest == "/oauth2/authorize" and method in ("GET", "POST"):
            request.scope["dragoman.operation"] = (AUTHORIZE if method == "GET" else LOGIN).name
            return await self._page.answer(asking, method, query, values)
        # a token in a path shall not be in a log
        request.scope["dragoman.path"] = f"{request.url.path.partition('/oauth2/')[0]}/oauth2/{{token}}"
        expire, one = _EXPIRE.fullmatch(rest), _ONE.fullmatch(rest)
        if method == "POST" and expire is not None:
            request.scope["dragoman.operation"] = EXPIRE.name
            return await self._end(request, asking, query, values, expire["token"])
        if method == "DELETE" and one is not None:
            request.scope["dragoman.operation"] = DELETE.name
            return await self._end(request, asking, query, values, one["token"])
        return errors.reply(404)

    async def _token(self, request: Request, asking: Principal, values: Mapping[str, Any]) -> Response:
        basic = basic_credentials(request.headers.get("authorization"))
        client_id, secret = basic or (text_of(values, "client_id"), text_of(values, "client_secret"))
        try:
            body = await self._grants.answer(asking, client_id, secret, values)
        except OAuthError as error:
            return Raw(400, error.body, HEADERS)
        return Raw(200, orjson.dumps(body), HEADERS)

    async def _end(
        self, request: Request, asking: Principal, query: Mapping[str, Any], values: Mapping[str, Any], token: str
    ) -> Response:
        """A token of the caller's own, or any if he is an administrator. One that is gone already stays gone."""
        caller = await authenticate(request, self._mount, asking, query, values, is_form=False)
        try:
            session = await self._mount.engine.ask(CheckCredential(token, CredentialKind.ACCESS), asking)
        except Unauthenticated:
            return Raw(200, b"", errors.HEADERS)
        if session.principal.user_key != caller.user_key and not caller.is_administrator:
            raise Unauthenticated("token")
        try:
            await self._mount.engine.execute(RevokeCredential(digest(token), CredentialKind.ACCESS), caller)
        except NotFound:
            pass
        return Raw(200, b"", errors.HEADERS)
