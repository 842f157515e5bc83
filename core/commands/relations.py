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
