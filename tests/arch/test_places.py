"""Unit tests lie where what they test lies."""

from pathlib import Path

import pytest

from tests.arch.imports import imported

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "tests" / "unit"
FOLDERS = sorted(p.name for p in UNIT.iterdir() if p.is_dir() and p.name != "__pycache__")
BESIDE_CORE = {"adapters", "gateway", "schemas", "support"}


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_is_one_of_core_or_beside_it(folder: str) -> None:
    assert folder in BESIDE_CORE or (ROOT / "core" / folder / "__init__.py").is_file()


@pytest.mark.parametrize("folder", [folder for folder in FOLDERS if folder not in BESIDE_CORE | {"flow"}])
def test_a_test_of_a_folder_uses_it(folder: str) -> None:
    """But for flow: nobody asks it for anything, it moves when a command is carried out."""
    elsewhere = [
        test.name
        for test in (UNIT / folder).glob("test_*.py")
        if not any(name.startswith(f"core.{folder}.") for name in imported(test.read_text(encoding="utf-8")))
    ]
    assert elsewhere == []


def test_beside_the_folders_are_tests_of_single_modules() -> None:
    modules = tuple(f"test_{module.stem}" for module in (ROOT / "core").glob("*.py"))
    assert [test.name for test in UNIT.glob("test_*.py") if not test.stem.startswith(modules)] == []
