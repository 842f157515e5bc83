"""Who logs in, and who comes again with a refresh token. Source: dossier facilioo.md, sections 1.2 and 1.3."""

from starlette.responses import Response

from adapters.common.dialect import Operation
from adapters.common.http import bearer_token
from adapters.common.rights import ANYONE
from adapters.facilioo.calls import Call, Endpoint, moment
from adapters.facilioo.errors import SecondFactorNeeded
from core.identity.queries import CheckPassword
from schemas.facilioo.body import read_create

_OPEN = (200, 400, 401, 405, 413, 415, 500, 503)
LOGIN = Operation("login", "POST", "/api/auth/login", ANYONE, (*_OPEN, 409))
REFRESH = Operation("refresh", "POST", "/api/auth/refresh", ANYONE, _OPEN)

#: the member of an account that asks for a second factor
SECOND_FACTOR = "multiFactorAuthentication"


async def _login(call: Call) -> Response:
    values = read_create(await call.body(), "Login", moment)
    check = CheckPassword(values["email"], values["password"], by="email")
    principal = await call.mount.engine.ask(check, call.tokens.nobody)
    if principal.ext.get("facilioo", {}).get(SECOND_FACTOR) and not values["skipMultiFactorAuthentication"]:
        raise SecondFactorNeeded
    return call.reply(await call.tokens.issue(principal))


async def _refresh(call: Call) -> Response:
    """The token comes in the body, or in place of an access token."""
    token = bearer_token(call.request.headers.get("authorization"))
    if token is None:
        token = read_create(await call.body(), "Refresh", moment)["refreshToken"]
    return call.reply(await call.tokens.renew(str(token)))


ENDPOINTS = (
    Endpoint(LOGIN, _login, "LoginCreate", "Tokens"),
    Endpoint(REFRESH, _refresh, "RefreshCreate", "Tokens"),
)
