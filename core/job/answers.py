"""Reading jobs and timers."""

from sqlalchemy import bindparam, select

from core.job.fields import JOB
from core.job.queries import JobsWaiting, JobView, NextTimers, Pending, PendingOf, SearchJobs
from core.search.query import Page
from core.search.reader import Reader, answers
from core.search.search import search
from core.storage.cache import cached
from core.storage.record import load
from core.storage.rows import load_any
from core.storage.statements import Statement, table_of
from core.tables.instance import Instance
from core.tables.job import Job, Timer
from core.tables.task import Task
from core.turn.known import load_definitions


@answers(SearchJobs)
def search_jobs(query: SearchJobs, r: Reader) -> Page[JobView]:
    page = search(r, JOB, query)
    rows = [load(Job, row) for row in page.rows]
    load_definitions(r.connection, r.definitions, {row.definition_key for row in rows})
    instances = {i.key: i for i in load_any(r.connection, Instance, "key", {row.instance_key for row in rows})}
    views = tuple(
        JobView(row, instances[row.instance_key], r.definitions[row.definition_key])
        for row in rows
        if row.instance_key in instances
    )
    return Page(views, page.total, page.capped, page.start, page.end)


@cached(maxsize=1)
def _waiting() -> Statement:
    jobs = table_of(Job)
    of_type = (jobs.c.tenant_key == bindparam("tenant"), jobs.c.type == bindparam("type"), jobs.c.retries > 0)
    return Statement(select(jobs.c.key).where(*of_type, jobs.c.available_at <= bindparam("now")).limit(1))


@answers(JobsWaiting)
def jobs_waiting(query: JobsWaiting, r: Reader) -> int:
    params = {"tenant": r.principal.tenant_key, "type": query.type, "now": query.now}
    return len(r.connection.fetch(_waiting(), params))


@answers(PendingOf)
def pending_of(query: PendingOf, r: Reader) -> Pending:
    task = r.one(Task, "key", query.task_key, "task")
    waits = task.pending
    changes = {**waits.get("changes", {}), **waits.get("corrections", {})}
    if "assignee" in waits:
        changes.setdefault("assignee", waits["assignee"])
    # the label is kept under the name that it had first
    return Pending(task, changes, waits.get("action"), waits.get("denied"))


@cached(maxsize=1)
def _timers() -> Statement:
    timers = table_of(Timer)
    return Statement(select(*timers.columns).order_by(timers.c.due_at).limit(bindparam("limit")))


@answers(NextTimers)
def next_timers(query: NextTimers, r: Reader) -> tuple[Timer, ...]:
    return tuple(load(Timer, row) for row in r.connection.fetch(_timers(), {"limit": query.limit}))
