"""Evaluating decisions that a caller names."""

from collections.abc import Mapping

from core.decision.commands import EvaluateDecision
from core.flow.decisions import NoSuchDecision, decision_meant, evaluate, plan_decisions
from core.principal import Principal
from core.rejections import NotFound
from core.tables.decision import Decision
from core.turn.command import Evaluated
from core.turn.context import Context, Plan, handles
from core.turn.known import KnownDefinition
from core.turn.workingset import WorkingSet
from core.types import Permission


def _plan(cmd: EvaluateDecision, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    ids = (cmd.decision_id,) if cmd.decision_id else ()
    yield from plan_decisions(ids, ws, () if ids else (cmd.decision_key,))


@handles(EvaluateDecision, _plan)
def evaluate_decision(cmd: EvaluateDecision, ctx: Context) -> Evaluated:
    ctx.require(Permission.START)
    evaluated = evaluate(_meant(cmd, ctx), cmd.variables, ctx)
    after = {"decision": evaluated.decision.decision_id, "version": evaluated.decision.version}
    ctx.emit("decision.evaluated", "decision", evaluated.key, after={**after, "failed": bool(evaluated.failure)})
    return evaluated


def _meant(cmd: EvaluateDecision, ctx: Context) -> Decision:
    if cmd.decision_id:
        try:
            return decision_meant(cmd.decision_id, ctx)
        except NoSuchDecision:
            raise NotFound("decision", cmd.decision_id) from None
    row = ctx.ws.get(Decision, cmd.decision_key)
    if row is None or row.tenant_key != ctx.principal.tenant_key:
        raise NotFound("decision", cmd.decision_key)
    return row
