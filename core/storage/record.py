"""Rows as plain objects with slots.

A table class validates and tracks; the hot path wants neither. `record(Task)` is a class with the columns of `Task` as
attributes and its defaults, an eighth of the cost. To a type checker it is the table class itself.

A column of JSON has its value as attribute, not its text: the text is kept beside it, is what is read and written, and
is parsed when somebody asks for the value for the first time. A value that is assigned becomes text at once, so what
cannot be stored is refused where it is assigned, and nobody changes a row by what they still have in hand.
"""

from typing import Any, TypeVar, cast

import orjson
from sqlmodel import SQLModel

from core.storage.columns import Json
from core.storage.jsontext import stored

T = TypeVar("T", bound=SQLModel)


def record(table: type[T]) -> type[T]:
    columns = cast(Any, table).__table__.columns
    names = tuple(column.name for column in columns)
    kinds: dict[str, Json] = {c.name: c.info["json"] for c in columns if "json" in c.info}
    holders = {name: f"{name}_text" if name in kinds else name for name in names}
    body_of_class = {
        "__slots__": (*holders.values(), *(f"_{name}" for name in kinds)),
        "__repr__": lambda s: f"{table.__name__}({', '.join(f'{n}={getattr(s, n)!r}' for n in names[:4])}, ...)",
        "columns": names,
        "holders": holders,
        "table": columns[names[0]].table,
        **{name: value for name, value in vars(table).items() if isinstance(value, property)},
        **_constructors(table, holders, kinds),
        **{name: _value(name, kind) for name, kind in kinds.items()},
    }
    return cast(type[T], type(f"{table.__name__}Record", (), body_of_class))


def _constructors(table: type[SQLModel], holders: dict[str, str], kinds: dict[str, Json]) -> dict[str, Any]:
    """Two of them, from values by name and from a row as it is stored, which is why a dataclass would not do. Like a
    dataclass's they are written out for the columns that there are: a loop over these would take several times as
    long."""
    defaults = {name: None if f.is_required() else f.default for name, f in table.model_fields.items()}
    arguments = ", ".join(f"{name}=D[{name!r}]" for name in holders)
    values = {n: f"stored({n}) if {n} else {kinds[n].empty!r}" if n in kinds else n for n in holders}
    body = "; ".join(f"s.{holder} = {values[name]}" for name, holder in holders.items())
    slots = ", ".join(f"s.{holder}" for holder in holders.values())
    unread = "; ".join(f"s._{name} = None" for name in kinds) or "pass"
    source = (
        f"def init(s, *, {arguments}):\n {body}\n {unread}\n"
        f"def load(c, row):\n s = new(c); ({slots},) = row\n {unread}\n return s\n"
    )
    scope = {"D": defaults, "new": object.__new__, "stored": stored}
    exec(source, scope)  # noqa: S102  generated from column names only
    return {"__init__": scope["init"], "load": classmethod(cast(Any, scope["load"]))}


def _value(name: str, kind: Json) -> property:
    """The attribute for a column of JSON, written out as well."""
    parsed = "tuple(loads(text))" if isinstance(kind.nothing, tuple) else "loads(text)"
    source = (
        f"def read(s):\n value = s._{name}\n if value is None:\n  text = s.{name}_text\n"
        f"  value = s._{name} = nothing if text == {kind.empty!r} or not text else {parsed}\n return value\n"
        f"def write(s, value):\n s.{name}_text = stored(value) if value else {kind.empty!r}; s._{name} = None\n"
    )
    scope: dict[str, Any] = {"nothing": kind.nothing, "loads": orjson.loads, "stored": stored}
    exec(source, scope)  # noqa: S102  generated from column names only
    return property(scope["read"], scope["write"])


def load_all(cls: type[T], rows: list[tuple[Any, ...]]) -> list[T]:
    """Records from rows that hold all columns in table order."""
    return list(map(cast(Any, cls).load, rows))


def load(cls: type[T], row: tuple[Any, ...]) -> T:
    """A record from a row that holds all columns in table order."""
    return cast(T, cast(Any, cls).load(row))
