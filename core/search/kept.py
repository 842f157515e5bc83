"""What a dialect keeps with a row, as a field that is named as it is needed; and texts in the order of dictionaries."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache, reduce
from typing import Any, NewType

from sqlalchemy import BigInteger, ColumnElement, Integer, Table, Text, func, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from core.search.field import Field, plain
from core.search.query import Sort

#: the name of such a field
Kept = NewType("Kept", str)

_EXT = "ext:"
DEPTH = 3
_LETTERS = {"ä": "a", "ö": "o", "ü": "u", "ß": "ss", "Ä": "a", "Ö": "o", "Ü": "u", "ẞ": "ss"}


class kept(ColumnElement[str]):  # noqa: N801  reads like a function
    """The text at a path of a JSON column, null if nothing is there."""

    inherit_cache = False
    type = Text()

    def __init__(self, column: ColumnElement[Any], path: tuple[str, ...]) -> None:
        self.column = column
        self.path = path


@compiles(kept, "sqlite")
def _extract(element: kept, compiler: SQLCompiler, **kw: Any) -> str:
    path = "$" + "".join(f'."{part}"' for part in element.path)
    return compiler.process(func.json_extract(element.column, literal(path, Text)), **kw)


@compiles(kept, "postgresql")
def _path_text(element: kept, compiler: SQLCompiler, **kw: Any) -> str:
    parts = ", ".join(compiler.process(literal(part, Text), **kw) for part in element.path)
    return f"json_extract_path_text({compiler.process(element.column, **kw)}::json, {parts})"


def can_name(part: str) -> bool:
    """SQLite has no way to write the others in a path."""
    return bool(part) and part.isprintable() and not set(part) & {'"', "\\"}


def _sorted_like_a_dictionary(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.lower(reduce(lambda text, pair: func.replace(text, *pair), _LETTERS.items(), column), type_=Text)


# clients choose the paths, so there is a bound
@lru_cache(maxsize=256)
def _at(table: Table, path: str) -> Field:
    return plain(kept(table.c.ext, tuple(path.split("/", DEPTH - 1))), nullable=True)


def kept_at(path: str) -> Kept:
    """What stands at this path of the column `ext`, as text; its parts, three at most, are separated by slashes."""
    return Kept(f"{_EXT}{path}")


def named(table: Table, fields: Mapping[str, Field], name: str) -> Field:
    return _at(table, name.removeprefix(_EXT)) if name.startswith(_EXT) else fields[name]


def sorted_by(table: Table, fields: Mapping[str, Field], sort: Sort[str]) -> Field:
    field = named(table, fields, sort.field)
    assert field.sort is not None
    if not sort.dictionary or isinstance(field.sort.type, BigInteger | Integer):
        return field
    return replace(field, sort=_sorted_like_a_dictionary(field.sort))
