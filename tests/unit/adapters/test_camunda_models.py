"""Why BPMN files are refused, in the vendor's words; the library that has most of them is asked in tests/interop."""

import pytest

from adapters.camunda.models import read_model, refusals
from tests.support.all_models import all_models
from tests.support.models import condition, drawn, element, flow, process, row
from tests.support.models import document as defined

MARK = "<zeebe:userTask/>"
STATIC = "Expected expression but found static value 'x'. An expression must start with '=' (e.g. '=x')."
LOOP = "Processes are not allowed to contain any straight-through processing loops: "
SCRIPT = "x > extensionElements > script"
MAPPING = "x > extensionElements > ioMapping > "
DATE = "Expected static value to be a valid DateTime String, e.g. '2023-03-02T15:35+02:00', but found 'next friday'."


def task(extensions: str) -> str:
    return row(element("userTask", MARK + extensions))


def circle(first: str, tag: str) -> str:
    """From x to y and back."""
    return row(first, element(tag, attributes='id="y"') + flow("h", "x", "y") + flow("i", "y", "x"))


def mapped(mapping: str) -> str:
    return task(f"<zeebe:ioMapping>{mapping}</zeebe:ioMapping>")


@pytest.mark.parametrize(
    ("document", "where", "text"),
    [
        (
            row(element("exclusiveGateway", attributes='id="x" default="h"'), flow("h", "x", "e")).replace(
                flow("g", "x", "e"), flow("g", "x", "e", condition("x"))
            ),
            "g > conditionExpression",
            STATIC,
        ),
        (row(element("scriptTask", '<zeebe:script expression="x" resultVariable="r"/>')), SCRIPT, STATIC),
        (mapped('<zeebe:output source="x" target="a"/>'), f"{MAPPING}output", STATIC),
        (mapped('<zeebe:output target="a"/>'), f"{MAPPING}output", "Expected expression but not found."),
        (mapped('<zeebe:input source="=1"/>'), f"{MAPPING}input", "Expected path expression but not found."),
        (
            mapped('<zeebe:input source="=1" target="a ? b"/>'),
            f"{MAPPING}input",
            "Expected path expression 'a ? b' but doesn't match the pattern "
            r"'[a-zA-Z_][a-zA-Z0-9_]*(\.[a-zA-Z_][a-zA-Z0-9_]*)*'.",
        ),
        (task('<zeebe:taskSchedule dueDate="next friday"/>'), "x > extensionElements > taskSchedule", DATE),
        (task('<zeebe:taskSchedule followUpDate="next friday"/>'), "x > extensionElements > taskSchedule", DATE),
        *(
            (
                task(f'<zeebe:taskSchedule dueDate="{date}"/>'),
                "x > extensionElements > taskSchedule",
                DATE.replace("next friday", date),
            )
            for date in ("2030-01-01T00:00:00+01:00[Nowhere/Else]", "2030-01-01T00:00:00@Europe/Berlin")
        ),
        *(
            (
                task(f'<zeebe:priorityDefinition priority="{priority}"/>'),
                "x > extensionElements > priorityDefinition",
                f"Priority must be a number between 0 and 100, but was '{priority}'.",
            )
            for priority in ("101", "-1", "high", "1.5")
        ),
        (
            task('<zeebe:taskHeaders><zeebe:header key="io.camunda.zeebe:assignee" value="a"/></zeebe:taskHeaders>'),
            "x > extensionElements > taskHeaders > header",
            "Attribute 'key' contains 'io.camunda.zeebe:assignee', but header keys starting with 'io.camunda.zeebe:' "
            "are reserved for internal use.",
        ),
        (
            circle(element("task"), "manualTask"),
            "p",
            f"{LOOP}x > y > x",
        ),
        (
            circle(element("task"), "exclusiveGateway"),
            "p",
            f"{LOOP}x > y > x",
        ),
        (
            row(element("callActivity", '<zeebe:calledElement processId="=("/>')),
            "x",
            "failed to parse expression '(': Expected (start-of-input | ifOp | forOp | quantifiedOp | disjunction):1:1"
            ', found "("',
        ),
    ],
)
def test_values_that_are_none(document: str, where: str, text: str) -> None:
    assert refusals(document.encode()) == [(where, text)]


@pytest.mark.parametrize(
    "document",
    [
        mapped('<zeebe:input source="x" target="a.b"/><zeebe:output source=" =x" target="größe"/>'),
        task('<zeebe:taskSchedule dueDate="2030-01-01T00:00+02:00" followUpDate="=next"/>'),
        task('<zeebe:taskSchedule dueDate="2030-01-01T00:00:00+01:00[Europe/Berlin]"/>'),
        task('<zeebe:priorityDefinition priority="=a"/>'),
        row(element("userTask", MARK), flow("h", "x", "x")),
        circle(element("exclusiveGateway"), "parallelGateway"),
        circle(element("task"), "userTask"),
    ],
)
def test_values_that_are_some(document: str) -> None:
    assert refusals(document.encode()) == []


@pytest.mark.parametrize(
    ("name", "complaints"),
    [
        (
            "an unsupported complexGateway",
            [
                (
                    "x",
                    "Elements of type 'ComplexGateway' are currently not supported. Please refer to the documentation "
                    "for a list of supported elements: "
                    "https://docs.camunda.io/docs/components/modeler/bpmn/bpmn-coverage/",
                )
            ],
        ),
        ("no process", [("defs", "Must contain at least one executable process")]),
        ("two starts", [("p", "Multiple none start events are not allowed")]),
        ("behind the end, as drawn", [("e", "End events must not have outgoing sequence flows to other elements.")]),
        ("a flow into a boundary event, as drawn", [("b", "Cannot have incoming sequence flows")]),
        ("another's default", [("x", "Default flow must start at gateway")]),
        ("a boundaryEvent with timeCycle", [("b", "Interrupting timer event with time cycle is not allowed.")]),
        (
            "a bare scriptTask",
            [("x", "Must have either one 'zeebe:script' or one 'zeebe:taskDefinition' extension element")],
        ),
        ("a intermediateCatchEvent without a definition", [("x", "Must have exactly one event definition")]),
        (
            "no form of a user task",
            [
                (
                    "x > extensionElements > formDefinition",
                    "Exactly one of the attributes 'formId, externalReference' must be present and not blank for native"
                    " user tasks",
                )
            ],
        ),
    ],
)
def test_the_words_of_the_library(name: str, complaints: list[tuple[str, str]]) -> None:
    """Those that users meet most often."""
    assert refusals(dict(all_models())[name].encode()) == complaints


def test_what_follows_from_another_complaint_is_not_said() -> None:
    """A boundary event of what is not supported is attached to nothing that is read."""
    assert {where for where, _ in refusals(dict(all_models())["at an unsupported element"].encode())} == {"x"}


@pytest.mark.parametrize(
    "name",
    [
        "a note",
        "data",
        "a store",
        "starters",
        "a potential owner",
        "inputs and outputs",
        "a task definition of a user task",
        "an input of a startEvent",
        "an output of a endEvent",
        "an input of a intermediateThrowEvent",
    ],
)
def test_what_has_no_effect_is_no_reason_to_refuse(name: str) -> None:
    assert refusals(dict(all_models())[name].encode()) == []


def test_what_is_said_is_said_once_and_in_the_order_of_the_document() -> None:
    broken = process(
        '<startEvent id="s"/><callActivity id="c"/><serviceTask id="t"/><scriptTask id="r"/>'
        '<boundaryEvent id="b" attachedToRef="t"><timerEventDefinition id="d"/></boundaryEvent>'
    )
    assert [element for element, _ in refusals(drawn(defined(broken)).encode())] == ["c", "t", "r", "d"]


def test_of_what_is_only_a_drawing_nothing_is_said() -> None:
    models_by_name = dict(all_models())
    assert refusals(models_by_name["a broken one beside"].encode()) == []
    processes, refused = read_model(models_by_name["data"].encode())
    assert ([record.id for record, _ in processes], refused) == (["p"], [])


def test_former_names_of_events_are_read() -> None:
    heard = '<zeebe:taskListeners><zeebe:taskListener eventType="complete" type="t"/></zeebe:taskListeners>'
    ((_, graph),), refused = read_model(task(heard).encode())
    (element,) = (e for e in graph.elements if e.task is not None)
    assert refused == []
    assert element.task is not None
    assert [listener.event for listener in element.task.listeners] == ["completing"]
