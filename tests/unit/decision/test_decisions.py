"""Versions of decisions, which of them is meant, and what is kept of what they came to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from core.decision.commands import EvaluateDecision, NewRequirements
from core.decision.fields import DecisionSort
from core.decision.queries import (
    DecisionByKey,
    LatestDecision,
    RequirementsByKey,
    SearchDecisionInstances,
    SearchDecisions,
    SearchRequirements,
)
from core.engine import Engine
from core.flow.decisions import Asker, NoSuchDecision, decision_meant, evaluate, plan_decisions
from core.graph.dmn.model import Decision, DecisionTable, Input, LiteralExpression, Output, Requirements, Rule, Written
from core.graph.elements import NEWEST, Binding, BindingKind
from core.principal import Principal
from core.process.commands import DeleteResource, Deploy
from core.rejections import Forbidden, Invalid, NotFound
from core.search.query import Is, Isnt, Sort, Where
from core.turn.command import Command, Evaluated, StoredRequirements
from core.turn.context import HANDLERS, Context, Handler, Plan
from core.turn.known import KnownDefinition
from core.turn.workingset import WorkingSet
from core.types import Permission
from tests.support.clock import MovableClock
from tests.support.graphs import me


def says(text: str, *, id: str = "yes", tag: str = "") -> Decision:
    return Decision(id, id.title(), LiteralExpression(Written(text)), id, version_tag=tag)


def graph(*decisions: Decision, id: str = "all") -> Requirements:
    return Requirements(id, id.title(), decisions)


async def deploy(engine: Engine, *decisions: Decision, content: str = "<a/>", id: str = "all") -> StoredRequirements:
    new = NewRequirements(graph(*decisions, id=id), f"{id}.dmn", content)
    (stored,) = (await engine.execute(Deploy(requirements=(new,)), me(engine))).requirements
    return stored


async def output(engine: Engine, **variables: Any) -> Any:
    return (await engine.execute(EvaluateDecision("yes", variables=variables), me(engine))).output


async def test_each_changed_file_is_a_new_version(engine: Engine) -> None:
    first = await deploy(engine, says("1"), says("2", id="no"))
    assert await deploy(engine, says("1"), says("2", id="no")) == StoredRequirements(
        first.key, 1, tuple(type(d)(d.key, 1, False) for d in first.decisions)
    )
    second = await deploy(engine, says("1"), says("2", id="no"), content="<b/>")
    assert (second.version, [d.version for d in second.decisions]) == (2, [2, 2])
    assert second.key != first.key
    elsewhere = await deploy(engine, says("3"), id="other")
    assert (elsewhere.version, [d.version for d in elsewhere.decisions]) == (1, [3])
    # the newest version of one of its decisions is elsewhere, so the same again is another version
    third = await deploy(engine, says("1"), says("2", id="no"), content="<b/>")
    assert (third.version, [d.version for d in third.decisions]) == (3, [4, 3])


async def test_what_is_wrong_is_not_deployed(engine: Engine) -> None:
    with pytest.raises(Invalid, match="requirements"):
        await deploy(engine, says("1 +"))
    assert (await engine.ask(SearchDecisions(), me(engine))).items == ()
    worker = Principal(engine.default_tenant, 1, "ann", "test", permissions=frozenset({Permission.WORK}))
    with pytest.raises(Forbidden):
        await engine.execute(Deploy(requirements=(NewRequirements(graph(says("1"))),)), worker)
    with pytest.raises(Forbidden):
        await engine.execute(EvaluateDecision("yes"), worker)


async def test_the_newest_version_is_evaluated_or_a_certain_one(engine: Engine) -> None:
    who = me(engine)
    with pytest.raises(NotFound):
        await engine.execute(EvaluateDecision("yes"), who)
    first = await deploy(engine, says("n + 1"))
    await deploy(engine, says("n + 2"), content="<b/>")
    assert await output(engine, n=1) == 3
    old = await engine.execute(EvaluateDecision(decision_key=first.decisions[0].key, variables={"n": 1}), who)
    assert (old.output, old.decision.version) == (2, 1)
    assert (await engine.ask(LatestDecision("yes"), who)).version == 2
    with pytest.raises(NotFound):
        await engine.execute(EvaluateDecision(decision_key=1), who)


async def test_searches(engine: Engine) -> None:
    who = me(engine)
    await deploy(engine, says("1"), says("1", id="no"))
    second = await deploy(engine, says("2"), says("1", id="no"), content="<b/>")
    by_id: tuple[DecisionSort, ...] = (Sort("decision_id"), Sort("version"))
    newest = await engine.ask(SearchDecisions((Is("latest"),), by_id), who)
    assert [(v.decision.decision_id, v.decision.version) for v in newest.items] == [("no", 2), ("yes", 2)]
    others = await engine.ask(SearchDecisions((Isnt("latest"), Where("requirements_version", "eq", 1)), by_id), who)
    assert [(v.decision.decision_id, v.decision.version) for v in others.items] == [("no", 1), ("yes", 1)]
    assert (await engine.ask(DecisionByKey(second.decisions[0].key), who)).requirements.version == 2
    found = await engine.ask(SearchRequirements((Where("resource_name", "eq", "all.dmn"),)), who)
    assert [row.version for row in found.items] == [1, 2]


async def test_what_is_deleted_is_not_evaluated_and_what_it_came_to_stays(engine: Engine) -> None:
    who = me(engine)
    first = await deploy(engine, says("1"))
    second = await deploy(engine, says("2"), content="<b/>")
    assert await output(engine) == 2
    await engine.execute(DeleteResource(second.key), who)
    assert await output(engine) == 1
    with pytest.raises(NotFound):
        await engine.ask(RequirementsByKey(second.key), who)
    with pytest.raises(NotFound):
        await engine.execute(DeleteResource(second.key), who)
    await engine.execute(DeleteResource(first.key), who)
    with pytest.raises(NotFound):
        await output(engine)
    kept = await engine.ask(SearchDecisionInstances((), (Sort("key", False),)), who)
    assert [row.result for row in kept.items] == ["2", "1"]


async def test_what_fails_is_kept_and_told(engine: Engine) -> None:
    rules = tuple(Rule((Written("> 1"),), (Written(text),)) for text in ("1", "2"))
    table = DecisionTable((Input(Written("n")),), (Output(name="o"),), rules)
    asks = Decision("asks", "Asks", LiteralExpression(Written("yes")), "asks", requires=("yes",))
    await deploy(engine, Decision("yes", "Yes", table, "yes"), asks)
    evaluated = await engine.execute(EvaluateDecision("asks", variables={"n": 2}), me(engine))
    assert (evaluated.output, evaluated.failed_id) == (None, "yes")
    assert evaluated.failure.startswith("Expected to evaluate decision 'asks', but multiple values aren't allowed")
    (row,) = evaluated.instances
    assert (row.state, row.failure, row.inputs) == ("FAILED", evaluated.failure, '[{"id":"","name":"n","value":"2"}]')


async def test_what_takes_long_is_done_over_again_elsewhere(engine: Engine) -> None:
    """More steps than the event loop gives to all, fewer than a command may have."""
    await deploy(engine, says("count(for i in 1..3000 return i * 2)"))
    assert await output(engine) == 3000
    assert (await engine.ask(SearchDecisionInstances(), me(engine))).total == 1


async def test_what_never_ends_is_a_failure(engine: Engine) -> None:
    await deploy(engine, says("count(for i in 1..10000, j in 1..10000 return 1)"))
    evaluated = await engine.execute(EvaluateDecision("yes"), me(engine))
    assert evaluated.failure.endswith(", but more than 200000 steps")


@dataclass(frozen=True)
class Ask(Command[Evaluated]):
    """As an element of a process does it."""

    binding: Binding
    deployed_at: int = 0
    variables: Mapping[str, Any] = field(default_factory=dict)


def _plan(cmd: Ask, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield from plan_decisions(("yes",), ws)


def _decide(cmd: Ask, ctx: Context) -> Evaluated:
    decision = decision_meant("yes", ctx, cmd.binding, deployed_at=cmd.deployed_at)
    return evaluate(decision, cmd.variables, ctx, Asker(1, 2, 3, 4))


async def test_an_element_asks_for_the_version_that_it_is_bound_to(
    engine: Engine, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.stop()
    monkeypatch.setitem(HANDLERS, Ask, Handler(_plan, _decide))
    who = me(engine)
    with pytest.raises(NoSuchDecision, match="no decision found for id 'yes'"):
        await engine.execute(Ask(NEWEST), who)
    await deploy(engine, says("1", tag="old"))
    deployed_at = (await engine.ask(SearchRequirements(), who)).items[0].created_at
    clock.forward(1)
    await deploy(engine, says("2", tag="new"), content="<b/>")
    of_deployment = Binding(BindingKind.DEPLOYMENT)
    for ask, expected in (
        (Ask(NEWEST), 2),
        (Ask(of_deployment, deployed_at), 1),
        (Ask(of_deployment, clock()), 2),
        (Ask(Binding(BindingKind.VERSION_TAG, "old")), 1),
    ):
        evaluated = await engine.execute(ask, who)
        assert evaluated.output == expected
        (row,) = evaluated.instances
        keys = (row.definition_key, row.instance_key, row.root_instance_key, row.element_instance_key)
        assert keys == (1, 2, 3, 4)
    for ask, said in (
        (Ask(Binding(BindingKind.VERSION_TAG, "x")), "with id 'yes' and version tag 'x', but no such decision found"),
        (Ask(of_deployment, deployed_at - 1), "with binding type 'deployment', but no such decision found"),
    ):
        with pytest.raises(NoSuchDecision, match=said):
            await engine.execute(ask, who)
