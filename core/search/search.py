"""Searching: a page of what matches, how much there is, and where the page begins and ends."""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from core.rejections import Invalid
from core.search.compiled import Compiled, compiled, compiled_sources
from core.search.kind import Kind, Tests
from core.search.query import Condition, Page, PageRequest, Sort
from core.search.reader import Reader
from core.search.shape import Shape, values_of
from core.search.totals import Known
from core.storage.record import load_all
from core.storage.store import Connection, Row

T = TypeVar("T")

#: how many rows of an order are skipped before all keys are fetched, once for all pages
NEAR = 1_000
#: rows that are tested one by one, instead of going through all in the order of the page; and if all are asked for
FEW = 1_000
MANY = 20_000


class Search(Protocol):
    """What a query says of a search."""

    @property
    def where(self) -> tuple[Condition, ...]: ...

    @property
    def sort(self) -> tuple[Sort[str], ...]: ...

    @property
    def page(self) -> PageRequest: ...


@dataclass(frozen=True, slots=True)
class Found:
    rows: list[Row]
    total: int
    capped: bool
    start: tuple[Any, ...] | None
    end: tuple[Any, ...] | None


def search(r: Reader, kind: Kind, query: Search) -> Found:
    """Raises Invalid for a cursor that is none of this search."""
    page, connection = query.page, r.connection
    where, params = values_of(query.where, kind.table, kind.fields)
    params["tenant"] = r.principal.tenant_key
    cursor = "after" if page.after is not None else "before" if page.before is not None else ""
    shape = Shape(
        kind=kind,
        where=where,
        sort=query.sort,
        cursor=cursor,
        limited=page.limit is not None,
        common=kind.is_common(query.where),
    )
    few = None
    if not shape.is_along_path:
        few = _few(connection, kind, where, params, FEW if shape.limited else MANY)
        shape = replace(shape, few=few is not None)
    statements = compiled(shape)
    by_offset = bool(page.limit) and not cursor and (page.offset > 0 or page.cap is None)
    known = Known()
    # On PostgreSQL the version is one more question, which pays for pages by offset alone. It is asked before the rows
    # are: what is written in between makes the next page count anew, instead of an old count being taken for a new one.
    # Neither the few keys nor a cursor is in the parameters yet, for they change nothing of what matches.
    if by_offset or connection.version_is_free:
        known = r.totals.of(connection.version(), (kind, where, query.sort, page.cap, repr(params)))
    if few is not None:
        params["few"] = few
    edge = page.after if page.after is not None else page.before
    if edge is not None:
        _check_cursor(edge, statements.cursor_types)
        params.update({f"c{n}": value for n, value in enumerate(edge)})
    is_far = page.offset > NEAR or not kind.has_in_order(query.sort)
    # counted first: what is refused is not read
    if page.most and (page.limit is None or page.limit > page.most) and (few is None or len(few) > page.most):
        there = _count(connection, statements, params, page.cap, known) - page.offset
        check_length(there if page.limit is None else min(there, page.limit), page)
    if by_offset and is_far:
        rows = _by_keys(r, statements, params, page, known)
    else:
        limits = {"limit": page.limit, "offset": page.offset} if page.limit is not None else {}
        rows = connection.fetch(statements.page, {**params, **limits})
    if page.before is not None:
        rows.reverse()  # they were read from the cursor backwards
    total, capped = _total(connection, statements, params=params, page=page, known=known, count=len(rows))
    return _found(rows, total, capped, width=len(kind.table.columns))


def _few(connection: Connection, kind: Kind, where: Tests, params: dict[str, Any], most: int) -> list[int] | None:
    """The keys of all rows that can match at all, if they are few."""
    statement = compiled_sources(kind, where)
    if statement is None:
        return None
    rows = connection.fetch(statement, {**params, "few": most + 1})  # one more tells that there are too many
    # a row may be there once for each alternative
    return list({key for (key,) in rows}) if len(rows) <= most else None


def _by_keys(r: Reader, statements: Compiled, params: Mapping[str, Any], page: PageRequest, known: Known) -> list[Row]:
    """A page that begins far down: all keys are fetched once, and remembered as long as nothing is written, so that
    whoever goes through page after page does not have everything before it skipped each time."""
    assert page.limit is not None
    keys = known.keys  # once: another thread may keep other keys in their place
    if keys is None:
        # eight bytes a key; as a list of integers it would be five times as much
        keys = array("q", (key for (key,) in r.connection.fetch(statements.keys, params)))
        r.totals.keep(known, keys)
    wanted = keys[page.offset : page.offset + page.limit].tolist()
    return r.connection.fetch(statements.rows, {"keys": wanted}) if wanted else []


def _total(
    connection: Connection,
    statements: Compiled,
    params: Mapping[str, Any],
    page: PageRequest,
    known: Known,
    count: int,
) -> tuple[int, bool]:
    """(how many match, whether there are more than the cap). A first page that is not full tells it."""
    is_part = page.after is not None or page.before is not None or page.offset or count == page.limit
    if not page.counted or not is_part:
        return (count, False) if page.cap is None else (min(count, page.cap), False)
    total = _count(connection, statements, params, page.cap, known)
    if page.cap is None:
        return total, False
    return min(total, page.cap), total > page.cap


def _count(
    connection: Connection, statements: Compiled, params: Mapping[str, Any], cap: int | None, known: Known
) -> int:
    if known.total is None:
        # one more than the cap tells that there are more; without a cap it is what PostgreSQL's integer can just hold
        known.total = int(connection.fetch(statements.count, {**params, "cap": (cap or 2**31 - 2) + 1})[0][0])
    return known.total


def _found(rows: list[Row], total: int, capped: bool, *, width: int) -> Found:
    """The columns behind those of the table are what is sorted by; the key is the first one of all."""
    edges = [(*row[width:], row[0]) for row in (rows[:1] + rows[-1:])]
    if rows and len(rows[0]) > width:
        rows = [row[:width] for row in rows]
    return Found(rows, total, capped, edges[0] if edges else None, edges[-1] if edges else None)


def check_length(rows: int, page: PageRequest) -> None:
    """Raises Invalid for more than a caller wants who has no pages."""
    if page.most and rows > page.most:
        raise Invalid("rows", "many", page.most)


def _check_cursor(given: tuple[Any, ...], types: tuple[type, ...]) -> None:
    if len(given) != len(types):
        raise Invalid("cursor", "length", given)
    for value, wanted in zip(given, types, strict=True):
        if not isinstance(value, wanted) or isinstance(value, bool):
            raise Invalid("cursor", "type", value)


def page_of(r: Reader, kind: Kind, cls: type[T], query: Any) -> Page[T]:
    page = search(r, kind, query)
    rows = tuple(load_all(cls, page.rows))  # type: ignore[type-var]
    return Page(rows, page.total, page.capped, page.start, page.end)
