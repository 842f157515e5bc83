"""Times are integers: milliseconds since 1970-01-01T00:00:00Z.

Somebody may set the clock. How long something has lasted is known from the monotonic one, whose zero means nothing.
"""

import time
from collections.abc import Callable

Clock = Callable[[], int]

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def wall_clock() -> int:
    return time.time_ns() // 1_000_000


def monotonic_clock() -> int:
    return time.monotonic_ns() // 1_000_000
