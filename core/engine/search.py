"""Searching tasks and instances: conditions, sorts and pages become one statement, compiled once for its shape."""

from collections.abc import Callable, Mapping
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
    exists,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import NullType

from core.queries import PageRequest, Sort, Where
from core.rejections import Invalid
from core.storage.records import Candidate, Document, Instance, Library, LibraryMember, Process, Task, User
from core.storage.statements import Statement, any_of, table_of
from core.storage.store import Connection, Row
from core.types import TaskState

_LAST = 2**62
_FIRST = -(2**62)

tasks = table_of(Task)
instances = table_of(Instance)
processes = table_of(Process)
candidates = table_of(Candidate)
documents = table_of(Document)
libraries = table_of(Library)
users = table_of(User)
members = table_of(LibraryMember)


class matches(ColumnElement[bool]):  # noqa: N801  reads like a function
    """A whole-value, case-sensitive wildcard match; see `_patterns` for its two parameters."""

    inherit_cache = False
    type: Any = NullType()  # a Boolean would be compared with 1 where there is no such type, and no index be used

    def __init__(self, column: Any, name: str) -> None:
        self.column = column
        self.name = name


@compiles(matches, "sqlite")
def _glob(element: matches, compiler: SQLCompiler, **kw: Any) -> str:
    parameter = bindparam(f"{element.name}_glob", type_=Text)
    return f"{compiler.process(element.column, **kw)} GLOB {compiler.process(parameter, **kw)}"


@compiles(matches, "postgresql")
def _like(element: matches, compiler: SQLCompiler, **kw: Any) -> str:
    parameter = bindparam(f"{element.name}_like", type_=Text)
    return f"{compiler.process(element.column, **kw)} LIKE {compiler.process(parameter, **kw)}"


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


def _test(column: ColumnElement[Any], op: str, name: str) -> ColumnElement[bool]:
    value = bindparam(name, type_=column.type)
    if op == "eq":
        return column == value
    if op == "neq":
        return or_(column != value, column.is_(None))
    if op == "in":
        return any_of(column, name)
    if op == "notin":
        return or_(not_(any_of(column, name)), column.is_(None))
    if op == "exists":
        return column.is_not(None)
    if op == "missing":
        return column.is_(None)
    if op == "like":
        return matches(column, name)
    if op == "ilike":
        return matches(func.lower(column), name)
    comparisons = {"gt": column > value, "gte": column >= value, "lt": column < value, "lte": column <= value}
    return comparisons[op]


def _column(column: ColumnElement[Any]) -> Callable[[str, str], ColumnElement[bool]]:
    return lambda op, name: _test(column, op, name)


def _candidate(kind: str) -> Callable[[str, str], ColumnElement[bool]]:
    """Any candidate of the kind passes the test; `missing` means that there is none."""

    def test(op: str, name: str) -> ColumnElement[bool]:
        mine = and_(candidates.c.task_key == tasks.c.key, candidates.c.kind == kind)
        if op in ("exists", "missing"):
            found = exists(select(literal(1)).where(mine))
            return found if op == "exists" else not_(found)
        if op in ("neq", "notin"):
            positive = _test(candidates.c.name, "eq" if op == "neq" else "in", name)
            return not_(exists(select(literal(1)).where(mine, positive)))
        return exists(select(literal(1)).where(mine, _test(candidates.c.name, op, name)))

    return test


def _of_process(column: ColumnElement[Any]) -> Callable[[str, str], ColumnElement[bool]]:
    return lambda op, name: tasks.c.process_key.in_(select(processes.c.key).where(_test(column, op, name)))


def _visible(op: str, name: str) -> ColumnElement[bool]:
    """Mine, or nobody's yet and I am a candidate. The value is (user name, [group names])."""
    user = bindparam(f"{name}_user", type_=Text)
    mine = and_(candidates.c.task_key == tasks.c.key, or_(
        and_(candidates.c.kind == "user", candidates.c.name == user),
        and_(candidates.c.kind == "group", any_of(candidates.c.name, f"{name}_groups")),
    ))  # fmt: skip
    return or_(
        tasks.c.assignee == user,
        and_(tasks.c.assignee.is_(None), exists(select(literal(1)).where(mine))),
    )


@dataclass(frozen=True)
class Field:
    """How a field is tested and, if it can be, sorted; `nullable` puts rows without a value last either way."""

    test: Callable[[str, str], ColumnElement[bool]]
    sort: ColumnElement[Any] | None = None
    nullable: bool = False


def _of_instance(column: ColumnElement[Any]) -> Field:
    """A column of the task's instance."""
    value = select(column).where(instances.c.key == tasks.c.instance_key).scalar_subquery()
    return Field(
        lambda op, name: tasks.c.instance_key.in_(select(instances.c.key).where(_test(column, op, name))), value
    )


def _of_document(column: ColumnElement[Any]) -> Field:
    """A column of the document that the task is about."""
    joined = instances.join(documents, documents.c.key == instances.c.document_key)
    mine = select(column).select_from(joined).where(instances.c.key == tasks.c.instance_key).scalar_subquery()
    keys = select(instances.c.key).select_from(joined)
    return Field(lambda op, name: tasks.c.instance_key.in_(keys.where(_test(column, op, name))), mine, nullable=True)


def _of_library() -> Field:
    """The name of the library that holds the document; to sort by."""
    joined = instances.join(documents, documents.c.key == instances.c.document_key).join(
        libraries, libraries.c.key == documents.c.library_key
    )
    mine = select(libraries.c.name).select_from(joined).where(instances.c.key == tasks.c.instance_key)
    keys = select(instances.c.key).select_from(joined)
    return Field(
        lambda op, name: tasks.c.instance_key.in_(keys.where(_test(libraries.c.name, op, name))),
        mine.scalar_subquery(),
        nullable=True,
    )


def _process_name() -> Field:
    mine = select(processes.c.name).where(processes.c.key == tasks.c.process_key).scalar_subquery()
    return Field(_of_process(processes.c.name), mine)


def _concerns(op: str, name: str) -> ColumnElement[bool]:
    """His own, those he assigned or supervises, and all of the libraries he manages. The value is (user name, key)."""
    user = bindparam(f"{name}_user", type_=Text)
    key = bindparam(f"{name}_key", type_=BigInteger)
    managed = select(members.c.library_key).where(
        members.c.kind == "user", members.c.member_key == key, members.c.manager == 1
    )
    joined = instances.join(documents, documents.c.key == instances.c.document_key)
    theirs = select(instances.c.key).select_from(joined).where(documents.c.library_key.in_(managed))
    return or_(
        tasks.c.assignee == user,
        tasks.c.assigned_by == user,
        tasks.c.supervisor == user,
        tasks.c.instance_key.in_(theirs),
    )


def _unexpired(op: str, name: str) -> ColumnElement[bool]:
    """Not due before the moment that is the value."""
    return or_(tasks.c.due_at.is_(None), tasks.c.due_at > bindparam(name, type_=BigInteger))


def _plain(column: ColumnElement[Any], *, nullable: bool = False) -> Field:
    return Field(_column(column), column, nullable)


TASK_FIELDS: Mapping[str, Field] = {
    **{
        name: _plain(tasks.c[name])
        for name in (
            "key", "uid", "number", "state", "priority", "created_at", "name", "element_id", "instance_key",
            "instance_number", "element_instance_key", "definition_key", "process_key", "activity_key", "assigned_by",
            "supervisor", "description", "successor_key",
        )
    },
    **{
        name: _plain(tasks.c[name], nullable=True)
        for name in ("assignee", "due_at", "follow_up_at", "started_at", "ended_at")
    },
    "candidate_user": Field(_candidate("user")),
    "candidate_group": Field(_candidate("group")),
    "process_id": Field(_of_process(processes.c.process_id)),
    "visible_to": Field(_visible),
    "unexpired": Field(_unexpired),
    "concerns": Field(_concerns),
    "process_name": _process_name(),
    "process_number": Field(_of_process(processes.c.number)),
    "document_number": _of_document(documents.c.number),
    "document_name": _of_document(documents.c.name),
    "document_type": _of_document(documents.c.type_name),
    "document_library": _of_document(documents.c.library_key),
    "document_key": _of_instance(instances.c.document_key),
    "instance_state": _of_instance(instances.c.state),
    "library_name": _of_library(),
}  # fmt: skip

INSTANCE_FIELDS: Mapping[str, Field] = {
    **{
        name: _plain(instances.c[name])
        for name in ("key", "uid", "number", "state", "created_at", "title", "process_key", "definition_key")
    },
    "ended_at": _plain(instances.c.ended_at, nullable=True),
}


USER_FIELDS: Mapping[str, Field] = {
    name: _plain(users.c[name])
    for name in (
        "key", "number", "username", "username_folded", "first_name", "last_name", "email", "status", "authority",
        "read_only", "library_key",
    )
}  # fmt: skip


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
