"""Decisions, and evaluating them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.graph.dmn.model import Requirements
from core.turn.command import Command, Evaluated


@dataclass(frozen=True)
class NewRequirements:
    """A version of a requirements graph, with its decisions; `name` is the file's."""

    graph: Requirements
    name: str = ""
    content: str = ""


@dataclass(frozen=True)
class EvaluateDecision(Command[Evaluated]):
    """The newest version of a decision by its id, or a certain one by its key. Raises NotFound `decision`. What cannot
    be decided is an outcome, too, that says why."""

    decision_id: str = ""
    decision_key: int = 0
    variables: Mapping[str, Any] = field(default_factory=dict)
