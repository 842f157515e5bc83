"""Administration lists: `start`, `limit`, three filters. Source: dossier processmaker.md, section 1.6, family A."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from schemas.processmaker.wire import Like, count

FILTERS = ("filter", "lfilter", "rfilter")
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Filter:
    """`name` is the parameter that was used, which a page echoes with its text."""

    name: str
    text: str

    def keeps(self, texts: Iterable[str]) -> bool:
        """Is the text in one of them, at the place that the parameter means? White space alone is no filter."""
        if not self.text.strip():
            return True
        pattern = Like(self.text, start=self.name != "lfilter", end=self.name != "rfilter")
        return any(map(pattern.matches, texts))


def read_filter(values: Mapping[str, Any]) -> Filter:
    for name in FILTERS:
        if values.get(name) not in (None, ""):
            value = values[name]
            return Filter(name, str(value).lower() if isinstance(value, bool) else str(value))
    return Filter("filter", "")


def page(rows: list[dict[str, Any]], total: int, start: int, limit: int, used: Filter) -> dict[str, Any]:
    return {"total": total, "start": start, "limit": limit, used.name: used.text, "data": rows}


@dataclass(frozen=True, slots=True)
class Window:
    """What part of which rows is wanted; `limit` None is all of them."""

    start: int
    limit: int | None
    used: Filter

    def of(self, rows: Iterable[Row], texts: Callable[[Row], Iterable[str]]) -> tuple[Sequence[Row], int]:
        """(the rows to show, how many the filter keeps)"""
        matching = [row for row in rows if self.used.keeps(texts(row))]
        if self.limit is None:
            return matching[self.start :], len(matching)
        return matching[self.start : self.start + self.limit], len(matching)

    def page(self, rows: list[dict[str, Any]], total: int) -> dict[str, Any]:
        return page(rows, total, self.start, self.limit or 0, self.used)


def read_window(values: Mapping[str, Any], *, mark: str = "", zero_is_all: bool = False) -> Window:
    """`mark` stands before the names in the complaints; start is checked first. Raises BadRequest."""
    start = count(values, "start", f"{mark}start")
    limit = count(values, "limit", f"{mark}limit")
    if zero_is_all and limit == 0:
        limit = None
    return Window(start or 0, limit, read_filter(values))
