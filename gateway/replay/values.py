"""What values look like: which are made by a server and by no person, and which are times."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
#: what stands for itself in a text around it; longer ones first
TOKEN = re.compile(rf"{_UUID}|[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*|[A-Za-z0-9]+")
#: parts of such a one, as in `task-42` and `{uuid}_17`
PIECE = re.compile(rf"{_UUID}|[A-Za-z0-9]+")
_SHAPES = (
    # what a recording has in the place of a secret
    ("mark", re.compile(r"redacted-[0-9a-f]{16}")),
    ("uuid", re.compile(rf"\{{?{_UUID}\}}?")),
    ("jwt", re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*")),
    ("number", re.compile(r"[1-9][0-9]{9,}")),
    ("hex", re.compile(r"(?=[0-9a-fA-F]*[0-9])(?=[0-9]*[a-fA-F])[0-9a-fA-F]{16,}")),
    ("trace", re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")),
    ("token", re.compile(r"(?=[^0-9]*[0-9])(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])[A-Za-z0-9+/_~.-]{20,}={0,2}")),
)
_STAMP = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d\d?[./]\d\d?[./]\d{4}(?:\s.*)?|\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT")
#: seconds in which numbers may be times: ten years to each side of the recording
_NEAR = 10 * 366 * 86400
_SMALL = re.compile(r"[0-9]{1,9}")
_DIGITS = re.compile(r"[0-9]+")
_NAME = re.compile(r"(?:.*[_-])?(?:id|uid|uuid|key|number|nr|ticket|token|ref)s?|.*(?:ticket|token)", re.IGNORECASE)
_HUMPED = re.compile(r".*[a-z](?:Id|ID|Uid|UID|Uuid|UUID|Key|Number|Nr|Ref)s?")


def shape(value: str) -> str:
    """That of a value which nobody would type, "" for others."""
    return "" if len(value) < 10 or " " in value else _shape(value)


@lru_cache(maxsize=20_000)
def _shape(value: str) -> str:
    if is_time(value):
        return ""
    return next((name for name, pattern in _SHAPES if pattern.fullmatch(value)), "")


def is_small_number(value: str) -> bool:
    return _SMALL.fullmatch(value) is not None


def is_number(value: str) -> bool:
    """Of digits, however many."""
    return _DIGITS.fullmatch(value) is not None


def is_named_like_one(name: str) -> bool:
    """`id`, `taskId`, `TASK_UID`, `orderNumber`: what is called so tells things apart."""
    return bool(_NAME.fullmatch(name) or _HUMPED.fullmatch(name))


def is_time(value: str) -> bool:
    """In a text of a known form; for numbers see `epoch`."""
    return _STAMP.fullmatch(value) is not None or _DATE.fullmatch(value) is not None


def epoch(value: str, around: float) -> float | None:
    """The time that a number of seconds or milliseconds is, if it is near another one."""
    if len(value) not in (10, 13) or not is_number(value):
        return None
    seconds = int(value) / (1000 if len(value) == 13 else 1)
    return seconds if abs(seconds - around) < _NEAR else None


class Stamp(NamedTuple):
    """A time in a text: `seconds` since 1970, and how it is written."""

    seconds: float
    text: str

    def shifted(self, by: float) -> str:
        """The same form, some seconds later."""
        moved = self.seconds + by
        if is_number(self.text):
            return str(round(moved * 1000) if len(self.text) == 13 else round(moved))
        match = _STAMP.fullmatch(self.text)
        assert match is not None
        zone = re.search(r"(?:Z|[+-][0-9]{2}:?[0-9]{2})$", self.text[10:])
        local = moved + _offset(zone[0] if zone else "")
        digits = len(match[7] or "")
        unit = 10 ** min(digits, 6)
        ticks = round(local * unit) if digits else int(local // 1)
        whole, fraction = divmod(ticks, unit) if digits else (ticks, 0)
        at = datetime.fromtimestamp(whole, UTC)
        text = f"{at:%Y-%m-%d}{self.text[10]}{at:%H:%M}" + (f":{at:%S}" if match[6] else "")
        if digits:
            text += f"{self.text[match.start(7) - 1]}{fraction:0{min(digits, 6)}d}{'0' * (digits - 6)}"
        return text + (zone[0] if zone else "")


def stamp(value: str, around: float) -> Stamp | None:
    """A time with hours and minutes; without a zone it is taken for UTC."""
    if (seconds := epoch(value, around)) is not None:
        return Stamp(seconds, value)
    match = _STAMP.fullmatch(value)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    try:
        at = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    zone = re.search(r"(?:Z|[+-][0-9]{2}:?[0-9]{2})$", value[10:])
    fraction = float(f"0.{match[7]}") if match[7] else 0.0
    return Stamp(at.timestamp() + fraction - _offset(zone[0] if zone else ""), value)


def _offset(zone: str) -> int:
    if zone in ("", "Z"):
        return 0
    digits = zone[1:].replace(":", "")
    seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return -seconds if zone[0] == "-" else seconds
