"""Real secrets back in the places of their marks, as each place wants them written."""

import base64
import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, quote_plus

from gateway.exits import Usage
from gateway.traffic.bodies import as_text, media_type
from gateway.traffic.codings import CannotDecode
from gateway.traffic.exchange import Headers, Request

MARK = re.compile(r"redacted-[0-9a-f]{16}(?![0-9a-f])")
_BASIC = re.compile(rb"(?i)(basic\s+)([A-Za-z0-9+/]+=*)\s*\Z")


def read_secrets(path: Path) -> dict[str, str]:
    """From a file with a line `MARK=SECRET` for each. Raises Usage, and OSError."""
    secrets = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        mark, equals, secret = line.strip().partition("=")
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not equals or not MARK.fullmatch(mark.strip()):
            raise Usage(f"{path}, line {number}: a line is MARK=SECRET, with a mark that `recording show` lists")
        secrets[mark.strip()] = secret
    return secrets


def in_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Those that stand in a variable named as their mark, in the letters of variables."""
    named = {name.lower().replace("_", "-"): value for name, value in variables.items()}
    return {mark: value for mark, value in named.items() if MARK.fullmatch(mark)}


def restored(request: Request, secrets: Mapping[str, str]) -> Request:
    """The request with those secrets that are known; other marks stay."""
    if not secrets:
        return request
    target = _put(request.target.decode("latin-1"), secrets, lambda secret: quote(secret, safe=""))
    return replace(
        request,
        target=target.encode("latin-1"),
        headers=_headers(request.headers, secrets),
        body=_body(request.body, request.headers, secrets),
    )


def marks(request: Request) -> Iterator[str]:
    """Those that stand in a request, once each."""
    seen = dict.fromkeys(MARK.findall(request.target.decode("latin-1")))
    for _, value in request.headers:
        seen |= dict.fromkeys(MARK.findall(_unpacked(value).decode("latin-1")))
    with suppress(CannotDecode):
        if read := as_text(request.body, request.headers):
            seen |= dict.fromkeys(MARK.findall(read.text))
    yield from seen


def _headers(headers: Headers, secrets: Mapping[str, str]) -> Headers:
    return tuple((name, _header(value, secrets)) for name, value in headers)


def _header(value: bytes, secrets: Mapping[str, str]) -> bytes:
    if basic := _BASIC.fullmatch(value):
        plain = _unpacked(value).decode("utf-8", "surrogateescape")
        put = _put(plain, secrets, str)
        return value if put == plain else basic[1] + base64.b64encode(put.encode("utf-8", "surrogateescape"))
    return _put(value.decode("latin-1"), secrets, lambda secret: secret.encode().decode("latin-1")).encode("latin-1")


def _unpacked(value: bytes) -> bytes:
    """What a Basic credential holds; every other value is what it is."""
    if basic := _BASIC.fullmatch(value):
        with suppress(ValueError):
            return base64.b64decode(basic[2])
    return value


def _body(body: bytes, headers: Headers, secrets: Mapping[str, str]) -> bytes:
    try:
        read = as_text(body, headers)
    except CannotDecode:
        return body
    if read is None:
        return body
    text = _put(read.text, secrets, _writing(read.text, headers))
    return body if text == read.text else read.bytes(text)


def _writing(text: str, headers: Headers) -> Callable[[str], str]:
    media = media_type(headers)[0]
    if media.startswith("multipart/"):
        return str
    start = text[:100].lstrip("\ufeff \t\r\n")[:1]
    if start not in ("{", "[", "<") and media in ("application/x-www-form-urlencoded", ""):
        return quote_plus
    if start == "<":
        return lambda secret: html.escape(secret)
    if start in ("{", "["):
        return lambda secret: json.dumps(secret)[1:-1]
    return str


def _put(text: str, secrets: Mapping[str, str], written: Callable[[str], str]) -> str:
    return MARK.sub(lambda match: written(secrets[match[0]]) if match[0] in secrets else match[0], text)
