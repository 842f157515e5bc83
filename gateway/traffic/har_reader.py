"""HAR files as everybody writes them, an entry at a time: each becomes an exchange, and what it lacks is said."""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import ijson

from gateway.traffic.exchange import Exchange, Headers, Request, Response
from gateway.traffic.sources import Beside, Bytes, Utf8
from schemas.common import charsets

#: bytes of one entry; a file that has none for so long is not read on
MAX_ENTRY = 256 * 1024 * 1024
#: levels of a document
MAX_DEPTH = 100

_URL = re.compile(r"(?i)(https?)://([^/?#]*)([^#]*)")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]{1,20})?[0-9]*\s*(Z|[+-][0-9]{2}:?[0-9]{2})?", re.I
)
_VERSION = re.compile(r"(?i)(?:http/|h)([0-9](?:\.[0-9])?)")
_LENGTH = re.compile(rb"[0-9]{1,15}")
_METHOD = re.compile(r"[A-Za-z!#$%&'*+.^_`|~0-9-]{1,50}")
#: of no use for a text that is decoded already, or that was put together again
_FRAMING = (b"content-encoding", b"content-length", b"transfer-encoding")
_BINARY = ("image/", "audio/", "video/", "font/", "application/octet-stream", "application/zip", "application/pdf")


class CutShort(Exception):
    """There is no more to read than was read; the text says why."""


class NoExchange(ValueError):
    """An entry is none; the text says why."""


@dataclass(frozen=True, slots=True)
class Taken:
    """An exchange without its number, and what the file calls its connection, or else its page, and its server."""

    exchange: Exchange
    connection: str
    origin: str
    #: what `connection` is: connections, pages, or nothing
    apart: str = ""


class _Bounded:
    """Raises CutShort where one entry has no end."""

    def __init__(self, file: Utf8) -> None:
        self._file = file
        self.since = 0

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self.since += len(data)
        if self.since > MAX_ENTRY:
            raise CutShort(f"there is no entry in {MAX_ENTRY} bytes")
        return data


def entries(file: Bytes) -> Iterator[Any]:
    """Each entry as it stands there. Raises CutShort where the file ends too early or is none any more."""
    yield from _read(file, ijson.ObjectBuilder)


def times(file: Bytes) -> Iterator[float | None]:
    """When each entry began, as `entries`."""
    yield from _read(file, _Began)


class _Began:
    """Of an entry it makes nothing but its time."""

    def __init__(self) -> None:
        self.value: float | None = None
        self._depth = 0
        self._key = ""

    def event(self, event: str, value: Any) -> None:
        if event == "map_key":
            self._key = value if self._depth == 1 else ""
        elif event == "string":
            if self._key == "startedDateTime":
                self.value = time_of({self._key: value})
        elif event in ("start_map", "start_array"):
            self._depth += 1
        elif event in ("end_map", "end_array"):
            self._depth -= 1


def _read(file: Bytes, builder: Callable[[], Any]) -> Iterator[Any]:
    bounded = _Bounded(Utf8(file))
    try:
        for entry in _entries(ijson.basic_parse(bounded, use_float=True), builder):
            bounded.since = 0
            yield entry
    except (ijson.JSONError, ValueError, OverflowError) as error:
        why = str(error).strip().partition("\n")[0].strip()
        raise CutShort(file.cut or f"it is no JSON from there on ({why})") from None
    if file.cut:
        raise CutShort(file.cut)


def _entries(events: Iterable[tuple[str, Any]], make: Callable[[], Any]) -> Iterator[Any]:
    """What a builder makes of what stands in the list `entries` of the object `log`, among the events of a document.

    ijson does that as well, but with the path to each value as a text, which takes the square of the depth.
    """
    depth, keys = 0, ["", "", ""]
    builder, in_entries = None, False
    for event, value in events:
        opens, closes = event in ("start_map", "start_array"), event in ("end_map", "end_array")
        if closes and depth == 3:
            in_entries = False
        elif in_entries and depth == 3:
            builder = make()
        depth += opens - closes
        if depth > MAX_DEPTH:
            raise CutShort(f"it is nested more than {MAX_DEPTH} deep from there on")
        if builder is not None:
            builder.event(event, value)
            if depth == 3:
                yield builder.value
                builder = None
        elif event == "map_key" and depth < 3:
            keys[depth] = value
        elif event == "start_array" and depth == 3:
            in_entries = keys[1:] == ["log", "entries"]


def time_of(entry: Any) -> float | None:
    """When it began, in seconds since 1970."""
    match = _TIME.match(_text(entry.get("startedDateTime"))) if isinstance(entry, dict) else None
    if match is None:
        return None
    try:
        moment = datetime.fromisoformat(match[1]).replace(tzinfo=UTC)
        zone = datetime.fromisoformat(f"2000-01-01T00:00:00{match[3]}").utcoffset() if match[3] else None
    except ValueError:
        return None
    offset = zone.total_seconds() if zone is not None else 0.0
    return moment.timestamp() - offset + float(match[2] or 0)


def exchange_of(entry: Any, beside: Beside, before: float) -> Taken:
    """`before` is when the last one began, for those that do not say. Raises NoExchange."""
    if not isinstance(entry, dict):
        raise NoExchange("it is no entry")
    asked = entry.get("request")
    if not isinstance(asked, dict):
        raise NoExchange("it has no request")
    url, method = _text(asked.get("url")), _text(asked.get("method")) or "GET"
    match = _URL.match(url)
    if match is None or not match[2]:
        raise NoExchange(f"its address is none of a server: {url[:100]}")
    if not _METHOD.fullmatch(method) or method.upper() == "CONNECT":
        raise NoExchange(f"its method is none: {method[:100]}")
    began = time_of(entry)
    began = before if began is None else began
    took = _number(entry.get("time"))
    response, error = _response(entry, method, beside)
    line = _text(entry.get("connection")) or _text(entry.get("_connectionId"))
    page = _text(entry.get("pageref"))
    return Taken(
        Exchange(
            number=0,
            began=began,
            ended=began + max(0.0, took or 0.0) / 1000,
            connection=0,
            request=_request(asked, (match[2], match[3]), beside),
            response=response,
            error=error,
        ),
        line or (f"page {page}" if page else ""),
        f"{match[1].lower()}://{match[2].rpartition('@')[2].lower()}",
        "connections" if line else "pages" if page else "",
    )


def _request(asked: Mapping[str, Any], address: tuple[str, str], beside: Beside) -> Request:
    authority, rest = address
    target = rest if rest.startswith("/") else f"/{rest}"
    if "?" not in target and (pairs := list(_pairs(asked.get("queryString")))):
        target += "?" + "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)
    headers = list(_headers(asked.get("headers")))
    names = {name.lower() for name, _ in headers}
    if b"host" not in names:
        headers.insert(0, (b"Host", _bytes(authority.rpartition("@")[2])))
    if b"cookie" not in names and (cookies := list(_pairs(asked.get("cookies")))):
        headers.append((b"Cookie", _bytes("; ".join(f"{name}={value}" for name, value in cookies))))
    body, lacks = _posted(asked, tuple(headers), beside)
    if body:
        headers = _unframed(headers, body)
    return Request(
        method=_text(asked.get("method")) or "GET",
        target=quote(target, safe="%/:?#[]@!$&'()*+,;=-._~\"<>\\^`{|}").encode("ascii"),
        headers=tuple(headers),
        body=body,
        version=_version(asked),
        lacks=lacks,
    )


def _posted(asked: Mapping[str, Any], headers: Headers, beside: Beside) -> tuple[bytes, str]:
    """The body of a request, and what it lacks."""
    posted = asked.get("postData")
    size = _number(asked.get("bodySize")) or 0
    if not isinstance(posted, dict):
        return b"", f"its body ({size:.0f} bytes) is not in the file" if size > 0 else ""
    media = _text(posted.get("mimeType")) or _content_type(headers)
    text = posted.get("text")
    if isinstance(text, str) and text:
        encoding = _text(posted.get("encoding")) or _text(posted.get("_encoding"))
        if encoding.lower() == "base64" and (raw := _base64(text)) is not None:
            return raw, ""
        damaged = "\ufffd" in text and media.lower().startswith((*_BINARY, "multipart/"))
        return _encoded(text, media), "its body was no text, and is damaged" if damaged else ""
    if name := _text(posted.get("_file")):
        raw = beside(name)
        return (raw, "") if raw is not None else (b"", f"its body is not there: {name[:100]}")
    if isinstance(posted.get("params"), list) and posted["params"]:
        return _put_together(posted["params"], media)
    return b"", f"its body ({size:.0f} bytes) is not in the file" if size > 0 else ""


def _put_together(params: list[Any], media: str) -> tuple[bytes, str]:
    """A form, from its fields."""
    if not media.lower().startswith("multipart/"):
        pairs = (
            f"{_field(name)}={_field(value)}" if value or "=" not in name else _field(name)
            for name, value in _pairs(params)
        )
        return "&".join(pairs).encode(), ""
    match = re.search(r'boundary="?([^";,]+)', media)
    if match is None:
        return b"", "its parts have no boundary"
    lacks, parts = "", []
    for part in params:
        if not isinstance(part, dict):
            continue
        file, value = _text(part.get("fileName")), _text(part.get("value"))
        head = f'Content-Disposition: form-data; name="{_text(part.get("name"))}"'
        if file:
            head += f'; filename="{file}"'
            lacks = lacks or ("" if value else "the file in its body is not there")
        if kind := _text(part.get("contentType")):
            head += f"\r\nContent-Type: {kind}"
        parts.append(f"--{match[1]}\r\n{head}\r\n\r\n{value}\r\n")
    return f"{''.join(parts)}--{match[1]}--\r\n".encode("utf-8", "replace"), lacks


def _response(entry: Mapping[str, Any], method: str, beside: Beside) -> tuple[Response | None, str]:
    """The answer, or why there is none."""
    answered = entry.get("response")
    if not isinstance(answered, dict):
        return None, "its answer is not in the file"
    status = int(_number(answered.get("status")) or 0)
    if not 100 <= status <= 999:
        why = _text(answered.get("_error")) or _text(entry.get("_error")) or _text(answered.get("statusText"))
        return None, f"there was no answer ({why[:200]})" if why else "there was no answer"
    headers = list(_headers(answered.get("headers")))
    if all(name.lower() != b"set-cookie" for name, _ in headers):
        headers += [(b"Set-Cookie", _bytes(f"{name}={value}")) for name, value in _pairs(answered.get("cookies"))]
    bodiless = method.upper() == "HEAD" or status in (204, 205, 304) or status < 200
    body, lacks = (b"", "") if bodiless else _content(answered, tuple(headers), beside)
    if body:
        headers = _unframed(headers, body)
    elif not lacks and not headers and not bodiless and _number(answered.get("headersSize")) in (None, -1.0):
        lacks = "neither its headers nor its body are in the file"
    return Response(
        status=status,
        reason=_text(answered.get("statusText")),
        headers=tuple(headers),
        body=body,
        version=_version(answered),
        lacks=lacks,
    ), ""


def _content(answered: Mapping[str, Any], headers: Headers, beside: Beside) -> tuple[bytes, str]:
    """The body of an answer, and what it lacks."""
    content = answered.get("content")
    if not isinstance(content, dict):
        content = {}
    text = content.get("text")
    if isinstance(text, str) and text:
        if _text(content.get("encoding")).lower() == "base64" and (raw := _base64(text)) is not None:
            return raw, ""
        return _encoded(text, _content_type(headers) or _text(content.get("mimeType"))), ""
    if name := _text(content.get("_file")):
        raw = beside(name)
        return (raw, "") if raw is not None else (b"", f"its body is not there: {name[:100]}")
    size = max(_number(content.get("size")) or 0, _number(answered.get("bodySize")) or 0)
    said = next((value for name, value in headers if name.lower() == b"content-length"), b"0")
    size = size or (float(said) if _LENGTH.fullmatch(said) else 0)
    return b"", f"its body ({size:.0f} bytes) is not in the file" if size > 0 else ""


def _unframed(headers: list[tuple[bytes, bytes]], body: bytes) -> list[tuple[bytes, bytes]]:
    """A text in a HAR is decoded; but some put the compressed bytes there."""
    packed = body.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd"))
    return [
        (name, value)
        for name, value in headers
        if name.lower() not in _FRAMING or (packed and name.lower() == b"content-encoding")
    ]


def _encoded(text: str, media: str) -> bytes:
    """As the head of the message says; else as an XML declaration says, which would be wrong otherwise."""
    said = charsets.known(charsets.parameter(media)) if charsets.parameter(media) else None
    if said is None and text[:200].lstrip("\ufeff").startswith("<?xml"):
        said = charsets.known(charsets.declared(text[:300].encode("utf-8", "replace")))
        if said is not None and said != "utf-8":
            return text.encode(said, "xmlcharrefreplace")
    try:
        return text.encode(said or "utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def _headers(listed: Any) -> Iterator[tuple[bytes, bytes]]:
    for name, value in _pairs(listed):
        if _NAME.fullmatch(name):  # those of HTTP/2 with a colon are in the address
            for line in re.split(r"[\r\n]+", value):  # browsers put several cookies into one
                yield _bytes(name), _bytes(line.replace("\0", "").strip())


def _pairs(listed: Any) -> Iterator[tuple[str, str]]:
    """Names and values of a list of such, or of an object."""
    if isinstance(listed, dict):
        listed = [{"name": name, "value": value} for name, value in listed.items()]
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict) and (name := _text(one.get("name"))):
            yield name, _text(one.get("value"))


def _content_type(headers: Headers) -> str:
    return next((value.decode("latin-1") for name, value in headers if name.lower() == b"content-type"), "")


def _version(message: Mapping[str, Any]) -> str:
    match = _VERSION.match(_text(message.get("httpVersion")))
    return {"2.0": "2", "3.0": "3"}.get(match[1], match[1]) if match else "1.1"


def _base64(text: str) -> bytes | None:
    try:
        return base64.b64decode(re.sub(r"\s+", "", text), validate=True)
    except (binascii.Error, ValueError):
        return None


def _bytes(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def _quoted(text: str) -> str:
    return quote(text, safe="%+")


def _field(text: str) -> str:
    """A part of a form: percent-encoded as it is given, where it is."""
    return quote(text, safe="%+!*'()-._~/:@$,;?[]{}|^`\"<>\\") if "%" in text else quote(text, safe="+*-._")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _number(value: Any) -> float | None:
    try:
        number = float(value) if isinstance(value, int | float | str) else None
    except (ValueError, OverflowError):
        return None
    return number if number is not None and abs(number) < 1e18 else None
