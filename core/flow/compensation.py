"""Compensation: what activities did is undone by others, as many times as it was done."""

from collections.abc import Iterator

from core.flow.state import State
from core.graph.elements import BODY, SCOPES, Element, ElementKind
from core.tables.instance import ElementInstance
from core.types import ElementState

#: what says of an element instance that it was undone
_UNDONE = {"undone": True}


def throw_at(run: State, element: Element, entered: ElementInstance) -> bool:
    """What was done in the scope of the event is undone, all at once; it is over when that is. False: there is nothing
    to undo."""
    assert element.event is not None, "the graph was checked"
    scope = run.scope(entered.scope_key)
    while scope.kind == ElementKind.EVENT_SUB_PROCESS:
        scope = run.scope(scope.scope_key)
    done = [row for row in _done_in(run, scope) if element.event.name in ("", row.element_id)]
    to_undo = [undoable for row in done for undoable in _undoable(run, row)]
    if not to_undo:
        return False
    run.ctx.ws.change(entered, live=len(to_undo))
    for row in to_undo:
        run.ctx.ws.change(row, pending=_UNDONE)
        run.enter(run.known.program.undone_by[row.element_id], entered.key, own=_seen(run, row, scope))
    return True


def _done_in(run: State, scope: ElementInstance) -> list[ElementInstance]:
    """What is complete in a scope, and not undone yet."""
    rows = run.ctx.ws.find(ElementInstance, "instance_key", scope.instance_key)
    done = (row for row in rows if row.scope_key == scope.key and row.state == ElementState.COMPLETED)
    return sorted((row for row in done if row.pending != _UNDONE), key=lambda row: row.key)


def _undoable(run: State, row: ElementInstance) -> Iterator[ElementInstance]:
    """An activity, and those in it if it is a sub-process; all times of one that was done several times are one."""
    if row.element_id in run.known.program.undone_by and not row.place:
        yield row
    if row.kind in SCOPES or row.kind == BODY:
        for inside in _done_in(run, row):
            yield from _undoable(run, inside)


def _seen(run: State, row: ElementInstance, scope: ElementInstance) -> dict[str, object]:
    """The variables of what was around it, which is over."""
    rows = {r.key: r for r in run.ctx.ws.find(ElementInstance, "instance_key", scope.instance_key)}
    seen: dict[str, object] = {}
    while row.scope_key != scope.key:
        row = rows[row.scope_key]
        seen = {**run.local(row.key), **seen}
    return seen
