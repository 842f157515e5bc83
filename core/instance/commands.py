"""What changes running processes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.graph.tokens import Activation, Move
from core.turn.command import KEEP, Command, Created, Done, Keep, Started


@dataclass(frozen=True)
class StartInstance(Command[Started]):
    """Start an instance of a process (by key) or through a starter (by key).

    `assignee` takes the first user tasks; `task_ext` is kept on them and `ext` on the instance, as vendors sent them.
    `finished` starts and ends it at once: a record of something done elsewhere. `document_key` is the document that it
    is about, which no other instance may have; `participants` replaces those of an element by users (keys).
    `element_id` is where to start, if not at the start event; `draft` marks the first tasks as drafts of the assignee.
    `definition_key` is a version other than the newest. `uid` is random unless a world brings its own. `element_ids`
    are several places to start at; behind one of `end_after` the instance is terminated. `reference_key` is the master
    data that it is about; `involved` are (role, kind, key) of who has to do with it from the start.
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
    document_key: int = 0
    participants: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    element_id: str = ""
    draft: bool = False
    definition_key: int = 0
    tags: tuple[str, ...] = ()
    business_id: str = ""
    uid: str = ""
    element_ids: tuple[str, ...] = ()
    end_after: tuple[str, ...] = ()
    reference_key: int = 0
    involved: tuple[tuple[str, str, int], ...] = ()


@dataclass(frozen=True)
class AddComment(Command[Created]):
    """Say something about an instance as a whole; `ext` is kept as it is."""

    instance_key: int
    text: str
    ext: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ReviseComment(Command[Done]):
    """Of an instance: another text, more in `ext`, or deleted, which only marks it so."""

    comment_key: int
    text: str | Keep = KEEP
    ext: Mapping[str, Any] = field(default_factory=dict)
    deleted: bool = False


@dataclass(frozen=True)
class ChangeInstance(Command[Done]):
    """Change what is known of an instance; KEEP leaves a thing as it is, `ext` is merged by dialect."""

    instance_key: int
    title: str | Keep = KEEP
    description: str | Keep = KEEP
    stage_key: int | Keep = KEEP
    reference_key: int | Keep = KEEP
    business_id: str | Keep = KEEP
    ext: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class FinishInstance(Command[Done]):
    """Complete all of it at once, if it runs."""

    instance_key: int


@dataclass(frozen=True)
class ReopenInstance(Command[Done]):
    """Let a completed one go on where it ended; nothing if it runs."""

    instance_key: int


@dataclass(frozen=True)
class RemoveInstance(Command[Done]):
    """End it, if it runs, as terminated; `ext` is merged by dialect."""

    instance_key: int
    ext: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class SetVariables(Command[Done]):
    """Merge variables into those of a running instance, seen from the scope `scope_key` (an element instance; 0 is the
    instance itself); `local` sets all of them there."""

    instance_key: int
    variables: Mapping[str, Any]
    scope_key: int = 0
    local: bool = False


@dataclass(frozen=True)
class CancelInstance(Command[Done]):
    """`sole_holder`: only if exactly one task is open (otherwise Conflict `threads`) and theirs (or Forbidden). If it
    `waits`, it has not ended before those are done who listen to the end of its tasks."""

    instance_key: int
    sole_holder: str = ""
    waits: bool = False


@dataclass(frozen=True)
class ModifyInstance(Command[Done]):
    """Put tokens into a running one, move some, and end active element instances (by key, or all of an element by its
    id) with what is in them; all or nothing."""

    instance_key: int
    activations: tuple[Activation, ...] = ()
    moves: tuple[Move, ...] = ()
    ended: tuple[str | int, ...] = ()


@dataclass(frozen=True)
class ActivateAdHoc(Command[Done]):
    """Activate elements (id, variables of the activation) in the ad-hoc sub-process that is this element instance; if
    it `cancels`, what is active there ends before."""

    instance_key: int
    element_key: int
    wanted: tuple[tuple[str, Mapping[str, Any]], ...]
    cancels: bool = False


@dataclass(frozen=True)
class DeleteInstance(Command[Done]):
    """Remove an instance with all its tasks; refused when one of them was completed."""

    instance_key: int


@dataclass(frozen=True)
class Involve(Command[Done]):
    """Give somebody a role in an instance or in a comment, or take it from them; neither is done twice."""

    entity: str  # instance or comment
    entity_key: int
    role: str
    member_kind: str
    member_key: int
    involved: bool = True
