"""The published conformance tests for DMN: each decision comes to what it comes to in the vendor's engine, which passes
as many of the tests as this says."""

from collections import Counter

import pytest

from adapters.common.dmn import requirements
from core.graph.dmn.compiler import Compiled
from tests.dmn.conformance import kept, meets
from tests.dmn.engines import Line, answered, escaped, outcome_of

ROWS = kept()
#: results that the tests ask for, and those that are as the tests want them; documents that are refused have none
RESULTS, MET = 3_495, 3_033


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_decisions_come_to_what_they_come_to_there(row: Line) -> None:
    ours, theirs = answered(row), row["answer"]
    assert ("refused" in ours) == ("refused" in theirs)
    different = [
        (question["decision"], our, their)
        for question, our, their in zip(
            row["questions"], ours.get("answers", ()), theirs.get("answers", ()), strict=False
        )
        if _without_words(our) != _without_words(their)
    ]
    assert different == []


def _without_words(answer: Line) -> Line:
    """How a failure is put may differ where it is not DMN's but an expression's."""
    return {**answer, "failure": True} if "failure" in answer else answer


def test_no_fewer_tests_pass_than_there() -> None:
    met = Counter(
        meets(question, outcome_of(compiled, question))
        for row in ROWS
        if "answers" in row["answer"]
        for compiled in [Compiled(requirements(escaped(row["document"])))]
        for question in row["questions"]
    )
    assert sum(len(row["questions"]) for row in ROWS) == RESULTS
    assert met[True] == MET
