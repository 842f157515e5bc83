"""Decisions, run by the engine that the vendor publishes and by ours."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.dmn import conformance, corpus
from tests.dmn.engines import Line, asked

pytestmark = [pytest.mark.interop, pytest.mark.needs("java-feel")]
#: the folder of the published conformance tests for DMN, if they are there
CONFORMANCE = os.environ.get("DMN_TCK", "")


@pytest.mark.parametrize("kept", [conformance.kept, corpus.kept], ids=["conformance", "corpus"])
def test_the_answers_that_are_kept_are_those_of_the_engine(kept: Callable[[], list[Line]]) -> None:
    rows = kept()
    assert [row["answer"] for row in rows] == asked(rows)


if CONFORMANCE:  # nobody has the folder who does not name it: then there is no such test

    def test_the_tests_that_are_kept_are_those_that_are_published() -> None:
        rows = [{name: row[name] for name in row if name != "answer"} for row in conformance.kept()]
        assert rows == list(conformance.lines(Path(CONFORMANCE)))
