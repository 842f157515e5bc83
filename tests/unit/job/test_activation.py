"""Taking jobs costs what is taken, however many wait; nobody gets what somebody else has."""

import asyncio
from typing import Any

from core.graph.elements import Element, ElementKind, Flow, Work
from core.graph.graph import Graph
from core.instance.commands import StartInstance
from core.job.commands import ActivateJobs
from core.job.decisions import _available
from core.process.commands import DeployProcess
from core.storage.statements import bulk_insert
from core.tables.job import Job
from tests.support.running import Running
from tests.unit.conftest import Living

GRAPH = Graph(
    "p",
    "P",
    (
        Element("s", ElementKind.START_EVENT),
        Element("x", ElementKind.SERVICE_TASK, work=Work("many")),
        Element("e", ElementKind.END_EVENT),
    ),
    (Flow("f", "s", "x"), Flow("g", "x", "e")),
)
WAITING = 5_000


def test_jobs_are_read_along_an_index_as_far_as_they_are_taken(living: Living) -> None:
    """Beside many that wait, many that are taken, and many of other types."""
    deployed = living.run(living.engine.execute(DeployProcess(GRAPH), living.who))
    living.run(living.engine.execute(StartInstance(deployed.process_key), living.who))
    (like,) = living.run(living.engine.execute(ActivateJobs("many", "w", 0, 1), living.who))
    connection = living.connection
    insert = bulk_insert(Job)
    rows = []
    for number in range(WAITING * 3):
        job = Job(
            key=like.key + 10**6 + number,
            tenant_key=like.tenant_key,
            instance_key=like.instance_key,
            definition_key=like.definition_key,
            type=("many", "many", "other")[number % 3],
            kind=like.kind,
            available_at=(number, 2**61, number)[number % 3],
        )
        rows.append(insert.row(job))
    connection.begin()
    connection.bulk(insert, rows)
    connection.commit()
    if not living.engine.store.inline:
        connection.execute("ANALYZE", {})
    flavour, statement = connection.flavour, _available(False, False)
    params: dict[str, Any] = {"tenant": like.tenant_key, "type": "many", "now": like.available_at, "limit": 10}
    params |= statement.bound(flavour)
    if living.engine.store.inline:
        steps = [str(row[-1]) for row in connection.execute(f"EXPLAIN QUERY PLAN {statement.text(flavour)}", params)[0]]
        (step,) = steps  # nothing is sorted
        assert "ix_job_type (tenant_key=? AND type=? AND available_at<?)" in step
    else:
        plan = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.text(flavour)}", params)[0][0][0][0][
            "Plan"
        ]
        assert _rows(plan) <= 10
    taken = living.run(living.engine.execute(ActivateJobs("many", "w", 60_000, 10), living.who))
    assert len(taken) == 10


def _rows(plan: dict[str, Any]) -> int:
    own = plan.get("Actual Rows", 0) + plan.get("Rows Removed by Filter", 0)
    return int(max([own * plan.get("Actual Loops", 1), *map(_rows, plan.get("Plans", ()))]))


async def test_two_workers_never_get_one_job(run: Running) -> None:
    process = (await run.do(DeployProcess(GRAPH))).process_key
    for _ in range(30):
        await run.start(process)
    taken = await asyncio.gather(*(run.do(ActivateJobs("many", f"w{n}", 60_000, 4)) for n in range(10)))
    keys = [job.key for jobs in taken for job in jobs]
    assert (len(keys), len(set(keys))) == (30, 30)
    assert await run.jobs("many") == ()


async def test_a_job_whose_time_is_over_is_somebody_elses(run: Running) -> None:
    await run.start((await run.do(DeployProcess(GRAPH))).process_key)
    (first,) = await run.do(ActivateJobs("many", "a", 0, 1))
    (second,) = await run.do(ActivateJobs("many", "b", 60_000, 1))
    assert (first.key, second.worker) == (second.key, "b")
