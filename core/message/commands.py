"""Messages and signals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.turn.command import Command, Done, Removed


@dataclass(frozen=True)
class Published:
    key: int


@dataclass(frozen=True)
class Correlated:
    """`instance_key` is the first instance that the message met or started."""

    key: int
    instance_key: int


@dataclass(frozen=True)
class PublishMessage(Command[Published]):
    """To all who wait for it, one of each process, and to those whom it starts; for `time_to_live` milliseconds also to
    who comes later. As long as it is kept no other one has its `message_id` (Conflict `exists`), if it has one."""

    name: str
    correlation_key: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)
    time_to_live: int = 0
    message_id: str = ""


@dataclass(frozen=True)
class CorrelateMessage(Command[Correlated]):
    """At once, or not at all: NotFound `subscription` if nobody waits for it and it starts nothing. `startable` are the
    ids of processes that the caller may start, None if that is all of them."""

    name: str
    correlation_key: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)
    startable: tuple[str, ...] | None = None


@dataclass(frozen=True)
class BroadcastSignal(Command[Published]):
    """To all who wait for it, and to those whom it starts."""

    name: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    startable: tuple[str, ...] | None = None


@dataclass(frozen=True)
class OfferMessage(Command[Done]):
    """A message that is kept may start an instance now, for the one that was in its way has ended."""

    key: int


@dataclass(frozen=True)
class RemoveExpiredMessages(Command[Removed]):
    """Some of those that nobody will get any more."""
