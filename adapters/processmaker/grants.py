"""The four grants of the token endpoint.

Order of checks: grant type, client, parameters of the grant, scope. Source: dossier processmaker.md, section 1.7.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

import orjson

from core.clock import DAY
from core.gate import Gate
from core.identity.commands import IssueCredential, RevokeFamily, SpendCredential
from core.identity.digests import digest, matches
from core.identity.queries import CheckCredential, CheckPassword, ClientById, Session
from core.principal import Principal
from core.rejections import Expired, NotFound, Unauthenticated
from core.tables.identity import OAuthClient
from core.turn.command import Command, Issued, Several
from core.types import CredentialKind
from schemas.processmaker.tokens import CHALLENGE_METHODS, GRANTS, SCOPES

ACCESS_LIFETIME = DAY
REFRESH_LIFETIME = 14 * DAY
CODE_LIFETIME = 30_000
NO_SUCH_LOGIN = "Invalid username and password combination"
UNKNOWN_CODE = "Authorization code doesn't exist or is invalid for the client"
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_NOTHING = digest("a secret that no client has")


class OAuthError(Exception):
    """Rendered in the OAuth shape, always 400."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error, description)
        self.body = orjson.dumps({"error": error, "error_description": description})


def text_of(values: Mapping[str, Any], name: str) -> str:
    """A parameter as PHP would make a text of it; of several values that is a word that nobody meant."""
    value = values.get(name)
    if value is None or value is False:
        return ""
    if isinstance(value, dict | list):
        return "Array"
    return "1" if value is True else str(value)


def is_given(values: Mapping[str, Any], name: str) -> bool:
    """PHP takes nothing, no number and the text `0` for nothing."""
    value = values.get(name)
    return bool(value) and value != "0"


def scope_of(values: Mapping[str, Any], available: str | None = None) -> str | None:
    """What is asked for, of what is `available`; that itself if nothing is. Raises OAuthError for a scope that there is
    not."""
    if not is_given(values, "scope"):
        return available
    scope = text_of(values, "scope")
    parts = scope.strip().split(" ")
    if any(part not in SCOPES or (available and part not in available.split(" ")) for part in parts):
        raise OAuthError("invalid_scope", "An unsupported scope was requested")
    return scope


async def password_principal(engine: Gate, asking: Principal, username: str, password: str) -> Principal:
    """Raises OAuthError for a wrong password, and for a user who may not log in any more."""
    try:
        principal = await engine.ask(CheckPassword(username, password), asking)
    except Unauthenticated:
        principal = None
    if principal is None or _expired(principal, engine.clock()):
        raise OAuthError("invalid_grant", NO_SUCH_LOGIN)
    return principal


def _expired(principal: Principal, now: int) -> bool:
    due = principal.ext.get("processmaker", {}).get("due_date", "")
    return bool(due) and due < datetime.fromtimestamp(now / 1000, UTC).strftime("%Y-%m-%d")


def challenge_of(values: Mapping[str, Any]) -> str:
    """What an authorization request says of RFC 7636: the method and the challenge, empty without one. Raises
    OAuthError."""
    challenge = text_of(values, "code_challenge")
    method = text_of(values, "code_challenge_method") or CHALLENGE_METHODS[0]
    if not challenge:
        return ""
    if method not in CHALLENGE_METHODS or not _VERIFIER.fullmatch(challenge):
        raise OAuthError("invalid_request", "The code challenge or its method is not supported")
    return f"{method} {challenge}"


def check_verifier(challenge: str, verifier: str) -> None:
    """Raises OAuthError if a code was asked for with a challenge that the verifier does not meet."""
    method, _, expected = challenge.partition(" ")
    if not method:
        return
    if not verifier:
        raise OAuthError("invalid_request", 'Missing parameter: "code_verifier" is required')
    derived = verifier
    if method == "S256":
        derived = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    if not hmac.compare_digest(derived.encode(), expected.encode()):
        raise OAuthError("invalid_grant", "The code verifier does not match the challenge")


class Grants:
    def __init__(self, engine: Gate) -> None:
        self._engine = engine

    async def answer(
        self, asking: Principal, basic: tuple[str, str] | None, values: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The body of the answer; `basic` are credentials of the header, which go before. Raises OAuthError."""
        if not is_given(values, "grant_type"):
            raise OAuthError("invalid_request", "The grant type was not specified in the request")
        grant = text_of(values, "grant_type")
        if grant not in GRANTS:
            raise OAuthError("unsupported_grant_type", f'Grant type "{grant}" not supported')
        if basic is None and values.get("client_id") is None:
            raise OAuthError("invalid_client", "Client credentials were not found in the headers or body")
        client = await self._client(
            asking, *(basic or (text_of(values, "client_id"), text_of(values, "client_secret")))
        )
        if grant == "password":
            return await self._password(asking, client, values)
        if grant == "refresh_token":
            return await self._refresh(asking, client, values)
        if grant == "authorization_code":
            return await self._code(asking, client, values)
        scope = scope_of(values)
        return await self.issue(asking, 0, client.client_id, scope, refresh=False)

    async def _client(self, asking: Principal, client_id: str, secret: str) -> OAuthClient:
        try:
            client = await self._engine.ask(ClientById(client_id), asking)
        except NotFound:
            client = None
        good = matches(secret, client.secret_digest if client is not None else _NOTHING)
        if client is None or not good or client.tenant_key != asking.tenant_key:
            raise OAuthError("invalid_client", "The client credentials are invalid")
        return client

    async def _password(self, asking: Principal, client: OAuthClient, values: Mapping[str, Any]) -> dict[str, Any]:
        if not is_given(values, "username") or not is_given(values, "password"):
            raise OAuthError("invalid_request", 'Missing parameters: "username" and "password" required')
        principal = await self._user(asking, values["username"], values["password"])
        return await self.issue(principal, principal.user_key, client.client_id, scope_of(values))

    async def _user(self, asking: Principal, username: object, password: object) -> Principal:
        """Raises OAuthError, for what can be nobody's name or password, too."""
        if isinstance(username, bool | dict | list) or isinstance(password, bool | dict | list):
            raise OAuthError("invalid_grant", NO_SUCH_LOGIN)
        return await password_principal(self._engine, asking, str(username), str(password))

    async def _refresh(self, asking: Principal, client: OAuthClient, values: Mapping[str, Any]) -> dict[str, Any]:
        text = text_of(values, "refresh_token")
        if not is_given(values, "refresh_token"):
            raise OAuthError("invalid_request", 'Missing parameter: "refresh_token" is required')
        try:
            session = await self._engine.ask(CheckCredential(text, CredentialKind.REFRESH), asking)
        except Expired:
            raise OAuthError("invalid_grant", "Refresh token has expired") from None
        except Unauthenticated:
            raise OAuthError("invalid_grant", "Invalid refresh token") from None
        if session.client_id != client.client_id:
            raise OAuthError("invalid_grant", "refresh_token doesn't exist or is invalid for the client")
        scope = scope_of(values, session.scope)
        try:
            return await self._exchange(session, client, scope, SpendCredential(session.digest, session.kind))
        except NotFound:
            raise OAuthError("invalid_grant", "Invalid refresh token") from None

    async def _code(self, asking: Principal, client: OAuthClient, values: Mapping[str, Any]) -> dict[str, Any]:
        text = text_of(values, "code")
        if not is_given(values, "code"):
            raise OAuthError("invalid_request", 'Missing parameter: "code" is required')
        try:
            session = await self._engine.ask(CheckCredential(text, CredentialKind.CODE), asking)
        except Expired:
            raise OAuthError("invalid_grant", "The authorization code has expired") from None
        except Unauthenticated:
            raise await self._code_was_spent(asking, text) from None
        redirect_uri = text_of(values, "redirect_uri")
        if session.redirect_uri and session.redirect_uri not in (redirect_uri, unquote_plus(redirect_uri)):
            raise OAuthError("redirect_uri_mismatch", "The redirect URI is missing or do not match")
        if session.client_id != client.client_id:
            raise OAuthError("invalid_grant", "authorization_code doesn't exist or is invalid for the client")
        check_verifier(session.challenge, text_of(values, "code_verifier"))
        scope = scope_of(values, session.scope)
        until = self._engine.clock() + REFRESH_LIFETIME
        try:
            spending = SpendCredential(session.digest, session.kind, until)
            return await self._exchange(session, client, scope, spending)
        except NotFound:
            raise await self._code_was_spent(asking, text) from None

    async def _code_was_spent(self, asking: Principal, text: str) -> OAuthError:
        """Whoever has a code besides its owner may have been the first to show it: what it gave is taken back."""
        await self._engine.execute(RevokeFamily(digest(text)), asking)
        return OAuthError("invalid_grant", UNKNOWN_CODE)

    async def _exchange(
        self, session: Session, client: OAuthClient, scope: str | None, spending: SpendCredential
    ) -> dict[str, Any]:
        """Tokens for a code or a refresh token. Raises NotFound if somebody else was quicker."""
        principal = session.principal
        return await self.issue(
            principal, principal.user_key, client.client_id, scope, family=session.family, spending=spending
        )

    async def issue(
        self,
        principal: Principal,
        user_key: int,
        client_id: str,
        scope: str | None,
        *,
        refresh: bool = True,
        family: int = 0,
        spending: SpendCredential | None = None,
    ) -> dict[str, Any]:
        """The order of the members matters: one client looks at how the body begins. What is spent for the tokens is
        spent together with their making, or neither is done."""
        commands: list[Command[Any]] = [] if spending is None else [spending]
        lifetimes = [(CredentialKind.ACCESS, ACCESS_LIFETIME), (CredentialKind.REFRESH, REFRESH_LIFETIME)]
        for kind, lifetime in lifetimes if refresh else lifetimes[:1]:
            commands.append(
                IssueCredential(
                    kind=kind, user_key=user_key, lifetime=lifetime, client_id=client_id, scope=scope, family=family
                )
            )
        tokens = [
            t.text for t in await self._engine.execute(Several(tuple(commands)), principal) if isinstance(t, Issued)
        ]
        body: dict[str, Any] = {
            "access_token": tokens[0],
            "expires_in": ACCESS_LIFETIME // 1000,
            "token_type": "bearer",
            "scope": scope,
        }
        if refresh:
            body["refresh_token"] = tokens[1]
        return body
