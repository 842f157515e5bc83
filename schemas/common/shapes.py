"""Shapes of JSON objects, member by member, and the JSON schemas that they stand for.

A member is `name:type`, or `name|alias:type` if it may be called either. A type is one that the dialect names, or
another shape, with `[]` behind it for a list. Then may stand `?`: it may be null; `!`: a request has to have it; `+`:
its text must not be empty; `-`: an answer may lack it; and `@` with a mark, which each dialect reads in its own way.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

Schema = dict[str, Any]

_MEMBER = re.compile(r"([\w$]+)(?:\|(\w+))?:(\w+(?:\[\])?)([!+?-]*)(?:@([\w.]+))?")


@dataclass(frozen=True, slots=True)
class Member:
    """`alias` is another name for it."""

    name: str
    alias: str
    kind: str
    required: bool
    filled: bool
    nullable: bool
    optional: bool = False
    mark: str = ""


@cache
def members(shape: str) -> tuple[Member, ...]:
    described = []
    for text in shape.split():
        match = _MEMBER.fullmatch(text)
        assert match is not None, text
        name, alias, kind, flags, mark = match.groups(default="")
        described.append(
            Member(
                name=name,
                alias=alias,
                kind=kind,
                required="!" in flags,
                filled="+" in flags,
                nullable="?" in flags,
                optional="-" in flags,
                mark=mark,
            )
        )
    return tuple(described)


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def array(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


def enum(values: Iterable[str]) -> Schema:
    return {"type": "string", "enum": list(values)}


def record(properties: Mapping[str, Schema], *, optional: Iterable[str] = (), closed: bool = True) -> Schema:
    """An object that has all of these but the optional ones; a closed one has no others."""
    needed = [name for name in properties if name not in set(optional)]
    schema: Schema = {"type": "object", "properties": dict(properties)}
    if needed:
        schema["required"] = needed
    return {**schema, "additionalProperties": False} if closed else schema


def always(member: Member) -> bool:
    """Answers have every member that they may not lack."""
    return not member.optional


def wanted(member: Member) -> bool:
    """Requests have to have only what they are asked for."""
    return member.required


def never(member: Member) -> bool:
    return False


def shape_schema(
    shape: Iterable[Member],
    types: Mapping[str, Schema],
    needs: Callable[[Member], bool],
    *,
    suffix: str = "",
    closed: bool = True,
) -> Schema:
    """`types` are the schemas of the types that are no shapes; `suffix` stands behind the names of those that are."""
    described = tuple(shape)
    properties: dict[str, Schema] = {}
    either: list[Schema] = []
    for member in described:
        properties |= dict.fromkeys(filter(None, (member.name, member.alias)), _schema(member, types, suffix))
        if member.alias and needs(member):
            either.append({"anyOf": [{"required": [member.name]}, {"required": [member.alias]}]})
    needed = {member.name for member in described if needs(member) and not member.alias}
    schema = record(properties, optional=[name for name in properties if name not in needed], closed=closed)
    return {**schema, "allOf": either} if either else schema


def _schema(member: Member, types: Mapping[str, Schema], suffix: str) -> Schema:
    kind = member.kind.removesuffix("[]")
    if member.kind in types:
        schema = dict(types[member.kind])
    else:
        schema = dict(types[kind]) if kind in types else ref(kind + suffix)
        schema = array(schema) if member.kind != kind else schema
    if member.filled:
        schema["minLength"] = 1
    return nullable(schema) if member.nullable else schema
