"""The page of the package says what is so."""

import doctest
from pathlib import Path

PAGE = Path(__file__).parents[2] / "core" / "graph" / "feel" / "README.md"


def test_what_the_page_shows_happens() -> None:
    results = doctest.testfile(str(PAGE), module_relative=False, optionflags=doctest.IGNORE_EXCEPTION_DETAIL)
    assert results.failed == 0
    assert results.attempted > 5


def test_the_page_names_every_module() -> None:
    text = PAGE.read_text("utf-8")
    assert [
        path.name for path in PAGE.parent.glob("*.py") if path.stem != "__init__" and f"`{path.name}`" not in text
    ] == []
