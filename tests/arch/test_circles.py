"""Nothing of ours imports, by way of others, itself: neither files nor folders, nor for the sake of a type."""

import ast
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "schemas", "adapters", "gateway")


def name_of(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def imports_of(source: str, names: set[str]) -> set[str]:
    """Modules of `names` that are imported, at the top, inside a function, or only for types."""
    imported: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names} & names
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            for alias in node.names:
                module = f"{node.module}.{alias.name}"
                imported |= {module if module in names else node.module} & names
    return imported


def graph_of_files() -> tuple[dict[str, Path], dict[str, set[str]]]:
    """Without `__main__`: nobody can import what Python runs, so it may stand in a folder and above it."""
    paths = {name_of(p.relative_to(ROOT)): p for package in PACKAGES for p in (ROOT / package).rglob("*.py")}
    paths = {name: p for name, p in paths.items() if p.name != "__main__.py"}
    return paths, {name: imports_of(p.read_text(encoding="utf-8"), set(paths)) - {name} for name, p in paths.items()}


def folder_of(name: str, path: Path) -> str:
    """In core a folder is a noun, with all below it, and a module beside the nouns is a floor of its own."""
    if name.startswith("core."):
        return ".".join(name.split(".")[:2])
    return name if path.name == "__init__.py" else name.rpartition(".")[0]


def graph_of_folders(paths: Mapping[str, Path], files: Mapping[str, set[str]]) -> dict[str, set[str]]:
    folders: dict[str, set[str]] = {}
    for name, imported in files.items():
        mine = folder_of(name, paths[name])
        folders.setdefault(mine, set()).update({folder_of(other, paths[other]) for other in imported} - {mine})
    return folders


def circle_in(graph: Mapping[str, set[str]]) -> list[str]:
    """The first that is found, from a name back to it; empty if there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_a_circle_is_found() -> None:
    source = "import a.b\nfrom a import c, D\nif TYPE_CHECKING:\n    from a.e import F\ndef f():\n    from g import h"
    assert imports_of(source, {"a", "a.b", "a.c", "a.e", "g.h"}) == {"a", "a.b", "a.c", "a.e", "g.h"}
    assert circle_in({"a": {"b"}, "b": {"c"}}) == []
    assert set(circle_in({"a": {"b"}, "b": {"c"}, "c": {"b"}})) == {"b", "c"}


def test_no_files_import_each_other() -> None:
    _, files = graph_of_files()
    assert circle_in(files) == []


def test_no_folders_import_each_other() -> None:
    paths, files = graph_of_files()
    assert len(files) > 250
    assert circle_in(graph_of_folders(paths, files)) == []
