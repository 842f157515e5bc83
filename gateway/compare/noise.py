"""Rules for values that differ by nature: which one holds at a place, and what it says of two values."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

from adapters.common.noise import Judge, Rule
from gateway.compare import places
from gateway.compare.moments import Span, from_clocks, moment
from gateway.compare.numbers import decimal
from gateway.compare.patterns import BadPattern, compiled, has_shape
from gateway.compare.tables import BadTables, tables

#: places and operations whose rules are remembered
_MOST_REMEMBERED = 50_000
#: rules of which it is told how often they were of use
_MOST_TOLD = 200
_KINDS = ("", "clock", "random", "counter", "order")
_TOLERANCE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,9})?) ?(ms|s|min|h|d)?")
_UNITS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}

#: what holds for any server, behind all other rules
GENERIC: tuple[Rule, ...] = (
    Rule("header ETag", "present", kind="random", why="a server makes its own"),
    Rule(
        "header Set-Cookie", "present", kind="random", why="a server makes its own; names and attributes are compared"
    ),
    Rule("header Last-Modified", "within", tolerance="5s", kind="clock"),
    Rule("header Expires", "within", tolerance="5s", kind="clock"),
)
#: and for all values that no rule names
CLOCKS = Rule("**", "within", tolerance="5s", kind="clock", why="a moment that both servers took from their clocks")


class Rules:
    """Those of a file (`own`), before those of dialects, before those that hold for any server: the first one that
    fits."""

    def __init__(self, own: Iterable[Rule] = (), shipped: Iterable[Rule] = ()) -> None:
        own = tuple(own)
        self._all = (*own, *shipped, *GENERIC)
        #: a value that one of these does not allow is a failure
        self._demanding = frozenset(map(id, own))
        self._by_operation: dict[str, list[Rule]] = {}
        self._at: dict[tuple[str, str], Rule | None] = {}
        #: how many values each rule has let pass
        self.used: Counter[Rule] = Counter()

    def at(self, operation: str, place: str) -> Rule | None:
        """The one that holds there."""
        key = (operation, place)
        if key not in self._at:
            if len(self._at) > _MOST_REMEMBERED:
                self._at.clear()
            self._at[key] = next((rule for rule in self._of(operation) if places.fits(rule.place, place)), None)
        return self._at[key]

    def demands(self, rule: Rule) -> bool:
        """Somebody wrote it for what is compared."""
        return id(rule) in self._demanding

    def _of(self, operation: str) -> list[Rule]:
        rules = self._by_operation.get(operation)
        if rules is None:
            if len(self._by_operation) > _MOST_REMEMBERED:
                self._by_operation.clear()
            rules = [rule for rule in self._all if places.operation_fits(rule.operation, operation)]
            self._by_operation[operation] = rules
        return rules


def allows(rule: Rule, old: str, new: str, old_span: Span, new_span: Span) -> str:
    """Why a rule does not allow what the new server said; empty if it does."""
    match rule.judge:
        case "ignore":
            return ""
        case "present":
            return "" if new or not old else "nothing there"
        case "shape":
            if not has_shape(old, rule.pattern):
                return f"what was recorded has not the shape {rule.pattern}"
            return "" if has_shape(new, rule.pattern) else f"not of the shape {rule.pattern}"
        case "within":
            return _within(old, new, old_span, new_span, rule.tolerance)
        case _:
            return "another value"


def _within(old: str, new: str, old_span: Span, new_span: Span, tolerance: str) -> str:
    before, after = moment(old), moment(new)
    if before is not None and after is not None:
        most = seconds(tolerance)
        is_near = abs(before.seconds - after.seconds) <= most
        return "" if is_near or from_clocks(before, after, old_span, new_span, most) else f"not within {tolerance}"
    one, other = decimal(old), decimal(new)
    if one is not None and other is not None:
        return "" if abs(one - other) <= seconds(tolerance) else f"not within {tolerance}"
    return "no moment, and no number"


def seconds(tolerance: str) -> float:
    """Of `5s`, or a plain number. Raises ValueError."""
    match = _TOLERANCE.fullmatch(tolerance)
    if match is None:
        raise ValueError(f"{tolerance or 'nothing'} is no tolerance: 3, 0.5, 500ms, 5s, 2min, 1h or 1d")
    return float(match[1]) * _UNITS.get(match[2], 1.0)


def read(path: Path) -> tuple[Rule, ...]:
    """A file of rules. Raises BadTables, and OSError."""
    return parse(path.read_bytes(), str(path))


def parse(body: bytes, name: str) -> tuple[Rule, ...]:
    """Raises BadTables."""
    rows = tables(body, name, "rule", besides=("identity",))
    return tuple(_rule(row, f"{name}: rule {number}") for number, row in enumerate(rows, 1))


def _rule(row: dict[str, Any], where: str) -> Rule:
    known = [field.name for field in fields(Rule)]
    for key, value in row.items():
        if key not in known:
            raise BadTables(f"{where}: there is no {key}; there are {', '.join(known)}")
        if not isinstance(value, str) and not (key == "tolerance" and isinstance(value, int | float)):
            raise BadTables(f"{where}: {key} has to be a text")
    for key in ("place", "judge"):
        if key not in row:
            raise BadTables(f"{where}: {key} is missing")
    if row["judge"] not in get_args(Judge):
        raise BadTables(f"{where}: judge is one of {', '.join(get_args(Judge))}, not {row['judge']}")
    if row.get("kind", "") not in _KINDS:
        raise BadTables(f"{where}: kind is one of {', '.join(_KINDS[1:])}, not {row['kind']}")
    texts: dict[str, Any] = {key: str(value) for key, value in row.items()}
    rule = Rule(**texts)
    try:
        _check(rule)
    except ValueError as error:
        raise BadTables(f"{where}: {error}") from None
    return rule


def _check(rule: Rule) -> None:
    """Raises ValueError."""
    if rule.judge == "shape":
        if not rule.pattern:
            raise BadPattern("a shape needs a pattern")
        compiled(rule.pattern)
    if rule.judge == "within":
        seconds(rule.tolerance)
    if rule.key and rule.judge != "order":
        raise ValueError("a key is for the order of a list")
    if rule.pattern and rule.judge != "shape":
        raise ValueError("a pattern is for a shape")
    if rule.tolerance and rule.judge != "within":
        raise ValueError("a tolerance is for within")


def said(rule: Rule) -> str:
    """A rule in a line."""
    how = " ".join(filter(None, (rule.judge, rule.pattern or rule.tolerance or rule.key)))
    where = rule.place if rule.operation == "*" else f"{rule.operation} {rule.place}"
    about = ", ".join(filter(None, (rule.kind, rule.why)))
    return f"{where}: {how}{about and f' ({about})'}"


def usage(rules: Rules) -> tuple[str, ...]:
    """Which rules let values pass, and how many, a line each."""
    return tuple(f"{said(rule)}: {times} times" for rule, times in rules.used.most_common(_MOST_TOLD))
