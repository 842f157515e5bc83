"""Requests that wait for jobs: however many they are, one look at the database for each type of job."""

import asyncio
from collections import deque

from core.gate import Gate
from core.job.queries import JobsWaiting
from core.principal import Principal
from core.rejections import Rejection

#: seconds between two looks
POLL = 0.05


class Waiting:
    """Lines by tenant and type; whoever is first in one is told that there are jobs."""

    def __init__(self, engine: Gate) -> None:
        self._engine = engine
        self._lines: dict[tuple[int, str], deque[asyncio.Future[None]]] = {}
        self._looking: asyncio.Task[None] | None = None
        self._who: dict[tuple[int, str], Principal] = {}

    async def wait(self, who: Principal, type: str, seconds: float) -> bool:
        """False if no job came within that time. Raises a Rejection if nobody can tell."""
        place, told = (who.tenant_key, type), asyncio.get_running_loop().create_future()
        line = self._lines.setdefault(place, deque())
        line.append(told)
        self._who[place] = who
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            async with asyncio.timeout(seconds):
                await told
        except TimeoutError:
            return False
        finally:
            self._leave(place, told)
        return True

    def _leave(self, place: tuple[int, str], told: asyncio.Future[None]) -> None:
        line = self._lines.get(place, deque())
        if told in line:
            line.remove(told)
        if not line:
            self._lines.pop(place, None)
            self._who.pop(place, None)

    async def _look(self) -> None:
        """As long as anybody waits."""
        while self._lines:
            await asyncio.sleep(POLL)
            for place in list(self._lines):
                await self._tell(place)

    async def _tell(self, place: tuple[int, str]) -> None:
        who = self._who.get(place)
        if who is None:
            return
        failure: Rejection | None = None
        try:
            if not await self._engine.ask(JobsWaiting(place[1], self._engine.clock()), who):
                return
        except Rejection as error:
            failure = error
        for told in list(self._lines.get(place, ())):
            if told.done():
                continue
            if failure is None:
                told.set_result(None)
                return
            told.set_exception(failure)
