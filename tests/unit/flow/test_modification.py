"""Tokens that are put and taken from outside."""

import pytest

from core.graph.tokens import Activation, Around, Move
from core.instance.commands import ModifyInstance
from core.instance.fields import ElementWhere
from core.instance.queries import SearchElements
from core.rejections import Conflict, Invalid, NotFound, WrongState
from core.search.query import Sort, Where
from core.task.commands import CompleteTask
from tests.support.bpmn import boundary, call, element, flow, loop, row, timer
from tests.support.running import Running

A, B = element("userTask", "a"), element("userTask", "b")


def sub_process(id: str, *inside: str) -> str:
    text = row(*inside)
    for name in ("start", "end"):
        text = text.replace(f'"{name}', f'"{id}-{name}').replace(f'-{name}"', f'-{id}-{name}"')
    return element("subProcess", id, "", text)


async def keys(run: Running, instance: int, element_id: str) -> list[int]:
    where: tuple[ElementWhere, ...] = (
        Where("instance_key", "eq", instance),
        Where("element_id", "eq", element_id),
        Where("state", "eq", "ACTIVE"),
    )
    found = await run.engine.ask(SearchElements(where, (Sort("key"),)), run.who)
    return [view.element.key for view in found.items]


async def test_a_token_is_moved_by_putting_one_and_taking_another(run: Running) -> None:
    key = await run.run(row(A, B))
    (at_a,) = await keys(run, key, "a")
    await run.do(ModifyInstance(key, (Activation("b", variables=(("", {"n": 1}), ("p", {"m": 2}))),), ended=(at_a,)))
    assert set(await run.tasks()) == {"b"}
    assert await run.variables(key) == {"n": 1, "m": 2}
    await run.do(CompleteTask((await run.tasks())["b"]))
    assert await run.state(key) == "COMPLETED"


async def test_the_last_token_that_is_taken_ends_the_instance(run: Running) -> None:
    key = await run.run(row(A))
    await run.do(ModifyInstance(key, ended=("a",)))
    assert (await run.state(key), await run.tasks()) == ("TERMINATED", {})
    with pytest.raises(WrongState):
        await run.do(ModifyInstance(key, (Activation("a"),)))


async def test_what_is_around_an_element_is_opened_once(run: Running) -> None:
    late = boundary("late", "sub", timer("timeDuration", "PT1H")) + flow("late", "end")
    key = await run.run(row(element("userTask", "before"), sub_process("sub", A, B), more=late))
    variables = (("sub", {"own": 1}),)
    await run.do(ModifyInstance(key, (Activation("a", variables=variables), Activation("b")), ended=("before",)))
    assert set(await run.tasks()) == {"a", "b"}
    assert len(await keys(run, key, "sub")) == 1
    assert await run.variables(key) == {}
    for id in ("a", "b"):
        await run.do(CompleteTask((await run.tasks())[id]))
    if "b" in await run.tasks():  # behind a comes b again
        await run.do(CompleteTask((await run.tasks())["b"]))
    assert await run.state(key) == "COMPLETED"


async def test_of_several_the_one_is_named(run: Running) -> None:
    key = await run.run(row(element("userTask", "before"), sub_process("sub", A, B)))
    await run.do(ModifyInstance(key, (Activation("sub"), Activation("sub"))))
    first, second = await keys(run, key, "sub")
    with pytest.raises(Invalid) as refused:
        await run.do(ModifyInstance(key, (Activation("b"),)))
    assert (refused.value.field, refused.value.reason, refused.value.value) == ("within", "ambiguous", "b")
    await run.do(ModifyInstance(key, (Activation("b", within=second),), ended=(first,)))
    assert await keys(run, key, "sub") == [second]
    assert sorted(await run.tasks()) == ["a", "b", "before"]


async def test_all_of_an_element_move_each_to_where_it_was(run: Running) -> None:
    key = await run.run(row(element("userTask", "before"), sub_process("sub", A, B)))
    await run.do(ModifyInstance(key, (Activation("sub"), Activation("sub")), ended=("before",)))
    around = await keys(run, key, "sub")
    await run.do(ModifyInstance(key, moves=(Move("a", "b", Around.PARENT),)))
    assert (await keys(run, key, "a"), len(await keys(run, key, "b"))) == ([], 2)
    await run.do(ModifyInstance(key, moves=(Move("b", "a", Around.INFERRED),)))
    assert (await keys(run, key, "b"), len(await keys(run, key, "a"))) == ([], 2)
    assert await keys(run, key, "sub") == around


async def test_what_is_not_left_of_a_called_instance_is_left_to_its_caller(run: Running) -> None:
    inner = await run.deploy("inner", row(A))
    outer = await run.run(row(call("call", "inner"), B))
    called = await run.called(outer)
    assert inner
    with pytest.raises(Conflict) as refused:
        await run.do(ModifyInstance(called, ended=("a",)))
    assert refused.value.reason == "called"
    assert set(await run.tasks()) == {"a"}
    await run.do(ModifyInstance(outer, (Activation("b"),), ended=("call",)))
    assert (set(await run.tasks()), await run.state(called)) == ({"b"}, "TERMINATED")


@pytest.mark.parametrize(
    ("activation", "field", "reason"),
    [
        (Activation("nobody"), "element", "unknown"),
        (Activation("start"), "element", "unable"),
        (Activation("late"), "element", "unable"),
        (Activation("b", within=1), "within", "no ancestor"),
        (Activation("b", variables=(("a", {"n": 1}),)), "scope", "unknown"),
    ],
)
async def test_what_cannot_be_leaves_all_as_it_was(
    run: Running, activation: Activation, field: str, reason: str
) -> None:
    late = boundary("late", "a", timer("timeDuration", "PT1H")) + flow("late", "end")
    key = await run.run(row(A, B, more=late))
    with pytest.raises(Invalid) as refused:
        await run.do(ModifyInstance(key, (Activation("b"), activation), ended=("a",)))
    assert (refused.value.field, refused.value.reason) == (field, reason)
    assert set(await run.tasks()) == {"a"}
    with pytest.raises(NotFound):
        await run.do(ModifyInstance(key, (Activation("b"),), ended=("a", 7)))
    assert set(await run.tasks()) == {"a"}


async def test_what_is_done_several_times_moves_as_a_whole(run: Running) -> None:
    host = sub_process("sub", A).replace("</bpmn:subProcess>", loop("=[1, 2, 3]") + "</bpmn:subProcess>")
    key = await run.run(row(host, B))
    assert len(await keys(run, key, "a")) == 3
    with pytest.raises(Invalid) as refused:
        await run.do(ModifyInstance(key, (Activation("a"),)))
    assert (refused.value.field, refused.value.reason) == ("element", "unable")
    await run.do(ModifyInstance(key, moves=(Move("sub", "b"),)))
    assert (set(await run.tasks()), len(await keys(run, key, "b"))) == ({"b"}, 1)
