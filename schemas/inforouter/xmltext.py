"""Documents inside of parameters: read without regard to case and namespace, under any root element."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from schemas.common.xml import BadXml, parse

_SOURCE = re.compile(r" \(<string>, line \d+\)$")


@dataclass(slots=True)
class Node:
    """An element; the names of attributes and children are compared in lower case."""

    name: str
    text: str
    attributes: dict[str, str]
    children: list["Node"] = field(default_factory=list)

    def get(self, name: str, default: str = "") -> str:
        return self.attributes.get(name.lower(), default)

    def child(self, name: str) -> "Node | None":
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator["Node"]:
        return (child for child in self.children if child.name == name.lower())

    def value(self, name: str) -> str | None:
        """The text of a child or of an attribute, None if there is neither."""
        child = self.child(name)
        return child.text if child is not None else self.attributes.get(name.lower())


def read(text: str) -> Node:
    """Raises BadXml."""
    body = text.strip().lstrip("\ufeff")
    if body.startswith("<?xml"):
        body = body.partition("?>")[2].lstrip()
    if not body:
        raise BadXml("Root element is missing.")
    try:
        return _node(parse(body.encode("utf-8", "replace"), encoding="utf-8"))
    except BadXml as error:
        # the parser names its source, which is none of the client's business
        raise BadXml(_SOURCE.sub("", str(error))) from None


def _node(element: etree._Element) -> Node:
    attributes = {etree.QName(name).localname.lower(): str(value) for name, value in element.attrib.items()}
    children = [_node(child) for child in element.iterchildren("*")]
    text = "".join(str(part) for part in element.itertext()) if not children else (element.text or "")
    return Node(etree.QName(element).localname.lower(), text.strip(), attributes, children)
