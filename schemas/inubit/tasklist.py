"""What is asked of a task list: query parameters, JSON and XML bodies. Source: dossier inubit.md, sections 3.2, 3.4,
3.10 and 3.11."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from lxml import etree

from schemas.common.numbers import whole
from schemas.common.xml import BadXml, parse

SUFFIXES = (
    "FieldFilterCaseSensitive", "FieldFilterComparison", "FieldFilter", "FieldSorting",
    "FilterCaseSensitive", "FilterComparison", "FilterTo", "Filter", "Sorting",
)  # fmt: skip
COMPARISONS = ("LIKE", "=", "<", ">", "<=", ">=", "!=")
UNIT_NAME, UNIT_TYPE = "unit/@name", "unit/@type"
#: what a unit can be
UNIT_TYPES = ("Role", "Unit", "User")


class BadQuery(ValueError):
    """A parameter, or a member of a body, has a value that it cannot have."""


@dataclass(slots=True)
class Filter:
    """`upper` is the end of a range; `comparison` is one of COMPARISONS, empty if none was named."""

    value: str = ""
    comparison: str = ""
    upper: str | None = None
    case_sensitive: bool = False

    @property
    def test(self) -> str:
        return self.comparison or "LIKE"


@dataclass(frozen=True, slots=True)
class Order:
    """By a built-in field (lower case) or, if it is `custom`, by a Field of that name."""

    column: str
    descending: bool
    custom: bool = False


@dataclass(slots=True)
class ListRequest:
    """`filters` are those on built-in fields, `fields` those on Fields. `units` are alternatives of (type, names), any
    name if there are none."""

    start: int = 0
    count: int | None = None
    like_a_dictionary: bool = False
    filters: dict[str, Filter] = field(default_factory=dict)
    fields: dict[str, Filter] = field(default_factory=dict)
    sorting: list[Order] = field(default_factory=list)
    units: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)


def _number(name: str, text: str) -> int:
    number = whole(text, 9)
    if number is None:
        raise BadQuery(name)
    return number


def parse_list(parameters: Iterable[tuple[str, str]]) -> ListRequest:
    """Suffixes are tried longest first; what is left is the field. Raises BadQuery."""
    listing = ListRequest()
    for name, value in parameters:
        if name == "start":
            listing.start = _number(name, value)
        elif name == "count":
            listing.count = _number(name, value)
        elif name == "enableDIN5007Sort":
            listing.like_a_dictionary = _yes(name, value)
        else:
            _suffixed(listing, name, value)
    for column, entry in (*listing.filters.items(), *listing.fields.items()):
        if entry.upper is not None and entry.comparison:
            raise BadQuery(f"{column}FilterTo")
    return listing


def _yes(name: str, value: str) -> bool:
    if value not in ("true", "false"):
        raise BadQuery(name)
    return value == "true"


def _suffixed(listing: ListRequest, name: str, value: str) -> None:
    suffix = next((s for s in SUFFIXES if name.endswith(s) and len(name) > len(s)), None)
    if suffix is None:
        return
    custom = suffix.startswith("Field")
    column = name[: -len(suffix)]
    column = column if custom else column.lower()
    suffix = suffix.removeprefix("Field")
    if suffix == "Sorting":
        if value not in ("ascending", "descending"):
            raise BadQuery(name)
        listing.sorting.append(Order(column, value == "descending", custom))
        return
    entry = (listing.fields if custom else listing.filters).setdefault(column, Filter())
    if suffix == "Filter":
        entry.value = value
    elif suffix == "FilterTo":
        entry.upper = value
    elif suffix == "FilterCaseSensitive":
        entry.case_sensitive = _yes(name, value)
    else:
        if value not in COMPARISONS:
            raise BadQuery(name)
        entry.comparison = value


# bodies


def parse_task_filter(body: bytes) -> list[Order]:
    """The sorting of a TaskListRequest; none without a body. Raises BadQuery."""
    if not body.strip():
        return []
    import xmltodict  # not needed before somebody asks in this way

    try:
        read = xmltodict.parse(etree.tostring(parse(body)), force_list=("SortField",))
    except BadXml as error:
        raise BadQuery(str(error)) from None
    request = read.get("TaskListRequest", "")
    if request is None:
        return []
    sorting = request.get("Sorting") or {} if isinstance(request, Mapping) else ""
    rows = sorting.get("SortField", []) if isinstance(sorting, Mapping) else [None]
    return [_sort_field(row) for row in rows]


def _sort_field(row: Any) -> Order:
    name, order = (row.get("Field"), row.get("Order", "ASCENDING")) if isinstance(row, Mapping) else (None, None)
    if not isinstance(name, str) or order not in ("ASCENDING", "DESCENDING"):
        raise BadQuery("SortField")
    return Order(name.lower(), order == "DESCENDING")


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadQuery("body") from None


def _texts(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) for text in values):
        raise BadQuery("body")
    return tuple(values)


def parse_roles(body: bytes) -> tuple[str, ...] | None:
    """`{"roles": [...]}`; None without a body. Raises BadQuery."""
    if not body.strip():
        return None
    value = _json(body)
    roles = value.get("roles") if isinstance(value, dict) else None
    if not isinstance(roles, list):
        raise BadQuery("roles")
    return _texts(roles)


def parse_units(body: bytes) -> list[tuple[str, tuple[str, ...]]]:
    """`[{"Unit/@name": {"Role": ["admin"]}, "Unit/@type": "Role"}]` as alternatives of (type, names); names may also be
    a list or a text, of the type that stands beside them, or of any. Raises BadQuery."""
    if not body.strip():
        return []
    rows = _json(body)
    if not isinstance(rows, list):
        raise BadQuery("body")
    alternatives: list[tuple[str, tuple[str, ...]]] = []
    for row in rows:
        if not isinstance(row, dict):
            raise BadQuery("body")
        folded = {str(name).lower(): value for name, value in row.items()}
        types = _texts(folded[UNIT_TYPE]) if folded.get(UNIT_TYPE) is not None else UNIT_TYPES
        names = folded.get(UNIT_NAME)
        for type in types:
            if type not in UNIT_TYPES:
                raise BadQuery(UNIT_TYPE)
            if not isinstance(names, dict):
                alternatives.append((type, _texts(names) if names is not None else ()))
            elif type in names:
                alternatives.append((type, _texts(names[type])))
    return alternatives
