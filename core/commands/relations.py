"""Master data, stages, who has to do with what, and who is told of events."""

from dataclasses import dataclass

from core.turn.command import Command, Done


@dataclass(frozen=True)
class Involve(Command[Done]):
    """Give somebody a role in an instance or in a comment, or take it from him; neither is done twice."""

    entity: str  # instance or comment
    entity_key: int
    role: str
    member_kind: str
    member_key: int
    involved: bool = True
