"""Result elements and their two spellings. Source: dossier asmx.md, sections 1, 5 and 13.1."""

import base64
from dataclasses import dataclass
from typing import Any

from schemas.common.xml import escape, quote
from schemas.inforouter.methods import NAMESPACE
from schemas.inforouter.values import Kind

DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'


@dataclass(frozen=True, slots=True)
class Element:
    name: str
    attributes: tuple[tuple[str, str], ...] = ()
    children: tuple["Element", ...] = ()
    text: str = ""


#: stands for children that are written by and by; no text holds its mark
LATER = Element("later")
_MARK = "\0"


def compact(element: Element, *, root: bool = True) -> str:
    """One line, for SOAP; the root leaves the default namespace again, behind its own attributes."""
    if element is LATER:
        return _MARK
    name, head, inside = element.name, _head(element), escape(element.text) if element.text else ""
    if root:
        head += ' xmlns=""'
    if element.children:
        inside += "".join([compact(child, root=False) for child in element.children])
    return f"<{name}{head}>{inside}</{name}>" if inside else f"<{name}{head} />"


def indented(element: Element, level: int = 0) -> str:
    """Two spaces a level and CRLF, for GET and POST; an element with text is not indented inside."""
    if element is LATER:
        return _MARK
    name, head, pad = element.name, _head(element), "  " * level
    if element.text or not element.children:
        inside = escape(element.text) if element.text else ""
        if element.children:
            inside += "".join([compact(child, root=False) for child in element.children])
        return f"{pad}<{name}{head}>{inside}</{name}>" if inside else f"{pad}<{name}{head} />"
    inside = "\r\n".join([indented(child, level + 1) for child in element.children])
    return f"{pad}<{name}{head}>\r\n{inside}\r\n{pad}</{name}>"


def _head(element: Element) -> str:
    return "".join([f" {n}={quote(value)}" for n, value in element.attributes]) if element.attributes else ""


def document(element: Element | None) -> bytes:
    """An answer over GET or POST; a null result is a declaration alone."""
    return f"{DECLARATION}\r\n{indented(element)}".encode() if element is not None else DECLARATION.encode()


def around(body: bytes) -> tuple[bytes, bytes]:
    """What stands before and behind the children that come later."""
    head, _, tail = body.partition(_MARK.encode())
    return head, tail


def scalar(kind: Kind, value: Any) -> str:
    """A string, number, truth value or binary result as text."""
    if kind is Kind.BYTES:
        return base64.b64encode(value).decode("ascii")
    if kind is Kind.BOOLEAN:
        return "true" if value else "false"
    return str(value)


def scalar_document(kind: Kind, value: Any) -> bytes:
    """`<string xmlns="...">` and the like."""
    inside = escape(scalar(kind, value)) if value is not None else ""
    head = f'<{kind.xsd} xmlns="{NAMESPACE}"'
    body = f"{head}>{inside}</{kind.xsd}>" if inside else f"{head} />"
    return f"{DECLARATION}\r\n{body}".encode()
