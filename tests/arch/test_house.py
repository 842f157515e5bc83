"""The rules of the house."""

import ast
import subprocess
import sys
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

from sqlmodel import SQLModel

import core.tables.schema  # noqa: F401  which knows all tables
from core.storage.store import StorageError
from tests.arch.imports import imported

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "schemas", "adapters", "gateway")


def test_imports_keep_their_direction() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    assert "6 kept, 0 broken" in done.stdout


def test_no_other_distribution_has_our_names() -> None:
    owners = packages_distributions()
    for package in (*PACKAGES, "dragoman"):
        assert set(owners.get(package, ["dragoman"])) == {"dragoman"}
    assert any(d.metadata["Name"] == "dragoman" for d in distributions())


def test_every_adapter_has_the_same_files() -> None:
    for adapter in ("inubit", "processmaker", "camunda", "inforouter", "facilioo"):
        files = {p.name for p in (ROOT / "adapters" / adapter).glob("*.py")}
        assert {"__init__.py", "dialect.py", "auth.py", "errors.py", "profile.py"} <= files


def modules() -> list[Path]:
    return [p for package in PACKAGES for p in (ROOT / package).rglob("*.py") if "versions" not in p.parts]


def test_every_module_says_what_it_is() -> None:
    silent = [str(p) for p in modules() if ast.get_docstring(ast.parse(p.read_text(encoding="utf-8"))) is None]
    assert silent == []


def test_no_module_is_too_long() -> None:
    long = {str(p.relative_to(ROOT)): n for p in modules() if (n := len(p.read_text().splitlines())) > 450}
    assert long == {}


def test_the_core_knows_no_vendor() -> None:
    words = ("inubit", "processmaker", "camunda", "zeebe", "inforouter", "facilioo")
    code = {p.relative_to(ROOT): _code(p).lower() for p in (ROOT / "core").rglob("*.py")}
    found = [f"{path}: {word}" for path, text in code.items() for word in words if word in text]
    assert found == ["core/furniture.py: processmaker"], "only the first tenant's alias names one"


def test_what_waits_has_threads_of_its_own() -> None:
    """Nothing that blocks on the network, and no way to threads but those of the engine and of the passwords."""
    blocking = {"http.client", "requests", "smtplib", "subprocess", "urllib.request"}
    threads = {"run_in_executor", "to_thread", "ThreadPoolExecutor"}
    imported, threaded = set(), set()
    for path in (p for p in modules() if p.is_relative_to(ROOT / "core") or p.is_relative_to(ROOT / "adapters")):
        name = str(path.relative_to(ROOT))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {(name, alias.name) for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((name, node.module or ""))
                imported |= {(name, f"{node.module}.{alias.name}") for alias in node.names}
            elif isinstance(node, ast.Name | ast.Attribute):
                used = node.id if isinstance(node, ast.Name) else node.attr
                threaded |= {name} if used in threads else set()
    assert {pair for pair in imported if pair[1] in blocking} == set()
    assert threaded == {"core/engine.py", "core/turn/queue.py", "core/pool.py"}


def _code(path: Path) -> str:
    """The source without docstrings and comments: prose may name an example."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(
            node
        ):
            node.body[0] = ast.Pass()
    return ast.unparse(tree)


def _columns_of_json() -> set[str]:
    """Of all tables; and the value of a variable, which has a property for what it stands for."""
    found = {c.name for table in SQLModel.metadata.tables.values() for c in table.columns if "json" in c.info}
    assert {"ext", "tags", "headers", "before", "pending"} <= found
    return found | {"value"}


def _parsed_columns(source: str, names: set[str]) -> list[str]:
    """Where the text of a row's column is parsed by hand: `loads(row.ext)`, `json.loads(self.row.ext or "{}")`."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called == "loads":
            columns = {n.attr for n in ast.walk(node.args[0]) if isinstance(n, ast.Attribute)} & names
            found += [f"{node.lineno}: {name}" for name in sorted(columns)]
    return found


def test_only_storage_parses_what_a_row_holds() -> None:
    names = _columns_of_json()
    assert _parsed_columns("x = orjson.loads(view.task.ext)\ny = loads(row.tags or '[]')\nloads(body)", names) == [
        "1: ext",
        "2: tags",
    ]
    found = [
        f"{p.relative_to(ROOT)}:{place}"
        for package in ("core", "adapters", "gateway")
        for p in (ROOT / package).rglob("*.py")
        if not {"migrations", "storage"} & set(p.parts)
        for place in _parsed_columns(p.read_text(encoding="utf-8"), names)
    ]
    assert found == []


def test_an_adapter_knows_the_rows_and_the_failures_of_storage_and_nothing_else() -> None:
    errors: list[type[StorageError]] = [StorageError, *StorageError.__subclasses__()]
    failures = {f"core.storage.store.{error.__name__}" for error in errors}
    found = [
        f"{p.relative_to(ROOT)}: {name}"
        for p in (ROOT / "adapters").rglob("*.py")
        for name in imported(p.read_text(encoding="utf-8"))
        if name.startswith("core.storage") and name not in failures
    ]
    assert found == []
