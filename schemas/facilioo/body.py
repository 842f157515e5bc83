"""Reading bodies as System.Text.Json and the model binding behind it do. Source: dossier facilioo.md, sections 1.5, 1.7
and 2.2: mostly our choice there."""

from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.common.numbers import within
from schemas.common.shapes import Member, members
from schemas.facilioo.contract import REQUESTS, pascal
from schemas.facilioo.wire import INT32, Invalid, convertible, fold, load, required

Moment = Callable[[str], int]
"""A date-time as milliseconds; raises ValueError."""

_DOTNET = {"int": "System.Int32", "bool": "System.Boolean", "date": "System.DateTime", "text": "System.String"}
_JSON: Mapping[str, Any] = {"int": int, "bool": bool, "date": str, "text": str}
_INVALID: Any = object()
#: values of one member of a search, and rows of a batch
MOST = 1000


@dataclass(slots=True)
class _Complaints:
    """Conversion comes first: if anything cannot be read, nothing is validated."""

    conversion: dict[str, list[str]] = field(default_factory=dict)
    validation: dict[str, list[str]] = field(default_factory=dict)

    def raise_any(self) -> None:
        if self.conversion or self.validation:
            raise Invalid(self.conversion or self.validation)


def read_create(body: bytes, shape: str, moment: Moment) -> dict[str, Any]:
    """All members of a shape, None for those that are not there; dates as milliseconds. Unknown ones are ignored.
    Raises Invalid with all complaints."""
    complaints = _Complaints()
    values = _read(_object(body), shape, moment, complaints, "", partial=False)
    complaints.raise_any()
    return values


def read_change(body: bytes, shape: str, moment: Moment) -> dict[str, Any]:
    """The members that are there."""
    complaints = _Complaints()
    values = _read(_object(body), shape, moment, complaints, "", partial=True)
    complaints.raise_any()
    return values


def read_batch(body: bytes, shape: str, moment: Moment) -> list[tuple[int, dict[str, Any]]]:
    """(id, the members that are there) of each."""
    rows = load(body)
    if not isinstance(rows, list):
        raise Invalid({"$": [convertible("the requested type", "$")]})
    if len(rows) > MOST:
        raise Invalid({"": [f"There are more than {MOST} values."]})
    complaints = _Complaints()
    batch = []
    for n, row in enumerate(rows):
        if not isinstance(row, dict):
            complaints.conversion[f"$[{n}]"] = [convertible("the requested type", f"$[{n}]")]
            continue
        folded = fold(row)
        id = _member(folded, _ID, moment, complaints, f"[{n}]", partial=False)
        batch.append((id, _read(folded, shape, moment, complaints, f"[{n}]", partial=True)))
    complaints.raise_any()
    return batch


_ID = Member(name="id", alias="", kind="int", required=True, filled=False, nullable=False)


def _object(body: bytes) -> dict[str, Any]:
    value = load(body)
    if not isinstance(value, dict):
        raise Invalid({"$": [convertible("the requested type", "$")]})
    return fold(value)


def _read(
    values: Mapping[str, Any], shape: str, moment: Moment, complaints: _Complaints, where: str, *, partial: bool
) -> dict[str, Any]:
    converted = {}
    for member in members(REQUESTS[shape]):
        if member.alias and member.name.casefold() not in values and member.alias.casefold() in values:
            values = {**values, member.name.casefold(): values[member.alias.casefold()]}
        if partial and member.name.casefold() not in values:
            continue
        converted[member.name] = _member(values, member, moment, complaints, where, partial=partial)
    return converted


def _member(
    values: Mapping[str, Any], member: Member, moment: Moment, complaints: _Complaints, where: str, *, partial: bool
) -> Any:
    value = values.get(member.name.casefold())
    name = f"{where}.{pascal(member.name)}" if where else pascal(member.name)
    if value is None:
        if member.required or (partial and not member.nullable):
            complaints.validation[name] = [required(pascal(member.name))]
        return None
    path = f"${where}.{member.name}"
    if member.kind.removesuffix("[]") not in _JSON:
        return _inner(value, member, moment=moment, complaints=complaints, where=name, path=path)
    converted = _convert(value, member.kind, moment)
    if converted is _INVALID:
        dotnet = _DOTNET[member.kind]
        if member.nullable and member.kind != "text":
            dotnet = f"System.Nullable`1[{dotnet}]"
        complaints.conversion[path] = [convertible(dotnet, path)]
        return None
    if member.filled and not converted:
        complaints.validation[name] = [required(pascal(member.name))]
    return converted


def _convert(value: Any, kind: str, moment: Moment) -> Any:
    """_INVALID if it is of another kind. A whole number may be a text."""
    if kind == "int" and isinstance(value, str):
        value = within(value, -INT32, INT32 - 1)
    if not isinstance(value, _JSON[kind]) or (kind == "int" and isinstance(value, bool)):
        return _INVALID
    if kind == "int":
        return value if -INT32 <= value < INT32 else _INVALID
    if kind == "date":
        try:
            return moment(value)
        except ValueError:
            return _INVALID
    if kind == "text" and "\0" in value:
        return _INVALID
    return value


def _inner(value: Any, member: Member, moment: Moment, complaints: _Complaints, where: str, path: str) -> Any:
    """A shape inside of another, or a list of them."""
    shape, is_list = member.kind.removesuffix("[]"), member.kind.endswith("[]")
    rows = value if is_list and isinstance(value, list) else [value]
    converted = []
    for n, row in enumerate(rows):
        at = f"{path}[{n}]" if is_list else path
        if not isinstance(row, dict) or is_list != isinstance(value, list):
            complaints.conversion[at] = [convertible("the requested type", at)]
            continue
        inner = f"{where}[{n}]" if is_list else where
        converted.append(_read(fold(row), shape, moment, complaints, inner, partial=False))
    return converted if is_list else next(iter(converted), None)


# Searches


@dataclass(frozen=True, slots=True)
class Search:
    """`equal`: member -> the values of which it has to have one; `order`: (member, descending)."""

    order: tuple[tuple[str, bool], ...]
    changed_since: int | None
    equal: Mapping[str, tuple[Any, ...]]


def read_search(body: bytes, filters: Mapping[str, str], orders: Iterable[str], moment: Moment) -> Search:
    """`filters`: member -> int, text or bool, a list of which is sent (but one bool). Unknown members are ignored, and
    no body asks for all. Raises Invalid."""
    values = _object(body) if body.removeprefix(BOM_UTF8).strip() else {}
    complaints = _Complaints()
    equal: dict[str, tuple[Any, ...]] = {}
    for name, kind in filters.items():
        value = values.get(name.casefold())
        if value is None:
            continue
        rows = value if isinstance(value, list) and kind != "bool" else [value]
        path = f"$.{name}"
        if len(rows) > MOST:
            complaints.validation[name[0].upper() + name[1:]] = [f"There are more than {MOST} values."]
            continue
        converted = tuple(_convert(row, kind, moment) for row in rows)
        if (kind != "bool" and not isinstance(value, list)) or _INVALID in converted:
            complaints.conversion[path] = [convertible("the requested type", path)]
        equal[name] = converted
    since = values.get("changedsince")
    if since is not None:
        since = _convert(since, "date", moment)
        if since is _INVALID:
            complaints.conversion["$.changedSince"] = [
                convertible("System.Nullable`1[System.DateTime]", "$.changedSince")
            ]
    order = _order(values.get("orderby"), {name.casefold(): name for name in orders}, complaints)
    complaints.raise_any()
    return Search(order, since, equal)


def _order(value: Any, known: Mapping[str, str], complaints: _Complaints) -> tuple[tuple[str, bool], ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        complaints.conversion["$.orderBy"] = [convertible("the requested type", "$.orderBy")]
        return ()
    order: list[tuple[str, bool]] = []
    for text in value:
        name, _, direction = text.strip().casefold().partition(" ")
        if name not in known or direction.strip() not in ("", "asc", "desc"):
            complaints.validation["OrderBy"] = [f"The value '{text}' is not valid for OrderBy."]
        elif known[name] not in (other for other, _ in order):
            order.append((known[name], direction.strip() == "desc"))
    return tuple(order)
