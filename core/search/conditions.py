"""What an operator on a column means in SQL."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, Text, bindparam, cast, func, not_, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import NullType

from core.storage.statements import any_of


class matches(ColumnElement[bool]):  # noqa: N801  reads like a function
    """A whole-value wildcard match; see core.search.patterns for its two parameters. `folded`: the case of letters does
    not matter, which is told by the pattern for SQLite."""

    inherit_cache = False
    type: Any = NullType()  # a Boolean would be compared with 1 where there is no such type, and no index be used

    def __init__(self, column: Any, name: str, *, folded: bool = False) -> None:
        self.column = column
        self.name = name
        self.folded = folded


@compiles(matches, "sqlite")
def _glob(element: matches, compiler: SQLCompiler, **kw: Any) -> str:
    parameter = bindparam(f"{element.name}_glob", type_=Text)
    return f"{compiler.process(element.column, **kw)} GLOB {compiler.process(parameter, **kw)}"


@compiles(matches, "postgresql")
def _like(element: matches, compiler: SQLCompiler, **kw: Any) -> str:
    parameter = bindparam(f"{element.name}_like", type_=Text)
    column = func.lower(element.column) if element.folded else element.column
    return f"{compiler.process(column, **kw)} LIKE {compiler.process(parameter, **kw)}"


def test_of(column: ColumnElement[Any], op: str, name: str) -> ColumnElement[bool]:
    value = bindparam(name, type_=column.type)
    if op == "eq":
        return column == value
    if op == "neq":
        return or_(column != value, column.is_(None))  # to SQL what is missing is neither equal nor unequal
    if op == "in":
        return any_of(column, name)
    if op == "notin":
        return or_(not_(any_of(column, name)), column.is_(None))
    if op == "exists":
        return column.is_not(None)
    if op == "missing":
        return column.is_(None)
    # PostgreSQL has no patterns of numbers, and no cases
    text = cast(column, Text) if isinstance(column.type, BigInteger | Integer) else column
    if op in ("like", "ilike", "notilike"):
        pattern = matches(text, name, folded=op != "like")
        return pattern if op != "notilike" else or_(not_(pattern), column.is_(None))
    left: ColumnElement[Any] = column
    right: ColumnElement[Any] = value
    if op in ("igt", "igte", "ilt", "ilte"):
        left, right, op = func.lower(text), func.lower(bindparam(name, type_=Text)), op[1:]
    comparisons = {"gt": left > right, "gte": left >= right, "lt": left < right, "lte": left <= right}
    return comparisons[op]
