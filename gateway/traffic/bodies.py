"""Bodies as text and back, whatever their coding and their characters."""

import gzip
import zlib
from dataclasses import dataclass

from gateway.traffic.exchange import Headers, values
from gateway.traffic.schema import MAX_BODY
from schemas.common import charsets

#: how a text with two bytes for a letter begins; a mark stays a part of it
_WIDE = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))


class CannotDecode(ValueError):
    """The text says what is in the way."""


@dataclass(frozen=True, slots=True)
class Text:
    """A body that is text, and how it becomes bytes again: exactly the same ones if nothing is changed."""

    text: str
    charset: str
    coding: str

    def bytes(self, text: str) -> bytes:
        return encoded(text.encode(self.charset, "xmlcharrefreplace"), self.coding)


def media_type(headers: Headers) -> tuple[str, str]:
    """(the type in small letters, all of the header)."""
    value = next(values(headers, b"content-type"), b"").decode("latin-1")
    return value.partition(";")[0].strip().lower(), value


def coding(headers: Headers) -> str:
    """The content coding: "" for none."""
    names = ",".join(value.decode("latin-1") for value in values(headers, b"content-encoding")).lower()
    return ",".join(name for part in names.split(",") if (name := part.strip()) and name != "identity")


def decoded(body: bytes, coding: str, limit: int = MAX_BODY) -> bytes:
    """Without its content coding. Raises CannotDecode."""
    if not coding or not body:
        return body
    if coding in ("gzip", "x-gzip"):
        return _inflate(body, 16 + zlib.MAX_WBITS, limit)
    if coding == "deflate":
        try:
            return _inflate(body, zlib.MAX_WBITS, limit)
        except CannotDecode:  # some send it without the frame
            return _inflate(body, -zlib.MAX_WBITS, limit)
    raise CannotDecode(f"the content coding {coding} is not known")


def encoded(body: bytes, coding: str) -> bytes:
    if not coding:
        return body
    return zlib.compress(body) if coding == "deflate" else gzip.compress(body, mtime=0)


def as_text(body: bytes, headers: Headers) -> Text | None:
    """None for what is no text. Raises CannotDecode."""
    name = coding(headers)
    plain = decoded(body, name)
    named = charsets.known(charsets.parameter(media_type(headers)[1])) or "iso8859-1"
    wide = next((charset for mark, charset in _WIDE if plain.startswith(mark)), "")
    if b"\0" in plain and not wide:
        return None
    for charset in (wide,) if wide else ("utf-8", named, "iso8859-1"):
        try:
            text = plain.decode(charset)
            if text.encode(charset) == plain:
                return Text(text, charset, name)
        except UnicodeError:
            continue
    return None


def _inflate(body: bytes, window: int, limit: int) -> bytes:
    inflater = zlib.decompressobj(window)
    try:
        plain = inflater.decompress(body, limit + 1)
    except zlib.error as error:
        raise CannotDecode(f"it cannot be decompressed ({error})") from None
    if len(plain) > limit:
        raise CannotDecode(f"it has more than {limit} bytes when it is decompressed")
    return plain
