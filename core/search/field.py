"""What can be searched and sorted by."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

from sqlalchemy import ColumnElement, Table, Text, literal

from core.search.conditions import test_of
from core.search.patterns import literally, patterns

#: (operator, name of the parameter) -> what it means in SQL
Test = Callable[[str, str], ColumnElement[bool]]
#: (operator, name of the parameter, value) -> the operator that is written, and the parameters
Bind = Callable[[str, str, Any], tuple[str, dict[str, Any]]]


def by_value(op: str, name: str, value: Any) -> tuple[str, dict[str, Any]]:
    """One parameter, or the two patterns of a wildcard match, or none at all."""
    if op == "exists":
        return "exists" if value else "missing", {}
    if op in ("like", "ilike", "notilike"):
        glob, like = patterns(value, folded=op != "like")
        return op, {f"{name}_glob": glob, f"{name}_like": like}
    return op, {name: list(value) if op in ("in", "notin") else value}


def by_nothing(op: str, name: str, value: Any) -> tuple[str, dict[str, Any]]:
    """It takes no value."""
    return op, {}


def by_values(op: str, name: str, value: Any) -> tuple[str, dict[str, Any]]:
    """The value is some values."""
    return op, {name: list(value)}


def by_name_and_value(op: str, name: str, value: Any) -> tuple[str, dict[str, Any]]:
    """The value is (name, value)."""
    op, params = by_value(op, name, value[1])
    return op, {f"{name}_name": value[0], **params}


def by_user_and_groups(op: str, name: str, value: Any) -> tuple[str, dict[str, Any]]:
    """The value is (user name, [group names])."""
    return op, {f"{name}_user": value[0], f"{name}_groups": list(value[1])}


def by_user_and_key(op: str, name: str, value: Any) -> tuple[str, dict[str, Any]]:
    """The value is (user name, their key)."""
    return op, {f"{name}_user": value[0], f"{name}_key": value[1]}


def by_text(op: str, name: str, value: Any) -> tuple[str, dict[str, Any]]:
    """The value itself, and patterns for whatever contains it in any case."""
    glob, like = patterns(f"*{literally(str(value))}*", folded=True)
    return op, {f"{name}_glob": glob, f"{name}_like": like, name: str(value)}


@dataclass(frozen=True)
class Field:
    """How a field is tested and, if it can be, sorted; `nullable` puts rows without a value last either way. `bind`
    says what parameters a value is to the test."""

    test: Test
    sort: ColumnElement[Any] | None = None
    nullable: bool = False
    bind: Bind = by_value


def test_of_filled(column: ColumnElement[str]) -> Test:
    """A text that is kept as an empty one where there is none."""

    def test(op: str, name: str) -> ColumnElement[bool]:
        if op in ("exists", "missing"):
            empty = literal("", Text)
            return column != empty if op == "exists" else column == empty
        return test_of(column, op, name)

    return test


def filled(column: ColumnElement[str]) -> Field:
    return Field(test_of_filled(column), column)


def plain(column: ColumnElement[Any], *, nullable: bool = False) -> Field:
    return Field(lambda op, name: test_of(column, op, name), column, nullable)


def columns(table: Table, names: Any, *, nullable: bool = False) -> dict[str, Field]:
    """Fields that are columns of the table, each of a `Literal`."""
    return {name: plain(table.c[name], nullable=nullable) for name in get_args(names)}
