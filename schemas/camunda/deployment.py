"""What a deployment consists of. Source: dossier camunda.md, section 3.4."""

from dataclasses import dataclass
from typing import Any

import orjson
from lxml import etree

from schemas.common.xml import BadXml, parse


class BadResource(ValueError):
    """The file cannot be deployed; the text says why."""


@dataclass(frozen=True, slots=True)
class Decision:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Decisions:
    """The requirements graph of a DMN file and its decisions."""

    id: str
    name: str
    decisions: tuple[Decision, ...]


def read_form(content: bytes) -> str:
    """The id of a form. Raises BadResource."""
    try:
        value: Any = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise BadResource("Failed to parse formId from form JSON") from None
    id = value.get("id") if isinstance(value, dict) else None
    if not isinstance(id, str) or not id.strip():
        raise BadResource("Expected the form id to be present, but none given")
    return id


def read_decisions(content: bytes) -> Decisions:
    """Raises BadResource."""
    try:
        root = parse(content)
    except BadXml as error:
        raise BadResource(str(error)) from None
    tag = etree.QName(root)
    if tag.localname != "definitions" or "DMN" not in (tag.namespace or ""):
        raise BadResource("the root element is not dmn:definitions")
    decisions = root.iterchildren(f"{{{tag.namespace}}}decision")
    return Decisions(
        root.get("id") or "",
        root.get("name") or "",
        tuple(Decision(d.get("id") or "", d.get("name") or "") for d in decisions),
    )
