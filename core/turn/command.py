"""The base of all commands, and what comes of them."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from core.tables.decision import Decision, DecisionInstance

Out = TypeVar("Out", covariant=True)


class Command(Generic[Out]):
    """Base of all commands; `Out` is what `engine.execute` returns for it."""


class Keep:
    """The type of KEEP."""

    def __repr__(self) -> str:
        return "KEEP"


KEEP = Keep()
"""Leaves a value as it is, where None would clear it."""


@dataclass(frozen=True)
class StartedTask:
    key: int
    uid: str
    number: int
    assignee: str | None


@dataclass(frozen=True)
class Started:
    """An instance that runs (or already ended) and the open tasks it made."""

    key: int
    uid: str
    number: int
    definition_key: int
    ended: bool
    tasks: tuple[StartedTask, ...]


@dataclass(frozen=True)
class Done:
    """`pending` says that a listener has to consent first."""

    pending: bool = False


@dataclass(frozen=True)
class Transferred:
    moved: int
    left: int


@dataclass(frozen=True)
class Created:
    key: int
    uid: str
    number: int


@dataclass(frozen=True)
class Deployed:
    process_key: int
    definition_key: int
    version: int
    changed: bool


@dataclass(frozen=True)
class StoredResource:
    """`changed` is False if the newest version had the same content already."""

    key: int
    version: int
    changed: bool


@dataclass(frozen=True)
class StoredRequirements:
    """A requirements graph and its decisions, in their order."""

    key: int
    version: int
    decisions: tuple[StoredResource, ...]


@dataclass(frozen=True)
class DeployedAll:
    """In the order of the command; `key` stands for the deployment as a whole."""

    key: int
    processes: tuple[Deployed, ...]
    resources: tuple[StoredResource, ...]
    requirements: tuple[StoredRequirements, ...] = ()


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A decision, by what it came by in its order; `key` is the evaluation's. `output` is what JSON can hold; with a
    `failure` there is none, and `failed_id` says which decision is to blame."""

    key: int
    decision: Decision
    output: Any = None
    failure: str = ""
    failed_id: str = ""
    instances: tuple[DecisionInstance, ...] = ()


@dataclass(frozen=True)
class Issued:
    """A ticket or token: its text is told once and stored nowhere."""

    text: str
    expires_at: int


@dataclass(frozen=True)
class Removed:
    count: int


@dataclass(frozen=True)
class Several(Command[tuple[Any, ...]]):
    """Commands that are carried out together, in this order, or not at all; their outcomes."""

    commands: tuple[Command[Any], ...]
