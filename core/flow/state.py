"""What is known of a running instance during one command: by whoever moves its tokens, and by all who help."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from core.flow.scopes import Scopes
from core.graph.elements import Element
from core.storage.jsontext import NOTHING
from core.tables.instance import ElementInstance, Instance
from core.tables.task import Task
from core.turn.context import Context
from core.turn.known import KnownDefinition


class State(Scopes, ABC):
    def __init__(self, ctx: Context, known: KnownDefinition, instance: Instance) -> None:
        super().__init__(ctx, instance)
        self.known = known
        self.started: list[Task] = []
        #: the task whose end makes the tokens move, and those of this instance that they opened
        self.behind: Task | None = None
        self.opened: list[Task] = []
        self.assignee: str | None = None
        self.assigned_by = ""
        self.task_ext: Mapping[str, Any] = {}
        self.participants: Mapping[str, tuple[int, ...]] = {}
        self.draft = False
        #: how many instances called each other around this one, in the same command
        self.depth = 0

    @abstractmethod
    def start(self, *element_ids: str) -> None:
        """Enter the process, at its start event or at the named elements."""

    @abstractmethod
    def enter(self, element: Element, scope_key: int, *, place: int = 0, own: Mapping[str, Any] | None = None) -> None:
        """A token reaches an element, in its turn: for the time `place` in a loop, and with variables of its own."""

    @abstractmethod
    def open(self, element: Element, scope_key: int, kind: str = "") -> ElementInstance:
        """An element is entered, or what is around it (`kind`), where nothing happens by itself."""

    @abstractmethod
    def happen(self, event: Element, waiting: ElementInstance, variables: Mapping[str, Any] = NOTHING) -> None:
        """An event for which an element waits has come: it goes on when the run settles."""

    @abstractmethod
    def forget(self, scope_key: int) -> None:
        """What was to be done next in a scope is not done."""

    @abstractmethod
    def settle(self) -> None:
        """Move all tokens until they rest."""

    @abstractmethod
    def later(self, element: Element, entered: ElementInstance) -> None:
        """Complete an element in its turn."""

    @property
    @abstractmethod
    def called_here(self) -> bool:
        """Was it called in this very command?"""

    @abstractmethod
    def clear(self, but: ElementInstance) -> None:
        """All tokens of a scope are gone but that of one element."""

    @abstractmethod
    def begin(self, event: Element, variables: Mapping[str, Any] = ...) -> None:
        """Enter the process at one of its start events, which has happened."""

    @abstractmethod
    def of(self, instance: Instance) -> "State":
        """The state of another instance, or this one."""

    @abstractmethod
    def afterwards(self, act: Callable[[], None]) -> None:
        """Do it in its turn."""

    @abstractmethod
    def inner(self, instance: Instance) -> "State":
        """The state of an instance that this one has called just now."""

    @abstractmethod
    def outer(self) -> "State | None":
        """The state of the instance that called this one, if it was called."""
