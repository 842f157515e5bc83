"""Master data, stages, who has to do with what, and who is told of events."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.turn.command import KEEP, Command, Created, Done, Keep


@dataclass(frozen=True)
class CreateReference(Command[Created]):
    """Master data of a kind; `parent_key` is what it is a part of. `ext` is kept as it is."""

    kind: str
    name: str = ""
    parent_key: int = 0
    external_id: str = ""
    ext: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class UpdateReference(Command[Done]):
    """KEEP leaves a thing as it is; `ext` is merged. `deleted` marks it so; what is deleted is not found any more."""

    key: int
    name: str | Keep = KEEP
    parent_key: int | Keep = KEEP
    external_id: str | Keep = KEEP
    ext: Mapping[str, Any] = field(default_factory=dict)
    deleted: bool = False


@dataclass(frozen=True)
class CreateStage(Command[Created]):
    """A place for instances of one process, or (`process_key` 0) of all, where no token comes."""

    name: str
    process_key: int = 0
    position: int = 0


@dataclass(frozen=True)
class UpdateStage(Command[Done]):
    """Any activity may be renamed and moved; only a stage leaves its process or is deleted (Conflict `built-in`)."""

    key: int
    name: str | Keep = KEEP
    process_key: int | Keep = KEEP
    position: int | Keep = KEEP
    deleted: bool = False


@dataclass(frozen=True)
class Involve(Command[Done]):
    """Give somebody a role in an instance or in a comment, or take it from him; neither is done twice."""

    entity: str  # instance or comment
    entity_key: int
    role: str
    member_kind: str
    member_key: int
    involved: bool = True


@dataclass(frozen=True)
class Subscribe(Command[Created]):
    """Tell somebody of all events of these kinds from now on; `ext` says how. `kind:entity` is one of such things only,
    for example `reference.created:unit`."""

    kinds: tuple[str, ...]
    ext: Mapping[str, Any]


@dataclass(frozen=True)
class SendMail(Command[Created]):
    """Hand over a mail that is about a user; the dialect of the caller sends it, or gives it up after `lifetime`
    milliseconds. The text is forgotten then."""

    user_key: int
    recipient: str
    subject: str
    text: str
    lifetime: int


@dataclass(frozen=True)
class ChangeSubscription(Command[Done]):
    """`stopped` keeps what is pending until it goes on; `deleted` forgets it."""

    key: int
    kinds: tuple[str, ...] | Keep = KEEP
    ext: Mapping[str, Any] | Keep = KEEP
    stopped: bool | Keep = KEEP
    deleted: bool = False


@dataclass(frozen=True)
class LeaseSubscription(Command[bool]):
    """For so many milliseconds nobody else delivers; 0 gives it back. False if somebody else does. `holder` is the end
    of one's own lease."""

    key: int
    lifetime: int
    holder: int = 0


@dataclass(frozen=True)
class NoteDelivery(Command[Done]):
    """What came of an attempt to deliver: delivered, given up, or to be tried again at `due_at`. The content of what is
    not tried again is forgotten."""

    keys: tuple[int, ...]
    delivered: bool = False
    given_up: bool = False
    due_at: int = 0
    status_code: int = 0
    error: str | None = None
