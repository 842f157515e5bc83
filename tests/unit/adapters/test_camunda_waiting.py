"""Requests that wait for jobs: one look for all of a type, and whoever came first is told first."""

import asyncio
from typing import Any

import pytest

from adapters.camunda.waiting import Waiting
from core.engine import Engine
from core.job.commands import ActivateJobs
from core.job.queries import JobsWaiting
from core.rejections import Unavailable
from tests.support.bpmn import element, row
from tests.support.running import Running

SERVED = element("serviceTask", "served", "<zeebe:taskDefinition type='pay'/>")


class Counting:
    """An engine whose looks are counted."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.looks: list[str] = []
        self.fails = False
        self.looked = asyncio.Semaphore(0)

    def clock(self) -> int:
        return self.engine.clock()

    async def ask(self, query: Any, who: Any) -> Any:
        assert isinstance(query, JobsWaiting)
        self.looks.append(query.type)
        self.looked.release()
        if self.fails:
            raise Unavailable("storage")
        return await self.engine.ask(query, who)


async def test_many_wait_and_one_looks(run: Running) -> None:
    counting = Counting(run.engine)
    waiting = Waiting(counting)  # type: ignore[arg-type]

    async def worker() -> int:
        """Until there is a job."""
        while True:
            assert await waiting.wait(run.who, "pay", 60)
            taken = await run.do(ActivateJobs("pay", "w", 60_000, 1))
            if taken:
                return int(taken[0].key)

    workers = [asyncio.create_task(worker()) for _ in range(20)]
    for _ in range(3):
        await counting.looked.acquire()
    assert len(counting.looks) < 20
    process = await run.deploy("p", row(SERVED))
    for _ in workers:
        await run.start(process)
    keys = await asyncio.gather(*workers)
    assert len(set(keys)) == 20


async def test_nobody_waits_for_ever(run: Running) -> None:
    waiting = Waiting(run.engine)
    assert await waiting.wait(run.who, "pay", 0.01) is False
    assert waiting._lines == {}


async def test_who_cannot_tell_says_so(run: Running) -> None:
    counting = Counting(run.engine)
    counting.fails = True
    waiting = Waiting(counting)  # type: ignore[arg-type]
    with pytest.raises(Unavailable):
        await waiting.wait(run.who, "pay", 60)
