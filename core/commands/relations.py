"""Master data, stages, who has to do with what, and who is told of events."""

from dataclasses import dataclass

from core.turn.command import KEEP, Command, Created, Done, Keep


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
