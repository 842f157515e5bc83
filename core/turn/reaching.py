"""The rows that tell whether somebody may do something with a thing, for plans.

The rule itself says what it looks at: it is asked until it has found everything. So no plan falls short of it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from core.principal import Principal
from core.reach import Thing, reaches
from core.turn.context import Plan
from core.turn.known import KnownDefinition
from core.turn.workingset import Load, Read, Unplanned, WorkingSet
from core.types import Action

Planner = Callable[[Any, Principal, WorkingSet, Mapping[int, KnownDefinition]], Plan]
#: what a command does with what, as far as its plan has found it
Doing = Callable[[Any, WorkingSet], Iterable[tuple[Action, Thing | None]]]


def plan_reach(who: Principal, action: Action, thing: Thing | None, ws: WorkingSet) -> Iterator[list[Load]]:
    missing: list[Load] = []

    def rows(cls: type[Any], by: str, values: Collection[Any]) -> list[Any]:
        try:
            return [row for value in values for row in ws.find(cls, by, value)]
        except Unplanned:
            missing.append(Read(cls, by, tuple(values)))
            raise

    while True:
        try:
            reaches(who, action, thing, rows)
            return
        except Unplanned:
            yield [missing.pop()]


def reaching(plan: Planner, doing: Doing) -> Planner:
    """A plan, and what else it takes to tell whether whoever asks may do it."""

    def whole(cmd: Any, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
        rows = plan(cmd, who, ws, known)
        looks = who.reach is not None and who.reach.extents
        return _with_reach(rows, cmd, who, ws) if looks else rows

    def _with_reach(rows: Plan, cmd: Any, who: Principal, ws: WorkingSet) -> Plan:
        yield from rows
        for action, thing in doing(cmd, ws):
            yield from plan_reach(who, action, thing, ws)

    return whole
