"""A search without its values: what decides the statement. The values come as parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, false, or_, true

from core.search.field import Field
from core.search.kept import named
from core.search.kind import Kind, Tests
from core.search.query import Condition, Either, Sort


# whatever changes the statement has to be in it: else that of another search is found in its place
@dataclass(frozen=True, slots=True)
class Shape:
    kind: Kind
    where: Tests
    sort: tuple[Sort[str], ...]
    cursor: str
    limited: bool
    common: bool = False  # most rows match, so that the order of an index finds them soon
    few: bool = False  # no others match than some whose keys are known

    @property
    def is_along_path(self) -> bool:
        """Can the page be read off the indexes of the kind's path?"""
        path = self.kind.path
        if path is None or not self.limited or self.cursor:
            return False
        return path.test in self.where and [(s.field, s.dictionary) for s in self.sort] == [(path.order, False)]


def values_of(
    where: tuple[Condition, ...], table: Table, fields: Mapping[str, Field], prefix: str = "v"
) -> tuple[Tests, dict[str, Any]]:
    """(the tests, their parameters), which are named after their places."""
    tests: list[tuple[Any, str]] = []
    params: dict[str, Any] = {}
    for n, condition in enumerate(where):
        name = f"{prefix}{n}"
        if isinstance(condition, Either):
            parts = [values_of(part, table, fields, f"{name}_{m}_") for m, part in enumerate(condition.alternatives)]
            for _, inner in parts:
                params.update(inner)
            tests.append((tuple(alternative for alternative, _ in parts), "any"))
            continue
        op, bound = named(table, fields, condition.field).bind(condition.op, name, condition.value)
        params.update(bound)
        tests.append((condition.field, op))
    return tuple(tests), params


def conditions_of(tests: Tests, table: Table, fields: Mapping[str, Field], prefix: str) -> list[ColumnElement[bool]]:
    conditions = []
    for n, (name, op) in enumerate(tests):
        if op == "any":
            alternatives = [conditions_of(t, table, fields, f"{prefix}{n}_{m}_") for m, t in enumerate(name)]
            # SQLAlchemy leaves out an OR and an AND of nothing, and all rows would match
            conditions.append(or_(false(), *(and_(true(), *alternative) for alternative in alternatives)))
        else:
            conditions.append(named(table, fields, name).test(op, f"{prefix}{n}"))
    return conditions
