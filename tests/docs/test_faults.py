"""The page on faults: each row once, what it names is a test, each file of faults is named, the counts are right."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
GROUPS = {"X": 20, "H": 9, "A": 9, "S": 13, "M": 9}
ROWS = {
    cells[0]: cells[1:]
    for cells in ([cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines())
    if re.fullmatch(r"[XHASM]\d+", cells[0])
}
PROOF = re.compile(r"`(tests/[\w/.]+)(?:::(\w+))?`")


def proofs(row: str) -> list[tuple[str, str]]:
    return PROOF.findall(ROWS[row][2])


def state(row: str) -> str:
    lacking = "not built:" in ROWS[row][1].lower()
    return "in part" if lacking and proofs(row) else "not built" if lacking else "proven"


def names_in(file: Path) -> set[str]:
    """What pytest collects there."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    }


def test_every_row_is_there_once() -> None:
    listed = re.findall(r"^\| ([XHASM]\d+) \|", PAGE, re.MULTILINE)
    assert listed == [f"{group}{n}" for group, count in GROUPS.items() for n in range(1, count + 1)]
    assert all(len(cells) == 3 for cells in ROWS.values())


@pytest.mark.parametrize("row", ROWS)
def test_what_a_row_names_is_a_test(row: str) -> None:
    tried, holds, proven_by = ROWS[row]
    assert tried
    assert holds
    assert PROOF.sub("", proven_by).strip() == "", "nothing but tests"
    assert len(proofs(row)) == len(set(proofs(row)))
    for place, name in proofs(row):
        file = ROOT / place
        assert file.is_file(), place
        if file.suffix == ".http":
            assert file.parent.parent == ROOT / "tests" / "wire"
            continue
        assert file.name.startswith("test_")
        assert name in names_in(file), f"{place}::{name}"


@pytest.mark.parametrize("row", ROWS)
def test_a_row_without_a_test_says_so(row: str) -> None:
    assert proofs(row) or state(row) == "not built"


@pytest.mark.parametrize("folder", ["faults", "crash"])
def test_every_file_of_faults_is_named(folder: str) -> None:
    named = {place for row in ROWS for place, _ in proofs(row)}
    files = {f"tests/{folder}/{file.name}" for file in (ROOT / "tests" / folder).glob("test_*.py")}
    assert files - named == set()


def test_the_counts_are_those_of_the_rows() -> None:
    table = re.findall(r"^\| (\w+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", PAGE, re.MULTILINE)
    counted = {group: Counter(state(row) for row in ROWS if row[0] == group) for group in GROUPS}
    counted["all"] = Counter(state(row) for row in ROWS)
    for group, *numbers in table:
        states = counted.pop(group)
        assert list(map(int, numbers)) == [states.total(), states["proven"], states["in part"], states["not built"]]
    assert not counted
