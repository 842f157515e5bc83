"""Examples for JSON schemas, made from what their members are like."""

from collections.abc import Mapping
from typing import Any, Final

#: in place of a value: examples are without that member
ABSENT: Final = object()
_PREFIX = "#/components/schemas/"
_TEXTS = {"date-time": "2026-01-15T09:30:00.000Z", "date": "2026-01-15", "binary": "..."}


class Samples:
    """`values` are examples by the name of a shape, by `Shape.member`, or by the name of a member, whoever has it."""

    def __init__(self, schemas: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        self._schemas = schemas
        self._values = values

    def of(self, schema: Mapping[str, Any], shape: str = "") -> Any:
        """What fits the schema: all members of an object, one item of a list, the first of several possibilities."""
        if "$ref" in schema:
            name = schema["$ref"].removeprefix(_PREFIX)
            return self._values[name] if name in self._values else self.of(self._schemas[name], name)
        if "example" in schema:
            return schema["example"]
        for several in ("anyOf", "oneOf"):
            if several in schema:
                return self.of(schema[several][0], shape)
        if "allOf" in schema:
            return {name: value for part in schema["allOf"] for name, value in self.of(part, shape).items()}
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        kind = schema.get("type", "object")
        kind = kind[0] if isinstance(kind, list) else kind
        if kind == "object":
            members = {name: self._member(shape, name, of) for name, of in schema.get("properties", {}).items()}
            return {name: value for name, value in members.items() if value is not ABSENT}
        if kind == "array":
            return [self.of(schema["items"], shape)] if "items" in schema else []
        return self._scalar(kind, schema)

    def _member(self, shape: str, name: str, schema: Mapping[str, Any]) -> Any:
        for key in (f"{shape}.{name}", name):
            if key in self._values:
                return self._values[key]
        return self.of(schema, shape)

    @staticmethod
    def _scalar(kind: str, schema: Mapping[str, Any]) -> Any:
        if kind == "boolean":
            return False
        if kind in ("integer", "number"):
            return max(1, schema.get("minimum", 1))
        return None if kind == "null" else _TEXTS.get(schema.get("format", ""), "text")
