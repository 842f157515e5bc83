"""Answering queries about holdings: who had a task, and what it went by."""

from collections.abc import Iterable, Mapping
from copy import copy
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Table,
    Text,
    bindparam,
    func,
    literal,
    literal_column,
    select,
    union_all,
)

from core.flow.holdings import last_of
from core.rejections import NotFound
from core.search.compiled import order_of, sort_key
from core.search.field import Field, by_user_and_key, plain
from core.search.kept import sorted_by
from core.search.kind import TENANT, Tests
from core.search.query import Page, Sort
from core.search.reader import Reader, answers
from core.search.search import check_length
from core.search.shape import conditions_of, values_of
from core.search.sources import Further, sources
from core.storage.cache import cached
from core.storage.record import load
from core.storage.rows import load_any
from core.storage.statements import Statement, unindexed
from core.tables.joined import holdings, tasks
from core.tables.task import Holding, Task
from core.task.fields import TASK_FIELDS, concerns
from core.task.queries import Held, HoldingsOf, NumberedTask, SearchNumbered, TaskByHolding
from core.task.sources import TASK, passed_on
from core.turn.known import load_definitions
from core.types import HandOver, TaskState


@answers(HoldingsOf)
def holdings_of(query: HoldingsOf, r: Reader) -> Mapping[int, tuple[Held, ...]]:
    held_of: dict[int, list[Held]] = {key: [] for key in query.instance_keys}
    passed = load_any(r.connection, Holding, "instance_key", query.instance_keys)
    rows = {t.key: t for t in load_any(r.connection, Task, "instance_key", query.instance_keys)}
    for holding in passed:
        if holding.task_key in rows:
            held_of[holding.instance_key].append(Held(rows[holding.task_key], holding))
    for task in rows.values():
        if task.ordinal:
            held_of[task.instance_key].append(Held(task, last_of(task)))
    return {key: tuple(sorted(held, key=lambda h: (h.holding.ordinal, h.holding.key))) for key, held in held_of.items()}


# What a task goes by


def _passed(task: Task, holding: Holding) -> Task:
    """The task as it was when it went by the number of this holding."""
    then = copy(task)
    for name in ("number", "assigned_by", "redirected_from", "due_at", "started_at", "ended_at"):
        setattr(then, name, getattr(holding, name))
    then.state, then.assignee, then.holding_number = TaskState.CANCELED.value, holding.holder, 0
    then.description = holding.before.get("description", task.description)
    then.ext = {**task.ext, **holding.before.get("ext", {})}
    return then


def _numbered(r: Reader, rows: Iterable[tuple[Task, Holding | None]]) -> tuple[NumberedTask, ...]:
    pairs = tuple(rows)
    load_definitions(r.connection, r.definitions, {task.definition_key for task, _ in pairs})
    return tuple(
        NumberedTask(task if holding is None else _passed(task, holding), r.definitions[task.definition_key], holding)
        for task, holding in pairs
    )


#: as the conditions of indexes say it
_PASSED = holdings.c.how == literal_column(f"'{HandOver.RENUMBERED.value}'", Text)
_RENUMBERED = tasks.c.holding_number != literal_column("0", Integer)


@cached(maxsize=1)
def _numbers() -> tuple[Statement, Statement, Statement]:
    """What goes by a number: a task, a holding that was passed on, the last holding of a task."""
    number = bindparam("number", type_=Integer)

    def numbered(table: Table, column: ColumnElement[int], *more: ColumnElement[bool]) -> Statement:
        return Statement(select(*table.columns).where(table.c.tenant_key == TENANT, column == number, *more))

    return (
        numbered(tasks, tasks.c.number),
        numbered(holdings, holdings.c.number, _PASSED),
        numbered(tasks, tasks.c.holding_number, _RENUMBERED),
    )


@answers(TaskByHolding)
def task_by_holding(query: TaskByHolding, r: Reader) -> NumberedTask:
    first, passed, last = _numbers()
    params = {"tenant": r.principal.tenant_key, "number": query.number}
    rows = [load(Task, row) for row in r.connection.fetch(first, params)]
    there = [t for t in rows if not t.holding_number and not t.removed]
    if not there:
        for row in r.connection.fetch(passed, params):
            holding = load(Holding, row)
            (task,) = load_any(r.connection, Task, "key", [holding.task_key])
            return _numbered(r, [(task, holding)])[0]
        there = [t for row in r.connection.fetch(last, params) if not (t := load(Task, row)).removed]
    if not there:
        raise NotFound("task", query.number)
    return _numbered(r, [(there[0], None)])[0]


# Searching by all numbers


_PASSED_FIELDS: Mapping[str, Field] = {
    **TASK_FIELDS,
    **{name: plain(holdings.c[name]) for name in ("number", "assigned_by")},
    **{name: plain(holdings.c[name], nullable=True) for name in ("due_at", "started_at", "ended_at")},
    "assignee": plain(holdings.c.holder, nullable=True),
    "held_since": plain(holdings.c.began_at),
    "state": plain(literal(TaskState.CANCELED.value, Text)),
    "removed": plain(literal(0, Integer)),
    "concerns": Field(concerns(holdings.c.holder, holdings.c.assigned_by), bind=by_user_and_key),
}
_OF_PASSED = holdings.join(tasks, tasks.c.key == holdings.c.task_key)


@lru_cache(maxsize=256)
def _search(where: Tests, sort: tuple[Sort[str], ...], passed: bool, limited: bool) -> tuple[Statement, Statement]:
    """(the keys of a page, how many there are): tasks as they are, and as they went by other numbers, in one order."""

    def arm(
        fields: Mapping[str, Field], key: ColumnElement[int], source: Any, *more: ColumnElement[bool]
    ) -> Select[Any]:
        columns = [sort_key(sorted_by(tasks, fields, s), s.descending).label(f"s{n}") for n, s in enumerate(sort)]
        is_passed = literal(int(fields is _PASSED_FIELDS), Integer).label("passed")
        tests = conditions_of(where, tasks, fields, "v")
        return (
            select(key.label("key"), is_passed, tasks.c.key.label("task"), *columns)
            .select_from(source)
            .where(*more, *tests)
        )

    likely = sources(where, TASK.sources, TASK.asked_first, Further())
    passed_to = [arm for n, (name, _) in enumerate(where) if name == "concerns" for arm in passed_on(f"v{n}")]
    # found by their keys then, and not among all of the tenant
    conditions = [holdings.c.tenant_key == TENANT, _PASSED]
    if passed_to:
        conditions = [unindexed(holdings.c.tenant_key) == TENANT, _PASSED, holdings.c.key.in_(union_all(*passed_to))]
    arms = [arm(_PASSED_FIELDS, holdings.c.key, _OF_PASSED, *conditions)]
    if not passed:
        conditions = [tasks.c.tenant_key == TENANT]
        if likely:
            conditions = [unindexed(tasks.c.tenant_key) == TENANT, tasks.c.key.in_(union_all(*likely))]
        arms.append(arm(TASK_FIELDS, tasks.c.key, tasks, *conditions, tasks.c.removed == literal(0)))
    numbered = union_all(*arms).subquery()
    order = order_of([(numbered.c[f"s{n}"], s.descending) for n, s in enumerate(sort)], backwards=False)
    page = select(numbered.c.key, numbered.c.passed).order_by(
        *order, numbered.c.task, numbered.c.passed.desc(), numbered.c.key
    )
    if limited:
        page = page.limit(bindparam("limit", type_=Integer)).offset(bindparam("offset", type_=BigInteger))
    return Statement(page), Statement(select(func.count()).select_from(numbered))


@answers(SearchNumbered)
def search_numbered(query: SearchNumbered, r: Reader) -> Page[NumberedTask]:
    where, params = values_of(query.where, tasks, TASK_FIELDS)
    params["tenant"] = r.principal.tenant_key
    limit, offset = query.page.limit, query.page.offset
    page, count = _search(where, query.sort, query.passed, limit is not None)
    cut = {"limit": limit, "offset": offset} if limit is not None else {}
    keys = [(key, bool(passed)) for key, passed in r.connection.fetch(page, {**params, **cut})]
    check_length(len(keys), query.page)
    total = len(keys) if limit is None else int(r.connection.fetch(count, params)[0][0])
    passed = {h.key: h for h in load_any(r.connection, Holding, "key", [key for key, gone in keys if gone])}
    wanted = {h.task_key for h in passed.values()} | {key for key, gone in keys if not gone}
    rows = {t.key: t for t in load_any(r.connection, Task, "key", wanted)}
    pairs = ((rows[passed[key].task_key], passed[key]) if gone else (rows[key], None) for key, gone in keys)
    return Page(_numbered(r, pairs), total)
