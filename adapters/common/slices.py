"""Long lists: their rows are made so many at a time, with a turn of the event loop for everybody else in between."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from adapters.common.http import Pieces

T = TypeVar("T")
R = TypeVar("R")

#: rows between two turns of the event loop
SLICE = 100
#: slices that are made in a round of the loop, whatever the number of lists
AT_ONCE = 4

Make = Callable[[Sequence[T]], Awaitable[Iterable[R]]]


class _Turns:
    """Long lists of one event loop, which take turns: many of them hold up others no more than a few do."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def wait(self) -> None:
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._round)
        self._waiting.append(turn)
        await turn

    def _round(self) -> None:
        for _ in range(min(AT_ONCE, len(self._waiting))):
            turn = self._waiting.popleft()
            if not turn.done():  # whoever was cancelled does not wait any more
                turn.set_result(None)
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._round)


_of_loops: "WeakKeyDictionary[asyncio.AbstractEventLoop, _Turns]" = WeakKeyDictionary()


def _turns() -> _Turns:
    loop = asyncio.get_running_loop()
    turns = _of_loops.get(loop)
    if turns is None:
        turns = _of_loops[loop] = _Turns()
    return turns


@dataclass(frozen=True, slots=True)
class Rows(Generic[T, R]):
    """The rows of a list, not made yet: `make` makes those of some of `items`, in their order. It may leave some out,
    which are not there any more."""

    items: Sequence[T]
    make: Make[T, R]

    @property
    def are_many(self) -> bool:
        return len(self.items) > SLICE

    async def slices(self) -> AsyncIterator[list[R]]:
        for start in range(0, len(self.items), SLICE):
            if start:
                await _turns().wait()
            yield list(await self.make(self.items[start : start + SLICE]))

    async def all(self) -> list[R]:
        if not self.are_many:
            return list(await self.make(self.items))
        return [row async for rows in self.slices() for row in rows]


def each(items: Sequence[T], make: Callable[[T], R]) -> Rows[T, R]:
    """A row for each item, made of nothing else."""

    async def make_all(some: Sequence[T]) -> Iterable[R]:
        return map(make, some)

    return Rows(items, make_all)


async def write(pieces: Pieces, rows: Rows[Any, R], written: Callable[[list[R]], bytes], between: bytes = b"") -> None:
    """`written` is the text of some rows in a row."""
    gap = b""
    async for some in rows.slices():
        if some:
            pieces.add(gap + written(some))
            gap = between


async def enclosed(
    head: bytes, rows: Rows[Any, R], tail: bytes, written: Callable[[list[R]], bytes], between: bytes = b""
) -> Pieces:
    """The rows between a head and a tail."""
    pieces = Pieces()
    pieces.add(head)
    await write(pieces, rows, written, between)
    pieces.add(tail)
    return pieces


async def in_json(value: Any, dumps: Callable[[Any], bytes]) -> bytes | Pieces:
    """`dumps(value)`; a long list, and such a member of an object, in slices. Either may be Rows."""
    if not isinstance(value, dict):
        if _is_long(value):
            return await _array(value, Pieces(), dumps)
        return dumps(await value.all() if isinstance(value, Rows) else value)
    if not any(map(_is_long, value.values())):
        short = {name: await member.all() for name, member in value.items() if isinstance(member, Rows)}
        return dumps({**value, **short} if short else value)
    pieces, gap = Pieces(), b"{"
    for name, member in value.items():
        pieces.add(gap + dumps(name) + b":")
        if _is_long(member):
            await _array(member, pieces, dumps)
        else:
            pieces.add(dumps(await member.all() if isinstance(member, Rows) else member))
        gap = b","
    pieces.add(b"}")
    return pieces


def _is_long(value: Any) -> bool:
    return (type(value) is Rows and value.are_many) or (type(value) in (list, tuple) and len(value) > SLICE)


async def _array(value: Any, pieces: Pieces, dumps: Callable[[Any], bytes]) -> Pieces:
    rows = value if isinstance(value, Rows) else each(value, lambda row: row)
    pieces.add(b"[")
    await write(pieces, rows, lambda some: dumps(some)[1:-1], b",")
    pieces.add(b"]")
    return pieces
