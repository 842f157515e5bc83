"""What people do with user tasks. `label` is what whoever asks calls it: listeners are told, nothing depends on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.turn.command import KEEP, Command, Done, Keep, Out, Started, StartedTask, Transferred


@dataclass(frozen=True)
class _OnTask(Command[Out]):
    """`unoffered`: whoever asks knows nothing of tasks that workers may do, too."""

    unoffered: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class CreateTask(Command[Started]):
    """A task of its own, as the only task of an instance of the tenant's one-task process.

    `redirect` gives it to the user to whom the assignee's tasks are redirected, if to anybody.
    """

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
    document_key: int = 0
    assigned_by: str = ""
    supervisor: str = ""
    redirect: bool = False
    business_id: str = ""
    reference_key: int = 0


@dataclass(frozen=True)
class CompleteTask(_OnTask[Done]):
    """`holder`: only if it is assigned to them. `comment` replaces the task's comment first, None leaves it."""

    task_key: int
    variables: Mapping[str, Any] = field(default_factory=dict)
    label: str = "complete"
    holder: str = ""
    comment: str | None = None


@dataclass(frozen=True)
class AssignTask(_OnTask[Done]):
    """Give the task to `assignee`, whoever has it; the assignee need not be a known user. `holder`: only if it is
    assigned to them."""

    task_key: int
    assignee: str
    label: str = "assign"
    holder: str = ""


@dataclass(frozen=True)
class ClaimTask(_OnTask[Done]):
    """Give the task to `assignee` unless somebody else has it; with `unclaimed`, unless anybody has."""

    task_key: int
    assignee: str
    label: str = "claim"
    unclaimed: bool = False


@dataclass(frozen=True)
class UnassignTask(_OnTask[Done]):
    task_key: int
    label: str = "unassign"


@dataclass(frozen=True)
class UpdateTask(_OnTask[Done]):
    """Change attributes; KEEP leaves one alone, None clears a date.

    `ext` is merged into what the task keeps for each dialect; alone, it can be kept with a task that has ended, too.
    `holder`: only if the task is assigned to them; `ended_at` can be changed for a completed task only, and then
    nothing else. `planned`: also if it is only planned.
    """

    task_key: int
    due_at: int | None | Keep = KEEP
    follow_up_at: int | None | Keep = KEEP
    priority: int | Keep = KEEP
    candidate_users: tuple[str, ...] | Keep = KEEP
    candidate_groups: tuple[str, ...] | Keep = KEEP
    label: str = "update"
    ext: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    ended_at: int | Keep = KEEP
    name: str | Keep = KEEP
    description: str | Keep = KEEP
    supervisor: str | Keep = KEEP
    holder: str = ""
    planned: bool = False


@dataclass(frozen=True)
class ReassignTask(Command[StartedTask]):
    """Pass a task that is under way on to a user, under a new number, as if it were a new one: with another due date,
    perhaps another description (None keeps the text), and without what was said about it. `redirect` gives it to the
    user to whom the assignee's tasks are redirected, if to anybody. The outcome has the new number."""

    task_key: int
    assignee: str
    due_at: int | None = None
    description: str | None = None
    ext: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    redirect: bool = False
    holder: str = ""


@dataclass(frozen=True)
class PlanTask(Command[Done]):
    """Open a planned task, perhaps before its time (`planned` False), or take one that is open back: then nobody works
    on it, and what waits for it waits on."""

    task_key: int
    planned: bool = False
    holder: str = ""


@dataclass(frozen=True)
class CancelTask(Command[Done]):
    """End one task without a result; the flow goes on as if it had been completed."""

    task_key: int
    ended_at: int = 0
    holder: str = ""


@dataclass(frozen=True)
class DeleteTask(Command[Done]):
    """End a task for good: nothing goes on behind it. Its element is terminated with its last open task, and the token
    is gone; an instance without tokens ends as cancelled, and so does the call that it is. The row stays, `removed`."""

    task_key: int


@dataclass(frozen=True)
class SetComment(Command[Done]):
    """Replace the comment of a task; an empty text removes it."""

    task_key: int
    text: str
    holder: str = ""


@dataclass(frozen=True)
class AttachDocument(Command[Done]):
    task_key: int
    document_key: int
    version: int
    attached: bool = True


@dataclass(frozen=True)
class PauseTask(Command[Done]):
    """Nobody is to work on the task until `until` (milliseconds), or until it is resumed; that is a note to clients,
    not a lock. Conflict `paused` if it is already."""

    task_key: int
    until: int | None = None
    holder: str = ""


@dataclass(frozen=True)
class ResumeTask(Command[Done]):
    """Conflict `running` if the task is not paused."""

    task_key: int
    holder: str = ""


@dataclass(frozen=True)
class TransferTasks(Command[Transferred]):
    """Pass all open tasks of a user to another. Tasks in the middle of a transition stay and are counted as `left`."""

    from_username: str
    to_username: str
