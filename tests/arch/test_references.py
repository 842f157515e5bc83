"""What prose says about places in the code is true: modules, what is in them, files and folders."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "schemas", "adapters", "gateway")
_NAME = re.compile(rf"(?<![\w./-])(?:{'|'.join(PACKAGES)})(?:\.[A-Za-z_]\w*)+")
_PATH = re.compile(rf"(?<![\w./-])(?:{'|'.join((*PACKAGES, 'tests'))})(?:/[\w.-]+)+")


def prose_of(source: str) -> Iterator[str]:
    """Docstrings and comments."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def exists(name: str) -> bool:
    """A module, or something in one."""
    parts = name.split(".")
    length = max(n for n in range(1, len(parts) + 1) if is_module(parts[:n]))
    thing: object = import_module(".".join(parts[:length]))
    for part in parts[length:]:
        if not hasattr(thing, part):
            return False
        thing = getattr(thing, part)
    return True


def is_module(parts: list[str]) -> bool:
    path = ROOT.joinpath(*parts)
    return path.is_dir() or path.with_suffix(".py").is_file()


def stale(text: str) -> list[str]:
    paths = (path.rstrip(".") for path in _PATH.findall(text))
    return [n for n in _NAME.findall(text) if not exists(n)] + [p for p in paths if not (ROOT / p).exists()]


def test_places_that_prose_names_are_there() -> None:
    assert stale("core.types.Permission in core/types.py, see core.gate and core/turn/, or gateway.nothing") == [
        "gateway.nothing"
    ]
    assert stale("core/commands/work.py and core.types.Nothing") == ["core.types.Nothing", "core/commands/work.py"]
    texts = {path: path.read_text(encoding="utf-8") for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))}
    del texts[ROOT / "CHANGELOG.md"]  # which tells what was
    for package in (*PACKAGES, "tests"):
        for path in (ROOT / package).rglob("*.py"):
            texts[path] = "\n".join(prose_of(path.read_text(encoding="utf-8")))
    wrong = [f"{path.relative_to(ROOT)}: {place}" for path, text in texts.items() for place in stale(text)]
    assert wrong == []
