"""Where tokens meet: gateways that wait for others besides the one that has come."""

from collections.abc import Iterable, Iterator

from core.flow.state import State
from core.graph.elements import Element, ElementKind, Flow
from core.tables.instance import ElementInstance
from core.types import ElementState

#: a gateway, and where it is to be entered
Met = tuple[Element, int]


def arrive(run: State, flow: Flow, scope_key: int) -> bool:
    """A token came over one of several flows to a gateway that waits; True if there is one of each flow now."""
    gateway = flow.target
    tokens = dict(run.scope(scope_key).arrived.get(gateway, {}))
    tokens[flow.id] = tokens.get(flow.id, 0) + 1
    complete = len(tokens) == len(run.known.program.incoming[gateway])
    _keep(run, gateway, scope_key, tokens, meet=complete)
    return complete


def _keep(run: State, gateway: str, scope_key: int, tokens: dict[str, int], *, meet: bool) -> None:
    """If they `meet`, one of each flow becomes one; a second one that came over a flow waits for the next round."""
    scope = run.scope(scope_key)
    live = scope.live
    if meet:
        live -= len(tokens) - 1
        tokens = {flow_id: count - 1 for flow_id, count in tokens.items() if count > 1}
    # a copy: the row's own is what the journal puts back, and nobody would see that it changed
    arrived = {id: counts for id, counts in scope.arrived.items() if id != gateway}
    if tokens:
        arrived[gateway] = tokens
    run.ctx.ws.change(scope, arrived=arrived, live=live)


def meet(run: State) -> list[Met]:
    """The inclusive gateways at which all have come that can: no token elsewhere in the scope has a way there but by
    flows that a token came over already."""
    met: list[Met] = []
    for scope in _scopes(run):
        waiting = [id for id in scope.arrived if run.known.program.elements[id].kind is ElementKind.INCLUSIVE_GATEWAY]
        if not waiting:
            continue
        elsewhere = set(_elsewhere(run, scope))
        for gateway in waiting:
            ways = run.known.program.upstream(gateway, frozenset(scope.arrived[gateway]))
            # two that could each lead to the other do not wait for each other
            others = (
                id
                for id in waiting
                if id != gateway and gateway not in run.known.program.upstream(id, frozenset(scope.arrived.get(id, ())))
            )
            if ways.isdisjoint(elsewhere) and ways.isdisjoint(others):
                _keep(run, gateway, scope.key, dict(scope.arrived[gateway]), meet=True)
                met.append((run.known.program.elements[gateway], scope.key))
                break  # whatever goes on behind it may come to another one
    return met


def _scopes(run: State) -> Iterable[ElementInstance]:
    rows = run.ctx.ws.find(ElementInstance, "instance_key", run.instance.key)
    return [row for row in rows if row.arrived and row.state == ElementState.ACTIVE]


def _elsewhere(run: State, scope: ElementInstance) -> Iterator[str]:
    """The elements of a scope at which tokens are, but for inclusive gateways."""
    for row in run.ctx.ws.find(ElementInstance, "instance_key", run.instance.key):
        if row.scope_key == scope.key and row.state == ElementState.ACTIVE:
            yield row.element_id
    yield from (id for id in scope.arrived if run.known.program.elements[id].kind is ElementKind.PARALLEL_GATEWAY)
