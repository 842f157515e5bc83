"""Rows as plain objects with slots.

A table class validates and tracks; the hot path wants neither. `record(Task)` is a class with the columns of `Task` as
attributes and its defaults, an eighth of the cost. To a type checker it is the table class itself.
"""

from typing import Any, TypeVar, cast

from sqlmodel import SQLModel

T = TypeVar("T", bound=SQLModel)


def record(table: type[T]) -> type[T]:
    columns = cast(Any, table).__table__.columns
    names = tuple(column.name for column in columns)
    defaults = {name: None if f.is_required() else f.default for name, f in table.model_fields.items()}
    arguments = ", ".join(f"{name}=D[{name!r}]" for name in names)
    body = "; ".join(f"s.{name} = {name}" for name in names)
    positional = ", ".join(names)
    source = (
        f"def init(s, *, {arguments}):\n {body}\n"
        f"def load(c, row):\n s = new(c); ({positional},) = row; {body}; return s\n"
    )
    scope: dict[str, Any] = {"D": defaults, "new": object.__new__}
    exec(source, scope)  # noqa: S102  generated from column names only
    body_of_class = {
        "__slots__": names,
        "__init__": scope["init"],
        "__repr__": lambda s: f"{table.__name__}({', '.join(f'{n}={getattr(s, n)!r}' for n in names[:4])}, ...)",
        "columns": names,
        "table": columns[names[0]].table,
        "load": classmethod(scope["load"]),
    }
    return cast(type[T], type(f"{table.__name__}Record", (), body_of_class))


def load_all(cls: type[T], rows: list[tuple[Any, ...]]) -> list[T]:
    """Records from rows that hold all columns in table order."""
    return list(map(cast(Any, cls).load, rows))


def load(cls: type[T], row: tuple[Any, ...]) -> T:
    """A record from a row that holds all columns in table order."""
    return cast(T, cast(Any, cls).load(row))
