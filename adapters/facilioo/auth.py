"""Tokens: RS256 with an object as `sub`. Source: dossier facilioo.md, sections 1.2 and 1.3."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from starlette.requests import Request

from adapters.common.dialect import Mount
from adapters.common.http import bearer_token
from adapters.common.tokens import STATIC
from core.clock import SECOND
from core.identity.commands import IssueCredential, SetSetting, SpendCredential
from core.identity.queries import CheckCredential, PrincipalOf, Session, SettingValue
from core.ids import new_uid
from core.principal import NOBODY, Principal, system
from core.rejections import Expired, NotFound, Unauthenticated
from core.turn.command import Command, Several
from core.types import CredentialKind

if TYPE_CHECKING:
    from adapters.facilioo.tokens import Signer

ISSUER = "dragoman"
AUDIENCE = "facilioo"
ACCESS_SECONDS = 3600
REFRESH_SECONDS = 30 * 24 * 3600
SIGNING_KEY = "facilioo.signing-key"
REMEMBERED_TOKENS = 4096


def _new_key() -> str:
    from adapters.facilioo import tokens

    return tokens.new_key()


def _new_signer(pem: str) -> "Signer":
    """Reading a private key takes 50 ms, for it is proved to be one; so does the library's import."""
    from adapters.facilioo import tokens

    return tokens.Signer(pem)


class Known(NamedTuple):
    """What a token says that was signed here: seconds, but `issued_at`, which is milliseconds."""

    use: str
    account: int
    id: str
    not_before: int
    expires: int
    issued_at: int

    @classmethod
    def of(cls, claims: Mapping[str, Any]) -> "Known":
        """Raises ValueError: it is made for somebody else."""
        subject, not_before = claims.get("sub"), int(claims.get("nbf", 0))
        if (claims.get("iss"), claims.get("aud")) != (ISSUER, AUDIENCE) or not isinstance(subject, dict):
            raise ValueError("of somebody else")
        return cls(
            use=str(claims.get("use")),
            account=subject["accountId"],
            id=str(claims.get("jti")),
            not_before=not_before,
            expires=int(claims.get("exp", 0)),
            issued_at=int(claims.get("at", not_before * SECOND)),
        )


class Tokens:
    """Signs and checks tokens with a key that all processes on the database share."""

    def __init__(self, mount: Mount) -> None:
        self._engine = mount.engine
        self._signer: Signer | None = None
        self._seen: OrderedDict[bytes, Known] = OrderedDict()

    @property
    def nobody(self) -> Principal:
        """Who has not shown a token yet."""
        return self._asking()

    def _asking(self) -> Principal:
        return replace(NOBODY, tenant_key=self._engine.default_tenant, dialect="facilioo")

    async def _key(self) -> "Signer":
        if self._signer is None:
            who = system(self._engine.default_tenant, dialect="facilioo")
            pem = await self._engine.ask(SettingValue(SIGNING_KEY), who)
            if not pem:
                new = await self._engine.in_thread(_new_key)
                await self._engine.execute(SetSetting(SIGNING_KEY, new, only_if_absent=True), who)
                pem = await self._engine.ask(SettingValue(SIGNING_KEY), who)
            self._signer = await self._engine.in_thread(_new_signer, pem)
        return self._signer

    async def public_key(self) -> str:
        """As PEM."""
        return (await self._key()).public

    async def _sign(self, principal: Principal, use: str, seconds: int) -> str:
        issued_at = max(self._engine.clock(), principal.password_changed_at + 1)
        now = self._engine.clock() // 1000
        claims = {
            "nbf": now,
            "exp": now + seconds,
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": {"accountId": principal.number, "companyId": self._company()},
            "use": use,
            # exact, so that what is older than a password is told from what is younger, also within one second
            "at": issued_at,
            "jti": new_uid(),
        }
        return (await self._key()).sign(claims)

    def _company(self) -> int:
        return self._engine.tenant_number

    async def _check(self, token: str, use: str) -> Principal:
        now = self._engine.clock() // 1000
        digest = sha256(token.encode()).digest()
        known = self._seen.get(digest)
        if known is None:
            try:
                known = Known.of((await self._key()).read(token))
            except ValueError:
                raise Unauthenticated("token") from None
            self._seen[digest] = known
            if len(self._seen) > REMEMBERED_TOKENS:
                self._seen.popitem(last=False)
        if known.use != use or known.not_before > now + 60:
            raise Unauthenticated("token")
        if self._engine.has_expired(f"jwt {known.id}", known.expires * SECOND):
            raise Unauthenticated("token")
        try:
            query = PrincipalOf(user_number=known.account, via="jwt", issued_at=known.issued_at)
            return await self._engine.ask(query, self._asking())
        except NotFound:
            raise Unauthenticated("account") from None

    async def authenticate(self, request: Request) -> Principal:
        token = bearer_token(request.headers.get("authorization"))
        if token is None:
            raise Unauthenticated("missing")
        try:
            return await self._check(token, "access")
        except Unauthenticated:
            session = await self._engine.ask(CheckCredential(token, CredentialKind.ACCESS), self._asking())
            if session.client_id != STATIC:
                raise
            return session.principal

    async def issue(self, principal: Principal, spent: Session | None = None) -> dict[str, Any]:
        """New tokens, as they are answered. The refresh token is also kept as a digest: it is good for once."""
        refresh = await self._sign(principal, "refresh", REFRESH_SECONDS)
        family = spent.family if spent is not None else 0
        keeping: Command[Any] = IssueCredential(
            CredentialKind.REFRESH, principal.user_key, REFRESH_SECONDS * SECOND, family=family, text=refresh
        )
        if spent is not None:
            keeping = Several((SpendCredential(spent.digest, spent.kind), keeping))
        try:
            await self._engine.execute(keeping, principal)
        except NotFound:
            raise Unauthenticated("token") from None
        return {
            "accessToken": await self._sign(principal, "access", ACCESS_SECONDS),
            "refreshToken": refresh,
            "account": {"id": principal.number},
        }

    async def renew(self, refresh: str) -> dict[str, Any]:
        """New tokens for a refresh token. Raises Unauthenticated."""
        principal = await self._check(refresh, "refresh")
        try:
            session = await self._engine.ask(CheckCredential(refresh, CredentialKind.REFRESH), self._asking())
        except Expired:
            raise Unauthenticated("token") from None
        return await self.issue(principal, session)
