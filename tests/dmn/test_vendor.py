"""Decisions against the engine that the vendor publishes: values, what they came by, and what is said of failures."""

import pytest

from adapters.common.dmn import BadDmn, requirements
from core.graph.dmn.compiler import Compiled, compiled
from core.graph.dmn.evaluation import TOO_DEEP, decide
from core.graph.dmn.model import Decision, LiteralExpression, Requirements, Written
from core.graph.feel.budget import Budget
from tests.dmn.corpus import decision, document, kept, questions, text
from tests.dmn.engines import Line, answered
from tests.feel.corpus import NOW

ROWS = kept()
#: of what is no DMN by its schema, or makes Java fail, we have words of our own
_OTHER_WORDS = ("Unable to parse model", "cannot be cast to class")


def test_the_corpus_is_what_is_asked() -> None:
    """`python -m tests.dmn.corpus` writes it anew."""
    assert [{name: row[name] for name in ("document", "questions")} for row in ROWS] == questions()
    assert len(ROWS) > 200


def test_every_decision_comes_to_what_it_comes_to_there() -> None:
    different = [(row["document"], ours) for row in ROWS if not _agree(ours := answered(row), row["answer"])]
    assert different == []


def _agree(ours: Line, theirs: Line) -> bool:
    refused = theirs.get("refused", "")
    if any(words in refused for words in _OTHER_WORDS) or "FEEL unary-tests" in refused:
        return "refused" in ours
    return ours == theirs


@pytest.mark.parametrize("row", ROWS[::7], ids=range(len(ROWS[::7])))
def test_what_is_stored_is_what_was_read(row: Line) -> None:
    try:
        graph = requirements(row["document"].encode())
    except BadDmn:
        return
    assert Requirements.from_json(graph.to_json()) == graph


def test_a_chain_is_as_long_as_it_may_be() -> None:
    """Each link asks for the one before it; too long a chain is a failure, not a fault."""
    for length, failure in ((50, ""), (5_000, TOO_DEEP)):
        chain = tuple(
            Decision(
                id=f"d{n}",
                name="",
                logic=LiteralExpression(Written(f"d{n - 1} + 1" if n else "0")),
                result_name=f"d{n}",
                requires=(f"d{n - 1}",) if n else (),
            )
            for n in range(length)
        )
        ready = Compiled(Requirements("r", "", chain))
        assert ready.problems == []
        outcome = decide(ready, f"d{length - 1}", {}, NOW, Budget(10_000_000))
        assert outcome.failure == failure
        assert failure or outcome.value == length - 1


def test_what_is_asked_for_twice_costs_twice() -> None:
    """Each link asks twice for the one before it: the steps are what ends that."""
    ladder = tuple(
        Decision(f"d{n}", "", LiteralExpression(Written("1")), f"d{n}", requires=(f"d{n - 1}",) * 2 if n else ())
        for n in range(40)
    )
    budget = Budget()
    outcome = decide(Compiled(Requirements("r", "", ladder)), "d39", {}, NOW, budget)
    assert outcome.failure == f"more than {budget.limit} steps"


def test_requirements_are_compiled_once() -> None:
    stored = requirements(document(decision(text("1"))).encode()).to_json()
    assert compiled(stored) is compiled(f" {stored}".strip())
