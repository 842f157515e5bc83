"""Step after step: what a run does next, and what becomes of a step that fails."""

from abc import abstractmethod
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from core.flow import incidents, mappings
from core.flow.state import State
from core.flow.steps import Act, Arrive, Begin, Complete, EndScope, Enter, Listen, Step, kept, place_of
from core.graph.elements import Element, Flow
from core.rejections import ExecutionFailed
from core.tables.instance import ElementInstance, Instance
from core.turn.context import Context
from core.turn.known import KnownDefinition
from core.types import ElementState


class Stepping(State):
    def __init__(self, ctx: Context, known: KnownDefinition, instance: Instance) -> None:
        super().__init__(ctx, known, instance)
        # One after the other, and not by calling each other: a process may be longer than the stack is deep. What comes
        # first is done first, so tasks and events are made in the order of the tokens; from the front of a list each
        # would have to be taken by moving all others.
        self._todo: deque[Step] = deque()
        #: what comes of steps before any other token moves, and how many of them the present one added
        self._next: deque[Step] = deque()
        self._pushed = 0
        #: the variables of what has happened at an event, by its id, until a token comes there
        self._happened: dict[str, Mapping[str, Any]] = {}

    @abstractmethod
    def _do(self, step: Step) -> None:
        """Raises ExecutionFailed."""

    @abstractmethod
    def _arrive(self, flow: Flow, scope_key: int) -> None:
        """A token has come over a flow."""

    @abstractmethod
    def _entered(self, element: Element, scope_key: int, place: int, own: Mapping[str, Any] | None) -> ElementInstance:
        """The element is entered, and nothing has happened there yet."""

    def forget(self, scope_key: int) -> None:
        self._keep(lambda step: scope_key not in self._places(step))

    def forget_ended(self) -> None:
        """Tokens do not go on where the scope has ended."""
        ended = (ElementState.COMPLETED, ElementState.TERMINATED)
        self._keep(lambda step: not any(self.scope(key).state in ended for key in self._places(step)))

    def _keep(self, wanted: Callable[[Step], bool]) -> None:
        # new ones, for a step may be undone
        self._todo, self._next = deque(filter(wanted, self._todo)), deque(filter(wanted, self._next))

    def _places(self, step: Step) -> list[int]:
        """The keys of what it is done to or in; nothing is done in an instance by what goes to others."""
        return [] if isinstance(step, Act) else self.chain(place_of(step))

    def _move(self) -> None:
        do = self._attempt if self.known.program.graph.incidents else self._count_and_do
        while self._next or self._todo:
            moves, self._pushed = not self._next, 0
            do(self._todo.popleft() if moves else self._next.popleft(), moves=moves)

    def _count_and_do(self, step: Step, *, moves: bool) -> None:
        if moves:  # which is counted, for a process may go round in circles for ever
            self.ctx.effort.move(self.known.program.graph.id)
        self._do(step)

    def _push(self, step: Step) -> None:
        """Before what earlier steps added, as if it was done at once."""
        self._next.insert(self._pushed, step)
        self._pushed += 1

    # what cannot go on

    def _attempt(self, step: Step, *, moves: bool) -> None:
        """A step that fails is undone, and its token stands still."""
        start, todo, following = self.ctx.mark(), self._todo, tuple(self._next)
        waiting, scopes, started, opened = len(todo), len(self._scopes), len(self.started), len(self.opened)
        happened = dict(self._happened) if self._happened else {}
        try:
            self._count_and_do(step, moves=moves)
        except ExecutionFailed as failure:
            self.ctx.undo(start)
            self._todo, self._next, self._happened = todo, deque(following), happened
            while len(todo) > waiting:
                todo.pop()
            while len(self._scopes) > scopes:
                self._scopes.popitem()
            del self.started[started:], self.opened[opened:]
            self._stand_still(step, failure)

    def _stand_still(self, step: Step, failure: ExecutionFailed) -> None:
        record = kept(step)
        match step:
            case Act():
                raise failure
            case Arrive(flow, scope_key):  # there was no effort left for it, and what comes behind it is told so
                self._arrive(flow, scope_key)
                return
            case Enter(element, scope_key, place, own):
                waiting = self._entered(element, scope_key, place, own)
                happened = self._happened.pop(element.id, None)
                record = kept(Begin(element, waiting.key, happened is not None))
                if happened:
                    mappings.result(self, element, waiting, happened)
            case EndScope(key) | Listen(key, _, _):
                waiting = self.scope(key)
            case _:
                waiting = self.scope(step.entered_key)
        incidents.stand_still(self, waiting, failure, step=record)

    def enter(self, element: Element, scope_key: int, *, place: int = 0, own: Mapping[str, Any] | None = None) -> None:
        self._todo.append(Enter(element, scope_key, place, own))

    def afterwards(self, act: Callable[[], None]) -> None:
        self._todo.append(Act(act))

    def later(self, element: Element, entered: ElementInstance) -> None:
        self._scopes[entered.key] = entered
        self._todo.append(Complete(element, entered.key))

    complete = later
