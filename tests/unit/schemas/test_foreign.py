"""BPMN of other products: who gets a task as they say it, and what becomes of the rest."""

from contextlib import suppress
from itertools import pairwise

import pytest

from adapters.common.bpmn import NotDeployable
from adapters.common.foreign import ForeignGraph, foreign_graph
from core.graph.elements import ElementKind, Event, EventKind, TaskTemplate
from schemas.bpmn.foreign import read_foreign
from schemas.bpmn.reader import BadBpmn
from tests.support.bpmn import flow
from tests.support.work import counted

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:activiti="http://activiti.org/bpmn"'
    ' xmlns:flowable="http://flowable.org/bpmn" xmlns:pm="http://processmaker.com/BPMN/2.0/Schema.xsd"'
    ' xmlns:color="http://www.omg.org/spec/BPMN/non-normative/color/1.0">'
)
START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'


def definitions(*processes: str) -> bytes:
    return f"{HEAD}{''.join(processes)}</definitions>".encode()


def process(content: str, id: str = "p") -> str:
    return f'<process id="{id}" isExecutable="true">{content}</process>'.replace("bpmn:", "")


def read(content: str, *, loose: bool = False) -> ForeignGraph:
    (foreign,) = read_foreign(definitions(process(content)), loose=loose)
    return foreign_graph(foreign, loose=loose)


def row(*between: str, more: str = "", loose: bool = False) -> ForeignGraph:
    """What stands in a row between start and end; ids are a, b, ..."""
    ids = ["s", *"abcdefgh"[: len(between)], "e"]
    flows = (flow(source, target) for source, target in pairwise(ids))
    return read("".join((START, *between, END, *flows, more)), loose=loose)


def template(task: str) -> TaskTemplate:
    found = next(e for e in row(task).graph.elements if e.id == "a")
    assert found.task is not None
    return found.task


def refusal(content: str, *, loose: bool = False) -> str:
    with pytest.raises(NotDeployable) as refused:
        read(content, loose=loose)
    return str(refused.value)


@pytest.mark.parametrize("prefix", ["camunda", "activiti", "flowable"])
def test_people_dates_and_forms_in_attributes(prefix: str) -> None:
    attributes = {
        "assignee": "${initiator}",
        "candidateUsers": "ann, ${reviewer.name}",
        "candidateGroups": "clerks,heads",
        "dueDate": "PT2H",
        "followUpDate": "${later}",
        "priority": "70",
        "formKey": "embedded:app:forms/ask.html",
    }
    task = template(f'<userTask id="a" {" ".join(f"{prefix}:{n}={v!r}" for n, v in attributes.items())}/>')
    assert task.assignee == "=initiator"
    assert task.candidate_users == '=["ann", reviewer.name]'
    assert task.candidate_groups == "clerks,heads"
    assert (task.due, task.follow_up) == ('=now() + duration("PT2H")', "=later")
    assert (task.priority, task.form_reference) == ("70", "embedded:app:forms/ask.html")


def test_people_as_bpmn_has_them() -> None:
    owner = "<potentialOwner><resourceAssignmentExpression><formalExpression>{}</formalExpression>"
    owner += "</resourceAssignmentExpression></potentialOwner>"
    task = template(f'<userTask id="a">{owner.format("user(ann), group(clerks)")}{owner.format("heads")}</userTask>')
    assert (task.candidate_users, task.candidate_groups) == ("ann", "clerks,heads")
    human = owner.replace("potentialOwner", "humanPerformer").format("bob")
    assert template(f'<userTask id="a">{human}</userTask>').assignee == "bob"


def test_people_as_jbpm_has_them() -> None:
    content = """<userTask id="a" xmlns:tns="http://www.jboss.org/drools">
        <ioSpecification><dataInput id="i1" name="GroupId"/><dataInput id="i2" name="Comment"/></ioSpecification>
        <dataInputAssociation><targetRef>i1</targetRef><assignment><from>HR,#{team}</from></assignment></dataInputAssociation>
        <dataInputAssociation><targetRef>i2</targetRef><assignment><from>Look</from></assignment></dataInputAssociation>
        <potentialOwner><resourceAssignmentExpression><formalExpression>mary</formalExpression>
        </resourceAssignmentExpression></potentialOwner></userTask>"""
    task = template(content)
    assert (task.candidate_users, task.candidate_groups) == ("mary", '=["HR", team]')


def test_forms_and_days_of_processmaker_4_and_its_people_by_number() -> None:
    told = row('<task id="a" name="Ask" pm:screenRef="7" pm:dueIn="72" pm:assignment="user" pm:assignedUsers="1,2"/>')
    (task,) = (e.task for e in told.graph.elements if e.task is not None)
    assert (task.form_reference, task.due) == ("7", '=now() + duration("PT72H")')
    assert told.left_out == ("Ask: pm:assignedUsers '1,2'", "Ask: pm:assignment 'user'")


def test_what_engines_do_beside_is_told_and_what_is_drawn_is_not() -> None:
    extensions = '<camunda:taskListener class="X"/><camunda:properties/><color:x/>'
    told = row(
        '<userTask id="a" name="Ask" camunda:assignee="${f.x()}">'
        f"<extensionElements>{extensions}</extensionElements></userTask>",
        more='<dataObjectReference id="d" name="Letter"/>',
    )
    assert told.left_out == (
        "Ask: assignee '${f.x()}': it is more than a variable",
        "Ask: camunda:taskListener",
        "Letter: data is not looked at",
    )


def choice(*conditions: str, names: tuple[str, ...] = ("", "")) -> str:
    flows = "".join(
        f'<sequenceFlow id="f{n}" name="{name}" sourceRef="g" targetRef="{target}">'
        + (f"<conditionExpression>{condition}</conditionExpression>" if condition else "")
        + "</sequenceFlow>"
        for n, (condition, name, target) in enumerate(zip(conditions, names, "ae", strict=True))
    )
    return (
        f'{START}<exclusiveGateway id="g" name="Sure?"/><userTask id="a"/>{END}{flow("s", "g")}{flow("a", "e")}{flows}'
    )


def conditions(told: ForeignGraph) -> list[str]:
    return [f.condition for f in told.graph.flows if f.source == "g"]


def test_conditions_in_braces_are_feel() -> None:
    told = read(choice("${approved}", "#{!approved and amount lt 5}"))
    assert conditions(told) == ["approved = true", "(not((approved = true) = true) and amount < 5)"]
    assert conditions(read(choice('=a > "x"', "b + 1 > 2"))) == ['a > "x"', "b + 1 > 2"]


def test_a_gateway_without_conditions_is_refused_unless_a_variable_may_say_the_way() -> None:
    drawn = choice("", "", names=("yes", "no"))
    assert "f0: Must have a condition or be default flow" in refusal(drawn)
    told = read(drawn, loose=True)
    assert conditions(told) == ["", 'g = "no"']
    assert told.left_out == ("Sure?: the variable g says the way: no",)
    (gateway,) = (e for e in told.graph.elements if e.kind is ElementKind.EXCLUSIVE_GATEWAY)
    assert gateway.default_flow == "f0"


def test_conditions_that_cannot_be_read_are_refused_unless_a_variable_may_say_the_way() -> None:
    drawn = choice("${service.isSure(x)}", "customer is premium", names=("", "no"))
    assert "failed to parse expression" in refusal(drawn)
    assert conditions(read(drawn, loose=True)) == ['g = "f0"', 'g = "no"']


def test_the_variable_has_a_name_that_feel_reads() -> None:
    told = read(choice("", "").replace('"g"', '"sid-1 é"'), loose=True)
    assert [f.condition for f in told.graph.flows if f.source == "sid-1 é"] == ["", 'sid_1__ = "f1"']


AUTOMATIC = ("serviceTask", "sendTask", "businessRuleTask", "scriptTask")


@pytest.mark.parametrize("tag", AUTOMATIC)
def test_tasks_without_people_do_nothing_if_that_may_be(tag: str) -> None:
    drawn = f'<{tag} id="a" name="Do" camunda:class="X"><extensionElements><camunda:field/></extensionElements></{tag}>'
    with pytest.raises(NotDeployable):
        row(drawn)
    told = row(drawn, loose=True)
    assert told.left_out == (f"Do: a {tag} does nothing",)
    assert [e.kind for e in told.graph.elements if e.id == "a"] == [ElementKind.TASK]


def test_messages_that_are_sent_go_nowhere() -> None:
    thrown = '<intermediateThrowEvent id="a" name="Tell"><messageEventDefinition/></intermediateThrowEvent>'
    assert row(thrown).left_out == ("Tell: nothing is sent",)
    signal = thrown.replace("message", "escalation")
    assert row(signal, loose=True).left_out == ("Tell: nothing is thrown",)
    with pytest.raises(NotDeployable):
        row(signal)


WAITING = (
    '<intermediateCatchEvent id="a"><messageEventDefinition/></intermediateCatchEvent>',
    '<receiveTask id="a"/>',
    '<complexGateway id="a"/>',
    '<eventBasedGateway id="a"/>',
    '<adHocSubProcess id="a"><task id="x"/></adHocSubProcess>',
    '<callActivity id="a" calledElement="${which}"/>',
)


@pytest.mark.parametrize("content", WAITING)
def test_what_waits_for_others_is_refused_in_any_case(content: str) -> None:
    for loose in (False, True):
        with pytest.raises(NotDeployable, match="a: "):
            row(content, loose=loose)


LOOSE: list[tuple[str, str, str]] = [
    (
        START.replace("/>", "><timerEventDefinition/></startEvent>"),
        "s: Time duration is invalid",
        "s: begins when a client says so",
    ),
    (
        '<boundaryEvent id="x" attachedToRef="a"><messageEventDefinition/></boundaryEvent>' + flow("x", "e"),
        "x: Must reference a message",
        "x: never happens",
    ),
    (
        '<subProcess id="x" triggeredByEvent="true"><startEvent id="y"/></subProcess>',
        "y: Must have an event definition",
        "x: never begins",
    ),
]


@pytest.mark.parametrize(("content", "refused", "told"), LOOSE)
def test_what_would_come_from_outside_never_does(content: str, refused: str, told: str) -> None:
    rest = f'<userTask id="a"/>{END}{flow("s", "a")}{flow("a", "e")}'
    drawn = rest + (content if 'startEvent id="s"' in content else START + content)
    assert refused in refusal(drawn)
    assert told in read(drawn, loose=True).left_out


def test_several_times_is_once_and_nothing_inside_is_a_task() -> None:
    several = '<userTask id="a" name="Ask"><multiInstanceLoopCharacteristics/></userTask>'
    assert row(several, loose=True).left_out == ("Ask: is done once",)
    for drawn, told in (
        ('<subProcess id="a" name="Pay"/>', "Pay: has nothing in it, so it is a task"),
        ('<callActivity id="a" name="Pay"/>', "Pay: calls nothing, so it is a task"),
    ):
        with pytest.raises(NotDeployable):
            row(drawn)
        read_loosely = row(drawn, loose=True)
        assert read_loosely.left_out == (told,)
        assert [e.kind for e in read_loosely.graph.elements if e.id == "a"] == [ElementKind.USER_TASK]


def test_where_no_start_is_drawn_everything_begins_that_nothing_leads_to() -> None:
    drawn = f'<task id="a" name="A"/><task id="b" name="B"/>{END}{flow("a", "e")}{flow("b", "e")}'
    assert "Must have at least one start event" in refusal(drawn)
    told = read(drawn, loose=True)
    assert told.left_out == ("p: begins with A, B",)
    assert {f.target for f in told.graph.flows if f.source == "p-start"} == {"a", "b"}


def test_called_processes_get_what_they_got() -> None:
    extensions = '<camunda:in source="a" target="b"/><camunda:out variables="all"/>'
    told = row(
        f'<callActivity id="a" calledElement="other"><extensionElements>{extensions}</extensionElements></callActivity>'
    )
    (element,) = (e for e in told.graph.elements if e.call is not None)
    assert element.call is not None
    assert (element.call.process_id, element.call.gives_all, element.call.returns_all) == ("other", False, True)
    assert [(a.source, a.target) for a in element.inputs] == [("=a", "b")]
    assert told.left_out == ()


def test_a_link_is_a_way() -> None:
    link = '<intermediate{}Event id="{}"><linkEventDefinition name="L"/></intermediate{}Event>'
    drawn = f'{START}{link.format("Throw", "a", "Throw")}{link.format("Catch", "b", "Catch")}<task id="c"/>{END}'
    told = read(drawn + flow("s", "a") + flow("b", "c") + flow("c", "e"))
    assert ("a", "b") in {(f.source, f.target) for f in told.graph.flows}


def test_an_end_that_ends_all_is_an_end_where_nothing_else_goes_on() -> None:
    end = '<endEvent id="e"><terminateEventDefinition/></endEvent>'
    assert read(f"{START}{end}{flow('s', 'e')}").left_out == ()
    fork = f'{START}<parallelGateway id="g"/><task id="a"/>{end}{flow("s", "g")}{flow("g", "a")}{flow("g", "e")}'
    (ending,) = (e for e in read(fork).graph.elements if e.id == "e")
    assert ending.event == Event(EventKind.TERMINATE)


def test_pools_in_which_nothing_is_drawn_are_no_processes() -> None:
    drawn = process(START + END + flow("s", "e"))
    empty = process("", id="q") + process('<laneSet id="l"/><dataObject id="d"/>', id="r")
    assert [f.process.id for f in read_foreign(definitions(empty, drawn))] == ["p"]
    neither = definitions(drawn.replace(' isExecutable="true"', ""))
    assert [f.process.id for f in read_foreign(neither)] == ["p"]


@pytest.mark.parametrize("document", [b"", b"<a/>", b"<!DOCTYPE a><a/>", HEAD.encode()])
def test_what_is_no_bpmn_says_so(document: bytes) -> None:
    with pytest.raises(BadBpmn):
        read_foreign(document, loose=True)


HALVES = [
    "<flowNode/>",
    '<sequenceFlow id="f"/>',
    "<task/>",
    '<boundaryEvent id="b" attachedToRef="nobody"><messageEventDefinition/></boundaryEvent>',
    '<intermediateThrowEvent id="b"><linkEventDefinition/></intermediateThrowEvent>',
    "<subProcess><subProcess/></subProcess>",
    "<userTask id='a'><ioSpecification><dataInput/></ioSpecification><dataInputAssociation/></userTask>",
    "<userTask id='a'><potentialOwner/></userTask>",
    "<callActivity id='a' calledElement='x'><extensionElements><camunda:in/></extensionElements></callActivity>",
    "<multiInstanceLoopCharacteristics/>",
]


@pytest.mark.parametrize("content", HALVES)
@pytest.mark.parametrize("loose", [False, True])
def test_half_of_anything_is_refused_in_words_or_taken(content: str, loose: bool) -> None:
    try:
        read(START + END + flow("s", "e") + content, loose=loose)
    except NotDeployable as refused:
        assert str(refused)


def grown(part: str, around: str = "{}") -> tuple[bytes, bytes]:
    """The same once, and with four times as many."""
    few, many = (around.format("".join(part.format(n) for n in range(count))) for count in (200, 800))
    return definitions(process(few)), definitions(process(many))


FORK = START + END + '<exclusiveGateway id="g"/>{}'
GROWING = [
    grown('<task id="t{0}"/>'),
    grown('<endEvent id="t{0}"><terminateEventDefinition/></endEvent>'),
    grown('<task id="t{0}"/><boundaryEvent id="b{0}" attachedToRef="t{0}"><errorEventDefinition/></boundaryEvent>'),
    grown('<sequenceFlow id="f{0}" name="n{0}" sourceRef="g" targetRef="e"/>', FORK),
    grown('<subProcess id="t{0}"><task id="i{0}"/></subProcess>'),
    grown('<intermediateThrowEvent id="t{0}"><linkEventDefinition name="{0}"/></intermediateThrowEvent>'
          '<intermediateCatchEvent id="c{0}"><linkEventDefinition name="{0}"/></intermediateCatchEvent>'),
    grown("user(u{0}),", '<userTask id="a"><potentialOwner>{}</potentialOwner></userTask>'),
    grown("$", '<userTask id="a" camunda:candidateUsers="{}{{x}}"/>'),
]  # fmt: skip


@pytest.mark.parametrize(("few", "many"), GROWING)
def test_four_times_as_much_is_about_four_times_the_work(few: bytes, many: bytes) -> None:
    read_foreign(few, loose=True)  # what is made at the first use
    works = []
    for document in (few, many):
        with counted() as work:
            for foreign in read_foreign(document, loose=True):
                with suppress(NotDeployable):
                    foreign_graph(foreign, loose=True)
        works.append(work.calls)
    assert works[1] < 6 * works[0]
