"""The table of what a process may consist of: all that is read is in it, and each row names tests that are there."""

import re
from pathlib import Path

from schemas.bpmn.events import EVENTS
from schemas.bpmn.reader import KINDS

#: what tests write elements with that are not named like them
HELPERS = {
    **{"subProcess": "sub", "callActivity": "call", "boundaryEvent": "boundary"},
    **{"multiInstanceLoopCharacteristics": "loop", "compensateEventDefinition": "undo"},
}
PAGE = Path(__file__).parents[2] / "docs" / "camunda.md"


def table() -> list[list[str]]:
    """Its rows: element, in BPMN, with, held by."""
    head = "| element | in BPMN | with | held by |"
    rows = PAGE.read_text(encoding="utf-8").partition(head)[2].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]


def test_every_element_that_is_read_is_in_the_table() -> None:
    told = {name for row in table() for name in re.findall("`([^`]+)`", row[1])}
    assert told == {*KINDS, *EVENTS, "multiInstanceLoopCharacteristics"}


def test_every_row_names_tests_that_are_there() -> None:
    for row in table():
        links = re.findall(r"\]\(([^)]+)\)", row[3])
        assert links, row[0]
        for link in links:
            path = (PAGE.parent / link).resolve()
            assert "test" in path.name or path.suffix == ".http", link
            assert path.is_file(), link


def writes(text: str, tag: str) -> bool:
    """By its name (`"task"`, `<bpmn:subProcess`), or by the helper of the tests for it (`timer(`)."""
    helper = HELPERS.get(tag, tag.removesuffix("EventDefinition"))
    return re.search(rf"""["'<:]{tag}["'\s/>]""", text) is not None or re.search(rf"\b{helper}\(", text) is not None


def test_every_element_is_met_in_one_of_the_tests_of_its_row() -> None:
    for name, tags, _, held in table():
        text = "".join((PAGE.parent / link).read_text(encoding="utf-8") for link in re.findall(r"\]\(([^)]+)\)", held))
        for tag in re.findall("`([^`]+)`", tags):
            assert writes(text, tag), f"{name}: {tag}"
    assert not writes('element("subProcess", "task-1", "a timer")', "task")
    assert not writes('element("subProcess", "task-1", "a timer")', "timerEventDefinition")
