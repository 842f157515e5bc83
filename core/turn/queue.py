"""The commands that wait for a turn, and one turn after the other."""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from core.clock import Clock
from core.principal import Principal
from core.rejections import Unavailable
from core.turn.command import Command
from core.turn.runner import Asked, Result, TurnRunner
from core.turn.sets import SET_HANDLERS
from core.turn.stats import Stats

Out = TypeVar("Out")

MAX_TURN = 64
MAX_WAITING = 20_000

#: with the time since when it waits
_Waiting = tuple[Command[Any], Principal, "asyncio.Future[Any]", int]


class Queue:
    """Used on the event loop. `within` milliseconds a command may wait until it is begun, 0: however long; `forget` is
    told whose remembered credentials are to be looked at again."""

    def __init__(self, monotonic: Clock, stats: Stats, within: int, forget: Callable[[int], None]) -> None:
        self.waiting = 0
        self.writer = ThreadPoolExecutor(1, thread_name_prefix="dragoman-write")
        self._monotonic = monotonic
        self._stats = stats
        self._within = within
        self._forget = forget
        self._queue: deque[_Waiting] = deque()
        self._scheduled = False
        self._turning = False
        self._stopping = False
        self._drained = asyncio.Event()
        #: when the last turn of a command over a set ended; for such a one nobody is turned away
        self._set_until = 0
        self._is_over_a_set = False

    def start(self, runner: TurnRunner, *, inline: bool) -> None:
        """`inline`: the database is a local one."""
        self._loop = asyncio.get_running_loop()
        self._runner = runner
        self._inline = inline

    async def stop(self) -> None:
        """Finish what waits. Nothing may be put in any more."""
        self._stopping = True
        if self._turning or self._queue:
            await self._drained.wait()

    @property
    def is_full(self) -> bool:
        return self.waiting >= MAX_WAITING

    async def put(self, command: Command[Out], principal: Principal) -> Out:
        """Returns when the command is durable. Raises a Rejection if it is refused."""
        now = self._monotonic()
        if self.is_full or (self._queue and self._is_overdue(now, principal)):
            self._stats.turned_away += 1
            raise Unavailable("overload")
        future: asyncio.Future[Out] = self._loop.create_future()
        self.waiting += 1
        self._queue.append((command, principal, future, now))
        self._schedule()
        return await future

    def _is_overdue(self, now: int, principal: Principal) -> bool:
        """Has the first command that waits done so for too long? What the gateway does by itself goes on."""
        if not self._within or self._is_over_a_set or principal.via == "system":
            return False
        return now - max(self._queue[0][3], self._set_until) > self._within

    def _take(self) -> list[_Waiting]:
        """The commands of the next turn: as many as wait, but a command over a set has its own."""
        batch: list[_Waiting] = []
        while self._queue and len(batch) < MAX_TURN:
            over_a_set = type(self._queue[0][0]) in SET_HANDLERS
            if over_a_set and batch:
                break
            batch.append(self._queue.popleft())
            if over_a_set:
                break
        return batch

    def _pump(self) -> None:
        """Start a turn, if none is under way and something waits.

        A local database does all but the commit here: threads that pass the interpreter's lock to and fro with every
        row take several times as long. The commit, which waits for the disk, and everything on a database across a
        network belong to the writer's thread.
        """
        self._scheduled = False
        if self._turning or not self._queue:
            return
        batch = self._take()
        asked: list[Asked] = [(command, principal) for command, principal, *_ in batch]
        self._turning = True
        self._is_over_a_set = type(asked[0][0]) in SET_HANDLERS
        if self._inline and not self._is_over_a_set:
            begun = self._runner.begin(asked)
            if begun is not None and not begun.dirty:
                self._deliver(batch, begun)
                self._turned()
                return
            turn = self._loop.run_in_executor(self.writer, self._runner.finish, asked, begun)
        else:
            turn = self._loop.run_in_executor(self.writer, self._runner.run, asked)
        turn.add_done_callback(lambda done: self._done(batch, done))

    def _done(self, batch: list[_Waiting], turn: "asyncio.Future[Result]") -> None:
        self._deliver(batch, turn.result())
        self._turned()

    def _turned(self) -> None:
        self._turning = False
        if self._is_over_a_set:
            self._is_over_a_set, self._set_until = False, self._monotonic()
        if self._queue:
            self._schedule()
        elif self._stopping:
            self._drained.set()

    def _schedule(self) -> None:
        if not self._scheduled and not self._turning:
            self._scheduled = True
            self._loop.call_soon(self._pump)

    def _deliver(self, batch: list[_Waiting], result: Result) -> None:
        for user_key in result.touched_users:
            self._forget(user_key)
        self._stats.turns += 1
        self._stats.commands += len(batch)
        self.waiting -= len(batch)
        for (_, _, future, _), outcome in zip(batch, result.outcomes, strict=True):
            if future.done():
                continue
            if isinstance(outcome, BaseException):
                self._stats.rejected += 1
                future.set_exception(outcome)
            else:
                future.set_result(outcome)
