"""What pages and docstrings name: places in the source, and whether they are there."""

import ast
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOP = ("core", "adapters", "schemas", "gateway", "tests", "docs", r"\.ci", r"\.github")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / ".github").rglob("*.md")])
SOURCES = sorted(
    path
    for package in ("core", "adapters", "schemas", "gateway", "tests")
    for path in (ROOT / package).rglob("*.py")
    if not {"node_modules", ".venv", "versions"} & set(path.parts)
)

_PATH = re.compile(rf"(?<![\w/.:-])(?:{'|'.join(TOP)})/[\w./<>*-]*[\w>*/]")
_DOTTED = re.compile(r"(?<![\w/.])(?:core|adapters|schemas|gateway)(?:\.\w+)+")
#: in pages: a file, and what is in it
PLACE = re.compile(r"`([\w/.-]+\.py):([A-Z_a-z][\w.]*)`")


def paths(text: str) -> set[str]:
    return set(_PATH.findall(text))


def dotted(text: str) -> set[str]:
    return set(_DOTTED.findall(text))


def prose(source: str) -> str:
    """The docstrings and comments of a module."""
    tree = ast.parse(source)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    parts = [ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, documented)]
    lines: Iterator[str] = iter(source.splitlines(keepends=True))
    tokens = tokenize.generate_tokens(lambda: next(lines, ""))
    return "\n".join([*parts, *(token.string for token in tokens if token.type == tokenize.COMMENT)])


def is_there(path: str) -> bool:
    """`<dialect>` and `NAME` stand for any name. A folder in which Python left nothing but what it compiled is gone."""
    pattern = re.sub(r"<\w+>|\b[A-Z]{2,}\b(?!\.md)", "*", path.rstrip("/"))
    return any(any(_kept(folder)) if folder.is_dir() else True for folder in ROOT.glob(pattern))


def _kept(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts)


@cache
def names_of(file: Path) -> frozenset[str]:
    """What a module defines: `name`, and `Class.member`."""
    return frozenset(_defined(ast.parse(file.read_text(encoding="utf-8")).body, ""))


def _defined(body: list[ast.stmt], prefix: str) -> Iterator[str]:
    for node in body:
        match node:
            case ast.ClassDef(name=name, body=inner):
                yield f"{prefix}{name}"
                yield from _defined(inner, f"{prefix}{name}.")
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield f"{prefix}{name}"
            case ast.Assign(targets=targets):
                yield from (f"{prefix}{t.id}" for t in targets if isinstance(t, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield f"{prefix}{name}"
            case ast.ImportFrom(names=names) | ast.Import(names=names):
                yield from (f"{prefix}{alias.asname or alias.name}" for alias in names)


def leads_somewhere(name: str) -> bool:
    """A dotted name: a package or a module, or something in one."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        place = ROOT.joinpath(*parts[:count])
        rest = ".".join(parts[count:])
        for file in (place.with_suffix(".py"), place / "__init__.py"):
            if file.is_file():
                return not rest or rest in names_of(file)
    return False
