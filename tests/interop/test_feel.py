"""FEEL, run by the engine that the vendor publishes and by ours."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.feel.corpus import CONFORMANCE, Line, agree, answered, asked, conformance, kept, questions
from tests.feel.generate import Generator
from tests.support.rounds import rounds

pytestmark = [pytest.mark.interop, pytest.mark.needs("java-feel")]
#: what may be different, by what is said of it: it costs more than a command may, or cannot be run without risk
BOUNDED = ("more than 200000 steps", "cannot be run here", "longer than 10000 characters")


def test_the_answers_that_are_kept_are_those_of_the_engine() -> None:
    answers = asked(questions())
    rows = kept()
    assert [{name: row[name] for name in answer} for row, answer in zip(rows, answers, strict=True)] == answers


@pytest.mark.rounds
def test_expressions_of_other_seeds(seed: int) -> None:
    generator = Generator(seed)
    lines: list[Line] = [{"text": text} for _ in range(rounds(500)) for text in (generator.any(), generator.soup())]
    assert _different(lines) == []


if CONFORMANCE:  # nobody has the folder who does not name it: then there is no such test

    def test_the_expressions_of_the_conformance_tests() -> None:
        """What they say there is the right value is another matter."""
        assert _different(list(conformance(Path(CONFORMANCE)))) == []


def _different(lines: Sequence[Line]) -> list[object]:
    return [
        (line, ours, theirs)
        for line, theirs in zip(lines, asked(lines), strict=True)
        if not agree(ours := answered(line), theirs)
        and not any(bound in str(ours.get("failure", ours.get("unparsable"))) for bound in BOUNDED)
    ]
