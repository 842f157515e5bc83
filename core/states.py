"""The life of a user task as one table.

A trigger takes a task from one state through a transient one to the next. If somebody listens to the transition the
task stays in the transient state until the listener proceeds or denies; otherwise nobody ever sees that state.
"""

from enum import StrEnum
from typing import NamedTuple

from core.types import TaskState


class Trigger(StrEnum):
    CREATE = "creating"
    ASSIGN = "assigning"
    UPDATE = "updating"
    COMPLETE = "completing"
    CANCEL = "canceling"


class Transition(NamedTuple):
    transient: TaskState
    final: TaskState


_S = TaskState

TRANSITIONS: dict[tuple[TaskState | None, Trigger], Transition] = {
    (None, Trigger.CREATE): Transition(_S.CREATING, _S.CREATED),
    (_S.PLANNED, Trigger.CREATE): Transition(_S.CREATING, _S.CREATED),
    (_S.PLANNED, Trigger.UPDATE): Transition(_S.UPDATING, _S.PLANNED),
    (_S.PLANNED, Trigger.CANCEL): Transition(_S.CANCELING, _S.CANCELED),
    (_S.CREATED, Trigger.ASSIGN): Transition(_S.ASSIGNING, _S.CREATED),
    (_S.CREATED, Trigger.UPDATE): Transition(_S.UPDATING, _S.CREATED),
    (_S.CREATED, Trigger.COMPLETE): Transition(_S.COMPLETING, _S.COMPLETED),
    (_S.CREATED, Trigger.CANCEL): Transition(_S.CANCELING, _S.CANCELED),
    (_S.CREATING, Trigger.CANCEL): Transition(_S.CANCELING, _S.CANCELED),
    (_S.ASSIGNING, Trigger.CANCEL): Transition(_S.CANCELING, _S.CANCELED),
    (_S.UPDATING, Trigger.CANCEL): Transition(_S.CANCELING, _S.CANCELED),
    (_S.COMPLETING, Trigger.CANCEL): Transition(_S.CANCELING, _S.CANCELED),
    (_S.FAILED, Trigger.CANCEL): Transition(_S.CANCELING, _S.CANCELED),
}

#: (transient state, does the listener consent?) -> state
CONSENT: dict[tuple[TaskState, bool], TaskState] = {
    (_S.CREATING, True): _S.CREATED,
    (_S.ASSIGNING, True): _S.CREATED,
    (_S.ASSIGNING, False): _S.CREATED,
    (_S.UPDATING, True): _S.CREATED,
    (_S.UPDATING, False): _S.CREATED,
    (_S.COMPLETING, True): _S.COMPLETED,
    (_S.COMPLETING, False): _S.CREATED,
    (_S.CANCELING, True): _S.CANCELED,
}


def transition(state: TaskState | None, trigger: Trigger) -> Transition | None:
    """The transition, or None if the state does not allow it."""
    return TRANSITIONS.get((state, trigger))
