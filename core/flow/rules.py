"""Business-rule tasks: a decision is evaluated at once, or a worker does it."""

from core.flow import jobs, mappings
from core.flow.decisions import Asker, NoSuchDecision, decision_meant, evaluate, plan_decisions
from core.flow.state import State
from core.graph.elements import Element
from core.graph.expressions import ExpressionError, attribute
from core.rejections import ExecutionFailed
from core.tables.instance import ElementInstance
from core.types import Trouble


def begin(run: State, element: Element, entered: ElementInstance) -> bool:
    called = element.decision
    if called is None:
        return jobs.begin(run, element, entered)
    ctx, variables = run.ctx, run.variables(entered.key)
    try:
        id = attribute(called.decision_id, variables, ctx.now, ctx.effort.budget)
    except ExpressionError as error:
        raise ExecutionFailed(element.id, str(error)) from error
    if not isinstance(id, str) or not id:
        raise ExecutionFailed(element.id, "the id of a called decision is no text")
    ctx.ws.need(("decision", id), lambda: plan_decisions((id,), ctx.ws))
    try:
        decision = decision_meant(id, ctx, called.binding, deployed_at=run.known.definition.created_at)
    except NoSuchDecision as error:
        raise ExecutionFailed(element.id, str(error), Trouble.DECISION_CALL) from error
    instance = run.instance
    asker = Asker(instance.definition_key, instance.key, instance.root_key or instance.key, entered.key)
    outcome = evaluate(decision, variables, ctx, asker)
    if outcome.failure:
        raise ExecutionFailed(element.id, outcome.failure, Trouble.DECISION)
    mappings.result(run, element, entered, {called.result: outcome.output})
    return False
