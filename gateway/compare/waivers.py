"""Differences that somebody has agreed to, until some day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from gateway.compare import places
from gateway.compare.tables import BadTables, tables

_TEXTS = ("operation", "place", "reason", "who")


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
    """Raises BadTables, and OSError."""
    return parse(path.read_bytes(), str(path))


def parse(body: bytes, name: str) -> tuple[Waiver, ...]:
    """Raises BadTables."""
    rows = tables(body, name, "waiver")
    return tuple(_waiver(row, f"{name}: waiver {number}") for number, row in enumerate(rows, 1))


def _waiver(row: dict[str, Any], where: str) -> Waiver:
    for key in row:
        if key not in (*_TEXTS, "until"):
            raise BadTables(f"{where}: there is no {key}; there are {', '.join((*_TEXTS, 'until'))}")
    for key in _TEXTS:
        if not isinstance(row.get(key), str) or not row[key].strip():
            raise BadTables(f"{where}: {key} is missing, or no text")
    until = row.get("until")
    if not isinstance(until, date) or isinstance(until, datetime):
        raise BadTables(f"{where}: until is a day without quotes, as in 2027-03-31")
    return Waiver(**{key: row[key] for key in _TEXTS}, until=until)
