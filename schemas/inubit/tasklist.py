"""The query parameters of the task list. Source: dossier inubit.md, section 3.2."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

SUFFIXES = (
    "FieldFilterCaseSensitive", "FieldFilterComparison", "FieldFilter", "FieldSorting",
    "FilterCaseSensitive", "FilterComparison", "FilterTo", "Filter", "Sorting",
)  # fmt: skip
COMPARISONS = ("LIKE", "=", "<", ">", "<=", ">=", "!=")


class BadQuery(ValueError):
    """A parameter has a value that it cannot have."""


@dataclass(slots=True)
class Filter:
    """`upper` is the end of a range; `comparison` is one of COMPARISONS."""

    value: str = ""
    comparison: str = "LIKE"
    upper: str | None = None
    case_sensitive: bool = False


@dataclass(slots=True)
class ListRequest:
    start: int = 0
    count: int | None = None
    filters: dict[str, Filter] = field(default_factory=dict)
    sorting: list[tuple[str, bool]] = field(default_factory=list)


def _number(name: str, text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text):
        raise BadQuery(name)
    return int(text)


def parse_list(parameters: Iterable[tuple[str, str]]) -> ListRequest:
    """Suffixes are tried longest first; what is left is the field. Custom fields and unknown ones raise BadQuery."""
    wanted = ListRequest()
    for name, value in parameters:
        if name == "start":
            wanted.start = _number(name, value)
        elif name == "count":
            wanted.count = _number(name, value)
        else:
            _suffixed(wanted, name, value)
    return wanted


def _suffixed(wanted: ListRequest, name: str, value: str) -> None:
    suffix = next((s for s in SUFFIXES if name.endswith(s) and len(name) > len(s)), None)
    if suffix is None:
        return
    column = name[: -len(suffix)].lower()
    if suffix.startswith("Field"):
        raise BadQuery(name)
    if suffix == "Sorting":
        if value not in ("ascending", "descending"):
            raise BadQuery(name)
        wanted.sorting.append((column, value == "descending"))
        return
    entry = wanted.filters.setdefault(column, Filter())
    if suffix == "Filter":
        entry.value = value
    elif suffix == "FilterTo":
        entry.upper = value
    elif suffix == "FilterCaseSensitive":
        entry.case_sensitive = value == "true"
    else:
        if value not in COMPARISONS:
            raise BadQuery(name)
        entry.comparison = value
