"""Differences that somebody has agreed to, until some day."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from gateway.compare import places

_TEXTS = ("operation", "place", "reason", "who")
#: of a file
MAX_WAIVERS = 10_000


class BadWaivers(ValueError):
    """A file of waivers cannot be used; the text says why, with its name."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """`operation` and `place` are patterns, as in a rule; the last day on which it holds is `until`."""

    operation: str
    place: str
    reason: str
    who: str
    until: date

    def covers(self, operation: str, place: str) -> bool:
        return places.operation_fits(self.operation, operation) and places.fits(self.place, place)


class Waivers:
    def __init__(self, waivers: Iterable[Waiver] = ()) -> None:
        self.all = tuple(waivers)

    def covering(self, operation: str, place: str, today: date) -> Waiver | None:
        """One that still holds."""
        return next((one for one in self.all if one.until >= today and one.covers(operation, place)), None)


def read(path: Path) -> tuple[Waiver, ...]:
    """Raises BadWaivers, and OSError."""
    return parse(path.read_bytes(), str(path))


def parse(body: bytes, name: str) -> tuple[Waiver, ...]:
    """Raises BadWaivers."""
    try:
        document = tomllib.loads(body.decode())
    except (ValueError, RecursionError) as error:
        raise BadWaivers(f"{name}: {str(error) or 'too deep'}") from None
    unknown = document.keys() - {"format", "waiver"}
    if unknown:
        raise BadWaivers(f"{name}: there is no {min(unknown)}; there are format, waiver")
    if document.get("format", 1) != 1:
        raise BadWaivers(f"{name}: is of another format than 1, which this program reads")
    rows = document.get("waiver", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadWaivers(f"{name}: each waiver is a table that begins with [[waiver]]")
    if len(rows) > MAX_WAIVERS:
        raise BadWaivers(f"{name}: more than {MAX_WAIVERS} waivers")
    return tuple(_waiver(row, f"{name}: waiver {number}") for number, row in enumerate(rows, 1))


def _waiver(row: dict[str, Any], where: str) -> Waiver:
    for key in row:
        if key not in (*_TEXTS, "until"):
            raise BadWaivers(f"{where}: there is no {key}; there are {', '.join((*_TEXTS, 'until'))}")
    for key in _TEXTS:
        if not isinstance(row.get(key), str) or not row[key].strip():
            raise BadWaivers(f"{where}: {key} is missing, or no text")
    until = row.get("until")
    if not isinstance(until, date) or isinstance(until, datetime):
        raise BadWaivers(f"{where}: until is a day without quotes, as in 2027-03-31")
    return Waiver(**{key: row[key] for key in _TEXTS}, until=until)
