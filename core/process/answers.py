"""TODO core.process.answers"""

from typing import Any

from sqlalchemy import BigInteger, Text, bindparam, case, func, literal, select

from core.library.answers import instances, tasks
from core.process.queries import Drafted, DraftedByNumber, ProcessStatistics, ProcessView, Statistics
from core.rejections import NotFound
from core.search.reader import Reader, _mine, answers
from core.storage.cache import cached
from core.storage.rows import load_any
from core.storage.statements import Statement
from core.tables.library import Library
from core.tables.process import Draft, Process
from core.types import InstanceState, ProcessStatus, TaskState


def _drafted(r: Reader, processes: list[Process]) -> tuple[ProcessView, ...]:
    alive = [p for p in _mine(r, processes) if p.status != ProcessStatus.DELETED]
    drafts = {d.process_key: d for d in load_any(r.connection, Draft, "process_key", [p.key for p in alive])}
    owners = {x.key: x for x in load_any(r.connection, Library, "key", {p.library_key for p in alive})}
    views = [ProcessView(p, drafts[p.key], owners.get(p.library_key)) for p in alive if p.key in drafts]
    return tuple(sorted(views, key=lambda v: (v.library.name_folded if v.library else "", v.process.name.casefold())))


@answers(Drafted)
def drafted(query: Drafted, r: Reader) -> tuple[ProcessView, ...]:
    if query.keys is not None:
        return _drafted(r, load_any(r.connection, Process, "key", query.keys))
    if query.library_key:
        return _drafted(r, load_any(r.connection, Process, "library_key", [query.library_key]))
    return _drafted(r, load_any(r.connection, Process, "tenant_key", [r.principal.tenant_key]))


@answers(DraftedByNumber)
def drafted_by_number(query: DraftedByNumber, r: Reader) -> ProcessView:
    views = _drafted(r, [r.one(Process, "number", query.number, "process")])
    if not views:
        raise NotFound("process", query.number)
    return views[0]


@cached(maxsize=1)
def _statistics() -> Statement:
    at, since, until = (bindparam(name, type_=BigInteger) for name in ("at", "since", "until"))
    active = instances.c.state == literal(InstanceState.ACTIVE.value, Text)
    completed = instances.c.state == literal(InstanceState.COMPLETED.value, Text)
    late = (
        select(literal(1))
        .where(
            tasks.c.instance_key == instances.c.key,
            tasks.c.state == literal(TaskState.CREATED.value, Text),
            tasks.c.due_at < at,
        )
        .exists()
    )
    submitted = instances.c.created_at.between(since, until)

    def count(*conditions: Any) -> Any:
        condition = conditions[0]
        for further in conditions[1:]:
            condition = condition & further
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    span = case((completed, instances.c.ended_at - instances.c.created_at), else_=None)
    return Statement(
        select(
            count(active),
            count(completed),
            count(active, late),
            func.coalesce(func.avg(span), 0),
            count(active, submitted),
            count(submitted),
            count(completed, instances.c.ended_at.between(since, until)),
        ).where(
            instances.c.tenant_key == bindparam("tenant", type_=BigInteger),
            instances.c.process_key == bindparam("process", type_=BigInteger),
        )
    )


@answers(Statistics)
def statistics(query: Statistics, r: Reader) -> ProcessStatistics:
    params = {
        "tenant": r.principal.tenant_key,
        "process": query.process_key,
        "at": query.at,
        "since": query.since if query.since is not None else 0,
        "until": query.until if query.until is not None else 2**62,
    }
    return ProcessStatistics(*(int(value) for value in r.connection.fetch(_statistics(), params)[0]))
