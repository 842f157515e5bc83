"""What an exchange is called in a list: its operation, and whose it is as far as the request alone tells.

Whoever reads the whole recording may know more of sessions: to whom an answer gave a ticket, and who renewed theirs.
"""

import base64
import re
from collections import OrderedDict
from contextlib import suppress
from urllib.parse import unquote_plus

from gateway.traffic.bodies import as_text
from gateway.traffic.codings import CannotDecode
from gateway.traffic.exchange import Exchange, Request, values
from gateway.traffic.secret_names import TOKEN, Names

#: parts of a path that are ids
_ID = re.compile(r"/(?:[0-9]+|[0-9a-fA-F-]{16,}|redacted-[0-9a-f]{16})(?=/|$)")
_BODY = re.compile(r"<(?:[\w.-]{1,100}+:)?Body\b[^>]{0,1000}+>\s*+<(?:[\w.-]{1,100}+:)?([\w.-]{1,200}+)")
_TICKET = re.compile(
    r"<(?:[\w.-]{1,100}+:)?([\w.-]{0,100}?(?:ticket|token|sessionid))(?:\s[^<>]{0,500}+)?>\s*([^<\s]{8,200}+)\s*<"
    r"|[\"&\n]([\w.-]{0,100}?(?:ticket|token|sessionid))\"?\s{0,5}[=:]\s{0,5}\"?([^\"&\s<]{8,200}+)",
    re.I,
)
#: sessions that are told apart
_KNOWN = 100_000
#: letters of a body that are looked at
_LOOK = 20_000


class Named:
    """Labels for one recording, in the order in which exchanges are written."""

    def __init__(self) -> None:
        self._names = Names()
        self._sessions = OrderedDict[str, str]()
        self._count = 0

    def __call__(self, exchange: Exchange) -> tuple[str, str]:
        text = _text(exchange.request)
        return self._session(exchange, text), operation(exchange.request, text)

    def _session(self, exchange: Exchange, text: str) -> str:
        credential = self._credential(exchange.request, text)
        if not credential:
            return f"connection {exchange.connection}"
        if credential.startswith("user "):
            return credential
        name = self._sessions.get(credential)
        if name is None:
            self._count += 1
            name = self._sessions[credential] = f"session {self._count}"
            if len(self._sessions) > _KNOWN:
                self._sessions.popitem(last=False)
        return name

    def _credential(self, request: Request, text: str) -> str:
        if header := request.header(b"authorization"):
            scheme, _, rest = header.decode("latin-1").partition(" ")
            return _user(rest) if scheme.lower() == "basic" else rest or scheme
        for pair in request.query.decode("latin-1").split("&"):
            name, _, value = pair.partition("=")
            if value and self._names.kind(unquote_plus(name)) == TOKEN:
                return unquote_plus(value)
        for cookies in values(request.headers, b"cookie"):
            for pair in cookies.decode("latin-1").split(";"):
                name, _, value = pair.strip().partition("=")
                if value and self._names.kind(name) == TOKEN:
                    return value
        match = _TICKET.search(text)
        return str(match[2] or match[4]) if match else ""


def operation(request: Request, text: str) -> str:
    """What is called, in a SOAP envelope; else method and path without what varies."""
    if "Envelope" in text and (called := _BODY.search(text)):
        return called[1]
    return f"{request.method} {_ID.sub('/{id}', request.path.decode('latin-1'))}"


def operation_of(request: Request) -> str:
    """The same of a request alone, whose body is looked into if it is called XML."""
    is_xml = b"xml" in (request.header(b"content-type") or b"").lower()
    return operation(request, _text(request) if is_xml else "")


def _text(request: Request) -> str:
    if not request.body:
        return ""
    with suppress(CannotDecode):
        if read := as_text(request.body, request.headers):
            return read.text[:_LOOK]
    return ""


def _user(credential: str) -> str:
    with suppress(ValueError):
        return "user " + base64.b64decode(credential, validate=True).decode("utf-8", "replace").partition(":")[0]
    return credential
