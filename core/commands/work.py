"""Instances and tasks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.commands.base import KEEP, Command, Done, Keep, Started, Transferred


@dataclass(frozen=True)
class StartInstance(Command[Started]):
    """Start an instance of a process (by key) or through a starter (by key).

    `assignee` takes the first user tasks; `task_ext` is kept on them and `ext` on the instance, as vendors sent them.
    `finished` starts and ends it at once: a record of something done elsewhere.
    """

    process_key: int = 0
    starter_key: int = 0
    variables: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""
    description: str = ""
    assignee: str | None = None
    stage_key: int = 0
    finished: bool = False
    ext: Mapping[str, Any] = field(default_factory=dict)
    task_ext: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CreateTask(Command[Started]):
    """A task of its own, as the only task of an instance of the tenant's one-task process."""

    name: str
    description: str = ""
    assignee: str | None = None
    candidate_users: tuple[str, ...] = ()
    candidate_groups: tuple[str, ...] = ()
    priority: int = 50
    due_at: int | None = None
    follow_up_at: int | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    ext: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CompleteTask(Command[Done]):
    task_key: int
    variables: Mapping[str, Any] = field(default_factory=dict)
    action: str = "complete"


@dataclass(frozen=True)
class AssignTask(Command[Done]):
    """Give the task to `assignee`, whoever has it; the assignee need not be a known user."""

    task_key: int
    assignee: str
    action: str = "assign"


@dataclass(frozen=True)
class ClaimTask(Command[Done]):
    """Give the task to `assignee` unless somebody else has it."""

    task_key: int
    assignee: str
    action: str = "claim"


@dataclass(frozen=True)
class UnassignTask(Command[Done]):
    task_key: int
    action: str = "unassign"


@dataclass(frozen=True)
class UpdateTask(Command[Done]):
    """Change attributes; KEEP leaves one alone, None clears a date."""

    task_key: int
    due_at: int | None | Keep = KEEP
    follow_up_at: int | None | Keep = KEEP
    priority: int | Keep = KEEP
    candidate_users: tuple[str, ...] | Keep = KEEP
    candidate_groups: tuple[str, ...] | Keep = KEEP
    action: str = "update"


@dataclass(frozen=True)
class CancelInstance(Command[Done]):
    instance_key: int


@dataclass(frozen=True)
class Consent(Command[Done]):
    """A listener lets a pending transition go on, or denies it."""

    task_key: int
    proceed: bool = True
    reason: str = ""


@dataclass(frozen=True)
class TransferTasks(Command[Transferred]):
    """Pass all open tasks of a user to another. Tasks in the middle of a transition stay and are counted as `left`."""

    from_username: str
    to_username: str
