"""The line before the dialects: requests whose head has come and with which nobody has begun.

Only so many are begun in a round of the event loop, so that rounds are short, and whatever else goes on (turns, lists
in slices, answers to slow readers) keeps its place between them. The others stand in line here. What counts is how long
they stand, and nothing else: neither how long a request takes once it is begun, nor how many there are.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from adapters.common.http import OVERDUE

#: how many requests are begun in a round: fewer where rounds are slow
MOST = 64
LEAST = 8
SLOW = 0.1
#: how many that have stood too long are told so in a round
MOST_REFUSED = 256
#: who asks how it goes is let in past all others
PROBES = frozenset({"/health", "/ready", "/metrics"})


class Door(Protocol):
    """Where a request has come to."""

    def begin(self, cycle: Any) -> None: ...


class Line:
    """`within` seconds a request may stand in line; 0: there is no line.

    As long as the line has been empty within that time, it is a crowd that will be gone soon. If not, more comes than
    can be done: then newcomers are refused at once while the first in line has stood half of that time.
    """

    def __init__(self, within: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.within = within
        self._clock = clock
        self._standing: deque[tuple[float, Door, Any]] = deque()
        self._was_empty = -within
        self._most = MOST
        self._room = MOST
        self._is_going_round = False
        self._round_at = 0.0

    def __len__(self) -> int:
        return len(self._standing)

    def lets_in(self, connection: Door, cycle: Any) -> bool:
        """May the request be begun (or refused: then its scope says so)? If not, it is when its turn has come."""
        if not self.within:
            return True
        if self._room and not self._standing:
            self._room -= 1
            if not self._is_going_round:
                self._was_empty = self._round_at = self._clock()
                self._go_round()
            return True
        if cycle.scope["path"] in PROBES:
            return True
        now = self._clock()
        if self._standing and now - self._standing[0][0] > self._patience(now):
            cycle.scope[OVERDUE] = True
            return True
        # it came after the last round had begun; nobody knows when
        self._standing.append((self._round_at, connection, cycle))
        return False

    def _patience(self, now: float) -> float:
        return self.within if now - self._was_empty <= self.within else self.within / 2

    def _go_round(self) -> None:
        self._is_going_round = True
        asyncio.get_running_loop().call_soon(self._round)

    def _round(self) -> None:
        """Once in each round of the loop, as long as there is something to do."""
        now = self._clock()
        took, self._round_at = now - self._round_at, now
        if took > SLOW:
            self._most = max(LEAST, self._most // 2)
        elif self._most < MOST and took < SLOW / 2:
            self._most *= 2
        was_idle = self._room == self._most and not self._standing
        has_refused = self._refuse(now)
        self._room = self._begin()
        if not (self._standing or has_refused):
            self._was_empty = now
        if was_idle:
            self._is_going_round = False
        else:
            self._go_round()

    def _refuse(self, now: float) -> bool:
        """Those who have stood too long. Were there any?"""
        standing = self._standing
        for refused in range(MOST_REFUSED):
            if not standing or now - standing[0][0] <= self.within:
                return refused > 0
            _, connection, cycle = standing.popleft()
            if not cycle.disconnected:
                cycle.scope[OVERDUE] = True
                connection.begin(cycle)
        return True

    def _begin(self) -> int:
        """How many more may be begun before the next round."""
        room = self._most
        while room and self._standing:
            _, connection, cycle = self._standing.popleft()
            if not cycle.disconnected:
                room -= 1
                connection.begin(cycle)
        return room
