"""Evaluating decisions, for whoever asks: a command, or an element of a process.

A plan asks for what is needed (`plan_decisions`), a decision of a turn finds the version that is meant
(`decision_meant`) and evaluates it (`evaluate`). What came of each decision on the way is kept, of what failed, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from core.graph.dmn.compiler import Compiled, compiled
from core.graph.dmn.evaluation import Outcome, decide
from core.graph.dmn.frame import Told
from core.graph.dmn.model import DecisionTable, Input, Output
from core.graph.elements import NEWEST, Binding, BindingKind
from core.graph.feel.budget import ExpressionError
from core.graph.feel.results import plain
from core.tables.decision import Decision, DecisionInstance, Requirements
from core.turn.command import Evaluated
from core.turn.context import Context, Plan
from core.turn.workingset import Read, WorkingSet

#: how much of an expression names an input that has no label
_NAME = 30
_KINDS = {
    "literal": "LITERAL_EXPRESSION",
    "table": "DECISION_TABLE",
    "context": "CONTEXT",
    "list": "LIST",
    "relation": "RELATION",
    "invocation": "INVOCATION",
}


class NoSuchDecision(LookupError):
    """There is no version of the decision that is meant; the text says so."""


@dataclass(frozen=True, slots=True)
class Asker:
    """The element of an instance that asks for a decision, by keys; they are -1 if nobody but a caller does, and the
    outermost instance's is 0."""

    definition_key: int = -1
    instance_key: int = -1
    root_instance_key: int = 0
    element_instance_key: int = -1


NOBODY = Asker()


def plan_decisions(ids: tuple[str, ...], ws: WorkingSet, keys: tuple[int, ...] = ()) -> Plan:
    """What it needs to evaluate any version of decisions with these ids, or those with these keys."""
    yield [Read(Decision, "decision_id", ids), Read(Decision, "key", keys)]
    rows = [row for id in ids for row in ws.find(Decision, "decision_id", id)]
    rows += [row for key in keys if (row := ws.get(Decision, key)) is not None]
    requirements = tuple(dict.fromkeys(row.requirements_key for row in rows))
    yield [Read(Requirements, "key", requirements), Read(Decision, "requirements_key", requirements)]


def decision_meant(id: str, ctx: Context, binding: Binding = NEWEST, *, deployed_at: int = 0) -> Decision:
    """The version of a decision that is bound; `deployed_at` is when the process was that binds one to its deployment.
    Raises NoSuchDecision."""
    rows = [row for row in ctx.ws.find(Decision, "decision_id", id) if row.tenant_key == ctx.principal.tenant_key]
    if binding.kind is BindingKind.VERSION_TAG:
        rows = [row for row in rows if row.version_tag == binding.version_tag]
    elif binding.kind is BindingKind.DEPLOYMENT:
        rows = [row for row in rows if row.created_at <= deployed_at]
    if rows:
        return max(rows, key=lambda row: row.version)
    if binding.kind is BindingKind.VERSION_TAG:
        raise NoSuchDecision(
            f"Expected to evaluate decision with id '{id}' and version tag '{binding.version_tag}', but no such "
            "decision found. To resolve this incident, deploy a decision with the given id and version tag."
        )
    if binding.kind is BindingKind.DEPLOYMENT:
        raise NoSuchDecision(
            f"Expected to evaluate decision '{id}' with binding type 'deployment', but no such decision found in the "
            "deployment which contained the current process. To resolve this incident, migrate the process instance "
            "to a process definition that is deployed together with the intended decision to evaluate."
        )
    raise NoSuchDecision(f"Expected to evaluate decision '{id}', but no decision found for id '{id}'")


def evaluate(decision: Decision, variables: Mapping[str, Any], ctx: Context, asker: Asker = NOBODY) -> Evaluated:
    """What it comes to, which is kept with what it came by. Raises TooLong where a turn may not take long."""
    row = ctx.ws.get(Requirements, decision.requirements_key)
    key = ctx.key()
    expected = f"Expected to evaluate decision '{decision.decision_id}', but "
    if row is None or not row.graph:
        failure = f"{expected}the decision requirements graph is invalid"
        return Evaluated(key=key, decision=decision, failure=failure, failed_id=decision.decision_id)
    ready = compiled(row.graph)
    outcome = decide(ready, decision.decision_id, variables, ctx.now, ctx.effort.budget)
    output, failure, failed_id = _output(outcome, decision, ctx)
    failure = expected + failure if failure else ""
    keeper = _Keeper(key, decision, ready, asker, ctx)
    last = len(outcome.log)
    instances = tuple(
        keeper.keep(told, position, failure if position == last else "") for position, told in enumerate(outcome.log, 1)
    )
    return Evaluated(
        key=key, decision=decision, output=output, failure=failure, failed_id=failed_id, instances=instances
    )


def _output(outcome: Outcome, decision: Decision, ctx: Context) -> tuple[Any, str, str]:
    if outcome.failure:
        return None, outcome.failure, outcome.failed_id
    try:
        return plain(outcome.value, ctx.effort.budget), "", ""
    except ExpressionError as error:
        return None, str(error), decision.decision_id


class _Keeper:
    """Keeps what the decisions of one evaluation came to."""

    def __init__(self, key: int, root: Decision, ready: Compiled, asker: Asker, ctx: Context) -> None:
        self._key = key
        self._root = root
        self._ready = ready
        self._asker = asker
        self._ctx = ctx
        siblings = ctx.ws.find(Decision, "requirements_key", root.requirements_key)
        self._rows = {row.decision_id: row for row in siblings}

    def keep(self, told: Told, position: int, failure: str) -> DecisionInstance:
        root, asker, ctx = self._root, self._asker, self._ctx
        row = self._rows.get(told.owner.id)
        logic = self._ready.logic_of(told.owner.id)
        table = logic if isinstance(logic, DecisionTable) else None
        version = row.version if row is not None else -1
        instance = DecisionInstance(
            key=ctx.key(),
            tenant_key=root.tenant_key,
            evaluation_key=self._key,
            evaluation_id=f"{self._key}-{position}",
            position=position,
            decision_key=row.key if row is not None else -1,
            decision_id=told.owner.id,
            decision_name=told.owner.name,
            decision_version=version,
            kind=_KINDS[logic.kind] if logic is not None and logic.kind in _KINDS else "UNKNOWN",
            root_key=root.key,
            root_id=root.decision_id,
            requirements_key=root.requirements_key,
            requirements_id=root.requirements_id,
            state="FAILED" if failure else "EVALUATED",
            result=self._json(told.value),
            failure=failure or None,
            inputs=self._inputs(told, table) if table is not None else "[]",
            matched=self._matched(told, table, version) if table is not None else "[]",
            definition_key=asker.definition_key,
            instance_key=asker.instance_key,
            root_instance_key=asker.root_instance_key,
            element_instance_key=asker.element_instance_key,
            evaluated_at=ctx.now,
        )
        ctx.ws.add(instance)
        return instance

    def _json(self, value: Any) -> str:
        try:
            return orjson.dumps(plain(value, self._ctx.effort.budget)).decode()
        except ExpressionError:
            return "null"

    def _inputs(self, told: Told, table: DecisionTable) -> str:
        return orjson.dumps(
            [
                {"id": each.id or "", "name": _named(each), "value": self._json(value)}
                for each, value in zip(table.inputs, told.inputs, strict=False)
            ]
        ).decode()

    def _matched(self, told: Told, table: DecisionTable, version: int) -> str:
        return orjson.dumps(
            [
                {
                    "id": table.rules[rule.index].id
                    or f"ZB_SYNTH_RULE_ID_{told.owner.id}_v{version}_r{rule.index + 1}",
                    "index": rule.index + 1,
                    "outputs": [
                        {"id": each.id or "", "name": _called(each), "value": self._json(value)}
                        for each, value in zip(table.outputs, rule.outputs, strict=False)
                    ],
                }
                for rule in told.matched
            ]
        ).decode()


def _named(input: Input) -> str:
    return input.label if input.label is not None else (input.expression.text or "")[:_NAME]


def _called(output: Output) -> str:
    return output.label if output.label is not None else output.name or ""
