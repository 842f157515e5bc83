"""Requests with members that nobody asked for: all that answers have, and that this request should not set."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson
from lxml import etree
from sqlmodel import SQLModel

from adapters.inforouter.dialect import METHODS
from schemas.common.xml import MAX_ATTRIBUTES, parse
from schemas.inforouter.people import PREFERENCES
from tests.support.asked import WIRE, exchanges
from tests.support.described import JSON, XML, Description, Operation

#: values that are nowhere else
TEXT, NUMBER, MOMENT = "spiked", 918273645, "2001-02-03T04:05:06.007Z"
MARKS = (TEXT, str(NUMBER), "2001-02-03", "981173106")

Shape = Mapping[str, Any]
#: of an attribute or of an element
_NAME = re.compile(r"(?:(?<= )(?=\w+=\")|(?<=<))([a-zA-Z]\w*)")


def _properties(description: Description, shape: Shape, seen: tuple[str, ...] = ()) -> Iterator[tuple[str, Shape]]:
    """The members of a shape, whatever it is made of; not those inside of them."""
    if shape.get("$ref") in seen:
        return
    seen = (*seen, shape.get("$ref", ""))
    shape = description.resolve(shape)
    yield from shape.get("properties", {}).items()
    for word in ("allOf", "oneOf", "anyOf"):
        for part in shape.get(word, ()):
            yield from _properties(description, part, seen)


def _within(description: Description, shape: Shape, depth: int = 6) -> Iterator[tuple[str, Shape]]:
    """Members at all depths."""
    for name, inner in _properties(description, shape):
        yield name, inner
        if depth:
            yield from _within(description, inner, depth - 1)
    items = description.resolve(shape).get("items")
    if items and depth:
        yield from _within(description, items, depth - 1)


@lru_cache
def _answers(description: Description, tag: str) -> dict[str, Shape]:
    """The members of all answers about the same; with an empty tag, of all."""
    found: dict[str, Shape] = {}
    for operation in description.operations:
        if tag and tag not in operation.facts["tags"]:
            continue
        for status in operation.facts["responses"]:
            if int(status) < 300:
                for content in (description.answer(operation, int(status)) or {}).values():
                    found.update(_within(description, content["schema"]))
    return found


@lru_cache
def _columns() -> dict[str, Shape]:
    """What the database keeps of everything, in the two ways of spelling it."""
    names = {column.name for table in SQLModel.metadata.tables.values() for column in table.columns}
    found: dict[str, Shape] = {}
    for name in sorted(names):
        first, *rest = name.split("_")
        found[name] = found[first + "".join(part.capitalize() for part in rest)] = {"type": "string"}
    return found


def _value(description: Description, shape: Shape) -> Any:
    """One of the kind that the member has in answers."""
    shape = description.resolve(shape)
    kind = shape.get("type", "string")
    kinds = [kind] if isinstance(kind, str) else list(kind)
    if "enum" in shape:
        return shape["enum"][-1]
    if "integer" in kinds or "number" in kinds:
        return NUMBER
    if "boolean" in kinds:
        return True
    if "array" in kinds:
        return [_value(description, shape.get("items", {}))]
    if "object" in kinds:
        return {TEXT: TEXT}
    return MOMENT if shape.get("format") in ("date-time", "date") else TEXT


class Body:
    """One that is described: `every` is all that may be added to it, `near` what answers about the same have."""

    def __init__(self, description: Description, operation: Operation) -> None:
        self._description = description
        contents = operation.facts["requestBody"]["content"]
        self._shape: Shape = next((contents[m]["schema"] for m in contents if m in (*JSON, XML)), {})
        known = {name.casefold() for name, _ in _within(description, self._shape)}
        found = {**_columns(), **_answers(description, "")}
        self.every = {name: shape for name, shape in found.items() if name.casefold() not in known}
        near = (*_answers(description, operation.facts["tags"][0]), "permissions", "tenant_key", "password_hash")
        self.near = [{name: self.every[name]} for name in near if name in self.every]

    def spiked(self, body: str, names: Mapping[str, Shape]) -> str:
        """With these members at every place where there are members."""
        if body.startswith("<"):
            return spiked_xml(body, names)
        return orjson.dumps(self._into(orjson.loads(body), self._shape, names)).decode()

    def _into(self, value: Any, shape: Shape, names: Mapping[str, Shape]) -> Any:
        if isinstance(value, list):
            items = self._description.resolve(shape).get("items", {})
            return [self._into(each, items, names) for each in value]
        known = dict(_properties(self._description, shape))
        if not isinstance(value, dict) or not known:
            return value
        inner = {name: self._into(each, known.get(name, {}), names) for name, each in value.items()}
        return {**inner, **{name: _value(self._description, shape) for name, shape in names.items()}}


def spiked_xml(document: str, names: Iterable[str]) -> str:
    """As attributes of the root, as far as it takes that many, and as its children; besides those that are there."""
    root = parse(document.encode())
    there = {str(name).casefold() for element in root.iter() for name in (element.tag, *element.attrib)}
    for name in names:
        if name.isidentifier() and name.casefold() not in there:
            if len(root.attrib) < MAX_ATTRIBUTES:
                root.set(name, TEXT)
            etree.SubElement(root, name).text = TEXT
    return etree.tostring(root, encoding="unicode")


@lru_cache
def _of_inforouter() -> tuple[str, ...]:
    """What answers are made of, and the parameters of all methods."""
    found: dict[str, None] = {}
    for path in sorted((WIRE / "inforouter").glob("*.http")):
        for case in exchanges(path).cases:
            found |= dict.fromkeys(_NAME.findall(case.answer))
    return tuple(found | {param.name: None for method in METHODS.values() for param in method.params})


def spiked_query(name: str, target: str) -> str:
    """A call of a method of infoRouter: with more parameters, and with more in the documents that are parameters."""
    path, _, query = target.partition("?")
    known = {param.name.casefold() for param in METHODS[name].params}
    sent = parse_qsl(query, keep_blank_values=True)
    sent = [(n, spiked_xml(value, _not_of_documents()) if value.startswith("<") else value) for n, value in sent]
    more = [(n, TEXT) for n in _of_inforouter() if n.casefold() not in known]
    return f"{path}?{urlencode([*sent, *more])}"


@lru_cache
def _not_of_documents() -> tuple[str, ...]:
    """What stands in answers, but in no document that any request brings, and is no preference of a user."""
    known = {name.casefold() for name in PREFERENCES}
    for path in sorted((WIRE / "inforouter").glob("*.http")):
        for case in exchanges(path).cases:
            for _, value in parse_qsl(case.target.partition("?")[2]):
                if value.startswith("<"):
                    known |= {name.casefold() for name in re.findall(r"[ <](\w+)", value)}
    return tuple(name for name in _of_inforouter() if name.casefold() not in known)
