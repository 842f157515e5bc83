"""An OpenAPI document, and whether what goes over the wire is as it says."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, cast

import orjson
from jsonschema import Draft202012Validator
from lxml import etree

from gateway.dialects import load
from schemas.common.xml import parse

JSON = ("application/json", "application/problem+json", "text/json")
XML = "application/xml"
METHODS = ("get", "put", "post", "delete", "patch")


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    facts: Mapping[str, Any]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(self.path)))


class Description:
    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Those with the most of their path written out come first."""
        found = [
            Operation(method.upper(), path, facts)
            for path, item in self.document["paths"].items()
            for method, facts in item.items()
            if method in METHODS
        ]
        return tuple(sorted(found, key=lambda operation: operation.path.count("{")))

    def find(self, method: str, target: str) -> Operation | None:
        path = target.partition("?")[0]
        return next((o for o in self.operations if o.method == method and o.pattern.fullmatch(path)), None)

    def resolve(self, value: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a reference leads to, with what stands beside it."""
        while "$ref" in value:
            found: Any = self.document
            for part in value["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            value = {**found, **{name: beside for name, beside in value.items() if name != "$ref"}}
        return value

    def answer(self, operation: Operation, status: int) -> Mapping[str, Any] | None:
        """Contents by media type; None for a status that is not described."""
        found = operation.facts["responses"].get(str(status))
        return None if found is None else self.resolve(found).get("content", {})

    def complaints(self, schema: Mapping[str, Any], value: Any) -> list[str]:
        whole = {**schema, "components": self.document["components"]}
        validator = Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]

    def read(self, media_type: str, schema: Mapping[str, Any], body: str) -> Any:
        """A body as the value that its schema is about. Raises ValueError."""
        if media_type in JSON:
            return orjson.loads(body)
        if media_type == XML:
            root = parse(body.encode())
            if root.tag != self._label("", schema):
                raise ValueError(f"{root.tag} is no {self._label('', schema)}")
            return self._element(root, schema)
        return body

    def contents(self) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """Every content with where it stands and its media type."""
        for operation in self.operations:
            where = f"{operation.method} {operation.path}"
            several = {"body": operation.facts.get("requestBody", {}).get("content", {})}
            several |= {s: self.answer(operation, int(s)) or {} for s in operation.facts["responses"]}
            for part, contents in several.items():
                for media_type, content in contents.items():
                    yield f"{where} {part}", media_type, content

    # XML

    def _element(self, element: etree._Element, schema: Mapping[str, Any]) -> Any:
        """The value of an element: parts that the schema does not know keep their names, so that it refuses them."""
        schema = self.resolve(schema)
        if schema.get("type") != "object":
            return _scalar(element.text or "", schema)
        parts = schema.get("properties", {})
        known = {self._label(name, part): (name, part) for name, part in parts.items()}
        found: dict[str, Any] = {}
        for label, text in cast(Mapping[str, str], element.attrib).items():
            name, part = known.get(f"@{label}", (f"@{label}", {}))
            found[name] = _scalar(text, part)
        for child in element:
            name, part = known.get(str(child.tag), (str(child.tag), {}))
            if part.get("type") == "array":
                found.setdefault(name, []).append(self._element(child, part["items"]))
            else:
                found[name] = self._element(child, part)
        inner = next((name for name, part in parts.items() if _is_text(part)), "")
        if inner or (element.text or "").strip():
            found[inner or "#"] = element.text or ""
        return found

    def _label(self, name: str, part: Mapping[str, Any]) -> str:
        """What a property is called in a document, `@` before attributes."""
        xml = self.resolve(part["items"] if part.get("type") == "array" else part).get("xml", {})
        local = xml.get("name", name)
        label = f"{{{xml['namespace']}}}{local}" if "namespace" in xml else local
        return f"@{label}" if xml.get("attribute") else label


def _is_text(part: Mapping[str, Any]) -> bool:
    return bool(part.get("xml", {}).get("x-nodeType") == "text")


def _scalar(text: str, schema: Mapping[str, Any]) -> Any:
    if schema.get("type") == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if schema.get("type") == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


@lru_cache
def described(dialect: str, profile: str = "") -> Description:
    found = load(dialect)
    assert found.describe is not None
    return Description(found.describe(profile or found.profiles[0]))
