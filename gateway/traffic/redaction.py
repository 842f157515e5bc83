"""Secrets do not reach the disk: in their place are marks, the same one for the same secret.

A mark is a digest with a key that lies beside the recording and not in it: without the key nobody can try passwords
against it, and with it a recording can be gone on with. Since a ticket has the same mark where the server handed it out
and where clients show it, it can still be followed from one to the other.
"""

import hashlib
import hmac
import os
import re
import secrets
import sqlite3
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.exits import Failed
from gateway.traffic import secret_places as places
from gateway.traffic.bodies import as_text, media_type
from gateway.traffic.codings import CannotDecode
from gateway.traffic.exchange import Exchange, Headers, Request, Response
from gateway.traffic.recording import Recording
from gateway.traffic.secret_names import COOKIE, PASSWORD, TOKEN, Names

FORM = "application/x-www-form-urlencoded"
#: what a form looks like, whatever its head says
_FORM = re.compile(r"(?>(?:[\w.%+*\[\]-]{1,200}+=[^&\s]*+&?)+)")
#: what every mark begins with
PREFIX = "redacted-"
#: what fields with the name of a secret say about one
_NO_SECRETS = ("true", "false", "null", "none", "redacted")
#: letters and digits
_MIXED = re.compile(r"(?=[0-9_-]*[A-Za-z])[A-Za-z_-]*[0-9].*")
#: tickets that are known again wherever they stand
_KNOWN = 100_000


def key_beside(path: Path) -> bytes:
    """The key of the recording at `path`; made if there is none. Raises Failed."""
    file = path.with_name(f"{path.name}.key")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, secrets.token_hex(32).encode() + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    text = file.read_bytes()[:100].strip()
    try:
        key = bytes.fromhex(text.decode("ascii"))
    except ValueError:
        key = b""
    if len(key) != 32:
        raise Failed(f"{file} is not the key of a recording: 64 hexadecimal digits")
    return key


def redactor_of(path: Path, names: Iterable[str]) -> "Redactor":
    """For the recording at `path`, which may not be there yet. Raises Failed for what is no recording."""
    if path.exists() and path.stat().st_size:
        Recording(path).close()  # before a key is made for it
    return Redactor(key_beside(path), names)


@dataclass(slots=True)
class _Row:
    kind: str
    place: str
    first: int
    times: int


class Redactor:
    """For one recording; in the order in which its exchanges ended, by one thread."""

    def __init__(self, key: bytes, more: Iterable[str] = ()) -> None:
        """`more`: names of fields, headers, parameters and cookies that are secret as well."""
        self._key = key
        self._names = Names(more)
        self._known = OrderedDict[str, str]()
        self._rows = dict[str, _Row]()

    def exchange(self, exchange: Exchange) -> Exchange:
        """The same, with marks in the place of secrets."""
        request, response = exchange.request, exchange.response
        login = _Login()
        covered = self._request(request, exchange.number, login)
        if response is not None:
            response = self._response(response, exchange.number, login)
        return replace(exchange, request=covered, response=response)

    def save(self, connection: sqlite3.Connection, _: Exchange) -> None:
        """Write down which marks there are, within the transaction that writes what they stand in."""
        if self._rows:
            connection.executemany(
                "INSERT INTO mark VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (mark) DO UPDATE SET times = times + excluded.times",
                ((mark, row.kind, row.place, row.first, row.times) for mark, row in self._rows.items()),
            )
            self._rows.clear()

    def text(self, text: str) -> str:
        """A text about exchanges that were redacted, without the tickets that are known from them."""
        text = places.JWT.sub(lambda match: self.mark(match[0]), text)
        return places.WORD.sub(lambda match: self._known.get(match[0], match[0]), text)

    def mark(self, secret: str) -> str:
        digest = hmac.digest(self._key, secret.encode("utf-8", "surrogatepass"), hashlib.sha256)
        return PREFIX + digest.hex()[:16]

    def _request(self, request: Request, number: int, login: "_Login") -> Request:
        cover = self._cover(number, "request", login)
        headers = self._headers(request.headers, cover)
        body, lacks = self._body(request.body, request.headers, cover, login=False)
        target = self._words(places.in_url(request.target.decode("latin-1"), self._names, cover), cover)
        return replace(
            request, target=target.encode("latin-1"), headers=headers, body=body, lacks=_both(request.lacks, lacks)
        )

    def _response(self, response: Response, number: int, login: "_Login") -> Response:
        cover = self._cover(number, "answer", _Login())
        headers = self._headers(response.headers, cover)
        body, lacks = self._body(response.body, response.headers, cover, login=login.password)
        return replace(response, headers=headers, body=body, lacks=_both(response.lacks, lacks))

    def _cover(self, number: int, where: str, login: "_Login") -> places.Cover:
        def cover(secret: str, kind: str, place: str) -> str:
            if secret.startswith(PREFIX) or secret.lower() in _NO_SECRETS:
                return secret
            mark = self.mark(secret)
            if kind == PASSWORD and not place.startswith("Basic"):
                login.password = True
            if kind in (TOKEN, COOKIE) and places.WORD.fullmatch(secret):
                self._known[secret] = mark
                self._known.move_to_end(secret)
                if len(self._known) > _KNOWN:
                    self._known.popitem(last=False)
            row = self._rows.setdefault(mark, _Row(kind, f"{where}: {place}", number, 0))
            row.times += 1
            return mark

        return cover

    def _headers(self, headers: Headers, cover: places.Cover) -> Headers:
        return tuple((name, self._header(name, value, cover)) for name, value in headers)

    def _header(self, name: bytes, value: bytes, cover: places.Cover) -> bytes:
        text = value.decode("latin-1")
        text = places.in_header(name.decode("latin-1").lower(), text, self._names, cover)
        return self._words(text, cover).encode("latin-1", "replace")

    def _body(self, body: bytes, headers: Headers, cover: places.Cover, *, login: bool) -> tuple[bytes, str]:
        """It, and what is missing of it."""
        if not body:
            return body, ""
        try:
            read = as_text(body, headers)
        except CannotDecode as error:
            return b"", f"its body is not kept, since nobody can look for secrets in it: {error}"
        if read is None:
            return body, ""
        text = self._text(read.text, headers, cover)
        if login:
            text = places.WORD.sub(lambda match: _ticket(match[0], cover), text)
        text = self._words(text, cover)
        return (body, "") if text == read.text else (read.bytes(text), "")

    def _text(self, text: str, headers: Headers, cover: places.Cover) -> str:
        if not self._names.may_be_in(text):
            return text
        media = media_type(headers)[0]
        start = text[:100].lstrip("\ufeff \t\r\n")[:1]
        if media.startswith("multipart/"):
            return places.in_parts(text, self._names, cover)
        # many clients call all that they send a form
        if start not in ("{", "[", "<") and (media == FORM or _FORM.fullmatch(text)):
            return places.in_form(text, self._names, cover)
        if start == "<":
            return places.in_url(places.in_markup(text, self._names, cover), self._names, cover)
        if start in ("{", "[") or media.endswith("json"):
            text = places.in_json(text, self._names, cover)
        return places.in_url(text, self._names, cover)

    def _words(self, text: str, cover: places.Cover) -> str:
        """Tickets that are known, wherever they stand, and what is one by its looks."""
        if "eyJ" in text:
            text = places.JWT.sub(lambda match: cover(match[0], TOKEN, "JSON web token"), text)
        if not self._known:
            return text
        return places.WORD.sub(lambda match: self._known.get(match[0], match[0]), text)


@dataclass(slots=True)
class _Login:
    """Has the request a password in its body or its query? Then its answer may hand out a ticket under any name."""

    password: bool = False


def _ticket(word: str, cover: places.Cover) -> str:
    """A word as long as that, with letters and digits, in the answer to a password."""
    if word.startswith(PREFIX) or not _MIXED.fullmatch(word):
        return word
    return cover(word, TOKEN, "answer to a password")


def _both(one: str, other: str) -> str:
    return "; ".join(filter(None, (one, other)))
