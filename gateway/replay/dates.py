"""Times that clients take from the clock: they are now, or now and some days, when they send them."""

from gateway.replay.values import stamp

_DAY = 86400.0
#: seconds around now in which a time is taken from the clock
_NOW = 15 * 60.0
#: and around the same time of another day
_SAME_TIME = 5.0


def shifted(value: str, began: float, by: float) -> str:
    """A time that a request had when it began, in the replay that many seconds later; other values as they are."""
    read = stamp(value, began)
    if read is None or abs(by) < 1:
        return value
    distance = read.seconds - began
    days = round(distance / _DAY)
    is_even = read.seconds % 60 == 0
    if abs(distance) <= _NOW or (abs(distance - days * _DAY) <= _SAME_TIME and not is_even):
        return read.shifted(by)
    return value
