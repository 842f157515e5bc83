"""Which flows a token takes out of an element."""

from core.flow.state import State
from core.graph.elements import Element, ElementKind, Flow
from core.graph.expressions import ExpressionError, evaluate
from core.rejections import ExecutionFailed
from core.types import Trouble


def taken(run: State, element: Element, scope_key: int) -> list[Flow]:
    outgoing = run.known.program.outgoing[element.id]
    if element.kind is ElementKind.EXCLUSIVE_GATEWAY and len(outgoing) > 1:
        for flow in outgoing:
            if flow.condition and flow.id != element.default_flow and _holds(run, flow, scope_key):
                return [flow]
        return [_default(element, outgoing)]
    flows = [f for f in outgoing if f.id != element.default_flow and _holds(run, f, scope_key)]
    if not flows and outgoing:
        return [_default(element, outgoing)]
    return flows


def _default(element: Element, outgoing: tuple[Flow, ...]) -> Flow:
    for flow in outgoing:
        if flow.id == element.default_flow:
            return flow
    reason = "no condition of its outgoing flows holds and it has no default flow"
    raise ExecutionFailed(element.id, reason, Trouble.CONDITION)


def _holds(run: State, flow: Flow, scope_key: int) -> bool:
    if not flow.condition:
        return True
    try:
        return evaluate(flow.condition, run.variables(scope_key), run.ctx.now, run.ctx.effort.budget) is True
    except ExpressionError as error:
        raise ExecutionFailed(flow.id, str(error)) from error
