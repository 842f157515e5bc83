"""Fields that are named as they are needed: what a dialect keeps with a row, and texts in the order of dictionaries.

`ext:words/fields/x` is what stands at this path of the column `ext`, as text; `dictionary:name` is the field `name`
in the order of DIN 5007: without regard to case, umlauts beside their vowels.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache, reduce
from typing import Any

from sqlalchemy import ColumnElement, Table, Text, func, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from core.search.field import Field, plain

EXT, DICTIONARY = "ext:", "dictionary:"
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


@lru_cache(maxsize=256)
def _at(table: Table, path: str) -> Field:
    return plain(kept(table.c.ext, tuple(path.split("/", DEPTH - 1))), nullable=True)


def named(table: Table, fields: Mapping[str, Field], name: str) -> Field:
    if name.startswith(EXT):
        return _at(table, name.removeprefix(EXT))
    if name.startswith(DICTIONARY):
        field = named(table, fields, name.removeprefix(DICTIONARY))
        assert field.sort is not None
        return replace(field, sort=_sorted_like_a_dictionary(field.sort))
    return fields[name]
