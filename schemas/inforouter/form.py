"""Parameters over GET and POST form, as ASP.NET reads them. Source: dossier asmx.md, section 5."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote_to_bytes

from schemas.common import charsets
from schemas.common.forms import MAX_FIELDS, TooManyFields
from schemas.inforouter.methods import Param
from schemas.inforouter.values import Kind

_UNICODE_ESCAPE = re.compile(rb"%u([0-9a-fA-F]{4})")


class MissingParameter(ValueError):
    """A parameter is absent: 500 text/plain, the first one in declaration order."""


def _decode(raw: bytes, encoding: str) -> str:
    """`+`, `%XX` and the `%uXXXX` of .NET's own proxies; what cannot be decoded becomes U+FFFD."""
    parts: list[str] = []
    at = 0
    raw = raw.replace(b"+", b" ")
    for match in _UNICODE_ESCAPE.finditer(raw):
        parts.append(unquote_to_bytes(raw[at : match.start()]).decode(encoding, "replace"))
        parts.append(chr(int(match[1], 16)))
        at = match.end()
    parts.append(unquote_to_bytes(raw[at:]).decode(encoding, "replace"))
    text = "".join(parts).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\ufffd", "?") if encoding == "ascii" else text


def parse(raw: bytes, charset: str = "", max_fields: int = MAX_FIELDS) -> dict[str, list[str]]:
    """Names without case and without blanks around, and their values; a name without `=` counts as missing.

    `charset` is the name that the client gave; one that is not known is ASCII, as on the host. Raises TooManyFields.
    """
    encoding = (charsets.known(charset) or "ascii") if charset else "utf-8"
    values: dict[str, list[str]] = {}
    if raw.count(b"&") >= max_fields:
        raise TooManyFields
    for field in raw.split(b"&"):
        name, equals, value = field.partition(b"=")
        if equals:
            values.setdefault(_decode(name, encoding).strip().lower(), []).append(_decode(value, encoding))
    return values


def arguments(params: Sequence[Param], values: Mapping[str, list[str]], *, strict: bool = False) -> list[Any]:
    """The arguments in declaration order. Raises MissingParameter, BadValue."""
    arguments: list[Any] = []
    for param in params:
        texts = values.get(param.name.lower())
        if texts is None:
            if param.required:
                raise MissingParameter(param.name)
            arguments.append(param.kind.default)
        elif param.kind is Kind.STRING:
            arguments.append(texts[0] if len(texts) == 1 else ",".join(texts))
        elif not param.required and param.kind.is_value and texts == [""]:
            arguments.append(param.kind.default)
        else:
            arguments.append(param.kind.from_form(texts, strict=strict))
    return arguments


_DANGEROUS = re.compile(r"<[A-Za-z!/?]|&#")


def dangerous(values: Mapping[str, list[str]], raw: bytes) -> tuple[str, str] | None:
    """(name, excerpt) of the first value that ASP.NET's request validation refuses; what a strict host asks.

    The name as it was sent; the excerpt has 10 characters in front of what was found and 20 behind.
    """
    for field in raw.split(b"&"):
        name = _decode(field.partition(b"=")[0], "utf-8")
        for value in values.get(name.strip().lower(), ()):
            match = _DANGEROUS.search(value)
            if match is not None:
                start, end = max(0, match.start() - 10), match.start() + 20
                excerpt = f"{'...' if start else ''}{value[start:end]}{'...' if end < len(value) else ''}"
                return name, excerpt
    return None
