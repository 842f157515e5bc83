"""HAR 1.2, as its specification has it; what that has no words for begins with an underscore."""

import base64
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any
from urllib.parse import parse_qsl

import orjson

from gateway.traffic.bodies import as_text, media_type
from gateway.traffic.codings import CannotDecode, decoded
from gateway.traffic.exchange import Exchange, Headers, Request, Response
from schemas.common import charsets

_VERSIONS = {"2": "HTTP/2.0", "3": "HTTP/3.0"}


def har(exchanges: Iterable[Exchange], origin: str) -> Iterator[bytes]:
    """A document, in pieces. `origin` is of the server that was recorded, for requests that do not say."""
    creator = orjson.dumps({"name": "Dragoman", "version": version("dragoman")})
    yield b'{"log":{"version":"1.2","creator":' + creator + b',"pages":[],"entries":['
    comma = b"\n"
    for exchange in exchanges:
        yield comma + orjson.dumps(entry(exchange, origin))
        comma = b",\n"
    yield b"\n]}}\n"


def entry(exchange: Exchange, origin: str) -> dict[str, Any]:
    took = max(0.0, exchange.ended - exchange.began) * 1000
    written: dict[str, Any] = {
        "startedDateTime": datetime.fromtimestamp(exchange.began, UTC).isoformat(timespec="microseconds"),
        "time": took,
        "request": _request(exchange.request, origin),
        "response": _response(exchange.response) if exchange.response else _no_response(exchange.error),
        "cache": {},
        "timings": {"send": 0, "wait": took, "receive": 0},
        "connection": str(exchange.connection),
        "_number": exchange.number,
    }
    return written


def _request(request: Request, origin: str) -> dict[str, Any]:
    host = request.header(b"host")
    scheme = origin.partition("://")[0] or "http"
    base = f"{scheme}://{_latin(host)}" if host else origin or "http://localhost"
    target = _latin(request.target)
    url = target if "://" in target.partition("?")[0] else base + (target if target.startswith("/") else f"/{target}")
    written: dict[str, Any] = {
        "method": request.method,
        "url": url,
        "httpVersion": _version(request.version),
        "cookies": _cookies(request.headers, b"cookie"),
        "headers": _headers(request.headers),
        "queryString": _pairs(_latin(request.query)),
        "headersSize": -1,
        "bodySize": len(request.body),
    }
    if request.body:
        written["postData"] = _posted(request)
    if request.lacks:
        written["_lacks"] = request.lacks
    return written


def _posted(request: Request) -> dict[str, Any]:
    text, encoding = _text(request.body, request.headers)
    written: dict[str, Any] = {"mimeType": media_type(request.headers)[1] or "application/octet-stream", "text": text}
    if encoding:  # the specification knows this for answers only
        written["_encoding"] = encoding
    return written


def _response(response: Response) -> dict[str, Any]:
    text, encoding = _text(response.body, response.headers)
    try:
        size = len(decoded(response.body, response.headers))
    except CannotDecode:
        size = len(response.body)
    content: dict[str, Any] = {
        "size": size,
        "compression": size - len(response.body),
        "mimeType": media_type(response.headers)[1] or "application/octet-stream",
        "text": text,
    }
    if encoding:
        content["encoding"] = encoding
    written: dict[str, Any] = {
        "status": response.status,
        "statusText": response.reason,
        "httpVersion": _version(response.version),
        "cookies": _cookies(response.headers, b"set-cookie"),
        "headers": _headers(response.headers),
        "content": content,
        "redirectURL": _latin(response.header(b"location") or b""),
        "headersSize": -1,
        "bodySize": len(response.body),
    }
    if response.lacks:
        written["_lacks"] = response.lacks
    return written


def _no_response(error: str) -> dict[str, Any]:
    return {
        "status": 0,
        "statusText": "",
        "httpVersion": "",
        "cookies": [],
        "headers": [],
        "content": {"size": 0, "mimeType": "x-unknown"},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
        "_error": error,
    }


def _text(body: bytes, headers: Headers) -> tuple[str, str]:
    """Without its content coding, as text or in base64; and which of the two."""
    if not body:
        return "", ""
    try:
        plain = decoded(body, headers)
        read = as_text(body, headers)
        if read is not None and read.charset in _said(plain, headers):
            return read.text.encode("utf-8", "replace").decode(), ""
        body = plain
    except CannotDecode:
        pass
    return base64.b64encode(body).decode("ascii"), "base64"


def _said(body: bytes, headers: Headers) -> tuple[str | None, ...]:
    """Character sets of which whoever reads the text again knows."""
    named = charsets.known(charsets.parameter(media_type(headers)[1]))
    return ("utf-8", named) if named else ("utf-8", charsets.known(charsets.declared(body)))


def _headers(headers: Headers) -> list[dict[str, str]]:
    return [{"name": _latin(name), "value": _latin(value)} for name, value in headers]


def _pairs(text: str) -> list[dict[str, str]]:
    pairs = parse_qsl(text, keep_blank_values=True, errors="replace")
    return [{"name": name, "value": value} for name, value in pairs]


def _cookies(headers: Headers, name: bytes) -> list[dict[str, Any]]:
    cookies = []
    for key, value in headers:
        if key.lower() != name:
            continue
        for pair in _latin(value).split(";") if name == b"cookie" else [_latin(value).partition(";")[0]]:
            called, equals, text = pair.strip().partition("=")
            if equals:
                cookies.append({"name": called, "value": text})
    return cookies


def _version(version: str) -> str:
    return _VERSIONS.get(version, f"HTTP/{version}")


def _latin(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
