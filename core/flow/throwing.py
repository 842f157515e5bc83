"""Errors and escalations: what is thrown looks for who catches it, scope by scope, and in the instances that called."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.flow import eventsubs
from core.flow.state import State
from core.graph.elements import Element, EventKind
from core.storage.jsontext import NOTHING
from core.tables.instance import ElementInstance


@dataclass(frozen=True, slots=True)
class Caught:
    """By an event, for which an element waits; `run` is of its instance, and `passed` are those of the instances that
    it came out of. `settles`: nobody moves its tokens yet."""

    event: Element
    waiting: ElementInstance
    run: State
    passed: tuple[State, ...]
    settles: bool

    def happen(self, variables: Mapping[str, Any] = NOTHING) -> None:
        if self.event.interrupting:
            for run in self.passed:
                run.forget(run.instance.key)
        self.run.happen(self.event, self.waiting, variables)
        if self.settles:
            self.run.settle()


def caught(run: State, thrown_at: ElementInstance, kind: EventKind, code: str) -> Caught | None:
    """Who catches it: the innermost, and there rather who names its code than who takes all."""
    passed: list[State] = []
    settles = False
    while True:
        for waiting in _around(run, thrown_at):
            for events in _at(run, waiting):
                event = _which(events, kind, code)
                if event is not None:
                    return Caught(event, waiting, run, tuple(passed), settles)
        outer = run.outer()
        if outer is None:
            return None
        passed.append(run)
        settles = settles or not run.called_here
        run, thrown_at = outer, outer.scope(run.instance.parent_element_key)


def known(run: State | None, thrown_at: ElementInstance, kind: EventKind) -> tuple[str, ...]:
    """The codes that somebody catches there."""
    codes: dict[str, None] = {}
    while run is not None:
        for waiting in _around(run, thrown_at):
            for events in _at(run, waiting):
                codes |= {e.event.code: None for e in events if e.event is not None and e.event.kind is kind}
        outer = run.outer()
        if outer is not None:
            thrown_at = outer.scope(run.instance.parent_element_key)
        run = outer
    return tuple(codes)


def _around(run: State, row: ElementInstance) -> Iterator[ElementInstance]:
    yield row
    while row.scope_key:
        row = run.scope(row.scope_key)
        yield row


def _at(run: State, row: ElementInstance) -> Iterator[Iterable[Element]]:
    """What begins inside of it, then what is at its boundary."""
    program = run.known.program
    scope_id = row.element_id if row.scope_key else ""
    inside = program.event_subs.get(scope_id)
    if inside and not eventsubs.is_interrupted(run, row):
        yield inside
    if row.scope_key and not row.place:
        yield program.boundaries.get(row.element_id, ())


def _which(events: Iterable[Element], kind: EventKind, code: str) -> Element | None:
    by_code = {e.event.code: e for e in events if e.event is not None and e.event.kind is kind}
    return by_code.get(code) or by_code.get("")
