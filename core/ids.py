"""Keys, uids and numbers.

`key` is an int64 from one sequence for all kinds, above 2**51 so that Camunda clients recognise it. `number` is a
small positive integer per tenant and kind. Both come in blocks, so that processes on one database never meet.
"""

import os
import random
from collections.abc import Callable
from typing import Any

FIRST_KEY = 2251799813685249
KEYS = "key"
KEY_BLOCK = 100_000
NUMBER_BLOCK = 1_000

_RANDOM = random.Random(os.urandom(32))  # noqa: S311
# who is forked hands out other ones than whoever forked it
os.register_at_fork(after_in_child=lambda: _RANDOM.seed(os.urandom(32)))
_VERSION_MASK = (0xF << 76) | (0x3 << 62)
_VERSION = (0x4 << 76) | (0x2 << 62)

Reserve = Callable[[str, int, int], int]
"""(counter name, how many, first value ever) -> first value of the reserved block, committed at once."""


Advance = Callable[[str, int], None]
"""(counter name, minimum): the stored counter goes on from there at least."""


class Sequence:
    """Hands out integers from reserved blocks; used by the engine's writer thread only."""

    def __init__(self, name: str, reserve: Reserve, advance: Advance, *, block: int, first: int = 1) -> None:
        self.name = name
        self._reserve = reserve
        self._advance = advance
        self._size = block
        self._first = first
        self._next = 0
        self._end = 0
        #: what the stored counter has yet to be raised to
        self._minimum = 0
        #: the block that was reserved last
        self._block = (0, 0)

    def next(self) -> int:
        if self._next >= self._end:
            self._refill(self._size)
        value = self._next
        self._next += 1
        return value

    def take(self, count: int) -> int:
        """The first of `count` values in a row."""
        if self._end - self._next < count:
            self._refill(max(count, self._size))
        value = self._next
        self._next += count
        return value

    def have_one(self) -> None:
        """Reserve now what `next` would reserve, which SQLite cannot do within a transaction of somebody else."""
        if self._next >= self._end:
            self._refill(self._size)

    def _refill(self, size: int) -> None:
        self.settle()
        start = self._reserve(self.name, size, self._first)
        self._block = self._next, self._end = start, start + size

    def skip(self, value: int) -> None:
        """Never hand out `value`, which somebody brought along, nor what is below."""
        if value < self._next:
            return
        if value < self._end:
            self._next = value + 1
            return
        self._minimum = max(self._minimum, value + 1)
        self._next = self._end = 0

    def settle(self) -> None:
        """Raise the stored counter, too, as far as `skip` wants it."""
        if self._minimum:
            self._advance(self.name, self._minimum)
            self._minimum = 0

    def mark(self) -> tuple[Any, ...]:
        """For `rewind`."""
        return self._next, self._end, self._minimum, self._block

    def rewind(self, mark: tuple[Any, ...]) -> None:
        """As if nothing had been handed out since. What is left of an older block than the present one is lost."""
        if self._block is mark[3]:
            self._next, self._end, self._minimum, _ = mark
        else:
            self._next, self._end = self._block
            self._minimum = 0

    def forget(self) -> None:
        """Hand out nothing more of what was reserved: the database has not heard of it."""
        self._next = self._end = self._minimum = 0
        self._block = (0, 0)

    @property
    def unused(self) -> tuple[int, int]:
        """(first unused, end) of the current block, so that a clean stop can give it back."""
        return self._next, self._end


def new_uid() -> str:
    """A random UUID (version 4) as 32 lower-case hex digits. Unique, but no secret: a ticket is made elsewhere."""
    bits = _RANDOM.getrandbits(128)
    return f"{bits & ~_VERSION_MASK | _VERSION:032x}"
