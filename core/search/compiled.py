"""The statements of a search, compiled once for its shape."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    text,
    union,
    union_all,
)

from core.search.field import Field
from core.search.kept import named, sorted_by
from core.search.kind import TENANT, Kind, Path, Tests
from core.search.query import FIRST, LAST, Sort
from core.search.shape import Shape, conditions_of
from core.search.sources import Further, sources
from core.storage.statements import Statement, any_of, unindexed

#: what rows without a text are sorted by: they come last either way
_LAST_TEXT, _FIRST_TEXT = "\U0010ffff", ""

#: (what is sorted by, whether down)
Keys = list[tuple[ColumnElement[Any], bool]]


def sort_key(field: Field, descending: bool) -> ColumnElement[Any]:
    assert field.sort is not None
    # what is missing would come first in the one database and last in the other, and no cursor be compared with it
    if not field.nullable:
        return field.sort
    if isinstance(field.sort.type, BigInteger | Integer):
        return func.coalesce(field.sort, FIRST if descending else LAST)
    return func.coalesce(field.sort, _FIRST_TEXT if descending else _LAST_TEXT)


def order_of(keys: Keys, backwards: bool) -> list[ColumnElement[Any]]:
    return [k.desc() if down != backwards else k.asc() for k, down in keys]


@dataclass(frozen=True, slots=True)
class Matching:
    """`rows` has a row for each match, and `key` is its key; `sort` is what they are sorted by."""

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
    """The key comes last, so that no two rows are in the same place."""
    table, fields = shape.kind.table, shape.kind.fields
    last = shape.sort[-1] if shape.sort else Sort("key")
    return [
        *((sort_key(sorted_by(table, fields, s), s.descending), s.descending) for s in shape.sort),
        (table.c.key, last.descending and last.field == "key"),
    ]


def _tests(shape: Shape) -> list[ColumnElement[bool]]:
    return conditions_of(shape.where, shape.kind.table, shape.kind.fields, "v")


def _of_tenant(shape: Shape) -> ColumnElement[bool]:
    """An index that begins with the tenant is no help where rows are found by another one, or gone through by key."""
    kind = shape.kind
    if kind.tenancy is not None:
        return kind.tenancy
    column = kind.table.c.tenant_key
    elsewhere = (
        shape.few
        or (not shape.sort and all(name in kind.unordered for name, _ in shape.where))
        or any(name in kind.few and op in ("eq", "in") for name, op in shape.where)
    )
    return (unindexed(column) if elsewhere else column) == TENANT


def _matching(shape: Shape) -> Matching:
    kind = shape.kind
    conditions = [_of_tenant(shape), *kind.base(shape.where)]
    if shape.few:
        conditions.append(any_of(kind.table.c.key, "few"))
    rows = select(literal(1)).select_from(kind.table).where(*conditions, *_tests(shape))
    sort = _sort_keys(shape)
    if kind.common_order is not None and not shape.common:
        # else the database goes through everybody's rows in this order until enough have been found
        sort = [(unindexed(key) if key is kind.common_order else key, down) for key, down in sort]
    return Matching(rows, kind.table.c.key, sort)


def _along(path: Path, shape: Shape) -> CompoundSelect[Any]:
    """(what is sorted by, key), in order: so a page costs no more than its rows."""
    at, key = shape.where.index(path.test), shape.kind.table.c.key
    others = [test for n, test in enumerate(_tests(shape)) if n != at]
    arms = list(path.arms(f"v{at}"))
    if others:
        arms = [arm.join(shape.kind.table, key == arm.selected_columns[1]).where(*others) for arm in arms]
    down = shape.sort[0].descending
    # Not all: what several arms have is there once, else pages and their number were wrong.
    # by place: the columns of a compound have no names that all databases agree on
    return union(*arms).order_by(*(text(f"{n} DESC" if down else str(n)) for n in (1, 2)))


# building and compiling costs more than running; clients choose the shapes, so there is a bound
@lru_cache(maxsize=1024)
def compiled(shape: Shape) -> Compiled:
    table = shape.kind.table
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
        if shape.is_along_path and shape.kind.path is not None:
            along = _along(shape.kind.path, shape)
            chosen = select(list(along.limit(limit).offset(offset).subquery().c)[1])
            # sorted outside: the order of what is inside is promised by nobody, and counting needs none
            whole = along.order_by(None).subquery()
            order, key = whole.c
            every = select(key).order_by(*order_of([(order, keys[0][1])], False))
            counted = select(literal(1)).select_from(whole)
        else:
            chosen = chosen.limit(limit).offset(offset)
        # uncorrelated: else SQLAlchemy takes the table of the page for that of the keys, which have none then
        page = page.where(table.c.key.in_(chosen.correlate(None)))
    elif chosen.whereclause is not None:
        page = page.where(chosen.whereclause)
    types = tuple(int if isinstance(k.type, BigInteger | Integer) else str for k, _ in keys)
    # within a limit, so that nobody counts to the end to be told "more than 10,000"
    count = select(func.count()).select_from(counted.limit(bindparam("cap", type_=Integer)).subquery())
    page_of, counting, all_keys, of_keys = (Statement(s) for s in (page, count, every, rows))
    return Compiled(
        page=page_of, count=counting, keys=all_keys, rows=of_keys, sorted_by=len(keys) - 1, cursor_types=types
    )


def _beyond(keys: Keys, backwards: bool) -> ColumnElement[bool]:
    """Rows behind (or before) the cursor c0, c1, ... in the requested order."""
    # written out, for (a, b) < (c0, c1) knows one direction, and each key has its own
    alternatives = []
    for n, (key, down) in enumerate(keys):
        bound = bindparam(f"c{n}", type_=key.type)
        equal = [k == bindparam(f"c{m}", type_=k.type) for m, (k, _) in enumerate(keys[:n])]
        alternatives.append(and_(*equal, key < bound if down != backwards else key > bound))
    # said once more in a way that an index is entered by
    first, down = keys[0]
    bound = bindparam("c0", type_=first.type)
    return and_(first <= bound if down != backwards else first >= bound, or_(*alternatives))


@lru_cache(maxsize=256)
def compiled_sources(kind: Kind, where: Tests) -> Statement | None:
    """The keys of the rows that can match at all, if indexes tell them."""
    # by the same names of parameters as the search itself, so that one set of values serves both
    narrower = [
        named(kind.table, kind.fields, name).test(op, f"v{n}")
        for n, (name, op) in enumerate(where)
        if name in kind.narrowing
    ]
    further = Further([*narrower, *kind.base(where)], nobodys=kind.nobodys in where)
    arms = sources(where, kind.sources, kind.asked_first, further)
    return Statement(union_all(*arms).limit(bindparam("few", type_=Integer))) if arms else None
