"""The search grammar: filter, sort, page. Source: dossier camunda.md, section 1.8."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from schemas.camunda.body import BadRequest, InvalidArgument, closed, key_of, list_of_texts, read_object, unparsable

STRING = ("$eq", "$neq", "$exists", "$in", "$notIn", "$like")
KEY = ("$eq", "$neq", "$exists", "$in", "$notIn")
ORDERED = ("$eq", "$neq", "$exists", "$gt", "$gte", "$lt", "$lte", "$in")
ENUM = ("$eq", "$neq", "$exists", "$in", "$like")
EXACT: tuple[str, ...] = ()

TAG = re.compile(r"[A-Za-z][A-Za-z0-9_\-:.]{0,99}")


def bad_tag(tag: str) -> str:
    return (
        f"The provided tag '{tag}' is not valid. Tags must start with a letter (a-z, A-Z), followed by alphanumerics, "
        "underscores, minuses, colons, or periods. It must not be blank and must be 100 characters or less."
    )


@dataclass(frozen=True, slots=True)
class Member:
    """A filter member: what kind of value it compares (text, key, integer, date, enum, boolean) and with which
    operators; or `texts`, one of which it has to be, `tags`, all of which are wanted, or `variables`, each with a name
    and a value."""

    kind: str
    operators: tuple[str, ...] = EXACT
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """`op` without its dollar sign; `value` as sent, a bool for exists, a list for in and notIn. Of a variable it is
    (name, value)."""

    member: str
    op: str
    value: Any


@dataclass(frozen=True, slots=True)
class SortBy:
    field: str
    descending: bool


@dataclass(frozen=True, slots=True)
class PageBy:
    start: int = 0
    limit: int = 100
    after: tuple[Any, ...] | None = None
    before: tuple[Any, ...] | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """One of `alternatives` has to hold, too, if there are some."""

    conditions: tuple[Condition, ...]
    sort: tuple[SortBy, ...]
    page: PageBy
    alternatives: tuple[tuple[Condition, ...], ...] = ()


def parse_search(
    body: bytes, members: Mapping[str, Member], sort_fields: tuple[str, ...], *, bad_page: str, with_or: bool = False
) -> Search:
    """`bad_page` is the complaint about a page that is none: it depends on the profile. `with_or`: a filter may have
    the member `$or`, a list of filters."""
    value = read_object(body) or {}
    closed(value, ("filter", "sort", "page"))
    wanted = value.get("filter")
    alternatives: tuple[tuple[Condition, ...], ...] = ()
    if with_or and isinstance(wanted, dict) and "$or" in wanted:
        wanted, alternatives = _alternatives(wanted, members)
    return Search(
        _filter(wanted, members),
        _sort(value.get("sort"), sort_fields),
        _page(value.get("page"), bad_page),
        alternatives,
    )


def _alternatives(
    wanted: Mapping[str, Any], members: Mapping[str, Member]
) -> tuple[dict[str, Any], tuple[tuple[Condition, ...], ...]]:
    """What is left of a filter without its alternatives, and those."""
    rest = {name: value for name, value in wanted.items() if name != "$or"}
    given = wanted["$or"] or []
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise unparsable("filter.$or")
    return rest, tuple(_filter(item, members) for item in given)


def _filter(value: Any, members: Mapping[str, Member]) -> tuple[Condition, ...]:
    if value is None:
        return ()
    if not isinstance(value, dict):
        raise unparsable("filter")
    closed(value, members, "filter.")
    conditions: list[Condition] = []
    for name, wanted in value.items():
        if wanted is None:
            continue
        member, path = members[name], f"filter.{name}"
        if member.kind == "texts":
            conditions += [Condition(name, "in", wanted)] if list_of_texts(wanted, path) else []
        elif member.kind == "tags":
            conditions += _tags(name, wanted, path)
        elif member.kind == "variables":
            conditions += _variables(name, wanted, path)
        else:
            conditions += (Condition(name, op, value) for op, value in _comparisons(wanted, member, path))
    return tuple(conditions)


def _comparisons(wanted: Any, member: Member, path: str) -> list[tuple[str, Any]]:
    """(operator, operand) of a value, or of an object of operators. An empty list is as if it were not there: the
    vendor's clients for Java send two along with every operator."""
    if not isinstance(wanted, dict):
        return [("eq", _value(wanted, member, path))]
    if not member.operators:
        raise unparsable(path)
    closed(wanted, member.operators, f"{path}.")
    given = ((op, operand) for op, operand in wanted.items() if operand is not None)
    read = ((op[1:], _operand(op, operand, member, f"{path}.{op}")) for op, operand in given)
    return [(op, operand) for op, operand in read if operand != []]


def _tags(name: str, wanted: Any, path: str) -> list[Condition]:
    for tag in list_of_texts(wanted, path):
        if not TAG.fullmatch(tag):
            raise InvalidArgument(bad_tag(tag))
    return [Condition(name, "eq", tag) for tag in wanted]


def _variables(name: str, wanted: Any, path: str) -> list[Condition]:
    if not isinstance(wanted, list) or not all(isinstance(item, dict) for item in wanted):
        raise unparsable(path)
    conditions = []
    for item in wanted:
        closed(item, ("name", "value"), f"{path}.null.")
        if item.get("name") is None:
            raise InvalidArgument("Variable name must not be null.")
        if item.get("value") is None:
            raise InvalidArgument("Variable value must not be null.")
        if not isinstance(item["name"], str):
            raise unparsable(f"{path}.null.name")
        compared = _comparisons(item["value"], Member("text", STRING), f"{path}.null.value")
        conditions += [Condition(name, op, (item["name"], value)) for op, value in compared]
    return conditions


def _operand(op: str, operand: Any, member: Member, path: str) -> Any:
    if op == "$exists":
        if not isinstance(operand, bool):
            raise unparsable(path)
        return operand
    if op in ("$in", "$notIn"):
        if not isinstance(operand, list):
            raise unparsable(path)
        return [_value(v, member, path) for v in operand]
    if op == "$like":
        if not isinstance(operand, str):
            raise unparsable(path)
        return operand
    return _value(operand, member, path)


def _value(value: Any, member: Member, path: str) -> Any:
    if member.kind == "integer":
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 2**31 - 1:
            raise unparsable(path)
        return value
    if member.kind == "boolean":
        if not isinstance(value, bool):
            raise unparsable(path)
        return value
    if not isinstance(value, str):
        raise unparsable(path)
    if member.kind == "enum" and value not in member.values:
        name = path.removeprefix("filter.").partition(".")[0]
        raise bad_enum(value, name, member.values)
    if member.kind == "key":
        key = key_of(value)
        if key is None:
            name = path.removeprefix("filter.").partition(".")[0]
            raise InvalidArgument(
                f"The provided {name} '{value}' is not a valid key. Expected a numeric value. "
                "Did you pass an entity id instead of an entity key?"
            )
        return key
    return value


def bad_enum(value: Any, name: str, values: tuple[str, ...]) -> BadRequest:
    return BadRequest(
        f"Unexpected value '{value}' for enum field '{name}'. Use any of the following values: [{', '.join(values)}]"
    )


def _sort(value: Any, fields: tuple[str, ...]) -> tuple[SortBy, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise unparsable("sort")
    sort: list[SortBy] = []
    for item in value:
        if not isinstance(item, dict):
            raise unparsable("sort")
        closed(item, ("field", "order"), "sort.null.")
        field, order = item.get("field"), item.get("order")
        if field is None:
            raise InvalidArgument("Sort field must not be null.")
        if field not in fields:
            raise bad_enum(field, "field", fields)
        if order is not None and (not isinstance(order, str) or order.upper() not in ("ASC", "DESC")):
            raise bad_enum(order, "order", ("ASC", "DESC"))
        sort.append(SortBy(field, order is not None and order.upper() == "DESC"))
    return tuple(sort)


def _page(value: Any, bad_page: str) -> PageBy:
    if value is None:
        return PageBy()
    known = ("from", "after", "before", "limit")
    if not isinstance(value, dict) or not any(name in value for name in known):
        raise BadRequest(bad_page)
    closed(value, known, "page.")
    anchors = [name for name in known[:3] if value.get(name) is not None]
    if len(anchors) > 1:
        raise BadRequest("Only one of [from, after, before] is allowed.")
    start, limit = _count(value, "from", 0), _count(value, "limit", 100)
    problems = [
        f"The value for page.{name} is '{number}' but must be a non-negative number"
        for name, number in (("limit", limit), ("from", start))
        if number < 0
    ]
    if problems:
        raise InvalidArgument(". ".join(problems) + ".")
    return PageBy(start, min(limit, 10_000), _cursor(value, "after"), _cursor(value, "before"))


def _count(page: Mapping[str, Any], name: str, default: int) -> int:
    number = page.get(name)
    if number is None:
        return default
    if isinstance(number, bool) or not isinstance(number, int) or abs(number) > 2**31 - 1:
        raise unparsable(f"page.{name}")
    return number


def _cursor(page: Mapping[str, Any], name: str) -> tuple[Any, ...] | None:
    value = page.get(name)
    if value is None:
        return None
    try:
        items = orjson.loads(base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError, TypeError):
        raise BadRequest(f"Request property [page.{name}] cannot be parsed") from None
    if not isinstance(items, list) or not items or not all(_fits(i) for i in items):
        raise BadRequest(f"Request property [page.{name}] cannot be parsed")
    return tuple(items)


def _fits(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, int) and abs(value) < 2**63)


def cursor(values: tuple[Any, ...] | None) -> str | None:
    return None if values is None else base64.b64encode(orjson.dumps(list(values))).decode()
