"""XML for all dialects: one hardened parser, and escaping for what is written by hand."""

import re
from xml.parsers import expat

from lxml import etree

from schemas.common import charsets

MAX_DEPTH = 64
MAX_ELEMENTS = 50_000
MAX_ATTRIBUTES = 256
MAX_NAME = 1024
_MOST_COMPLAINTS = 100

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


#: what the parser complains of, and XML does not: namespaces are any texts, and what is in `xml:id` is for who uses it
_HARMLESS = frozenset(
    (
        etree.ErrorTypes.WAR_NS_URI,
        etree.ErrorTypes.WAR_NS_URI_RELATIVE,
        etree.ErrorTypes.DTD_XMLID_VALUE,
        etree.ErrorTypes.DTD_ID_REDEFINED,
    )
)


def check_log(log: etree._ListErrorLog, *, with_harmless: bool = False) -> None:
    """A warning behind an error (a prefix that stands for nothing) makes the parser forget the error. Raises BadXml."""
    for entry in log:
        if entry.level >= etree.ErrorLevels.ERROR and not (with_harmless and entry.type in _HARMLESS):
            raise BadXml(entry.message)


def is_harmless(body: bytes, log: etree._ListErrorLog) -> bool:
    """Is all that the parser complains of, in UTF-8, what XML does not mind?

    It keeps a hundred complaints, and behind the first one not all: so another parser says whether the rest is XML.
    """
    if not 0 < len(log) < _MOST_COMPLAINTS or b"<!DOCTYPE" in body:
        return False
    if any(entry.type not in _HARMLESS for entry in log if entry.level >= etree.ErrorLevels.ERROR):
        return False
    try:
        expat.ParserCreate("utf-8", "\x01").Parse(body, True)
    except expat.ExpatError:
        return False
    return True


def _in_utf8(body: bytes) -> bytes:
    try:
        codec, start = charsets.of_document(body)
        return body[start:] if codec == "utf-8" else body[start:].decode(codec).encode()
    except ValueError as error:  # also of text that is not in its encoding
        raise BadXml(str(error)) from None


def parse(
    body: bytes, *, encoding: str | None = None, recover: bool = False, max_elements: int = MAX_ELEMENTS
) -> etree._Element:
    """The root of a document without DTD. `encoding` overrules the declaration; `recover` is for documents whose only
    faults are known to be harmless.

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
        recover=recover,
    )
    depth = elements = 0
    try:
        for start in range(0, len(body), 65536):
            parser.feed(body[start : start + 65536])
            for event, node in parser.read_events():
                if event == "start" and isinstance(node, etree._Element):
                    depth += 1
                    elements += 1
                    if depth > MAX_DEPTH or elements > max_elements:
                        raise BadXml("too deep or too wide")
                    if len(node.attrib) > MAX_ATTRIBUTES or len(str(node.tag)) > MAX_NAME:
                        raise BadXml("too many attributes or too long a name")
                elif event == "end":
                    depth -= 1
        root = parser.close()
        check_log(parser.feed_error_log, with_harmless=recover)
    except (etree.XMLSyntaxError, LookupError, ValueError) as error:
        if not recover and is_harmless(body, parser.feed_error_log):
            return parse(body, encoding="utf-8", recover=True, max_elements=max_elements)
        raise BadXml(str(error)) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise BadXml("document type declarations are not read")
    return root
