"""Parameters over GET and POST form, as ASP.NET reads them. Source: dossier asmx.md, section 5."""

import re
from collections.abc import Sequence
from urllib.parse import unquote_to_bytes

from schemas.inforouter.methods import Param

_UNICODE_ESCAPE = re.compile(rb"%u([0-9a-fA-F]{4})")
MAX_FIELDS = 10_000


class MissingParameter(ValueError):
    """A parameter is absent: 500 text/plain, the first one in declaration order."""


class TooManyFields(ValueError):
    pass


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
    return "".join(parts).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def known_encoding(name: str) -> str:
    try:
        return ("".encode(name) and name) or name
    except LookupError:
        return "utf-8"


def parse(raw: bytes, encoding: str = "utf-8") -> dict[str, str]:
    """Names without case and without blanks around; values of a repeated name joined by commas."""
    values: dict[str, list[str]] = {}
    encoding = known_encoding(encoding)
    fields = raw.split(b"&") if raw else []
    if len(fields) > MAX_FIELDS:
        raise TooManyFields
    for field in fields:
        name, equals, value = field.partition(b"=")
        if equals:
            values.setdefault(_decode(name, encoding).strip().lower(), []).append(_decode(value, encoding))
    return {name: ",".join(several) for name, several in values.items()}


def arguments(params: Sequence[Param], values: dict[str, str]) -> list[str | None]:
    """The arguments in declaration order. Raises MissingParameter."""
    for param in params:
        if param.required and param.name.lower() not in values:
            raise MissingParameter(param.name)
    return [values.get(param.name.lower()) for param in params]
