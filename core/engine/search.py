"""Searching tasks and instances: conditions, sorts and pages become one statement, compiled once for its shape."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
)

from core.engine.fields import INSTANCE_FIELDS, TASK_FIELDS, USER_FIELDS, Field, instances, tasks, users
from core.queries import PageRequest, Sort, Where
from core.rejections import Invalid
from core.storage.statements import Statement
from core.storage.store import Connection, Row
from core.types import TaskState

_LAST = 2**62
_FIRST = -(2**62)


@dataclass(frozen=True, slots=True)
class Shape:
    """All of a search that decides its statement; the values come as parameters."""

    kind: str  # a name in _KINDS
    where: tuple[tuple[str, str], ...]
    sort: tuple[Sort, ...]
    cursor: str
    limited: bool


_KINDS: Mapping[str, tuple[Table, Mapping[str, Field]]] = {
    "task": (tasks, TASK_FIELDS),
    "planned task": (tasks, TASK_FIELDS),
    "instance": (instances, INSTANCE_FIELDS),
    "user": (users, USER_FIELDS),
}


def _sort_key(field: Field, descending: bool) -> ColumnElement[Any]:
    assert field.sort is not None
    if not field.nullable:
        return field.sort
    if isinstance(field.sort.type, BigInteger | Integer):
        return func.coalesce(field.sort, _FIRST if descending else _LAST)
    return func.coalesce(field.sort, "" if descending else "\U0010ffff")


@dataclass(frozen=True, slots=True)
class Compiled:
    page: Statement
    count: Statement
    sorted_by: int
    cursor_types: tuple[type, ...]


@lru_cache(maxsize=1024)
def _compile(shape: Shape) -> Compiled:
    table, fields = _KINDS[shape.kind]
    conditions: list[ColumnElement[bool]] = [table.c.tenant_key == bindparam("tenant", type_=BigInteger)]
    by_state = any(name == "state" and op in ("eq", "in") for name, op in shape.where)
    if shape.kind == "task" and not by_state:
        conditions.append(tasks.c.state != literal(TaskState.PLANNED.value, Text))
    for n, (name, op) in enumerate(shape.where):
        conditions.append(fields[name].test(op, f"v{n}"))
    keys = [(_sort_key(fields[s.field], s.descending), s.descending) for s in shape.sort]
    last = shape.sort[-1].descending if shape.sort else False
    keys.append((table.c.key, last and shape.sort[-1].field == "key"))
    backwards = shape.cursor == "before"
    within = [*conditions, _beyond(keys, backwards)] if shape.cursor else conditions
    order = [k.desc() if down != backwards else k.asc() for k, down in keys]
    page: Select[Any] = select(*table.columns, *(k for k, _ in keys[:-1])).order_by(*order)
    if shape.limited:
        # the sort carries keys, found in an index if there is one, and not all columns of all that match
        chosen = select(table.c.key).where(*within).order_by(*order).correlate(None)
        chosen = chosen.limit(bindparam("limit", type_=Integer)).offset(bindparam("offset", type_=BigInteger))
        page = page.where(table.c.key.in_(chosen))
    else:
        page = page.where(*within)
    counted = select(literal(1)).select_from(table).where(*conditions).limit(bindparam("cap", type_=Integer)).subquery()
    types = tuple(int if isinstance(k.type, BigInteger | Integer) else str for k, _ in keys)
    return Compiled(Statement(page), Statement(select(func.count()).select_from(counted)), len(keys) - 1, types)


def _beyond(keys: list[tuple[ColumnElement[Any], bool]], backwards: bool) -> ColumnElement[bool]:
    """Rows behind (or before) the cursor c0, c1, ... in the requested order."""
    alternatives = []
    for n, (key, down) in enumerate(keys):
        bound = bindparam(f"c{n}", type_=key.type)
        equal = [k == bindparam(f"c{m}", type_=k.type) for m, (k, _) in enumerate(keys[:n])]
        alternatives.append(and_(*equal, key < bound if down != backwards else key > bound))
    return or_(*alternatives)


def _patterns(text: str) -> tuple[str, str]:
    """`*`, `?` and backslash escapes as (GLOB, LIKE) patterns."""
    glob, like = "", ""
    escaped = False
    for char in text:
        if char == "\\" and not escaped:
            escaped = True
            continue
        if not escaped and char in "*?":
            glob += char
            like += "%" if char == "*" else "_"
        else:
            glob += f"[{char}]" if char in "*?[" else char
            like += f"\\{char}" if char in "%_\\" else char
        escaped = False
    return glob, like


def _values(where: tuple[Where, ...]) -> tuple[tuple[tuple[str, str], ...], dict[str, Any]]:
    shape: list[tuple[str, str]] = []
    params: dict[str, Any] = {}
    for n, condition in enumerate(where):
        op, value, name = condition.op, condition.value, f"v{n}"
        if condition.field == "visible_to":
            params[f"{name}_user"], params[f"{name}_groups"] = value[0], list(value[1])
        elif condition.field == "concerns":
            params[f"{name}_user"], params[f"{name}_key"] = value
        elif op == "exists":
            op = "exists" if value else "missing"
        elif condition.field == "mentions":
            escaped = "".join(f"\\{c}" if c in "*?\\" else c for c in str(value).lower())
            params[f"{name}_glob"], params[f"{name}_like"] = _patterns(f"*{escaped}*")
            params[name] = str(value)
        elif op in ("like", "ilike"):
            pattern = value if op == "like" else value.lower()
            params[f"{name}_glob"], params[f"{name}_like"] = _patterns(pattern)
        else:
            params[name] = list(value) if op in ("in", "notin") else value
        shape.append((condition.field, op))
    return tuple(shape), params


@dataclass(frozen=True, slots=True)
class Found:
    rows: list[Row]
    total: int
    capped: bool
    start: tuple[Any, ...] | None
    end: tuple[Any, ...] | None


def search(
    connection: Connection, kind: str, tenant: int, where: tuple[Where, ...], sort: tuple[Sort, ...], page: PageRequest
) -> Found:
    shape_where, params = _values(where)
    cursor = "after" if page.after is not None else "before" if page.before is not None else ""
    given = page.after if page.after is not None else page.before
    compiled = _compile(Shape(kind, shape_where, sort, cursor, page.limit is not None))
    if given is not None:
        if len(given) != compiled.sorted_by + 1:
            raise Invalid("cursor", "length", given)
        for n, (value, wanted) in enumerate(zip(given, compiled.cursor_types, strict=True)):
            if not isinstance(value, wanted) or isinstance(value, bool):
                raise Invalid("cursor", "type", value)
            params[f"c{n}"] = value
    params["tenant"] = tenant
    window = {} if page.limit is None else {"limit": page.limit, "offset": page.offset}
    rows = connection.fetch(compiled.page, {**params, **window})
    if page.before is not None:
        rows.reverse()
    whole = cursor == "" and page.offset == 0 and (page.limit is None or len(rows) < page.limit)
    cap = page.cap
    if whole:
        total = len(rows)
    else:
        total = int(connection.fetch(compiled.count, {**params, "cap": (cap or 2**31 - 2) + 1})[0][0])
    capped = cap is not None and total > cap
    width = len(_KINDS[kind][0].columns)
    edges = [(*row[width:], row[0]) for row in (rows[:1] + rows[-1:])]
    return Found(
        [row[:width] for row in rows] if compiled.sorted_by else rows,
        min(total, cap) if cap is not None else total,
        capped,
        edges[0] if edges else None,
        edges[-1] if edges else None,
    )
