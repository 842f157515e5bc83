"""Gateways that take several ways at once and wait for those that were taken, links, and ends that end all else."""

import random

import pytest

from core.task.commands import CompleteTask
from tests.support.bpmn import element, flow
from tests.support.running import Running


def process(*parts: str) -> str:
    return '<bpmn:startEvent id="s"/>' + "".join(parts) + '<bpmn:endEvent id="e"/>'


def task(id: str) -> str:
    return element("userTask", id)


def lunch(*courses: str) -> str:
    """Any of these courses, and then the table is cleared."""
    ways = "".join(flow("split", c, f"list contains(courses, &quot;{c}&quot;)") + flow(c, "join") for c in courses)
    gates = element("inclusiveGateway", "split") + element("inclusiveGateway", "join")
    end = task("clear") + flow("join", "clear") + flow("clear", "e")
    return process(flow("s", "split"), gates, *map(task, courses), ways, end)


async def done(run: Running, element_id: str) -> set[str]:
    await run.do(CompleteTask((await run.tasks())[element_id]))
    return set(await run.tasks())


@pytest.mark.parametrize("courses", [["pasta"], ["pasta", "salad"], ["pasta", "salad", "steak"]])
async def test_an_inclusive_gateway_waits_for_what_was_taken(run: Running, courses: list[str], seed: int) -> None:
    key = await run.run(lunch("pasta", "salad", "steak"), courses=courses)
    assert set(await run.tasks()) == set(courses)
    order = random.Random(seed).sample(courses, len(courses))
    for course in order:
        left = await done(run, course)
        assert left == (set(order[order.index(course) + 1 :]) or {"clear"})
    assert await done(run, "clear") == set()
    assert await run.state(key) == "COMPLETED"


async def test_nothing_holds_and_the_default_is_taken(run: Running) -> None:
    gate = element("inclusiveGateway", "split", default="split-b")
    content = process(*(
        flow("s", "split"), gate, task("a"), task("b"), flow("split", "a", "false"), flow("split", "b"),
        flow("a", "e"), flow("b", "e"),
    ))  # fmt: skip
    await run.run(content)
    assert set(await run.tasks()) == {"b"}


async def test_one_within_another_is_waited_for(run: Running) -> None:
    """The outer one has what came by the short way, and waits for the inner one."""
    gates = [element("inclusiveGateway", id) for id in ("split", "join", "inner", "inner-join")]
    flows = [
        flow(*ends, "true" if ends[0] in ("split", "inner") else "")
        for ends in (
            ("s", "split"), ("split", "a"), ("a", "join"), ("split", "inner"), ("inner", "b"), ("inner", "c"),
            ("b", "inner-join"), ("c", "inner-join"), ("inner-join", "join"), ("join", "last"), ("last", "e"),
        )
    ]  # fmt: skip
    key = await run.run(process(*gates, *map(task, ("a", "b", "c", "last")), *flows))
    assert set(await run.tasks()) == {"a", "b", "c"}
    assert await done(run, "a") == {"b", "c"}
    assert await done(run, "b") == {"c"}
    assert await done(run, "c") == {"last"}
    assert await done(run, "last") == set()
    assert await run.state(key) == "COMPLETED"


async def test_a_token_that_turns_away_is_waited_for_no_longer(run: Running) -> None:
    """It took the way past the gateway, and nothing else comes there."""
    gates = [
        element("inclusiveGateway", "split"),
        element("inclusiveGateway", "join"),
        element("exclusiveGateway", "x"),
    ]
    flows = [
        flow("s", "split"), flow("split", "a", "true"), flow("split", "b", "true"), flow("a", "join"), flow("b", "x"),
        flow("x", "join", "comes"), flow("x", "away", "not(comes)"), flow("away", "e"), flow("join", "last"),
        flow("last", "e"),
    ]  # fmt: skip
    await run.run(process(*gates, *map(task, ("a", "b", "away", "last")), *flows), comes=False)
    assert await done(run, "a") == {"b"}
    assert await done(run, "b") == {"away", "last"}


async def test_a_link_is_a_flow_that_nobody_drew(run: Running) -> None:
    link = '<bpmn:linkEventDefinition name="far"/>'
    content = process(*(
        flow("s", "a"), task("a"), flow("a", "gone"), element("intermediateThrowEvent", "gone", "", link),
        element("intermediateCatchEvent", "back", "", link), flow("back", "b"), task("b"), flow("b", "e"),
    ))  # fmt: skip
    key = await run.run(content)
    assert await done(run, "a") == {"b"}
    assert (await run.elements(key))["back"] == "COMPLETED"
    assert await done(run, "b") == set()
    assert await run.state(key) == "COMPLETED"


async def test_an_end_that_ends_all_else_in_the_process(run: Running) -> None:
    end = element("endEvent", "stop", "", "<bpmn:terminateEventDefinition/>")
    content = process(*(
        element("parallelGateway", "fork"), flow("s", "fork"), *map(task, ("a", "b", "c")), flow("fork", "a"),
        flow("fork", "b"), flow("fork", "c"), end, flow("a", "stop"), flow("b", "e"), flow("c", "e"),
    ))  # fmt: skip
    key = await run.run(content)
    assert await done(run, "b") == {"a", "c"}
    assert await done(run, "a") == set()
    assert await run.state(key) == "COMPLETED"
    assert (await run.elements(key))["c"] == "TERMINATED"


async def test_an_end_that_ends_all_else_in_a_sub_process(run: Running) -> None:
    """What is around it goes on."""
    end = element("endEvent", "stop", "", "<bpmn:terminateEventDefinition/>")
    inside = "".join([
        '<bpmn:startEvent id="s1"/>', element("parallelGateway", "fork"), flow("s1", "fork"), task("a"), task("b"),
        flow("fork", "a"), flow("fork", "b"), end, flow("a", "stop"), flow("b", "stop"),
    ])  # fmt: skip
    content = process(*(
        element("parallelGateway", "outer"), flow("s", "outer"), flow("outer", "sub"), flow("outer", "beside"),
        element("subProcess", "sub", "", inside), task("beside"), task("after"), flow("sub", "after"),
        flow("after", "e"), flow("beside", "e"),
    ))  # fmt: skip
    await run.run(content)
    assert set(await run.tasks()) == {"a", "b", "beside"}
    assert await done(run, "b") == {"after", "beside"}
    assert await done(run, "after") == {"beside"}


async def test_an_end_at_once_lets_nobody_go_on(run: Running) -> None:
    """Tokens that were still on their way are gone."""
    end = element("endEvent", "stop", "", "<bpmn:terminateEventDefinition/>")
    content = process(*(
        element("parallelGateway", "fork"), flow("s", "fork"), flow("fork", "stop"), flow("fork", "long"), end,
        element("manualTask", "long"), flow("long", "a"), task("a"), flow("a", "e"),
    ))  # fmt: skip
    key = await run.run(content)
    assert (await run.tasks(), await run.state(key)) == ({}, "COMPLETED")
