"""Login and tokens: RS256 with an object as `sub`. Source: dossier facilioo.md, sections 1.2 and 1.3."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from adapters.common.dialect import Mount
from adapters.common.http import Raw, bearer_token, dumps, read_body
from adapters.facilioo.errors import VERSIONS, UnsupportedMediaType
from core.commands import SetSetting
from core.principal import NOBODY, Principal, system
from core.queries import CheckPassword, PrincipalOf, SettingValue
from core.rejections import Forbidden, NotFound, Unauthenticated
from core.types import Permission
from schemas.facilioo.wire import Invalid, read_object, required

if TYPE_CHECKING:
    from adapters.facilioo.tokens import Signer

JSON = {"content-type": "application/json; charset=utf-8", **VERSIONS}
ISSUER = "dragoman"
AUDIENCE = "facilioo"
ACCESS_SECONDS = 3600
REFRESH_SECONDS = 30 * 24 * 3600
SIGNING_KEY = "facilioo.signing-key"
REMEMBERED_TOKENS = 4096

ADMIN, PROPERTY_MANAGEMENT, USER = 1, 2, 7


@dataclass(frozen=True, slots=True)
class Party:
    """Whom an account belongs to: the id and the type (role) of the party."""

    id: int
    type: int


def party_of(principal: Principal) -> Party:
    ext = principal.ext.get("facilioo", {})
    kind = ADMIN if principal.is_administrator else int(ext.get("partyType", USER))
    return Party(int(ext.get("partyId", principal.number)), kind)


def require(principal: Principal, permission: Permission, party_types: tuple[int, ...]) -> None:
    if party_of(principal).type not in party_types or not principal.may(permission):
        raise Forbidden(permission)


class Tokens:
    """Signs and checks tokens with a key that all processes on the database share."""

    def __init__(self, mount: Mount) -> None:
        self._engine = mount.engine
        self._signer: Signer | None = None
        self._seen: OrderedDict[str, tuple[Mapping[str, Any], int]] = OrderedDict()

    def _asking(self) -> Principal:
        return replace(NOBODY, tenant_key=self._engine.default_tenant, dialect="facilioo")

    async def _key(self) -> "Signer":
        if self._signer is None:
            from adapters.facilioo import tokens

            who = system(self._engine.default_tenant, dialect="facilioo")
            pem = await self._engine.ask(SettingValue(SIGNING_KEY), who)
            if not pem:
                new = await self._engine.in_thread(tokens.new_key)
                await self._engine.execute(SetSetting(SIGNING_KEY, new, only_if_absent=True), who)
                pem = await self._engine.ask(SettingValue(SIGNING_KEY), who)
            self._signer = tokens.Signer(pem)
        return self._signer

    async def _sign(self, principal: Principal, use: str, seconds: int) -> str:
        now = self._engine.clock() // 1000
        claims = {
            "nbf": now,
            "exp": now + seconds,
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": {"accountId": principal.number, "companyId": self._company()},
            "use": use,
        }
        return (await self._key()).sign(claims)

    def _company(self) -> int:
        return self._engine.tenant_number

    async def _check(self, token: str, use: str) -> Principal:
        now = self._engine.clock() // 1000
        known = self._seen.get(token)
        if known is None:
            try:
                read = (await self._key()).read(token)
            except ValueError:
                raise Unauthenticated("token") from None
            known = read, int(read.get("exp", 0))
            self._seen[token] = known
            if len(self._seen) > REMEMBERED_TOKENS:
                self._seen.popitem(last=False)
        claims, expires = known
        subject = claims.get("sub")
        wrong = (claims.get("iss"), claims.get("aud"), claims.get("use")) != (ISSUER, AUDIENCE, use)
        if wrong or expires <= now or int(claims.get("nbf", 0)) > now + 60 or not isinstance(subject, dict):
            raise Unauthenticated("token")
        try:
            return await self._engine.ask(PrincipalOf(user_number=subject["accountId"], via="jwt"), self._asking())
        except NotFound:
            raise Unauthenticated("account") from None

    async def authenticate(self, request: Request) -> Principal:
        token = bearer_token(request.headers.get("authorization"))
        if token is None:
            raise Unauthenticated("missing")
        return await self._check(token, "access")

    async def _answer(self, principal: Principal) -> Response:
        body = {
            "accessToken": await self._sign(principal, "access", ACCESS_SECONDS),
            "refreshToken": await self._sign(principal, "refresh", REFRESH_SECONDS),
            "account": {"id": principal.number},
        }
        return Raw(200, dumps(body), JSON)

    async def login(self, request: Request) -> Response:
        values = await json_body(request)
        texts = {}
        for name in ("email", "password"):
            value = values.get(name)
            if not isinstance(value, str) or not value:
                raise Invalid({name.capitalize(): [required(name.capitalize())]})
            texts[name] = value
        principal = await self._engine.ask(CheckPassword(texts["email"], texts["password"], by="email"), self._asking())
        return await self._answer(principal)

    async def refresh(self, request: Request) -> Response:
        token = bearer_token(request.headers.get("authorization"))
        if token is None:
            value = (await json_body(request)).get("refreshtoken")
            if not isinstance(value, str) or not value:
                raise Invalid({"RefreshToken": [required("RefreshToken")]})
            token = value
        return await self._answer(await self._check(token, "refresh"))


async def json_body(request: Request) -> dict[str, Any]:
    return read_object(await raw_json(request))


async def raw_json(request: Request) -> bytes:
    body = await read_body(request)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and media_type not in ("application/json", "text/json") and not media_type.endswith("+json"):
        raise UnsupportedMediaType
    return body
