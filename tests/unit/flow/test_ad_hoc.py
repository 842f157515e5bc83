"""Ad-hoc sub-processes: elements that are activated as somebody likes."""

from typing import Any

import pytest

from core.graph.tokens import Led
from core.instance.commands import ActivateAdHoc
from core.instance.queries import SearchElements, Variables
from core.job.commands import CompleteJob
from core.message.commands import BroadcastSignal
from core.rejections import ExecutionFailed, Invalid, NotFound, WrongState
from core.search.query import Sort, Where
from core.task.commands import CompleteTask
from tests.support.bpmn import boundary, element, flow, loop, mapping, row, signal, sub, within
from tests.support.running import Running

INSIDE = element("userTask", "a") + element("userTask", "b") + element("userTask", "behind") + flow("b", "behind")


def ad_hoc(content: str = INSIDE, *, until: str = "", extensions: str = "", more: str = "", **attributes: Any) -> str:
    """Activates what the variable `which` lists."""
    known = {"activeElementsCollection": "=which", **attributes}
    cancels = {"cancelRemainingInstances": known.pop("cancels")} if "cancels" in known else {}
    head = "<zeebe:adHoc" + "".join(f' {name}="{value}"' for name, value in known.items()) + "/>"
    condition = f"<bpmn:completionCondition>{until}</bpmn:completionCondition>" if until else ""
    return element("adHocSubProcess", "any", head + extensions, more + content + condition, **cancels)


async def rows(run: Running, key: int) -> list[Any]:
    found = await run.engine.ask(SearchElements((Where("instance_key", "eq", key),), (Sort("key"),)), run.who)
    return [view.element for view in found.items]


async def do(run: Running, id: str, **variables: Any) -> None:
    await run.do(CompleteTask((await run.tasks())[id], variables))


async def test_what_is_listed_is_activated_and_it_is_over_with_that(run: Running) -> None:
    key = await run.run(row(ad_hoc(), element("userTask", "after")), which=["a", "b"])
    assert set(await run.tasks()) == {"a", "b"}
    await do(run, "b")
    await do(run, "a")
    assert set(await run.tasks()) == {"behind"}
    await do(run, "behind")
    assert set(await run.tasks()) == {"after"}
    assert (await run.elements(key))["any"] == "COMPLETED"
    await do(run, "after")
    assert await run.state(key) == "COMPLETED"


async def test_around_each_is_an_instance_of_its_own(run: Running) -> None:
    key = await run.run(row(ad_hoc()), which=["a", "a"])
    whole = next(each for each in await rows(run, key) if each.element_id == "any")
    around = [each for each in await rows(run, key) if each.scope_key == whole.key]
    assert whole.kind == "AD_HOC_SUB_PROCESS"
    assert {(each.element_id, each.kind, each.name) for each in around} == {
        ("any#innerInstance", "AD_HOC_SUB_PROCESS_INNER_INSTANCE", "a")
    }
    tasks = [each for each in await rows(run, key) if each.element_id == "a"]
    assert sorted(each.scope_key for each in tasks) == sorted(each.key for each in around)
    for task in await run.all_tasks():
        await run.do(CompleteTask(task.key))
    assert await run.state(key) == "COMPLETED"


@pytest.mark.parametrize("which", [None, "a", ["a", 1], ["a", "behind"], ["a", "x"], ["any"]], ids=str)
async def test_only_what_begins_in_it_can_be_listed(run: Running, which: Any) -> None:
    with pytest.raises(ExecutionFailed):
        await run.run(row(ad_hoc()), which=which)


async def test_a_list_that_cannot_be_followed_is_an_incident(run: Running) -> None:
    key = await run.start(await run.deploy("p", row(ad_hoc()), incidents=True), which=["x"])
    incident = await run.incident()
    assert (incident.element_id, "'x'" in incident.message) == ("any", True)
    assert await run.state(key) == "ACTIVE"


async def test_where_nothing_is_listed_it_waits(run: Running) -> None:
    key = await run.run(row(ad_hoc()), which=[])
    assert (await run.elements(key))["any"] == "ACTIVE"
    assert not await run.tasks()


@pytest.mark.parametrize(("cancels", "left"), [("true", set()), ("false", {"a"})])
async def test_until_a_condition_holds(run: Running, cancels: str, left: set[str]) -> None:
    key = await run.run(row(ad_hoc(until="=done", cancels=cancels)), which=["a", "b"], done=False)
    await do(run, "b")
    await do(run, "behind", done=True)
    assert set(await run.tasks()) == left
    assert await run.state(key) == ("ACTIVE" if left else "COMPLETED")
    if left:
        await do(run, "a", done=False)
    assert await run.state(key) == "COMPLETED"
    assert (await run.elements(key))["a"] == ("COMPLETED" if left else "TERMINATED")


async def test_it_waits_for_its_condition_when_nothing_is_active(run: Running) -> None:
    key = await run.run(row(ad_hoc(until="=done")), which=["a"], done=False)
    await do(run, "a")
    assert (await run.state(key), (await run.elements(key))["any"]) == ("ACTIVE", "ACTIVE")


async def test_what_each_comes_to_is_collected(run: Running) -> None:
    inside = ad_hoc(outputCollection="all", outputElement="=said")
    key = await run.run(row(inside), which=["a", "b"])
    await do(run, "b", said=1)
    await do(run, "a", said=2)
    assert "all" not in await run.variables(key)
    await do(run, "behind", other=3)
    variables = await run.variables(key)
    assert variables == {"which": ["a", "b"], "all": [2, 1]}


async def test_its_mappings(run: Running) -> None:
    extensions = mapping(("=[b]", "which"), ("=1", "n"), outputs=(("=n + 1", "m"),))
    key = await run.run(row(ad_hoc(extensions=extensions)), which=["a"], b="b")
    await do(run, "b", n=5)
    await do(run, "behind")
    variables = await run.variables(key)
    assert (variables["which"], variables["m"], "n" in variables) == (["a"], 6, False)


async def test_each_of_several_times_has_its_own(run: Running) -> None:
    times = loop("=people", inputElement="who", outputCollection="each", outputElement="=all")
    several = ad_hoc(outputCollection="all", outputElement="=said", more=times)
    key = await run.run(row(several), which=["a"], people=["ann", "bob"])
    for said, task in enumerate(await run.all_tasks()):
        await run.do(CompleteTask(task.key, {"said": said}))
    assert (await run.state(key), (await run.variables(key))["each"]) == ("COMPLETED", [[0], [1]])


async def test_a_gateway_in_it_waits_for_its_own_activation(run: Running) -> None:
    split, meet = element("parallelGateway", "split"), element("parallelGateway", "meet")
    flows = flow("split", "a") + flow("split", "b") + flow("a", "meet") + flow("b", "meet")
    inside = split + element("userTask", "a") + element("userTask", "b") + meet + flows
    key = await run.run(row(ad_hoc(inside)), which=["split", "split"])
    first, second = (await run.all_tasks())[::2][:2]
    for task in (first, second):
        await run.do(CompleteTask(task.key))
    assert await run.state(key) == "ACTIVE"
    while tasks := await run.all_tasks():
        await run.do(CompleteTask(tasks[0].key))
    assert await run.state(key) == "COMPLETED"


async def test_an_event_at_its_boundary_ends_what_is_in_it(run: Running) -> None:
    name, go = signal("go")
    out = boundary("out", "any", go) + element("userTask", "outside") + flow("out", "outside")
    key = await run.start(await run.deploy("p", row(ad_hoc()) + out, more=name), which=["a", "b"])
    await run.do(BroadcastSignal("go"))
    assert set(await run.tasks()) == {"outside"}
    states = await run.elements(key)
    assert {states[id] for id in ("any", "any#innerInstance", "a", "b")} == {"TERMINATED"}


async def test_what_begins_in_it_by_an_event_holds_it(run: Running) -> None:
    name, go = signal("go")
    beside = sub("beside", within("beside", element("userTask", "c"), start=go, interrupting=False), event=True)
    key = await run.start(await run.deploy("p", row(ad_hoc(more=beside)), more=name), which=["a"])
    await run.do(BroadcastSignal("go"))
    await do(run, "a")
    assert await run.state(key) == "ACTIVE"
    await do(run, "c")
    assert await run.state(key) == "COMPLETED"


async def test_what_an_activation_says_is_its_own(run: Running) -> None:
    """But for what somebody outside has already."""
    key = await run.run(row(ad_hoc()), which=["a", "b"], known=1)
    await do(run, "b", known=2, own=3)
    assert await run.variables(key) == {"which": ["a", "b"], "known": 2}


async def scope_of(run: Running, key: int) -> int:
    return {each.element_id: int(each.key) for each in await rows(run, key)}["any"]


async def test_somebody_activates_what_is_in_it(run: Running) -> None:
    key = await run.run(row(ad_hoc()), which=[])
    scope = await scope_of(run, key)
    await run.do(ActivateAdHoc(key, scope, (("a", {}), ("b", {"own": 1}))))
    assert set(await run.tasks()) == {"a", "b"}
    assert await run.variables(key) == {"which": []}
    await run.do(ActivateAdHoc(key, scope, (("b", {}),), cancels=True))
    assert len(await run.all_tasks()) == 1
    await do(run, "b")
    await do(run, "behind")
    assert await run.state(key) == "COMPLETED"
    with pytest.raises(WrongState):
        await run.do(ActivateAdHoc(key, scope, (("a", {}),)))


@pytest.mark.parametrize(("ids", "why"), [(("a", "a"), "twice"), (("a", "behind"), "unknown"), (("any",), "unknown")])
async def test_nobody_activates_what_does_not_begin_in_it(run: Running, ids: tuple[str, ...], why: str) -> None:
    key = await run.run(row(ad_hoc()), which=[])
    with pytest.raises(Invalid) as refused:
        await run.do(ActivateAdHoc(key, await scope_of(run, key), tuple((id, {}) for id in ids)))
    assert refused.value.reason == why
    with pytest.raises(NotFound):
        await run.do(ActivateAdHoc(key, key, (("a", {}),)))
    assert not await run.tasks()


LED = '<zeebe:taskDefinition type="lead"/>'


def led(**more: Any) -> str:
    return element("adHocSubProcess", "any", LED, INSIDE + more.pop("more", ""), **more)


async def go(run: Running, *ids: str, **more: Any) -> None:
    """Whoever leads it says what comes next."""
    job = await run.job("lead")
    assert (job.kind, job.element_id) == ("AD_HOC", "any")
    await run.do(CompleteJob(job.key, led=Led(tuple((id, {}) for id in ids), **more)))


async def test_a_worker_leads_it(run: Running) -> None:
    key = await run.run(row(led()))
    assert not await run.tasks()
    await go(run, "a", "b")
    assert not await run.jobs("lead")
    await do(run, "b")
    assert not await run.jobs("lead")
    await do(run, "behind")
    await go(run, "b")
    assert set(await run.tasks()) == {"a", "b"}
    await do(run, "a")
    await go(run, over=True)
    assert set(await run.tasks()) == {"b"}
    await do(run, "b")
    await do(run, "behind")
    assert await run.state(key) == "COMPLETED"


async def test_a_job_that_is_not_done_yet_is_asked_for_anew(run: Running) -> None:
    await run.run(row(led()))
    await go(run, "a", "b")
    await do(run, "a")
    before = await run.job("lead")
    await do(run, "b")
    await do(run, "behind")
    with pytest.raises(NotFound):
        await run.do(CompleteJob(before.key))
    await go(run, "a")
    await run.do(CompleteTask((await run.tasks())["a"]))
    assert await run.job("lead")


async def test_a_worker_ends_what_is_active(run: Running) -> None:
    key = await run.run(row(led()))
    await go(run, "a", "a", "b")
    await run.do(CompleteTask((await run.all_tasks())[0].key))
    await go(run, "b", cancels=True)
    assert len(await run.all_tasks()) == 1
    await do(run, "b")
    await do(run, "behind")
    await go(run, over=True, cancels=True)
    assert await run.state(key) == "COMPLETED"


@pytest.mark.parametrize(("ids", "more"), [(("a",), {"over": True}), (("behind",), {})], ids=["both", "unknown"])
async def test_a_worker_says_one_thing_that_can_be(run: Running, ids: tuple[str, ...], more: dict[str, bool]) -> None:
    await run.run(row(led()))
    with pytest.raises(Invalid):
        await go(run, *ids, **more)
    assert not await run.tasks()


async def test_only_who_leads_it_says_how_it_goes_on(run: Running) -> None:
    await run.run(row(element("serviceTask", "press", LED)))
    with pytest.raises(Invalid) as refused:
        await run.do(CompleteJob((await run.job("lead")).key, led=Led()))
    assert refused.value.reason == "kind"


async def test_what_can_be_activated_is_told(run: Running) -> None:
    told = '<zeebe:properties><zeebe:property name="cost" value="2"/></zeebe:properties>'
    task = element("userTask", "c", told, "<bpmn:documentation>Dial</bpmn:documentation>", name="Call")
    key = await run.run(row(led(more=task)))
    local = await run.engine.ask(Variables(key, await scope_of(run, key)), run.who)
    c = {"elementId": "c", "elementName": "Call", "documentation": "Dial", "properties": {"cost": "2"}}
    assert dict(local)["adHocSubProcessElements"] == [{"elementId": "a"}, {"elementId": "b"}, c]
