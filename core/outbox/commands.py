"""What changes who is told of events."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.turn.command import KEEP, Command, Created, Done, Keep

#: the status of a subscription
ACTIVE, STOPPED = "ACTIVE", "STOPPED"


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
