"""Messages meet whoever waits for them, on both databases."""

import pytest

from core.clock import HOUR, MINUTE
from core.instance.commands import CancelInstance
from core.message.commands import CorrelateMessage, PublishMessage
from core.message.expiry import tend
from core.message.queries import SearchCorrelations, SearchEventSubscriptions
from core.rejections import Conflict, ExecutionFailed, NotFound
from core.search.query import Sort
from core.task.commands import CompleteTask
from tests.support.bpmn import boundary, element, flow, mapping, message, row, timer
from tests.support.clock import MovableClock
from tests.support.running import Running

USER = element("userTask", "work")
PAID, PAYMENT = message("paid", "=order")
WAIT = element("intermediateCatchEvent", "wait", "", PAYMENT)
OPENED, OPENING = message("opened")


async def waiting(run: Running, process: str = "p", content: str = row(WAIT, USER)) -> int:
    return await run.deploy(process, content, more=PAID)


async def subscriptions(run: Running) -> list[tuple[str, str]]:
    found = await run.engine.ask(SearchEventSubscriptions(sort=(Sort("key"),)), run.who)
    return [(view.subscription.element_id, view.subscription.state) for view in found.items]


async def test_a_message_meets_the_instance_with_its_key(run: Running) -> None:
    process = await waiting(run)
    first, second = [await run.start(process, order=order) for order in ("a", "b")]
    assert await run.tasks() == {}
    met = await run.do(CorrelateMessage("paid", "b", {"amount": 7}))
    assert met.instance_key == second
    assert list(await run.tasks(second)) == ["work"]
    assert await run.tasks(first) == {}
    assert await run.variables(second) == {"order": "b", "amount": 7}
    assert await subscriptions(run) == [("wait", "OPEN"), ("wait", "CORRELATED")]
    (view,) = (await run.engine.ask(SearchCorrelations(), run.who)).items
    assert (view.correlation.message_key, view.correlation.instance_key) == (met.key, second)


async def test_a_number_is_a_key_as_well(run: Running) -> None:
    key = await run.start(await waiting(run), order=4711)
    assert (await run.do(CorrelateMessage("paid", "4711"))).instance_key == key


async def test_who_has_no_key_does_not_wait(run: Running) -> None:
    with pytest.raises(ExecutionFailed, match="correlation key"):
        await run.start(await waiting(run), order=None)


async def test_nobody_waits(run: Running) -> None:
    await run.start(await waiting(run), order="a")
    for name, key in (("paid", "b"), ("unpaid", "a"), ("paid", "")):
        with pytest.raises(NotFound):
            await run.do(CorrelateMessage(name, key))
    await run.do(PublishMessage("paid", "b"))


async def test_outputs_say_what_remains_of_a_message(run: Running) -> None:
    told = element("intermediateCatchEvent", "wait", mapping(outputs=(("=amount", "total"),)), PAYMENT)
    key = await run.start(await waiting(run, content=row(told, USER)), order="a")
    await run.do(PublishMessage("paid", "a", {"amount": 7, "other": 1}))
    assert await run.variables(key) == {"order": "a", "total": 7}


async def test_a_receive_task_waits_too(run: Running) -> None:
    receive = element("receiveTask", "wait", "", messageRef=PAYMENT.split('"')[1])
    key = await run.start(await waiting(run, content=row(receive, USER)), order="a")
    await run.do(PublishMessage("paid", "a"))
    assert list(await run.tasks(key)) == ["work"]


@pytest.mark.parametrize("interrupting", [True, False])
async def test_a_message_at_the_boundary(run: Running, interrupting: bool) -> None:
    at = boundary("told", "work", PAYMENT, interrupting=interrupting) + element("userTask", "look")
    content = row(USER, more=at + element("endEvent", "e2") + flow("told", "look") + flow("look", "e2"))
    key = await run.start(await waiting(run, content=content), order="a")
    await run.do(PublishMessage("paid", "a", {"amount": 7}))
    assert set(await run.tasks(key)) == ({"look"} if interrupting else {"look", "work"})
    assert (await run.variables(key))["amount"] == 7
    if not interrupting:
        await run.do(CorrelateMessage("paid", "a"))
        assert await subscriptions(run) == [("told", "OPEN")]
        await run.do(CompleteTask((await run.tasks(key))["work"]))
    with pytest.raises(NotFound):
        await run.do(CorrelateMessage("paid", "a"))
    assert await subscriptions(run) == [("told", "CORRELATED" if interrupting else "CLOSED")]


async def test_a_message_is_kept_as_long_as_it_lives(run: Running, clock: MovableClock) -> None:
    process = await waiting(run)
    await run.do(PublishMessage("paid", "a", {"n": 1}, time_to_live=HOUR))
    await run.do(PublishMessage("paid", "a", {"n": 2}, time_to_live=2 * HOUR))
    first = await run.start(process, order="a")
    assert await run.variables(first) == {"order": "a", "n": 1}
    assert list(await run.tasks(first)) == ["work"]
    second = await run.start(process, order="a")
    assert await run.variables(second) == {"order": "a", "n": 2}
    assert await run.variables(await run.start(process, order="a")) == {"order": "a"}, "each meets a process once"
    other = await waiting(run, "q")
    clock.forward(HOUR + MINUTE)
    third = await run.start(other, order="a")
    assert await run.variables(third) == {"order": "a", "n": 2}
    clock.forward(HOUR)
    await tend(run.engine)
    assert await run.variables(await run.start(await waiting(run, "r"), order="a")) == {"order": "a"}


async def test_an_id_is_unique_as_long_as_the_message_lives(run: Running, clock: MovableClock) -> None:
    publish = PublishMessage("paid", "a", time_to_live=HOUR, message_id="m")
    await run.do(publish)
    with pytest.raises(Conflict):
        await run.do(publish)
    await run.do(PublishMessage("paid", "b", time_to_live=HOUR, message_id="m"))
    clock.forward(HOUR)
    await run.do(publish)


async def test_a_message_starts_an_instance(run: Running) -> None:
    content = row(USER).replace('<bpmn:startEvent id="start"/>', element("startEvent", "start", "", OPENING))
    process = await run.deploy("p", content, more=OPENED)
    met = await run.do(CorrelateMessage("opened", variables={"n": 1}))
    assert await run.variables(met.instance_key) == {"n": 1}
    assert list(await run.tasks(met.instance_key)) == ["work"]
    await run.deploy("p", row(USER))
    with pytest.raises(NotFound):
        await run.do(CorrelateMessage("opened"))
    await run.start(process)


async def test_one_instance_for_a_key_at_a_time(run: Running) -> None:
    content = row(USER).replace('<bpmn:startEvent id="start"/>', element("startEvent", "start", "", OPENING))
    await run.deploy("p", content, more=OPENED)
    for n in (1, 2, 3):
        await run.do(PublishMessage("opened", "a", {"n": n}, time_to_live=HOUR))
    await run.do(PublishMessage("opened", "b", {"n": 4}))
    assert len(await run.all_tasks()) == 2
    seen = []
    for _ in range(3):
        (task,) = [view for view in await run.all_tasks() if (await run.variables(view.instance_key))["n"] < 4]
        seen.append((await run.variables(task.instance_key))["n"])
        await run.do(CompleteTask(task.key))
        await tend(run.engine)
    assert seen == [1, 2, 3]
    assert len(await run.all_tasks()) == 1


async def test_who_is_cancelled_waits_no_more(run: Running) -> None:
    key = await run.start(await waiting(run), order="a")
    await run.do(CancelInstance(key))
    assert await subscriptions(run) == [("wait", "CLOSED")]
    with pytest.raises(NotFound):
        await run.do(CorrelateMessage("paid", "a"))


async def test_a_gateway_goes_on_with_what_comes_first(run: Running) -> None:
    late = element("intermediateCatchEvent", "late", "", timer("timeDuration", "PT1H"))
    content = (
        '<bpmn:startEvent id="start"/>' + element("eventBasedGateway", "g") + WAIT + late + USER
        + element("endEvent", "end") + element("endEvent", "e2")
        + flow("start", "g") + flow("g", "wait") + flow("g", "late") + flow("wait", "work") + flow("work", "end")
        + flow("late", "e2")
    )  # fmt: skip
    key = await run.start(await waiting(run, content=content), order="a")
    await run.do(PublishMessage("paid", "a", {"amount": 7}))
    assert list(await run.tasks(key)) == ["work"]
    states = await run.elements(key)
    assert (states["g"], states["wait"], states["work"]) == ("COMPLETED", "COMPLETED", "ACTIVE")
    assert "late" not in states
    await run.do(CompleteTask((await run.tasks(key))["work"]))
    assert await run.state(key) == "COMPLETED"


@pytest.mark.parametrize("interrupting", [True, False])
async def test_a_message_begins_an_event_sub_process(run: Running, interrupting: bool) -> None:
    start = element("startEvent", "told", "", PAYMENT, isInterrupting=str(interrupting).lower())
    inside = start + element("userTask", "look") + element("endEvent", "e2") + flow("told", "look") + flow("look", "e2")
    sub = element("subProcess", "sub", "", inside, triggeredByEvent="true")
    key = await run.start(await waiting(run, content=row(USER, more=sub)), order="a")
    await run.do(PublishMessage("paid", "a", {"amount": 7}))
    assert set(await run.tasks(key)) == ({"look"} if interrupting else {"look", "work"})
    assert (await run.variables(key))["amount"] == 7
    if not interrupting:
        await run.do(PublishMessage("paid", "a", {"amount": 8}))
        assert len(await run.all_tasks()) == 3
    for task in await run.all_tasks():
        await run.do(CompleteTask(task.key))
    assert await run.state(key) == "COMPLETED"
    assert await subscriptions(run) == [("told", "CORRELATED" if interrupting else "CLOSED")]
