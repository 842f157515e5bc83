"""Searching tasks and instances: conditions, sorts and pages become one statement, compiled once for its shape."""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    Table,
    and_,
    bindparam,
    false,
    func,
    literal,
    or_,
    select,
    text,
    true,
    union,
    union_all,
)

from core.engine.execution_fields import (
    DEFINITION_FIELDS,
    ELEMENT_FIELDS,
    EVENT_FIELDS,
    VARIABLE_FIELDS,
    element_tenancy,
    events,
)
from core.engine.fields import (
    INSTANCE_FIELDS,
    REACHED,
    TASK_FIELDS,
    Field,
    definitions,
    elements,
    holdings_of,
    instances,
    tasks,
    variables,
)
from core.engine.kept_fields import named
from core.engine.patterns import patterns
from core.engine.people_fields import (
    ASSOCIATE_FIELDS,
    ENTRY_FIELDS,
    GRANT_FIELDS,
    GROUP_FIELDS,
    USER_FIELDS,
    associates,
    entries,
    grants,
    groups,
    users,
)
from core.engine.relation_fields import (
    COMMENT_FIELDS,
    DELIVERY_FIELDS,
    INSTANCE_RELATIONS,
    REFERENCE_FIELDS,
    STAGE_FIELDS,
    SUBSCRIPTION_FIELDS,
    comments,
    deliveries,
    references,
    stages,
    subscriptions,
)
from core.engine.sources import Further, sources
from core.engine.totals import Known, Totals
from core.queries import PageRequest, Sort, Where
from core.rejections import Invalid
from core.storage.statements import Statement, any_of, unindexed
from core.storage.store import Connection, Row
from core.types import TaskState

_TENANT = bindparam("tenant", type_=BigInteger)
_BY_PARTICIPANT = ("participant", "eq")
#: what an index has in order; and how many of its rows are skipped before all keys are fetched, once for all pages
IN_ORDER = frozenset({"key", "number", "instance_number"})
NEAR = 1_000
#: rows that are tested one by one, instead of going through all in the order of the page; and if all are asked for
FEW = 1_000
MANY = 20_000
#: what further tells which tasks of somebody are looked at
NARROWING = frozenset({"state", "ended_at"})
#: what finds a few rows by itself
FOUND_BY = frozenset({"key", "uid", "instance_key", "scope_key", "entity_key", "reference_key"})
#: what no index that begins with the tenant helps to find: better to go through the rows in the order of their keys
IN_ANY_ORDER = frozenset({"candidate_user", "candidate_group", "process_id"})
#: in which most tasks are
COMMON_STATES = frozenset({TaskState.CREATED.value, TaskState.COMPLETED.value})
_LAST = 2**62
_FIRST = -(2**62)


#: (field, operator), or (alternatives, "any")
Tests = tuple[tuple[Any, str], ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """All of a search that decides its statement; the values come as parameters."""

    kind: str  # a name in _KINDS
    where: "Tests"
    sort: tuple[Sort, ...]
    cursor: str
    limited: bool
    common: bool = False  # most rows match, so that the order of an index finds them soon
    few: bool = False  # no others match than some whose keys are known


_KINDS: Mapping[str, tuple[Table, Mapping[str, Field]]] = {
    "definition": (definitions, DEFINITION_FIELDS),
    "element": (elements, ELEMENT_FIELDS),
    "event": (events, EVENT_FIELDS),
    "variable": (variables, VARIABLE_FIELDS),
    "task": (tasks, TASK_FIELDS),
    "planned task": (tasks, TASK_FIELDS),
    "instance": (instances, {**INSTANCE_FIELDS, **INSTANCE_RELATIONS}),
    "user": (users, USER_FIELDS),
    "group": (groups, GROUP_FIELDS),
    "entry": (entries, ENTRY_FIELDS),
    "associate": (associates, ASSOCIATE_FIELDS),
    "grant": (grants, GRANT_FIELDS),
    "reference": (references, REFERENCE_FIELDS),
    "stage": (stages, STAGE_FIELDS),
    "comment": (comments, COMMENT_FIELDS),
    "subscription": (subscriptions, SUBSCRIPTION_FIELDS),
    "delivery": (deliveries, DELIVERY_FIELDS),
}


def sort_key(field: Field, descending: bool) -> ColumnElement[Any]:
    assert field.sort is not None
    if not field.nullable:
        return field.sort
    if isinstance(field.sort.type, BigInteger | Integer):
        return func.coalesce(field.sort, _FIRST if descending else _LAST)
    return func.coalesce(field.sort, "" if descending else "\U0010ffff")


def edge_value(value: Any, descending: bool) -> Any:
    """What a row is sorted by, as it stands in a cursor."""
    return value if value is not None else _FIRST if descending else _LAST


Keys = list[tuple[ColumnElement[Any], bool]]


@dataclass(frozen=True, slots=True)
class Matching:
    """`rows` has a row for each match, and `key` is its key; `sort` is what they are sorted by, and whether down."""

    rows: Select[Any]
    key: ColumnElement[Any]
    sort: Keys


@dataclass(frozen=True, slots=True)
class Compiled:
    """`keys` are all that match, in order; `rows` are those of `keys`."""

    page: Statement
    count: Statement
    keys: Statement
    rows: Statement
    sorted_by: int
    cursor_types: tuple[type, ...]


def _sort_keys(shape: Shape) -> Keys:
    table, fields = _KINDS[shape.kind]
    last = shape.sort[-1] if shape.sort else Sort("")
    return [
        *((sort_key(named(table, fields, s.field), s.descending), s.descending) for s in shape.sort),
        (table.c.key, last.descending and last.field == "key"),
    ]


def _tests(shape: Shape) -> list[ColumnElement[bool]]:
    return conditions_of(shape.where, *_KINDS[shape.kind], "v")


def conditions_of(tests: Tests, table: Table, fields: Mapping[str, Field], prefix: str) -> list[ColumnElement[bool]]:
    found = []
    for n, (name, op) in enumerate(tests):
        if op == "any":
            alternatives = [conditions_of(t, table, fields, f"{prefix}{n}_{m}_") for m, t in enumerate(name)]
            found.append(or_(false(), *(and_(true(), *conditions) for conditions in alternatives)))
        else:
            found.append(named(table, fields, name).test(op, f"{prefix}{n}"))
    return found


def _is_of_reached(kind: str, where: Tests) -> bool:
    """Without tasks that are only planned, if nobody asks for states by name."""
    return kind == "task" and not any(name == "state" and op in ("eq", "in") for name, op in where)


def _matching(shape: Shape) -> Matching:
    table = _KINDS[shape.kind][0]
    tenant = table.c.get("tenant_key")
    if tenant is None:
        conditions = [element_tenancy(_TENANT)]
    elif (
        shape.few
        or (not shape.sort and all(name in IN_ANY_ORDER for name, _ in shape.where))
        or any(name in FOUND_BY and op in ("eq", "in") for name, op in shape.where)
    ):
        # the rows are in the order of their keys, or have an index that knows no tenant
        conditions = [unindexed(tenant) == _TENANT]
    else:
        conditions = [tenant == _TENANT]
    if _is_of_reached(shape.kind, shape.where):
        conditions.append(REACHED)
    if shape.few:
        conditions.append(any_of(table.c.key, "few"))
    rows = select(literal(1)).select_from(table).where(*conditions, *_tests(shape))
    sort = _sort_keys(shape)
    if table is tasks and not shape.common:
        sort = [(unindexed(key) if key is tasks.c.created_at else key, down) for key, down in sort]
    return Matching(rows, table.c.key, sort)


def _is_by_holdings(shape: Shape) -> bool:
    by_number = [s.field for s in shape.sort] == ["number"]
    return shape.limited and _BY_PARTICIPANT in shape.where and not shape.cursor and by_number


def _held_by(shape: Shape) -> CompoundSelect[Any]:
    """(number, key) of somebody's instances, read off the indexes of their holdings, which are in the order of the
    numbers: so a page costs no more than its rows."""
    at = shape.where.index(_BY_PARTICIPANT)
    others = [test for n, test in enumerate(_tests(shape)) if n != at]
    arms = list(holdings_of(f"v{at}", "instance_number", "instance_key"))
    if others:
        arms = [arm.join(instances, instances.c.key == arm.selected_columns[1]).where(*others) for arm in arms]
    down = shape.sort[0].descending
    return union(*arms).order_by(*(text(f"{n} DESC" if down else str(n)) for n in (1, 2)))


@lru_cache(maxsize=1024)
def _compile(shape: Shape) -> Compiled:
    table = _KINDS[shape.kind][0]
    keys = _sort_keys(shape)
    backwards = shape.cursor == "before"
    page: Select[Any] = select(*table.columns, *(k for k, _ in keys[:-1])).order_by(*order_of(keys, backwards))
    matching = _matching(shape)
    chosen = matching.rows.with_only_columns(matching.key).order_by(*order_of(matching.sort, backwards))
    if shape.cursor:
        chosen = chosen.where(_beyond(matching.sort, backwards))
    every: Select[Any] = chosen
    counted = matching.rows
    rows = page.where(any_of(table.c.key, "keys"))
    if shape.limited:
        # the sort carries keys, found in an index if there is one, and not all columns of all that match
        limit, offset = bindparam("limit", type_=Integer), bindparam("offset", type_=BigInteger)
        if _is_by_holdings(shape):
            held = _held_by(shape)
            chosen = select(held.limit(limit).offset(offset).subquery().c.instance_key)
            whole = held.order_by(None).subquery()
            every = select(whole.c.instance_key).order_by(*order_of([(whole.c.instance_number, keys[0][1])], False))
            counted = select(literal(1)).select_from(whole)
        else:
            chosen = chosen.limit(limit).offset(offset)
        page = page.where(table.c.key.in_(chosen.correlate(None)))
    elif chosen.whereclause is not None:
        page = page.where(chosen.whereclause)
    types = tuple(int if isinstance(k.type, BigInteger | Integer) else str for k, _ in keys)
    count = select(func.count()).select_from(counted.limit(bindparam("cap", type_=Integer)).subquery())
    page_of, counting, all_keys, of_keys = (Statement(s) for s in (page, count, every, rows))
    return Compiled(page_of, counting, all_keys, of_keys, len(keys) - 1, types)


def order_of(keys: Keys, backwards: bool) -> list[ColumnElement[Any]]:
    return [k.desc() if down != backwards else k.asc() for k, down in keys]


def _beyond(keys: Keys, backwards: bool) -> ColumnElement[bool]:
    """Rows behind (or before) the cursor c0, c1, ... in the requested order."""
    alternatives = []
    for n, (key, down) in enumerate(keys):
        bound = bindparam(f"c{n}", type_=key.type)
        equal = [k == bindparam(f"c{m}", type_=k.type) for m, (k, _) in enumerate(keys[:n])]
        alternatives.append(and_(*equal, key < bound if down != backwards else key > bound))
    # said once more in a way that an index is entered by
    first, down = keys[0]
    bound = bindparam("c0", type_=first.type)
    return and_(first <= bound if down != backwards else first >= bound, or_(*alternatives))


def values_of(where: tuple[Where, ...], prefix: str = "v") -> tuple[Tests, dict[str, Any]]:
    shape: list[tuple[Any, str]] = []
    params: dict[str, Any] = {}
    for n, condition in enumerate(where):
        op, value, name = condition.op, condition.value, f"{prefix}{n}"
        if op == "any":
            parts = [values_of(part, f"{name}_{m}_") for m, part in enumerate(value)]
            for _, inner in parts:
                params.update(inner)
            shape.append((tuple(tests for tests, _ in parts), op))
            continue
        if condition.field in ("variable", "instance_variable", "local_variable"):
            params[f"{name}_name"], value = value
        if condition.field in ("visible_to", "open_to"):
            params[f"{name}_user"], params[f"{name}_groups"] = value[0], list(value[1])
        elif condition.field == "concerns":
            params[f"{name}_user"], params[f"{name}_key"] = value
        elif op == "exists":
            op = "exists" if value else "missing"
        elif condition.field == "mentions":
            escaped = "".join(f"\\{c}" if c in "*?\\" else c for c in str(value))
            params[f"{name}_glob"], params[f"{name}_like"] = patterns(f"*{escaped}*", folded=True)
            params[name] = str(value)
        elif op in ("like", "ilike"):
            params[f"{name}_glob"], params[f"{name}_like"] = patterns(value, folded=op == "ilike")
        else:
            params[name] = list(value) if op in ("in", "notin") else value
        shape.append((condition.field, op))
    return tuple(shape), params


@lru_cache(maxsize=256)
def _sources(kind: str, where: Tests) -> Statement | None:
    """The keys of the rows that can match at all, if indexes tell them."""
    table, fields = _KINDS[kind]
    more = [
        named(table, fields, name).test(op, f"v{n}")
        for n, (name, op) in enumerate(where)
        if name in NARROWING and table is tasks
    ]
    further = Further(
        [*more, REACHED] if _is_of_reached(kind, where) else more, nobodys=("assignee", "missing") in where
    )
    arms = sources(where, kind, further)
    return Statement(union_all(*arms).limit(bindparam("few", type_=Integer))) if arms else None


def _few(connection: Connection, kind: str, where: Tests, params: dict[str, Any], most: int) -> list[int] | None:
    """Those keys, if they are few."""
    statement = _sources(kind, where)
    if statement is None:
        return None
    found = connection.fetch(statement, {**params, "few": most + 1})
    return list({key for (key,) in found}) if len(found) <= most else None


@dataclass(frozen=True, slots=True)
class Found:
    rows: list[Row]
    total: int
    capped: bool
    start: tuple[Any, ...] | None
    end: tuple[Any, ...] | None


def search(
    connection: Connection,
    totals: Totals,
    kind: str,
    tenant: int,
    where: tuple[Where, ...],
    sort: tuple[Sort, ...],
    page: PageRequest,
) -> Found:
    shape_where, params = values_of(where)
    params["tenant"] = tenant
    cursor = "after" if page.after is not None else "before" if page.before is not None else ""
    common = all(w.field == "state" and w.op == "eq" and w.value in COMMON_STATES for w in where)
    shape = Shape(kind, shape_where, sort, cursor, page.limit is not None, common)
    few = None
    if not _is_by_holdings(shape):
        few = _few(connection, kind, shape_where, params, FEW if shape.limited else MANY)
        shape = replace(shape, few=few is not None)
    compiled = _compile(shape)
    known = Known()
    by_offset = bool(page.limit) and not cursor and (page.offset > 0 or page.cap is None)
    if by_offset or connection.version_is_free:
        known = totals.of(connection.version(), (kind, shape_where, sort, page.cap, repr(params)))
    if few is not None:
        params["few"] = few
    given = page.after if page.after is not None else page.before
    if given is not None:
        _check_cursor(given, compiled.cursor_types)
        params.update({f"c{n}": value for n, value in enumerate(given)})
    if page.most and (page.limit is None or page.limit > page.most) and (few is None or len(few) > page.most):
        there = _count(connection, compiled, params, page.cap, known) - page.offset
        check_length(there if page.limit is None else min(there, page.limit), page)
    if page.limit is None:
        rows = connection.fetch(compiled.page, params)
    elif by_offset and (page.offset > NEAR or (sort and sort[0].field not in IN_ORDER)):
        if known.keys is None:
            totals.keep(known, array("q", (key for (key,) in connection.fetch(compiled.keys, params))))
        assert known.keys is not None
        wanted = known.keys[page.offset : page.offset + page.limit].tolist()
        rows = connection.fetch(compiled.rows, {"keys": wanted}) if wanted else []
    else:
        rows = connection.fetch(compiled.page, {**params, "limit": page.limit, "offset": page.offset})
    if page.before is not None:
        rows.reverse()
    total, capped = len(rows), False
    if page.counted and (cursor or page.offset or total == page.limit):
        total = _count(connection, compiled, params, page.cap, known)
        capped = page.cap is not None and total > page.cap
    width = len(_KINDS[kind][0].columns)
    edges = [(*row[width:], row[0]) for row in (rows[:1] + rows[-1:])]
    return Found(
        [row[:width] for row in rows] if compiled.sorted_by else rows,
        min(total, page.cap) if page.cap is not None else total,
        capped,
        edges[0] if edges else None,
        edges[-1] if edges else None,
    )


def check_length(rows: int, page: PageRequest) -> None:
    if page.most and rows > page.most:
        raise Invalid("rows", "many", page.most)


def _check_cursor(given: tuple[Any, ...], types: tuple[type, ...]) -> None:
    if len(given) != len(types):
        raise Invalid("cursor", "length", given)
    for value, wanted in zip(given, types, strict=True):
        if not isinstance(value, wanted) or isinstance(value, bool):
            raise Invalid("cursor", "type", value)


def _count(connection: Connection, compiled: Compiled, params: Mapping[str, Any], cap: int | None, known: Known) -> int:
    if known.total is None:
        known.total = int(connection.fetch(compiled.count, {**params, "cap": (cap or 2**31 - 2) + 1})[0][0])
    return known.total
