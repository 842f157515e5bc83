"""Sends what is planned: each as soon as what it waits for was answered, or at its time."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush
from typing import Protocol

from gateway.replay.dates import shifted
from gateway.replay.identities import Identities, Sent
from gateway.replay.plan import Plan
from gateway.replay.polls import Poll
from gateway.replay.targets import NoAnswer, Target
from gateway.traffic.exchange import Exchange, Request, Response

#: requests under way at once
AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Played:
    """A recorded exchange and what came of it; `new` is None for what was not sent, and `why` says so. `closed` is for
    what belongs to a loop that another exchange ended as it should."""

    old: Exchange
    new: Exchange | None
    sent: Sent
    why: str = ""
    closed: bool = False


class Judge(Protocol):
    """What becomes of what was played."""

    def is_like(self, played: Played) -> bool:
        """Is it what was recorded? Nothing is noted."""
        ...

    def judge(self, played: Played) -> None: ...


class Player:
    """`get` reads an exchange of the recording; `put_in` has last words on a request before it goes out: secrets."""

    def __init__(
        self,
        plan: Plan,
        identities: Identities,
        target: Target,
        *,
        get: Callable[[int], Exchange],
        put_in: Callable[[Request], Request],
        readdressed: Callable[[str, Exchange], str],
        paced: float = 0.0,
    ) -> None:
        self._plan = plan
        self._identities = identities
        self._target = target
        self._get = get
        self._put_in = put_in
        self._readdressed = readdressed
        self._paced = paced
        self._began = 0.0
        self._first = 0.0
        self._under_way: set[int] = set()

    async def play(self, judge: Judge, *, units: Callable[[int], bool] = lambda number: True) -> None:
        """All of the plan; of what `units` says no to it is taken that it is done."""
        before = {number: others for number, others in self._plan.before.items() if units(number)}
        followers: dict[int, list[int]] = defaultdict(list)
        open_ones: dict[int, int] = {}
        for number, others in before.items():
            waits = [other for other in others if other in before]
            open_ones[number] = len(waits)
            for other in waits:
                followers[other].append(number)
        ready = [number for number, count in open_ones.items() if not count]
        heapify(ready)
        self._began = time.time()
        self._first = self._get(min(before)).began if before else 0.0
        running: dict[int, asyncio.Task[None]] = {}
        ended: asyncio.Queue[int] = asyncio.Queue()

        async def begun(number: int) -> None:
            try:
                await self._unit(number, judge)
            finally:
                ended.put_nowait(number)

        try:
            while ready or running:
                while ready and (self._paced or len(running) < AT_ONCE):
                    number = heappop(ready)
                    running[number] = asyncio.create_task(begun(number))
                number = await ended.get()
                await running.pop(number)
                for other in followers[number]:
                    open_ones[other] -= 1
                    if not open_ones[other]:
                        heappush(ready, other)
        finally:
            for task in running.values():
                task.cancel()
            await asyncio.gather(*running.values(), return_exceptions=True)

    async def _unit(self, number: int, judge: Judge) -> None:
        poll = self._plan.polls.get(number)
        if poll is not None:
            await self._poll(poll, judge)
            return
        old = self._get(number)
        await self._until(old.began)
        self._under_way.add(number)
        played = await self.send(old)
        self._under_way.remove(number)
        judge.judge(played)

    async def _until(self, began: float) -> None:
        if self._paced:
            await asyncio.sleep(max(0.0, self._began + (began - self._first) / self._paced - time.time()))

    async def send(self, old: Exchange) -> Played:
        """One exchange, whatever it waits for."""
        by = time.time() - old.began
        sent = self._identities.translated(old, lambda text: shifted(self._readdressed(text, old), old.began, by))
        if old.request.lacks:
            self._identities.lose(old)
            return Played(old, None, sent, f"not sent: {old.request.lacks}")
        request = self._target.prepared(self._put_in(sent.request))
        began = time.time()
        response: Response | None = None
        error = ""
        try:
            response = await self._target.send(request)
        except NoAnswer as reason:
            error = str(reason)
        new = Exchange(old.number, began, time.time(), old.connection, request, response=response, error=error)
        if response is not None:
            self._identities.learn(old, response)
        else:
            self._identities.lose(old)
        return Played(old, new, sent)

    async def _poll(self, poll: Poll, judge: Judge) -> None:
        """Ask until the last recorded answer comes. It alone is judged: how many questions that takes is a matter of
        time, and not of the server."""
        asked = [self._get(number) for number in poll.numbers]
        last = asked[-1]
        await self._until(last.began if self._paced else 0.0)
        played = await self.send(last)
        rounds = 1
        is_last = False
        while not judge.is_like(played) and rounds < poll.limit and not is_last:
            is_last = self._is_through(poll)
            self._identities.unlearn()
            await asyncio.sleep(poll.pause)
            played = await self.send(last)
            rounds += 1
        why = f"asked until the answer changed, {rounds} times here: exchange {last.number} judges the last one"
        is_closed = judge.is_like(played)
        for old in asked[:-1]:
            new = replace(played.new, number=old.number) if played.new else None
            judge.judge(Played(old, new, played.sent, why, is_closed))
        judge.judge(played)

    def _is_through(self, poll: Poll) -> bool:
        """Nothing changes any more what a look finds."""
        return bool(poll.beside) and self._under_way.isdisjoint(poll.beside)
