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


def compact(element: Element, *, root: bool = True) -> str:
    """One line, for SOAP; the root leaves the default namespace again, behind its own attributes."""
    head = "".join(f" {name}={quote(value)}" for name, value in element.attributes)
    if root:
        head += ' xmlns=""'
    inside = escape(element.text) + "".join(compact(child, root=False) for child in element.children)
    return f"<{element.name}{head}>{inside}</{element.name}>" if inside else f"<{element.name}{head} />"


def indented(element: Element, level: int = 0) -> str:
    """Two spaces a level and CRLF, for GET and POST; an element with text is not indented inside."""
    head = "".join(f" {name}={quote(value)}" for name, value in element.attributes)
    pad = "  " * level
    if element.text or not element.children:
        inside = escape(element.text) + "".join(compact(child, root=False) for child in element.children)
        return f"{pad}<{element.name}{head}>{inside}</{element.name}>" if inside else f"{pad}<{element.name}{head} />"
    inside = "\r\n".join(indented(child, level + 1) for child in element.children)
    return f"{pad}<{element.name}{head}>\r\n{inside}\r\n{pad}</{element.name}>"


def document(element: Element | None) -> bytes:
    """An answer over GET or POST; a null result is a declaration alone."""
    return f"{DECLARATION}\r\n{indented(element)}".encode() if element is not None else DECLARATION.encode()


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
