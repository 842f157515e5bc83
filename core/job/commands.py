"""Jobs of workers, and timers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.graph.tokens import Led
from core.tables.job import Job
from core.turn.command import Command, Done


@dataclass(frozen=True)
class ActivateJobs(Command[tuple[Job, ...]]):
    """Take up to `limit` jobs of a type, the oldest first; nobody else gets them for `timeout` milliseconds."""

    type: str
    worker: str
    timeout: int
    limit: int


@dataclass(frozen=True)
class CompleteJob(Command[Done]):
    """The work of a listener is done: `denied` for the reason `reason`, or with corrections (columns of the task); or
    that of a task, where these say nothing. `led` is what whoever leads an ad-hoc sub-process says."""

    key: int
    variables: Mapping[str, Any] = field(default_factory=dict)
    denied: bool = False
    reason: str = ""
    corrections: Mapping[str, Any] = field(default_factory=dict)
    led: Led | None = None


@dataclass(frozen=True)
class FailJob(Command[Done]):
    """It is tried again after `back_off` milliseconds, as long as there are `retries`; `variables` are then seen where
    it is done, and nowhere else."""

    key: int
    retries: int
    error: str = ""
    back_off: int = 0
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ThrowError(Command[Done]):
    """Whoever does a job found an error of the process: it goes on where that is caught, with `variables`."""

    key: int
    code: str
    message: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class UpdateJob(Command[Done]):
    """`timeout` are milliseconds from now; None leaves a thing as it is."""

    key: int
    retries: int | None = None
    timeout: int | None = None


@dataclass(frozen=True)
class FireTimer(Command[Done]):
    """A timer that is due; nothing if it is not there any more. `postpone` (milliseconds): only note that it is to be
    tried again so much later."""

    key: int
    postpone: int = 0
