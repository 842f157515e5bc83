"""Tokens that are put and taken from outside, to repair an instance."""

from collections.abc import Iterator, Sequence

from core.flow.run import Run
from core.flow.termination import terminate_element, terminate_instance
from core.graph.elements import BODY, Element, ElementKind
from core.graph.tokens import Activation, Around, Move
from core.rejections import Conflict, Invalid, NotFound
from core.tables.instance import ElementInstance
from core.types import ElementState

#: where a token cannot be put
UNABLE = frozenset((ElementKind.START_EVENT, ElementKind.BOUNDARY_EVENT, ElementKind.AD_HOC_ACTIVATION))


def modify(run: Run, activations: Sequence[Activation], moves: Sequence[Move], ended: Sequence[str | int]) -> None:
    """First tokens are put, then element instances (by key, or all of an id) taken away: an instance that has a token
    goes on.

    Raises Invalid (`element` or `within` with the id of the element, `scope` with what was named), NotFound (`element`)
    or Conflict (`called`: nothing of an instance would be left that another one waits for).
    """
    gone = [row for each in ended for row in _named(run, each)]
    moved = [(move, row) for move in moves for row in _named(run, move.source)]
    for activation in activations:
        _put(run, activation, _chain(run, activation.within))
    for move, row in moved:
        within = row.scope_key if move.around is Around.PARENT else move.within
        nearest = row.scope_key if move.around is Around.INFERRED else within
        _put(run, Activation(move.target, within, move.variables), _chain(run, nearest))
    for row in (*gone, *(row for _, row in moved)):
        if row.state == ElementState.ACTIVE:  # and not gone with what was around it, just now
            _take(run, row)
    run.forget_ended()
    run.settle()


def _chain(run: Run, key: int) -> set[int]:
    """An active element instance and those around it; none of another instance's."""
    return set(run.chain(key)) if any(row.key == key for row in _active(run)) else set()


def _named(run: Run, name: str | int) -> list[ElementInstance]:
    """What is done several times is taken as a whole."""
    rows = [row for row in _active(run) if name in (row.key, row.element_id)]
    whole = {row.element_id for row in rows if row.kind == BODY and name == row.element_id}
    rows = [row for row in rows if row.kind == BODY or row.element_id not in whole]
    if not rows:
        raise NotFound("element", name)
    return rows


def _active(run: Run) -> Iterator[ElementInstance]:
    rows = run.ctx.ws.find(ElementInstance, "instance_key", run.instance.key)
    return (row for row in rows if row.state == ElementState.ACTIVE)


def _put(run: Run, activation: Activation, chosen: set[int]) -> None:
    """`chosen` are the element instances to be preferred around it."""
    element = run.known.program.elements.get(activation.element_id)
    if element is None:
        raise Invalid("element", "unknown", activation.element_id)
    if element.kind in UNABLE:
        raise Invalid("element", "unable", activation.element_id)
    around = _around(run, element)
    if any(each.loop is not None or each.ad_hoc is not None for each in around):
        raise Invalid("element", "unable", activation.element_id)
    scopes = {"": run.scope(run.instance.key)}
    for each in around:
        scopes[each.id] = _scope(run, each, scopes[each.parent], chosen, activation)
    if activation.within and activation.within not in {scope.key for scope in scopes.values()}:
        raise Invalid("within", "no ancestor", activation.element_id)
    for id, variables in activation.variables:
        scope = scopes.get("" if id == run.known.program.graph.id else id)
        if scope is None:
            raise Invalid("scope", "unknown", id)
        run.put(scope.key, variables)
    _count(run, scopes[element.parent])
    run.enter(element, scopes[element.parent].key)


def _around(run: Run, element: Element) -> list[Element]:
    """The elements that it is in, the outermost one first."""
    around: list[Element] = []
    while element.parent:
        element = run.known.program.elements[element.parent]
        around.insert(0, element)
    return around


def _scope(
    run: Run, element: Element, scope: ElementInstance, chosen: set[int], activation: Activation
) -> ElementInstance:
    """Where a sub-process is entered: in the instance that there is of it, or in a new one."""
    there = [row for row in _active(run) if row.element_id == element.id and row.scope_key == scope.key]
    if len(there) > 1:
        there = [row for row in there if row.key in chosen] or there
    if len(there) > 1:
        raise Invalid("within", "ambiguous", activation.element_id)
    if there:
        return there[0]
    _count(run, scope)
    return run.open_around(element, scope.key)


def _count(run: Run, scope: ElementInstance) -> None:
    run.ctx.ws.change(scope, live=scope.live + 1)


def _take(run: Run, row: ElementInstance) -> None:
    """With all that is in it; what is around it goes too if nothing else is left there."""
    if row.scope_key:
        terminate_element(run.ctx, row)
        scope = run.scope(row.scope_key)
        run.ctx.ws.change(scope, live=scope.live - 1)
        if scope.live == 0:
            _take(run, scope)
        return
    if run.instance.parent_key:
        raise Conflict("instance", run.instance.root_key, "called")
    terminate_instance(run.ctx, run.instance)
