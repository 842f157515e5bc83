"""Character sets that a client may name, for all dialects.

A name out of a header or a document is looked up here and nowhere else: Python's own table has codecs that take
quadratic time (`punycode`, `idna`), run escapes (`unicode_escape`) or are no text at all.
"""

import re

#: what a client may say -> the codec that reads it; both take time that grows with the text, no more
_UNICODE = {
    "utf-8": ("utf8", "unicode-1-1-utf-8"),
    "utf-16": ("utf16", "unicode", "ucs-2", "iso-10646-ucs-2"),
    "utf-16-le": ("utf-16le", "utf16le"),
    "utf-16-be": ("utf-16be", "utf16be", "unicodefffe"),
    "utf-32": ("utf32", "ucs-4", "iso-10646-ucs-4"),
    "utf-32-le": ("utf-32le",),
    "utf-32-be": ("utf-32be",),
}
_OTHERS = {
    "ascii": ("us-ascii", "ansi-x3.4-1968", "iso646-us", "us"),
    "iso8859-1": ("iso-8859-1", "latin1", "latin-1", "l1", "iso-ir-100", "cp819", "ibm819"),
    "iso8859-2": ("iso-8859-2", "latin2", "latin-2", "l2"),
    "iso8859-15": ("iso-8859-15", "latin9", "latin-9", "l9"),
    "cp437": ("ibm437",),
    "cp850": ("ibm850",),
    "cp852": ("ibm852",),
    "cp866": ("ibm866",),
    "cp1252": ("windows-1252", "x-ansi", "ansi"),
    "mac-roman": ("macintosh", "x-mac-roman"),
    "koi8-r": ("koi8r",),
    "koi8-u": ("koi8u",),
    "big5": ("big5-eten", "x-x-big5"),
    "cp932": ("shift-jis", "shift_jis", "sjis", "x-sjis", "ms932", "windows-31j"),
    "cp949": ("ks-c-5601-1987", "ks_c_5601-1987", "windows-949"),
    "euc-jp": ("eucjp", "x-euc-jp"),
    "euc-kr": ("euckr",),
    "gb18030": (),
    "gbk": ("gb2312", "cp936", "windows-936"),
    "cp874": ("windows-874",),
}
_NUMBERED = (
    *((f"iso8859-{n}", (f"iso-8859-{n}",)) for n in (3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 16)),
    *((f"cp{n}", (f"windows-{n}",)) for n in (1250, 1251, 1253, 1254, 1255, 1256, 1257, 1258)),
)
CODECS = {
    name.replace("_", "-"): codec
    for codec, names in (*_UNICODE.items(), *_OTHERS.items(), *_NUMBERED)
    for name in (codec, *names)
}

_PARAMETER = re.compile(r'\bcharset\s*=\s*(?:"([^"]*)"|([^";,\s]*))', re.IGNORECASE)
_DECLARED = re.compile(rb"""\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([^"'>]{0,100})["']""")
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
#: how a document without a mark begins in the wider encodings
_STARTS = ((b"<\x00?\x00", "utf-16-le"), (b"\x00<\x00?", "utf-16-be"))


class UnknownCharset(ValueError):
    """A client named a character set that is not in the list."""


def known(name: str) -> str | None:
    """The codec behind a name, None if it is not in the list."""
    return CODECS.get(name.strip().lower().replace("_", "-"))


def parameter(content_type: str) -> str:
    """The name in the charset parameter of a media type, empty if there is none."""
    match = _PARAMETER.search(content_type)
    return "" if match is None else (match[1] or match[2] or "").strip()


def of_media_type(content_type: str, default: str = "utf-8") -> str:
    """The codec that a media type asks for. Raises UnknownCharset."""
    name = parameter(content_type)
    codec = known(name) if name else default
    if codec is None:
        raise UnknownCharset(name)
    return codec


def without_charset(content_type: str) -> str:
    """The media type for a parser that would look the name up by itself."""
    return _PARAMETER.sub("", content_type)


def mark(body: bytes) -> tuple[str, int]:
    """The codec that a byte order mark tells, and the length of the mark; empty if there is none."""
    for start, codec in _MARKS:
        if body.startswith(start):
            return codec, len(start)
    return "", 0


def declared(body: bytes) -> str:
    """The encoding that an XML declaration names, empty if it names none."""
    match = _DECLARED.match(body)
    return match[1].decode("ascii", "replace").strip() if match is not None else ""


def of_document(body: bytes) -> tuple[str, int]:
    """The codec of an XML document, and where it begins behind its mark. Raises UnknownCharset."""
    codec, length = mark(body)
    if codec:
        return codec, length
    for start, wide in _STARTS:
        if body.startswith(start):
            return wide, 0
    name = declared(body)
    if not name:
        return "utf-8", 0
    charset = known(name)
    if charset is None:
        raise UnknownCharset(name)
    return charset, 0


def is_wide(codec: str) -> bool:
    """Has it more than a byte for each letter? What can be read byte by byte is not in it, whatever it declares."""
    return codec.startswith(("utf-16", "utf-32"))


def to_utf8(body: bytes, codec: str) -> bytes:
    """The same text in UTF-8; what cannot be read becomes U+FFFD."""
    return body if codec == "utf-8" else body.decode(codec, "replace").encode("utf-8", "replace")
