"""XML and HTML as trees: children, the text between them, and names that stand in texts."""

import re
from typing import Any

from lxml import etree
from lxml.html import HTMLParser

from schemas.common import charsets
from schemas.common.xml import BadXml
from schemas.common.xml import parse as parse_hardened

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
TYPE, NIL = f"{XSI}type", f"{XSI}nil"
SOAP_11 = "{http://schemas.xmlsoap.org/soap/envelope/}"
SOAP_12 = "{http://www.w3.org/2003/05/soap-envelope}"

MAX_ELEMENTS = 1_000_000
MAX_HTML_DEPTH = 100
_NAME = re.compile(r"(?:([\w.-]+):)?([\w.-]+)")
_BLANKS = re.compile(r"\s+")


def parse(body: bytes, codec: str | None) -> etree._Element:
    """A document without DTD; `codec` is that of the media type, which a mark overrules. Raises BadXml."""
    marked, length = charsets.mark(body)
    if codec is None or marked:
        return parse_hardened(body, max_elements=MAX_ELEMENTS)
    return parse_hardened(body[length:].decode(codec).encode(), encoding="utf-8", max_elements=MAX_ELEMENTS)


def parse_html(text: str) -> etree._Element:
    """As browsers would have it, more or less; nothing is fetched. Raises BadXml."""
    parser = HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root: Any = etree.fromstring(text.encode("utf-8", "backslashreplace"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadXml(str(error)) from None
    if not isinstance(root, etree._Element):  # of blanks and comments nothing is made
        raise BadXml("nothing in it")
    _check_depth(root)
    return root


def _check_depth(root: etree._Element) -> None:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_HTML_DEPTH:
            raise BadXml("too deep")


def children(element: etree._Element) -> list[etree._Element]:
    """Without comments and processing instructions."""
    return [child for child in element if _is_element(child)]


def _is_element(node: Any) -> bool:
    """And no comment, nor an instruction, whose tag is a function."""
    return isinstance(node.tag, str)


def texts(element: etree._Element) -> list[str]:
    """What stands before, between and behind the children: one more than there are of them."""
    if not len(element):
        return [element.text or ""]
    pieces = [element.text or ""]
    for child in element:
        if _is_element(child):
            pieces.append(child.tail or "")
        else:
            pieces[-1] += child.tail or ""
    return pieces


def squeezed(text: str) -> str:
    """HTML's white space is one blank, however much of it there is."""
    return _BLANKS.sub(" ", text).strip()


def local(name: str) -> str:
    return name.rpartition("}")[2]


def named(element: etree._Element, text: str) -> str | None:
    """The expanded name that a text stands for where it stands, None if it is not the name of anything."""
    match = _NAME.fullmatch(text.strip())
    if match is None:
        return None
    space = element.nsmap.get(match[1])
    if match[1] is not None and space is None:
        return None
    return f"{{{space}}}{match[2]}" if space else match[2]


def is_nil(element: etree._Element) -> bool:
    return (element.get(NIL) or "").strip() in ("true", "1")


def is_fault(root: etree._Element) -> bool:
    """Is it a SOAP envelope with a Fault in it?"""
    return root.tag in (f"{SOAP_11}Envelope", f"{SOAP_12}Envelope") and any(
        inner.tag in (f"{SOAP_11}Fault", f"{SOAP_12}Fault") for body in children(root) for inner in children(body)
    )


def shown(element: etree._Element) -> str:
    """As it is written, to look at."""
    return etree.tostring(element, encoding="unicode", with_tail=False)
