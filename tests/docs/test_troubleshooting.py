"""The lines that the troubleshooting page quotes are those that the gateway says."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
_FORMAT = re.compile(r"%[-\d.]*[sdrg]")


def texts(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every text in the source as a regular expression, with the number of characters that are fixed."""
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            fixed = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inner:
            fixed = [node.value]
        else:
            continue
        literal = [re.sub(r"\s+", " ", text) if isinstance(text, str) else None for text in fixed]
        pattern = "".join(".+" if text is None else ".*".join(map(re.escape, _FORMAT.split(text))) for text in literal)
        yield pattern, sum(len(_FORMAT.sub("", text)) for text in literal if text is not None)


@cache
def said() -> tuple[re.Pattern[str], ...]:
    return tuple(
        re.compile(pattern)
        for package in ("core", "adapters", "gateway")
        for path in (ROOT / package).rglob("*.py")
        for pattern, fixed in texts(ast.parse(path.read_text(encoding="utf-8")))
        if fixed >= 14
    )


LINES = [line for line in re.findall(r"`([^`\n]+)`", re.sub(r"(?<=\S)\n(?=\S)", " ", PAGE)) if line.count(" ") >= 4]


def test_there_are_lines() -> None:
    assert len(LINES) > 30


@pytest.mark.parametrize("line", LINES)
def test_what_the_page_quotes_is_what_the_gateway_says(line: str) -> None:
    assert any(pattern.fullmatch(line) for pattern in said()), line


def test_what_nobody_says_is_noticed() -> None:
    line = "data/dragoman.db is used by process 4711. One process owns a SQLite file; use PostgreSQL to run several."
    assert not any(pattern.fullmatch(line) for pattern in said())
    assert any(pattern.fullmatch(line.replace("is used", "is in use")) for pattern in said())


def test_metrics_and_settings_that_are_named_are_there() -> None:
    source = (ROOT / "gateway" / "metrics.py").read_text(encoding="utf-8")
    for name in re.findall(r"`(dragoman_\w+)`", PAGE):
        assert f'"{name.removesuffix("_total")}"' in source, name
    operations = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z]+_[a-z_]+)`", PAGE)) - set(re.findall(r"`(dragoman_\w+)`", PAGE))
    assert named
    for name in named:
        assert f"| `{name}` |" in operations, name
