"""The values of requests and answers, and requests with other values."""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import replace

from gateway.replay.places import Place
from gateway.replay.walk import NotRead, Visit, walk_form, walk_json, walk_path, walk_text, walk_xml
from gateway.traffic.codings import CannotDecode, decoded, encoded
from gateway.traffic.exchange import Headers, Request, Response
from schemas.common import charsets

_BOUNDARY = re.compile(rb"boundary\s*=\s*(?:\"([^\"]+)\"|([^\s;]+))", re.IGNORECASE)
_PART_NAME = re.compile(rb"\bname\s*=\s*\"?([^\";\r\n]*)", re.IGNORECASE)
_BINARY = re.compile(rb"(?:image|audio|video|font)/|application/(?:octet-stream|pdf|zip)", re.IGNORECASE)
#: about the message and not about what it says
_TECHNICAL = frozenset(
    b"host content-length content-type content-encoding transfer-encoding connection keep-alive date server "
    b"user-agent accept accept-encoding accept-language accept-charset cache-control pragma expires vary te trailer "
    b"upgrade expect soapaction x-request-id x-correlation-id request-id traceparent tracestate server-timing".split()
)


def is_technical(name: bytes) -> bool:
    return name.lower() in _TECHNICAL


def walk_request(request: Request, visit: Visit) -> Request:
    """The request with what `visit` says in the places of its values; itself if nothing differs."""
    path, mark, query = request.target.decode("latin-1").partition("?")
    target = walk_path(path, visit) + mark + (walk_form(query, Place("query"), visit) if query else "")
    headers = walk_headers(request.headers, visit)
    body = walk_body(request.body, request.headers, visit)
    if (said := target.encode("latin-1")) == request.target and headers == request.headers and body == request.body:
        return request
    if body != request.body:
        headers = _with_length(headers, len(body))
    return replace(request, target=said, headers=headers, body=body)


def walk_response(response: Response, visit: Visit) -> Response:
    """The same of an answer."""
    headers = walk_headers(response.headers, visit)
    body = walk_body(response.body, response.headers, visit)
    if headers == response.headers and body == response.body:
        return response
    return replace(response, headers=_with_length(headers, len(body)), body=body)


def _with_length(headers: Headers, length: int) -> Headers:
    """As it is behind the change; where there was none, there is none."""
    return tuple(
        (name, str(length).encode() if name.lower() == b"content-length" else value) for name, value in headers
    )


def walk_headers(headers: Headers, visit: Visit) -> Headers:
    return tuple((name, _header(name.lower(), value, visit)) for name, value in headers)


def _header(name: bytes, raw: bytes, visit: Visit) -> bytes:
    if name in _TECHNICAL:
        return raw
    value = raw.decode("latin-1")
    if name in (b"authorization", b"proxy-authorization"):
        said = _authorization(value, visit)
    elif name == b"cookie":
        said = "; ".join(_cookie(pair, visit) for pair in value.split("; "))
    elif name == b"set-cookie":
        pair, sign, attributes = value.partition(";")
        said = _cookie(pair, visit) + sign + attributes
    else:
        said = visit(Place("header", (name.decode("latin-1"),)), value)
    return said.encode("latin-1", "replace")


def _authorization(value: str, visit: Visit) -> str:
    scheme, space, rest = value.partition(" ")
    if scheme.lower() == "basic":
        try:
            user, colon, password = base64.b64decode(rest, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return value
        said = f"{visit(Place('basic', ('user',)), user)}{colon}{visit(Place('basic', ('password',)), password)}"
        return value if said == f"{user}{colon}{password}" else f"{scheme} {base64.b64encode(said.encode()).decode()}"
    return f"{scheme}{space}{visit(Place('header', ('authorization',)), rest)}" if rest else value


def _cookie(pair: str, visit: Visit) -> str:
    name, sign, value = pair.partition("=")
    return f"{name}{sign}{visit(Place('cookie', (name.strip(),)), value)}" if sign else pair


def walk_body(body: bytes, headers: Headers, visit: Visit) -> bytes:
    """As it is if nobody knows what is behind its content codings."""
    kind = _value(headers, b"content-type")
    if not body or _BINARY.match(kind):
        return body
    try:
        plain = decoded(body, headers)
    except CannotDecode:
        return body
    said = _plain_body(plain, kind, visit)
    return body if said == plain else encoded(said, headers)


def _plain_body(body: bytes, kind: bytes, visit: Visit) -> bytes:
    if kind.lower().startswith(b"multipart/") and (boundary := _BOUNDARY.search(kind)):
        return _multipart(body, boundary[1] or boundary[2], visit)
    codec = _codec(body, kind)
    try:
        text = body.decode(codec, "surrogateescape")
    except UnicodeError:
        return body
    is_form = kind.lower().startswith(b"application/x-www-form-urlencoded")
    said = walk_form(text, Place("form"), visit) if is_form else _walk_document(text, visit)
    if said == text:
        return body
    try:
        return said.encode(codec, "surrogateescape")
    except UnicodeError:
        return body


def _walk_document(text: str, visit: Visit) -> str:
    start = text.lstrip("\ufeff \t\r\n")[:1]
    try:
        if start in ("{", "[", '"'):
            return walk_json(text, Place("json"), visit)
        if start == "<":
            return walk_xml(text, Place("xml"), visit)
    except NotRead:
        pass
    return walk_text(text, Place("text"), visit)


def _codec(body: bytes, kind: bytes) -> str:
    """The codec of a text, UTF-8 where nobody says what it is in."""
    try:
        if charsets.parameter(kind.decode("latin-1")):
            return charsets.of_media_type(kind.decode("latin-1"))
        return charsets.of_document(body)[0]
    except charsets.UnknownCharset:
        return "utf-8"


def _multipart(body: bytes, boundary: bytes, visit: Visit) -> bytes:
    """Heads stay as they are; what a part holds is walked as what it says it is."""
    parts = body.split(b"--" + boundary)
    said = []
    for index, part in enumerate(parts):
        head, sign, content = part.partition(b"\r\n\r\n")
        if index == 0 or not sign or not content.endswith(b"\r\n"):
            said.append(part)
            continue
        headers = tuple(_split(line) for line in head.split(b"\r\n") if b":" in line)
        name = _PART_NAME.search(_value(headers, b"content-disposition"))
        where = Place("part", (name[1].decode("utf-8", "replace") if name else f"[{index - 1}]",))
        said.append(head + sign + _part(content[:-2], headers, where, visit) + b"\r\n")
    return (b"--" + boundary).join(said)


def _part(content: bytes, headers: Headers, place: Place, visit: Visit) -> bytes:
    if _BINARY.match(_value(headers, b"content-type")):
        return content
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return content
    said = walk_text(text, place, visit)
    return content if said == text else said.encode()


def _split(line: bytes) -> tuple[bytes, bytes]:
    name, _, value = line.partition(b":")
    return name.strip(), value.strip()


def _value(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes:
    return next((value for key, value in headers if key.lower() == name), b"")


def leaves_of(message: Request | Response) -> list[tuple[Place, str]]:
    """Every value with its place, in order."""
    seen: list[tuple[Place, str]] = []

    def note(place: Place, value: str) -> str:
        seen.append((place, value))
        return value

    if isinstance(message, Request):
        walk_request(message, note)
    else:
        walk_response(message, note)
    return seen
