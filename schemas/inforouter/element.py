"""Result elements and their two spellings. Source: dossier asmx.md, sections 1, 5 and 13.1."""

from dataclasses import dataclass

from schemas.common.xml import escape, quote

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


def document(element: Element) -> bytes:
    return f"{DECLARATION}\r\n{indented(element)}".encode()
