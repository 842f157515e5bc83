"""The life of a user task."""

from core.states import CONSENT, TRANSITIONS, Trigger, transition
from core.types import TaskState


def test_every_transition_ends_in_a_state_that_is_none_of_passage() -> None:
    for (state, trigger), step in TRANSITIONS.items():
        assert step.transient.value.endswith("ING"), (state, trigger)
        assert not step.final.value.endswith("ING")
    for state in (TaskState.COMPLETED, TaskState.CANCELED):
        assert all(transition(state, trigger) is None for trigger in Trigger)
    passing = {state for state in TaskState if state.value.endswith("ING")}
    assert {state for state, _ in CONSENT} == passing
