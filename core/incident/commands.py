"""Letting things go on that stand still."""

from dataclasses import dataclass

from core.turn.command import Command, Created, Done


@dataclass(frozen=True)
class ResolveIncident(Command[Done]):
    """What failed is done again; a new incident if it fails again. A job without retries is in the wrong state."""

    key: int


@dataclass(frozen=True)
class ResolveIncidents(Command[Created]):
    """All that stands still in an instance, and in those that it called; a job gets a retry if it has none left.
    The key of what is created stands for all of it."""

    instance_key: int
