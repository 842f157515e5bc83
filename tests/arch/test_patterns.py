"""Patterns mean the same on each Python that the house runs on.

Before 3.11.5 a possessive repetition of a group that can be matched in several ways matched something else (recordings
kept secrets for it). An atomic group around an ordinary repetition says the same, and was right from the beginning.
"""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "schemas", "adapters", "gateway")
_parser: Any = importlib.import_module("re._parser")
_ONE = frozenset(("LITERAL", "NOT_LITERAL", "IN", "ANY"))


def patterns() -> Iterator[tuple[str, str | bytes]]:
    """Those that are written in the source, as a whole, with where they stand."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "compile" and node.args:
                    first = node.args[0]
                    if isinstance(first, ast.Constant) and isinstance(first.value, str | bytes):
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", first.value


def possessive_groups(parsed: Any) -> Iterator[str]:
    for operation, argument in parsed:
        if str(operation) == "POSSESSIVE_REPEAT":
            repeated = argument[2]
            if len(repeated) != 1 or str(repeated[0][0]) not in _ONE:
                yield str(repeated)
        for part in argument if isinstance(argument, tuple | list) else ():
            for inner in part if isinstance(part, list) else (part,):
                if isinstance(inner, _parser.SubPattern):
                    yield from possessive_groups(inner)
        if isinstance(argument, _parser.SubPattern):
            yield from possessive_groups(argument)


@pytest.mark.parametrize(
    ("pattern", "is_found"),
    [
        ("(?:ab|b)*+c", True),
        ("x(y(?:ab){1,3}+)?", True),
        ("(?>(?:ab|b)++)", True),
        ("a|(?:c|(?:de|e)++)", True),
        ("[a-z]*+a++.?+", False),
        ("(?>(?:ab|b)*)c", False),
    ],
)
def test_they_are_found(pattern: str, is_found: bool) -> None:
    assert bool(list(possessive_groups(_parser.parse(pattern)))) == is_found


def test_no_group_is_repeated_possessively() -> None:
    written = list(patterns())
    assert len(written) > 100
    assert [where for where, pattern in written if list(possessive_groups(_parser.parse(pattern)))] == []
