"""XML for all dialects: one hardened parser, and escaping for what is written by hand."""

import re

from lxml import etree

from schemas.common import charsets

MAX_DEPTH = 64
MAX_ELEMENTS = 50_000
MAX_ATTRIBUTES = 256
MAX_NAME = 1024

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_ATTRIBUTE = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#xD;", "\n": "&#xA;"})


class BadXml(ValueError):
    """Not well-formed, or more than this gateway reads."""


def clean(text: str) -> str:
    """The text without characters that XML 1.0 cannot hold."""
    return _ILLEGAL.sub("", text)


def escape(text: str) -> str:
    """As element content."""
    # most texts of a list are numbers and names
    return text if text.isalnum() else clean(text).translate(_TEXT)


def quote(text: str) -> str:
    """As an attribute value in double quotes, quotes included."""
    return f'"{text}"' if text.isalnum() else f'"{clean(text).translate(_ATTRIBUTE)}"'


def check_log(log: etree._ListErrorLog) -> None:
    """A warning behind an error (a prefix that stands for nothing) makes the parser forget the error. Raises BadXml."""
    for entry in log:
        if entry.level >= etree.ErrorLevels.ERROR:
            raise BadXml(entry.message)


def _in_utf8(body: bytes) -> bytes:
    try:
        codec, start = charsets.of_document(body)
        return body[start:] if codec == "utf-8" else body[start:].decode(codec).encode()
    except ValueError as error:  # also of text that is not in its encoding
        raise BadXml(str(error)) from None


def parse(body: bytes, *, encoding: str | None = None) -> etree._Element:
    """The root of a document without DTD. `encoding` overrules the declaration.

    No entities, no network, no DTD; limits on depth, elements, attributes and names; encodings out of one list.
    Raises BadXml.
    """
    if encoding is None:
        body = _in_utf8(body)
    parser = etree.XMLPullParser(
        events=("start", "end", "pi", "comment"),
        encoding=encoding or "utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=False,
    )
    depth = elements = 0
    try:
        for start in range(0, len(body), 65536):
            parser.feed(body[start : start + 65536])
            for event, node in parser.read_events():
                if event == "start" and isinstance(node, etree._Element):
                    depth += 1
                    elements += 1
                    if depth > MAX_DEPTH or elements > MAX_ELEMENTS:
                        raise BadXml("too deep or too wide")
                    if len(node.attrib) > MAX_ATTRIBUTES or len(str(node.tag)) > MAX_NAME:
                        raise BadXml("too many attributes or too long a name")
                elif event == "end":
                    depth -= 1
        root = parser.close()
        check_log(parser.feed_error_log)
    except (etree.XMLSyntaxError, LookupError, ValueError) as error:
        raise BadXml(str(error)) from None
    if b"<!DOCTYPE" in body or root.getroottree().docinfo.internalDTD is not None:
        raise BadXml("document type declarations are not read")
    return root
