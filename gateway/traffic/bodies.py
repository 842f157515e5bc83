"""Bodies as text and back, whatever their coding and their characters."""

from dataclasses import dataclass

from gateway.traffic.codings import decoded, encoded
from gateway.traffic.exchange import Headers, values
from schemas.common import charsets

#: how a text with two bytes for a letter begins; a mark stays a part of it
_WIDE = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Text:
    """A body that is text, and how it becomes bytes again: exactly the same ones if nothing is changed."""

    text: str
    charset: str
    headers: Headers

    def bytes(self, text: str) -> bytes:
        return encoded(text.encode(self.charset, "xmlcharrefreplace"), self.headers)


def media_type(headers: Headers) -> tuple[str, str]:
    """(the type in small letters, all of the header)."""
    value = next(values(headers, b"content-type"), b"").decode("latin-1")
    return value.partition(";")[0].strip().lower(), value


def as_text(body: bytes, headers: Headers) -> Text | None:
    """None for what is no text. Raises CannotDecode."""
    plain = decoded(body, headers)
    named = charsets.known(charsets.parameter(media_type(headers)[1])) or "iso8859-1"
    wide = next((charset for mark, charset in _WIDE if plain.startswith(mark)), "")
    if b"\0" in plain and not wide:
        return None
    for charset in (wide,) if wide else ("utf-8", named, "iso8859-1"):
        try:
            text = plain.decode(charset)
            if text.encode(charset) == plain:
                return Text(text, charset, headers)
        except UnicodeError:
            continue
    return None
