"""Event sub-processes: what may begin in a scope, besides what is there or in its place."""

from core.flow import events
from core.flow.state import State
from core.flow.termination import terminate_inside
from core.graph.elements import Element, ElementKind
from core.tables.instance import ElementInstance


def arm(run: State, scope_id: str, scope: ElementInstance) -> None:
    """A scope is entered: from now on they may begin."""
    for start in run.known.program.event_subs.get(scope_id, ()):
        events.arm(run, start, scope)


def begin(run: State, start: Element, scope: ElementInstance) -> None:
    """What one begins with has happened."""
    live = scope.live + 1
    if start.interrupting:
        starts = run.known.program.event_subs[run.known.program.elements[start.parent].parent]
        events.disarm(run.ctx, scope, frozenset(event.id for event in starts))
        run.forget(scope.key)
        terminate_inside(run.ctx, scope)
        live = 1
    run.ctx.ws.change(scope, live=live, arrived={} if start.interrupting else scope.arrived)
    run.enter(run.known.program.elements[start.parent], scope.key)


def is_interrupted(run: State, scope: ElementInstance) -> bool:
    """Did one begin in place of what had been there? Then no other one can."""
    program = run.known.program
    rows = run.ctx.ws.find(ElementInstance, "instance_key", scope.instance_key)
    begun = (row for row in rows if row.scope_key == scope.key and row.kind == ElementKind.EVENT_SUB_PROCESS)
    return any(program.starts[row.element_id].interrupting for row in begun)
