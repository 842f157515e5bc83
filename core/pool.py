"""Threads for work of one kind, and how long that waits for them."""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from core.clock import Clock
from core.rejections import Unavailable

Out = TypeVar("Out")


class Pool:
    """`most` may wait or be under way, and nobody joins while the first that waits has done so for `within`
    milliseconds; 0: any number, however long."""

    def __init__(self, name: str, threads: int, clock: Clock, *, most: int = 0, within: int = 0) -> None:
        self.executor = ThreadPoolExecutor(threads, thread_name_prefix=f"dragoman-{name}")
        self.most = most
        self.within = within
        self._clock = clock
        #: since when those wait that no thread has begun
        self._waiting: deque[int] = deque()
        self.under_way = 0
        #: how many were turned away
        self.refused = 0

    @property
    def _is_overdue(self) -> bool:
        try:
            return bool(self.within) and self._clock() - self._waiting[0] > self.within
        except IndexError:  # a thread has begun with it just now
            return False

    async def run(self, function: Callable[..., Out], *arguments: Any) -> Out:
        """Raises Unavailable (`overload`): who joined now would wait for all before."""
        if (self.most and self.under_way >= self.most) or self._is_overdue:
            self.refused += 1
            raise Unavailable("overload")
        self.under_way += 1
        self._waiting.append(self._clock())
        work = asyncio.get_running_loop().run_in_executor(self.executor, self._begin, function, arguments)
        try:
            return await asyncio.shield(work)  # whoever does not wait any more: it is begun in its turn all the same
        finally:
            self.under_way -= 1

    def _begin(self, function: Callable[..., Out], arguments: tuple[Any, ...]) -> Out:
        self._waiting.popleft()
        return function(*arguments)

    def close(self) -> None:
        self.executor.shutdown()
