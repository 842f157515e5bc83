"""What the body of a search may be, as JSON schemas. Source: dossier camunda.md, section 1.8."""

from collections.abc import Iterable, Mapping

from schemas.camunda.search import STRING, Member
from schemas.common.shapes import Schema, array, enum, nullable, record, ref

_SCALARS: Mapping[str, Schema] = {
    "text": {"type": "string"},
    "key": {"type": "string", "pattern": "^-?[0-9]{1,18}$"},
    "integer": {"type": "integer", "minimum": -(2**31) + 1, "maximum": 2**31 - 1},
    "date": {"type": "string", "format": "date-time"},
    "boolean": {"type": "boolean"},
}
#: how values of variables are compared
_VARIABLE = Member("text", STRING)
_COUNT = nullable({"type": "integer", "minimum": 0, "maximum": 2**31 - 1})
_CURSOR: Schema = {"type": "string", "contentEncoding": "base64"}
_ORDER: Schema = {"type": "string", "pattern": "^([Aa][Ss][Cc]|[Dd][Ee][Ss][Cc])$"}
_PAGE: Schema = {
    "anyOf": [
        record({"limit": _COUNT}),
        *(
            record({start: of, "limit": _COUNT}, optional=["limit"])
            for start, of in (("from", _COUNT), ("after", _CURSOR), ("before", _CURSOR))
        ),
    ]
}


def search_schema(members: Mapping[str, Member], sort: Iterable[str], *, with_or: bool) -> Schema:
    """`with_or`: a filter may have alternatives."""
    properties = {name: nullable(_member(member)) for name, member in members.items()}
    wanted = record(properties, optional=properties)
    if with_or:
        alternatives = nullable(array(wanted))
        wanted = record({**properties, "$or": alternatives}, optional=[*properties, "$or"])
    order = record({"field": enum(sort), "order": nullable(_ORDER)}, optional=["order"])
    parts = {"filter": nullable(wanted), "sort": nullable(array(order)), "page": nullable(_PAGE)}
    return record(parts, optional=parts)


def _member(member: Member) -> Schema:
    if member.kind == "texts":
        return array(_SCALARS["text"])
    if member.kind == "tags":
        return array({"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]{0,40}$"})
    if member.kind == "variables":
        return array(record({"name": {"type": "string"}, "value": ref(_name(_VARIABLE))}))
    if member.kind == "enum":
        return _comparison(member, enum(member.values)) if member.operators else enum(member.values)
    return ref(_name(member)) if member.operators else dict(_SCALARS[member.kind])


def comparisons(members: Iterable[Member]) -> dict[str, Schema]:
    """What members that take operators may be, by kind."""
    compared = (m for m in (_VARIABLE, *members) if m.operators and m.kind != "enum")
    return {_name(m): _comparison(m, dict(_SCALARS[m.kind])) for m in compared}


def _name(member: Member) -> str:
    return f"{member.kind.capitalize()}{'Pattern' if '$like' in member.operators else ''}Filter"


def _comparison(member: Member, scalar: Schema) -> Schema:
    operators = {op: nullable(_operand(op, scalar)) for op in member.operators}
    return {"anyOf": [scalar, record(operators, optional=operators)]}


def _operand(op: str, scalar: Schema) -> Schema:
    if op == "$exists":
        return {"type": "boolean"}
    if op in ("$in", "$notIn"):
        return array(scalar)
    return {"type": "string"} if op == "$like" else scalar
