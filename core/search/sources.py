"""Among which rows all that match a search are, as indexes tell it: one select for each alternative, of keys.

A condition with alternatives (mine, or nobody's and I am a candidate) has no index of its own, so whoever has a few
tasks among many would have all of them looked at. The search asks these selects first, and goes on with the keys if
they are few. They may tell more than match, never less.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select


@dataclass(frozen=True, slots=True)
class Further:
    """What else is asked of the rows: conditions on columns of their table; that nobody has them."""

    conditions: Sequence[ColumnElement[bool]] = ()
    nobodys: bool = False


#: (operator, name of the parameter, what else) -> selects of keys
Source = Callable[[str, str, Further], list[Select[Any]]]


def sources(
    where: Sequence[tuple[Any, str]],
    known: Mapping[str, Source],
    first: frozenset[str],
    more: Further,
    prefix: str = "v",
) -> list[Select[Any]]:
    """The selects for the first condition of one of these fields; none if all rows have to be looked at. Other fields
    of those that are known serve where alternatives are asked for."""
    for n, (name, op) in enumerate(where):
        if op == "any":
            alternatives = [_any_source(test, known, more, f"{prefix}{n}_{m}_") for m, test in enumerate(name)]
            # with one that no index tells all rows have to be looked at, and the others are no help
            if alternatives and all(alternatives):
                return [arm for arms in alternatives for arm in arms]
        elif name in first and op in ("eq", "in", "is"):
            return known[name](op, f"{prefix}{n}", more)
    return []


def _any_source(
    where: Sequence[tuple[Any, str]], known: Mapping[str, Source], more: Further, prefix: str
) -> list[Select[Any]]:
    for n, (name, op) in enumerate(where):
        if name in known and op in ("eq", "in", "is"):
            return known[name](op, f"{prefix}{n}", more)
    return []
