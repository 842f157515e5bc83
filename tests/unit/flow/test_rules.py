"""Business-rule tasks that evaluate decisions."""

import pytest

from core.decision.commands import NewRequirements
from core.decision.queries import SearchDecisionInstances
from core.graph.dmn.model import Decision, LiteralExpression, Requirements, Written
from core.process.commands import Deploy
from core.rejections import ExecutionFailed
from core.search.query import Where
from tests.support.bpmn import call, element, mapping, row
from tests.support.running import Running

USER = element("userTask", "work")


async def decides(run: Running, id: str, text: str, *, tag: str = "") -> None:
    decision = Decision(id, id, LiteralExpression(Written(text)), id, version_tag=tag)
    requirements = NewRequirements(Requirements(id, id, (decision,)), f"{id}.dmn", f"<{id} text='{text}'/>")
    await run.do(Deploy(requirements=(requirements,)))


def rule(id: str, binding: str = "", more: str = "") -> str:
    return element(
        "businessRuleTask", "rule", f'<zeebe:calledDecision decisionId="{id}" resultVariable="r"{binding}/>{more}'
    )


async def test_what_is_decided_becomes_a_variable(run: Running) -> None:
    await decides(run, "fee", "amount * 2")
    key = await run.run(row(rule("fee"), USER), amount=21)
    assert set(await run.tasks()) == {"work"}
    assert await run.variables(key) == {"amount": 21, "r": 42}
    found = await run.engine.ask(SearchDecisionInstances((Where("instance_key", "eq", key),)), run.who)
    (kept,) = found.items
    assert (kept.decision_id, kept.result) == ("fee", "42")


async def test_inputs_are_what_it_sees_and_outputs_what_remains(run: Running) -> None:
    await decides(run, "fee", "amount * 2")
    mapped = mapping(("=10", "amount"), outputs=(("=r + 1", "total"),))
    assert await run.variables(await run.run(row(rule("fee", more=mapped), USER))) == {"total": 21}


async def test_a_decision_by_an_expression_and_one_inside_of_a_called_process(run: Running) -> None:
    await decides(run, "low", "1")
    await decides(run, "high", "2")
    await run.deploy("inner", row(rule("=which")))
    key = await run.run(row(call("c", "inner"), USER), which="high")
    assert await run.variables(key) == {"which": "high", "r": 2}


@pytest.mark.parametrize(("binding", "result"), [("", 2), (' bindingType="versionTag" versionTag="old"', 1)])
async def test_the_version_that_is_bound(run: Running, binding: str, result: int) -> None:
    await decides(run, "fee", "1", tag="old")
    await decides(run, "fee", "2")
    assert (await run.variables(await run.run(row(rule("fee", binding), USER))))["r"] == result


@pytest.mark.parametrize(("id", "why"), [("nobody", "no decision found"), ("=1", "no text"), ("fails", "fails")])
async def test_what_cannot_be_decided(run: Running, id: str, why: str) -> None:
    await decides(run, "fails", 'assert(1, false, "fails")')
    with pytest.raises(ExecutionFailed, match=why):
        await run.run(row(rule(id), USER))
