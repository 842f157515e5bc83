"""The rules of the house."""

import ast
import subprocess
import sys
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "schemas", "adapters", "gateway")


def test_imports_keep_their_direction() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    assert "3 kept, 0 broken" in done.stdout


def test_no_other_distribution_has_our_names() -> None:
    owners = packages_distributions()
    for package in PACKAGES:
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
    found = [
        f"{p.relative_to(ROOT)}: {word}"
        for p in (ROOT / "core").rglob("*.py")
        for word in words
        if word in _code(p).lower()
    ]
    assert found == ["core/engine/engine.py: processmaker"], "only the first tenant's alias names one"


def _code(path: Path) -> str:
    """The source without docstrings and comments: prose may name an example."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(
            node
        ):
            node.body[0] = ast.Pass()
    return ast.unparse(tree)
