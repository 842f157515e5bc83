"""A body as something that can be compared: by its media type, or by how it begins where that says nothing."""

import hashlib
from dataclasses import dataclass

from lxml import etree

from gateway.compare import jsons, multiparts, xmls
from gateway.compare.jsons import Json
from gateway.compare.multiparts import Part
from gateway.traffic.exchange import Headers, values
from schemas.common import charsets, forms

#: fields of a form
MAX_FIELDS = 10_000
#: bytes of a document that is read as a tree; a longer one is compared as bytes
MAX_TREE = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class JsonDocument:
    root: Json
    text: str


@dataclass(frozen=True, slots=True)
class XmlDocument:
    root: etree._Element
    text: str


@dataclass(frozen=True, slots=True)
class HtmlDocument:
    root: etree._Element
    text: str


@dataclass(frozen=True, slots=True)
class FormDocument:
    fields: tuple[tuple[str, str], ...]
    text: str


@dataclass(frozen=True, slots=True)
class PartsDocument:
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class TextDocument:
    text: str


@dataclass(frozen=True, slots=True)
class BinaryDocument:
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class EmptyDocument:
    pass


@dataclass(frozen=True, slots=True)
class Unreadable:
    """It is not what its media type says; `reason` says why."""

    reason: str


Document = (
    JsonDocument
    | XmlDocument
    | HtmlDocument
    | FormDocument
    | PartsDocument
    | TextDocument
    | BinaryDocument
    | EmptyDocument
    | Unreadable
)


def media_type(headers: Headers) -> str:
    """That of the body, without parameters, in lower case; empty if nobody says."""
    declared = next(values(headers, b"content-type"), b"")
    return declared.partition(b";")[0].strip().lower().decode("latin-1")


def read(body: bytes, headers: Headers) -> Document:
    """A body without its content codings."""
    if not body:
        return EmptyDocument()
    kind = _kind(media_type(headers), body)
    declared = next(values(headers, b"content-type"), b"").decode("latin-1")
    if len(body) > MAX_TREE:
        return _binary(body)
    try:
        match kind:
            case "json":
                text = _text(body, declared)
                return JsonDocument(jsons.parse(text), text)
            case "xml":
                return XmlDocument(xmls.parse(body, _named(declared)), _xml_text(body, declared))
            case "html":
                text = _text(body, declared)
                return HtmlDocument(xmls.parse_html(text), text)
            case "form":
                text = _text(body, declared)
                return FormDocument(tuple(forms.fields(text, MAX_FIELDS)), text)
            case "parts":
                return PartsDocument(multiparts.parse(body, declared))
            case "text":
                return TextDocument(_text(body, declared))
            case _:
                return _binary(body)
    except (ValueError, RecursionError) as error:
        return Unreadable(f"no {_NAMES.get(kind, kind)}: {str(error)[:200] or 'too deep'}")


#: what holds no text, whatever the bytes look like
_BINARY = ("image/", "audio/", "video/", "font/", "application/octet-stream", "application/pdf", "application/zip")
_NAMES = {"json": "JSON", "xml": "XML", "html": "HTML", "form": "form", "parts": "multipart body"}


def _binary(body: bytes) -> BinaryDocument:
    return BinaryDocument(hashlib.sha256(body).hexdigest(), len(body))


def _kind(name: str, body: bytes) -> str:
    if name.endswith(("/json", "+json")):
        return "json"
    if name == "application/xhtml+xml" or name == "text/html":
        return "html"
    if name.endswith(("/xml", "+xml")):
        return "xml"
    if name == "application/x-www-form-urlencoded":
        return "form"
    if name.startswith("multipart/"):
        return "parts"
    if name.startswith("text/"):
        return "json" if name == "text/plain" and jsons.is_json(body) else "text"
    # application/plain and other names that nobody knows
    return "binary" if name.startswith(_BINARY) else _begins(body)


def _begins(body: bytes) -> str:
    """Of a body without a media type."""
    start = body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"{", b"[")):
        return "json"
    if start.startswith((b"<!doctype html", b"<html")):
        return "html"
    if start.startswith(b"<"):
        return "xml"
    return "binary" if b"\0" in body[:1000] else "text"


def _named(declared: str) -> str | None:
    """The codec that the media type names, None if it names none, or one that is not known."""
    name = charsets.parameter(declared)
    return charsets.known(name) if name else None


def _text(body: bytes, declared: str) -> str:
    """In the character set that it says; what is not in it stays visible, and stays different."""
    codec, length = charsets.mark(body)
    codec = codec or _named(declared) or "utf-8"
    return body[length:].decode(codec, "backslashreplace")


def _xml_text(body: bytes, declared: str) -> str:
    """As it was written, for whoever looks at the letters; the parser has found it to be in its encoding."""
    try:
        codec, length = charsets.of_document(body)
    except ValueError:
        codec, length = "latin-1", 0
    return body[length:].decode(_named(declared) or codec, "backslashreplace")
