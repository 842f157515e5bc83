"""Where a flow starts and ends, and what it cannot have in it."""

import pytest

from adapters.common.bpmn import NotDeployable, graph, graphs
from core.instance.commands import StartInstance
from core.task.commands import CompleteTask
from schemas.bpmn.reader import read
from tests.support.bpmn import boundary, call, document, element, listeners, mapping, row, timer
from tests.support.running import Running

USER = element("userTask", "work")


async def test_several_places_to_start_and_one_to_end(run: Running) -> None:
    process = await run.deploy(
        "p", row(element("userTask", "one"), element("userTask", "two"), element("userTask", "three"))
    )
    started = await run.do(StartInstance(process, element_ids=("one", "two"), end_after=("two",)))
    assert set(await run.tasks()) == {"one", "two"}
    await run.do(CompleteTask((await run.tasks())["two"]))
    assert (await run.state(started.key), await run.tasks()) == ("TERMINATED", {})


@pytest.mark.parametrize(
    ("content", "element_id", "why"),
    [
        (row(element("complexGateway", "x")), "x", "type 'complexGateway'"),
        (row(element("serviceTask", "x")), "x", "which work"),
        (row(element("endEvent", "x", "", "<bpmn:timerEventDefinition/>")), "x", "not supported here"),
        (row(element("scriptTask", "x")), "x", None),
        (
            row(element("scriptTask", "x", '<zeebe:script expression="=1 +" resultVariable="r"/>')),
            "x",
            "failed to parse",
        ),
        (row(element("scriptTask", "x", '<zeebe:script expression="=1"/>')), "x", "resultVariable"),
        (row(element("callActivity", "x")), "x", "processId"),
        (row(call("x", "=(")), "x", "failed to parse expression"),
        (row(element("intermediateCatchEvent", "x")), "x", "event definition"),
        (
            row(element("intermediateCatchEvent", "x", "", timer("timeDuration", "soon"))),
            "x",
            "Time duration is invalid",
        ),
        (row(element("intermediateCatchEvent", "x", "", timer("timeCycle", "R/PT1H"))), "x", "cycle"),
        (row(element("intermediateCatchEvent", "x", "", "<bpmn:cancelEventDefinition/>")), "x", "not supported here"),
        (row(element("intermediateCatchEvent", "x", "", "<bpmn:messageEventDefinition/>")), "x", "reference a message"),
        (row(element("receiveTask", "x")), "x", "reference a message"),
        (row(element("eventBasedGateway", "x"), USER), "x", "at least 2 outgoing"),
        (row(USER, more=boundary("x", "nobody", timer("timeDuration", "PT1H"))), "x", "attached to an activity"),
        (
            row(USER, more=boundary("x", "work", timer("timeCycle", "R/PT0S"), interrupting=False)),
            "x",
            "cycle is invalid",
        ),
        (row(element("userTask", "x", mapping(("=1", "a b")))), "x", "path expression 'a b'"),
        (row(element("userTask", "x", mapping(("=)", "a")))), "x", "failed to parse expression"),
        (row(element("userTask", "x", listeners("task", ("dancing", "t")))), "x", "Event type 'dancing'"),
        (row(element("userTask", "x", "", "<bpmn:standardLoopCharacteristics/>")), "x", "standardLoop"),
        (row(element("userTask", "x", "", "<bpmn:multiInstanceLoopCharacteristics/>")), "x", "Must have a collection"),
    ],
)
def test_what_is_not_supported_is_named(content: str, element_id: str, why: str | None) -> None:
    with pytest.raises(NotDeployable) as refused:
        graphs(document("p", content).encode())
    texts = [problem.text for problem in refused.value.problems if problem.element_id == element_id]
    assert any((why or "") in text for text in texts), refused.value.problems


def test_a_dialect_may_want_a_process_to_begin_in_one_way() -> None:
    """Camunda's does; others let it begin in several."""
    (record,) = read(document("p", row(USER, more='<bpmn:startEvent id="other"/>')).encode())
    assert graph(record).id == "p"
    with pytest.raises(NotDeployable) as refused:
        graph(record, one_start=True)
    assert [(p.element_id, p.text) for p in refused.value.problems] == [("p", "Must have at most one start event")]
