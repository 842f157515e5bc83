"""Small parts of the engine."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.graph.check import check
from core.graph.expressions import ExpressionError, evaluate, parse
from core.graph.graph import Element, ElementKind, Flow, Graph, TaskTemplate
from core.identity.memory import LIFETIME, CredentialMemory
from core.principal import Principal
from core.states import CONSENT, TRANSITIONS, Trigger, transition
from core.types import TaskState


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("-2 + 1", -1),
        ("10 / 4", 2.5),
        ("1 / 0", None),
        ('"a" + "b\\"c"', 'ab"c'),
        ("amount > 100 and not blocked", True),
        ("amount > 100 and blocked", False),
        ("order.total >= 10.5 or false", True),
        ('name = "Zoë"', True),
        ("missing > 1", None),
        ("missing = null", True),
        ("missing.deep.er = null", True),
        ('1 = "1"', None),
        ("1 = true", None),
        ("true != false", True),
        ('"b" > "a"', True),
        ('"b" > 1', None),
        ('["a", name]', ["a", "Zoë"]),
        ("[]", []),
        ("not (1 = 2)", True),
    ],
)
def test_expressions(text: str, value: Any) -> None:
    variables = {"amount": 120, "blocked": False, "order": {"total": 10.5}, "name": "Zoë"}
    assert evaluate(text, variables) == value


@pytest.mark.parametrize(
    "text",
    ["", "1 +", "(1", "a b", "1 = = 2", '"open', "[1,", "a;b", "@", "not", "(" * 100 + "1" + ")" * 100, "x" * 10_001],
)
def test_what_is_no_expression(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text)


@given(st.text(max_size=40), st.dictionaries(st.text(max_size=3), st.integers()))
def test_any_text_is_an_expression_or_refused(text: str, variables: dict[str, int]) -> None:
    try:
        evaluate(text, variables)
    except ExpressionError:
        pass


def test_every_transition_ends_in_a_state_that_is_none_of_passage() -> None:
    for (state, trigger), step in TRANSITIONS.items():
        assert step.transient.value.endswith("ING"), (state, trigger)
        assert not step.final.value.endswith("ING")
    for state in (TaskState.COMPLETED, TaskState.CANCELED):
        assert all(transition(state, trigger) is None for trigger in Trigger)
    passing = {state for state in TaskState if state.value.endswith("ING")}
    assert {state for state, _ in CONSENT} == passing


START, END = Element("s", ElementKind.START_EVENT), Element("e", ElementKind.END_EVENT)
GATE = Element("g", ElementKind.EXCLUSIVE_GATEWAY)


@pytest.mark.parametrize(
    ("elements", "flows", "complaint"),
    [
        ((END,), (), ("p", "Must have at least one start event")),
        ((START, Element("s2", ElementKind.START_EVENT)), (), ("p", "Must have at most one start event")),
        ((START, START), (), ("s", "Must have a unique id")),
        (
            (START, Element("x", ElementKind.END_EVENT, parent="no")),
            (),
            ("x", "Must be part of a sub-process or of the process"),
        ),
        ((START,), (Flow("f", "s", "nowhere"),), ("f", "Must lead from one element to another")),
        ((START, END), (Flow("f", "e", "s"),), ("s", "Must not have incoming sequence flows")),
        (
            (START, GATE, END),
            (Flow("a", "g", "e"), Flow("b", "g", "e", "x")),
            ("a", "Must have a condition or be default flow"),
        ),
        ((START, END), (Flow("f", "s", "e", "1 +"),), ("f", "Expression not supported: unexpected end")),
        (
            (START, Element("t", ElementKind.USER_TASK, task=TaskTemplate(assignee="=("))),
            (),
            ("t", "Expression not supported: unexpected end"),
        ),
        ((START, Element("t", ElementKind.USER_TASK)), (), ("t", "Only a user task has task attributes")),
    ],
)
def test_graphs_are_checked(elements: tuple[Element, ...], flows: tuple[Flow, ...], complaint: tuple[str, str]) -> None:
    assert complaint in [(p.element_id, p.text) for p in check(Graph("p", "", elements, flows))]


def test_remembered_credentials_end_and_are_forgotten() -> None:
    now = 0
    memory = CredentialMemory(lambda: now, lambda: now)
    ann = Principal(1, 7, "ann", "test")
    memory.put("basic", "secret", ann)
    assert memory.get("basic", "secret") is not None
    assert memory.get("ticket", "secret") is None
    assert "secret" not in repr(vars(memory))
    now = LIFETIME
    assert memory.get("basic", "secret") is None
    memory.put("ticket", "t", ann, expires_at=now + 5)
    now += 5
    assert memory.get("ticket", "t") is None
    memory.put("basic", "secret", ann)
    memory.forget(7)
    assert memory.get("basic", "secret") is None


def test_credentials_that_nobody_comes_back_with_are_not_held() -> None:
    now = 0
    memory = CredentialMemory(lambda: now, lambda: now)
    for number in range(1000):
        memory.put("ticket", f"t{number}", Principal(1, number % 10, "ann", "test"))
        now += LIFETIME // 100
        assert len(memory) <= 100
    memory.put("ticket", "t950", Principal(1, 0, "ann", "test"))
    now += LIFETIME // 2
    memory.put("ticket", "last", Principal(1, 1, "ann", "test"))
    assert memory.get("ticket", "t950") is not None  # who comes back stays
