"""FEEL against the engine that the vendor publishes: every expression of the corpus, digit by digit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.graph.feel.budget import Budget, ExpressionError
from core.graph.feel.engine import read, read_tests, result_of, value_of
from tests.feel import patterns
from tests.feel.corpus import NOW, agree, answered, kept, questions
from tests.feel.generate import VARIABLES, WORDS

ROWS = kept()
#: of a hundred texts that are no expression, those of which the very same is said
SAID = 94


def test_the_corpus_is_what_the_seed_makes() -> None:
    """`python -m tests.feel.corpus` writes it anew."""
    asked = [{name: row[name] for name in ("text", "variables", "input") if name in row} for row in ROWS]
    assert asked == questions()
    assert len(ROWS) > 4_500


def test_every_expression_comes_to_what_it_comes_to_there() -> None:
    different = [(row, ours) for row in ROWS if not agree(ours := answered(row), _answer(row))]
    assert different == []


def _answer(row: dict[str, object]) -> dict[str, object]:
    return {name: row[name] for name in ("value", "failure", "unparsable") if name in row}


def test_what_is_said_of_texts_that_are_no_expressions() -> None:
    """Where what can be read ends, and what was expected there; of half an `if`, `for` or `some` they say more."""
    refused = [row for row in ROWS if "unparsable" in row and "input" not in row]
    said = [answered(row)["unparsable"] for row in refused]
    assert sum(ours == row["unparsable"] for ours, row in zip(said, refused, strict=True)) * 100 >= len(refused) * SAID
    for ours, row in zip(said, refused, strict=True):
        assert ours.rpartition("):")[2] == row["unparsable"].rpartition("):")[2]


@pytest.mark.parametrize("pattern", patterns.REFUSED)
def test_a_pattern_that_cannot_be_run_is_no_answer(pattern: str) -> None:
    """It would be one there; an error is better than another answer."""
    with pytest.raises(ExpressionError, match="cannot be run here"):
        value_of(read("matches(t, p)"), {"t": "aaa", "p": pattern}, NOW, Budget())


@pytest.mark.parametrize("pattern", ["(x+x+)+y", "(a|a)*b", "(a*)*b", "(.*)*z", "^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_no_pattern_blows_up(pattern: str) -> None:
    """They cost what the text is long."""
    budget = Budget()
    assert value_of(read("matches(t, p)"), {"t": "xa" * 20_000, "p": pattern}, NOW, budget) is False
    assert budget.left > budget.limit // 2


@given(st.text() | st.lists(st.sampled_from(WORDS), max_size=30).map("".join))
def test_any_text_is_an_expression_or_refused(text: str) -> None:
    for reading in (read, read_tests):
        try:
            result_of(reading(text), VARIABLES, NOW, Budget())
        except ExpressionError:
            pass
