"""Credentials to a principal. Source: dossier camunda.md, section 1.9; the 401 details are unverified there."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http.cookies import CookieError, SimpleCookie

from starlette.requests import Request

from adapters.camunda.access import EVERYTHING, Access, access_of, acting, unrestricted
from adapters.camunda.bearer import Provider, Verifier, claim, texts
from adapters.camunda.errors import Problem
from adapters.common import basic
from adapters.common.dialect import Mount
from adapters.common.http import bearer_token, header
from adapters.common.options import check_one_of
from core.clock import HOUR
from core.directory.queries import Belongings, BelongingsOf, MappingRules
from core.gate import Gate
from core.identity.digests import digest
from core.identity.queries import CheckCredential, PrincipalOf
from core.people.queries import UserByName
from core.principal import Principal
from core.rejections import NotFound, Unauthenticated
from core.types import ADMINISTRATORS, CredentialKind, MemberKind, UserStatus

COOKIE = "camunda-session"
SESSION_LIFETIME = 8 * HOUR
TOKEN_HEADER = b"x-csrf-token"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")
MODES = ("basic", "oidc", "none")

OPTIONS: Mapping[str, str] = {
    "authentication": "basic",
    "authorizations": "off",
    "csrf": "on",
    "default_roles": "off",
    "oidc_issuer": "",
    "oidc_jwks_url": "",
    "oidc_audience": "",
    "oidc_username_claim": "sub",
    "oidc_client_id_claim": "client_id",
    "oidc_groups_claim": "",
}


@dataclass(frozen=True, slots=True)
class Caller:
    principal: Principal
    access: Access
    belongings: Belongings


class Authenticator:
    """Raises ValueError if the options cannot be used."""

    def __init__(self, mount: Mount) -> None:
        options = {**OPTIONS, **mount.options}
        self._engine = mount.engine
        self.mode = options["authentication"]
        check_one_of(options, "authentication", *MODES)
        check_one_of(options, "authorizations", "on", "off")
        check_one_of(options, "csrf", "on", "off")
        check_one_of(options, "default_roles", "on", "off")
        self._asks_for_token = options["csrf"] == "on"
        self.authorizations = options["authorizations"] == "on" and self.mode != "none"
        self._options = options
        self._verifier = self._new_verifier(options, mount.engine) if self.mode == "oidc" else None

    @staticmethod
    def _new_verifier(options: Mapping[str, str], engine: Gate) -> Verifier:
        issuer = options["oidc_issuer"]
        if not issuer.startswith(("https://", "http://")):
            raise ValueError("oidc_issuer has to be the address of the identity provider")
        audience = frozenset(filter(None, (part.strip() for part in options["oidc_audience"].split(","))))
        return Verifier(Provider(issuer, options["oidc_jwks_url"], audience), engine)

    @property
    def sessions(self) -> bool:
        """Who proves their identity elsewhere has no password here."""
        return self.mode == "basic"

    @property
    def challenge(self) -> str:
        return "Bearer" if self.mode == "oidc" else "Basic"

    async def principal(self, request: Request) -> Principal:
        """Raises Unauthenticated."""
        tenant = self._engine.default_tenant
        asking = Principal(tenant, 0, "", "camunda")
        if self.mode == "none":
            return Principal(tenant, 0, "anonymous", "camunda", via="none")
        if self.sessions and not header(request, b"authorization") and (session := session_of(request)):
            known = await self._engine.ask(CheckCredential(session, CredentialKind.TICKET), asking)
            if self._asks_for_token:
                check_token(request, session)
            return known.principal
        if self._verifier is not None:
            return await self._bearer(self._verifier, request, asking)
        return await basic.authenticate(request, self._engine, asking)

    async def _bearer(self, verifier: Verifier, request: Request, asking: Principal) -> Principal:
        token = bearer_token(header(request, b"authorization"))
        if token is None:
            raise Unauthenticated("missing")
        claims = await verifier.claims(token)
        username = next(iter(texts(claim(claims, self._options["oidc_username_claim"]))), "")
        client = next(iter(texts(claim(claims, self._options["oidc_client_id_claim"]))), "")
        if not username and not client:
            raise Unauthenticated("token")
        principal = Principal(asking.tenant_key, 0, username, "camunda", via="jwt", client_id=client)
        try:
            user = await self._engine.ask(UserByName(username), asking) if username else None
        except NotFound:
            user = None
        if user is not None:
            if user.status != UserStatus.ACTIVE:
                raise Unauthenticated("user")
            principal = await self._engine.ask(PrincipalOf(user_key=user.key, via="jwt"), asking)
        groups = texts(claim(claims, self._options["oidc_groups_claim"])) if self._options["oidc_groups_claim"] else ()
        named = tuple(sorted({*principal.groups, *groups}))
        return replace(principal, groups=named, client_id=client, ext={**principal.ext, "claims": dict(claims)})

    async def caller(self, request: Request) -> Caller:
        """Who calls and what they may do."""
        who = await self.principal(request)
        if not self.authorizations:
            return Caller(unrestricted(who), EVERYTHING, _NOTHING)
        if who.is_administrator:
            return Caller(who, EVERYTHING, _NOTHING)
        belongings = await self.belongings(who)
        access = access_of(belongings)
        return Caller(acting(who, access, belongings.groups), access, belongings)

    async def belongings(self, who: Principal) -> Belongings:
        """The groups, roles and tenants of a caller."""
        members = [(MemberKind.GROUP, name) for name in who.groups]
        if who.username and who.via != "none":
            members.append((MemberKind.USER, who.username))
        if who.client_id:
            members.append((MemberKind.CLIENT, who.client_id))
        if "claims" in who.ext:
            for rule in await self._engine.ask(MappingRules(), who):
                if rule.claim_value in texts(claim(who.ext["claims"], rule.claim_name)):
                    members.append((MemberKind.MAPPING_RULE, rule.entry_id))
        if who.is_administrator:
            members.append((MemberKind.ROLE, ADMINISTRATORS))
        return await self._engine.ask(BelongingsOf(tuple(members)), who)


_NOTHING = Belongings((), (), (), ())


def token_of(session: str) -> str:
    """What who logged in sends along with every change, besides the cookie that a browser adds by itself."""
    return digest(f"csrf {session}")[:36]


def check_token(request: Request, session: str) -> None:
    """Raises Problem. The text is that of the library which the vendor uses."""
    sent = header(request, TOKEN_HEADER)
    if request.method in SAFE_METHODS or hmac.compare_digest(sent.encode(), token_of(session).encode()):
        return
    token = sent or "null"
    raise Problem(
        403,
        "Forbidden",
        f"Invalid CSRF Token '{token}' was found on the request parameter '_csrf' or header 'X-CSRF-TOKEN'.",
    )


def session_of(request: Request) -> str:
    """The session in the cookie, empty if there is none."""
    sent = header(request, b"cookie")
    if COOKIE not in sent:
        return ""
    try:
        morsel = SimpleCookie(sent).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel is not None else ""
