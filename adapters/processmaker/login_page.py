"""Authorization in a browser: a small login page, then back to the client with a code or a token.

The vendor shows its own pages there; this one, and its texts, are our choice. What is wrong with the client is told in
the OAuth shape, what is wrong with the rest by a redirect, as RFC 6749, section 4.1.2.1, wants it.
"""

import re
from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.responses import Response

from adapters.common.http import PAGE_POLICY, Raw
from adapters.processmaker.grants import (
    CODE_LIFETIME,
    Grants,
    OAuthError,
    challenge_of,
    password_principal,
    scope_of,
    text_of,
)
from core.gate import Gate
from core.identity.commands import IssueCredential
from core.identity.queries import ClientById
from core.principal import Principal
from core.rejections import NotFound
from core.tables.identity import OAuthClient
from core.types import CredentialKind

_SOURCE = re.compile(r"https?://[A-Za-z0-9.\[\]:_-]+")
_KEPT = (
    *("response_type", "client_id", "redirect_uri", "scope", "state"),
    *("code_challenge", "code_challenge_method"),
)
_HEADERS = {"content-type": "text/html; charset=utf-8", "cache-control": "no-store", **PAGE_POLICY}
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Log in</title>
<style>body{{font:1rem/1.5 sans-serif;max-width:22rem;margin:4rem auto;padding:0 1rem}}
label{{display:block;margin:.8rem 0}}input{{display:block;width:100%;box-sizing:border-box;padding:.4rem}}
.error{{color:#a00}}</style></head>
<body>
<h1>Log in</h1>
<p><strong>{client}</strong> asks for access to your cases.</p>
{problem}<form method="post">
{hidden}
<label>User <input name="username" autocomplete="username" value="{username}" autofocus></label>
<label>Password <input name="password" type="password" autocomplete="current-password"></label>
<button name="allow" value="1">Log in and allow</button>
<button name="deny" value="1">Deny</button>
</form>
</body>
</html>
"""


class LoginPage:
    def __init__(self, engine: Gate) -> None:
        self._engine = engine
        self._grants = Grants(engine)

    async def answer(
        self, asking: Principal, method: str, query: Mapping[str, Any], values: Mapping[str, Any]
    ) -> Response:
        try:
            client, uri = await self._client(asking, values)
        except OAuthError as error:
            return Raw(400, error.body, {"content-type": "application/json", "cache-control": "no-store"})
        state = text_of(values, "state")
        back = {"state": state} if state else {}
        if text_of(values, "response_type") not in ("code", "token"):
            return _redirect(uri, {"error": "invalid_request", "error_description": _NO_TYPE, **back})
        try:
            scope_of(values)
            challenge_of(values)
        except OAuthError as error:
            name, description = error.args
            return _redirect(uri, {"error": name, "error_description": description, **back})
        if method == "GET":
            return _page(client, uri, values)
        if values.get("deny"):
            denied = {"error": "access_denied", "error_description": "The user denied access to your application"}
            return _redirect(uri, {**denied, **back})
        return await self._login(asking, client, uri, values, back)

    async def _client(self, asking: Principal, values: Mapping[str, Any]) -> tuple[OAuthClient, str]:
        """The client and where to go back to: only to an address that was registered."""
        client_id = text_of(values, "client_id")
        if not client_id:
            raise OAuthError("invalid_client", "No client id supplied")
        try:
            client = await self._engine.ask(ClientById(client_id), asking)
        except NotFound:
            client = None
        if client is None or client.tenant_key != asking.tenant_key:
            raise OAuthError("invalid_client", "The client id supplied is invalid")
        redirect_uri = text_of(values, "redirect_uri")
        if not client.redirect_uri:
            raise OAuthError("invalid_uri", "No redirect URI was supplied or stored")
        if redirect_uri and redirect_uri != client.redirect_uri:
            raise OAuthError("redirect_uri_mismatch", "The redirect URI provided is missing or does not match")
        return client, client.redirect_uri

    async def _login(
        self, asking: Principal, client: OAuthClient, uri: str, values: Mapping[str, Any], back: dict[str, str]
    ) -> Response:
        username, password = text_of(values, "username"), text_of(values, "password")
        try:
            principal = await password_principal(self._engine, asking, username, password)
        except OAuthError:
            return _page(client, uri, values, "The user name or the password is wrong.")
        scope = scope_of(values)
        if text_of(values, "response_type") == "token":
            token = await self._grants.issue(principal, principal.user_key, client.client_id, scope, refresh=False)
            members = {k: str(v) for k, v in token.items() if v is not None}
            return _redirect(uri, {**members, **back}, "#")
        command = IssueCredential(
            CredentialKind.CODE,
            principal.user_key,
            CODE_LIFETIME,
            client.client_id,
            scope,
            redirect_uri=text_of(values, "redirect_uri"),
            challenge=challenge_of(values),
        )
        code = (await self._engine.execute(command, principal)).text
        return _redirect(uri, {"code": code, **back})


_NO_TYPE = "Invalid or missing response type"


def _redirect(uri: str, values: Mapping[str, str], mark: str = "?") -> Response:
    if mark == "?" and "?" in uri:
        mark = "&"
    return Raw(302, b"", {"location": f"{uri}{mark}{urlencode(values)}", "cache-control": "no-store"})


def _source(uri: str) -> str:
    """Where the form may lead to besides here, for the policy of the page: browsers also look at redirections."""
    parts = urlsplit(uri)
    if parts.scheme in ("http", "https"):
        source = f"{parts.scheme}://{parts.netloc}"
        return source if _SOURCE.fullmatch(source) else ""
    return f"{parts.scheme}:"  # a program's own


def _page(client: OAuthClient, uri: str, values: Mapping[str, Any], problem: str = "") -> Response:
    hidden = "\n".join(
        f'<input type="hidden" name="{name}" value="{escape(text_of(values, name))}">'
        for name in _KEPT
        if text_of(values, name)
    )
    body = _PAGE.format(
        client=escape(client.name or client.client_id),
        problem=f'<p class="error" role="alert">{escape(problem)}</p>\n' if problem else "",
        hidden=hidden,
        username=escape(text_of(values, "username")),
    )
    policy = _HEADERS["content-security-policy"].replace("form-action 'none'", f"form-action 'self' {_source(uri)}")
    return Raw(200, body.encode(), {**_HEADERS, "content-security-policy": policy})
