"""Priorities of this dialect, five words, and those of the engine, 0 to 100. What the numbers mean is our choice."""

#: number of this dialect -> the engine's
_TO_CORE = {0: 0, 1: 25, 5: 50, 10: 75, 11: 100}
#: the highest value of the engine that still is this word
_UP_TO = ((0, 0), (37, 1), (62, 5), (87, 10), (100, 11))


def to_core(number: int) -> int:
    return _TO_CORE[number]


def from_core(priority: int) -> int:
    return next((number for limit, number in _UP_TO if priority <= limit), 11)


def bounds(number: int) -> tuple[int, int]:
    """The lowest and the highest value of the engine that is this word."""
    low = 0
    for limit, word in _UP_TO:
        if word == number:
            return low, limit
        low = limit + 1
    return 0, 100
