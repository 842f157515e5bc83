"""BPMN files for two judges: what Camunda's own library for them accepts, and what it refuses."""

from collections.abc import Iterator

from lxml import etree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="defs" targetNamespace="http://example.org">'
)
START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'


def document(*processes: str, more: str = "") -> str:
    return f"{HEAD}{''.join(processes)}{more}</definitions>"


def process(content: str, extensions: str = "", attributes: str = 'id="p" isExecutable="true"') -> str:
    return f"<process {attributes}>{extended(extensions)}{content}</process>"


def extended(extensions: str) -> str:
    return f"<extensionElements>{extensions}</extensionElements>" if extensions else ""


def element(tag: str, extensions: str = "", more: str = "", attributes: str = 'id="x"') -> str:
    return f"<{tag} {attributes}>{extended(extensions)}{more}</{tag}>"


def flow(id: str, source: str, target: str, more: str = "") -> str:
    return f'<sequenceFlow id="{id}" sourceRef="{source}" targetRef="{target}">{more}</sequenceFlow>'


def condition(text: str) -> str:
    return f'<conditionExpression xsi:type="tFormalExpression">{text}</conditionExpression>'


def row(content: str, more: str = "", extensions: str = "") -> str:
    """A process that comes through the element x."""
    return document(process(f"{START}{flow('f', 's', 'x')}{content}{flow('g', 'x', 'e')}{END}{more}", extensions))


def listeners(kind: str, *listed: str) -> str:
    return f"<zeebe:{kind}Listeners>{''.join(listed)}</zeebe:{kind}Listeners>"


def listener(kind: str, event: str = "start", type: str = "t", more: str = "") -> str:
    return f'<zeebe:{kind}Listener eventType="{event}" type="{type}"{more}/>'


def timer(*children: tuple[str, str]) -> str:
    inside = "".join(f'<{name} xsi:type="tFormalExpression">{text}</{name}>' for name, text in children)
    return f'<timerEventDefinition id="def">{inside}</timerEventDefinition>'


MARK = "<zeebe:userTask/>"
SCRIPT = '<zeebe:script expression="=1" resultVariable="r"/>'
WORK = '<zeebe:taskDefinition type="t"/>'
CALLED = '<zeebe:calledElement processId="c"/>'
SOON = ("timeDuration", "PT1H")


def drawn(document: str) -> str:
    """With what tools write besides: each element says which flows come and go."""
    root = etree.fromstring(document.encode())
    elements = {element.get("id"): element for element in root.iter(f"{{{BPMN}}}*") if element.get("id")}
    for ends, name in (("sourceRef", "outgoing"), ("targetRef", "incoming")):
        for each in list(root.iter(f"{{{BPMN}}}sequenceFlow"))[::-1]:
            element = elements.get(each.get(ends))
            if element is not None:
                link = etree.Element(f"{{{BPMN}}}{name}")
                link.text = each.get("id")
                first = [element.findall(f"{{{BPMN}}}{tag}") for tag in ("documentation", "extensionElements")]
                element.insert(sum(map(len, first)), link)
    return etree.tostring(root, encoding="unicode")


def written() -> Iterator[tuple[str, str]]:
    yield from _whole()
    yield from _tasks()
    yield from _extensions()
    yield from _twice()
    yield from _events()
    yield from _gateways()
    yield from _scopes()


def _whole() -> Iterator[tuple[str, str]]:
    plain = START + flow("f", "s", "e") + END
    yield "the least", document(process(plain))
    yield "no process", document()
    yield "nothing executable", document(process(plain, attributes='id="p"'))
    yield "not executable", document(process(plain, attributes='id="p" isExecutable="false"'))
    yield "without definitions' id", document().replace(' id="defs"', "")
    yield "one of two executable", document(process(plain), process("", attributes='id="q"'))
    yield "a broken one beside", document(process(plain), process(element("complexGateway"), attributes='id="q"'))
    yield "no start", document(process(END))
    yield "nothing in it", document(process(""))
    yield "two starts", document(process(START + '<startEvent id="s2"/>' + END))
    yield "no id", document(process(plain, attributes='isExecutable="true"'))
    yield "an empty id", document(process(plain, attributes='id="" isExecutable="true"'))
    yield "flow to nowhere", document(process(START + flow("f", "s", "nobody") + END))
    yield "flow from nowhere", document(process(START + flow("f", "nobody", "e") + END))
    yield "a task without id", document(process(plain + "<task/>"))
    yield "a flow without id", document(process(plain + '<sequenceFlow sourceRef="s" targetRef="e"/>'))
    yield "data without id", document(process(plain + "<dataObject/>"))
    yield "a lane without id", document(process(f"<laneSet><lane/></laneSet>{plain}"))
    yield "a sub-process without id", document(process(plain + '<subProcess><startEvent id="s1"/></subProcess>'))
    yield "a broken task without id", document(process(plain + "<callActivity/>"))
    yield "one id twice", document(process(START + '<endEvent id="s"/>'))
    yield "a version tag", document(process(plain, '<zeebe:versionTag value="1"/>'))
    yield "two version tags", document(process(plain, '<zeebe:versionTag value="1"/><zeebe:versionTag value="2"/>'))
    yield "an empty form inside", document(process(plain, '<zeebe:userTaskForm id="f"></zeebe:userTaskForm>'))
    yield "a form inside", document(process(plain, '<zeebe:userTaskForm id="f">{}</zeebe:userTaskForm>'))
    yield "lanes", document(process(f'<laneSet id="l"><lane id="a"/></laneSet>{plain}'))
    yield (
        "a note",
        document(process(plain + '<textAnnotation id="n"/><association id="a" sourceRef="s" targetRef="n"/>')),
    )
    yield "data", document(process(plain + '<dataObject id="d"/><dataObjectReference id="r" dataObjectRef="d"/>'))
    yield "a store", document(process(plain + '<dataStoreReference id="r"/>'))
    yield "starters", document(process(plain, '<zeebe:candidateStarter candidateGroups="a"/>'))
    yield "an unknown extension", document(process(plain, "<zeebe:unheardOf/>"))
    yield "another's extension", document(process(plain, '<x:y xmlns:x="urn:x"/>'))
    yield "a listener of the process", document(process(plain, listeners("execution", listener("execution"))))
    yield (
        "two alike of the process",
        document(process(plain, listeners("execution", listener("execution"), listener("execution")))),
    )


def _tasks() -> Iterator[tuple[str, str]]:
    for tag in ("userTask", "manualTask", "task", "subProcess"):
        yield f"a {tag} without anything", row(element(tag))
    for tag, extension in (("scriptTask", SCRIPT), ("callActivity", CALLED), ("userTask", MARK)):
        yield f"a {tag}", row(element(tag, extension))
        yield f"a {tag} with two", row(element(tag, extension * 2))
        yield f"a bare {tag}", row(element(tag))
    for attributes in (
        'decisionId="d"', 'resultVariable="r"', 'decisionId="" resultVariable=""', 'decisionId="=d" resultVariable="r"',
        'decisionId="d" resultVariable="r"', 'decisionId="d" resultVariable="r" bindingType="no"',
        'decisionId="d" resultVariable="r" bindingType="versionTag"',
        'decisionId="d" resultVariable="r" bindingType="versionTag" versionTag="1"',
        'decisionId="d" resultVariable="r" versionTag="1"',
    ):  # fmt: skip
        yield f"a decision {attributes}", row(element("businessRuleTask", f"<zeebe:calledDecision {attributes}/>"))
    for tag in ("serviceTask", "sendTask", "businessRuleTask"):
        yield f"a {tag} without anything", row(element(tag))
        for name, text in (
            ("of a worker", WORK),
            ("of two workers", WORK * 2),
            ("of no type", "<zeebe:taskDefinition/>"),
            ("of a computed type", '<zeebe:taskDefinition type="=t" retries="=r"/>'),
            ("of empty retries", '<zeebe:taskDefinition type="t" retries=""/>'),
            ("with headers", f'{WORK}<zeebe:taskHeaders><zeebe:header key="a" value="b"/></zeebe:taskHeaders>'),
            ("with headers twice", f"{WORK}{'<zeebe:taskHeaders/>' * 2}"),
            ("with a header of no key", f'{WORK}<zeebe:taskHeaders><zeebe:header value="b"/></zeebe:taskHeaders>'),
        ):
            yield f"a {tag} {name}", row(element(tag, text))
    yield "a script of a worker", row(element("scriptTask", WORK))
    yield "a script of a worker too", row(element("scriptTask", SCRIPT + '<zeebe:taskDefinition type="t"/>'))
    for name, text in (
        ("no script's expression", '<zeebe:script resultVariable="r"/>'),
        ("no script's result", '<zeebe:script expression="=1"/>'),
        ("an empty script", '<zeebe:script expression="" resultVariable=""/>'),
    ):
        yield name, row(element("scriptTask", text))
    for attributes in (
        "", 'processId=""', 'processId="=c"', 'processId="c" bindingType="no"', 'processId="c" bindingType=""',
        'processId="c" bindingType="versionTag"', 'processId="c" bindingType="versionTag" versionTag="1"',
        'processId="c" versionTag="1"', 'processId="c" bindingType="latest" versionTag="1"',
    ):  # fmt: skip
        yield f"a call {attributes}", row(element("callActivity", f"<zeebe:calledElement {attributes}/>"))
    for tag in ("complexGateway", "transaction"):
        yield f"an unsupported {tag}", row(element(tag))
    yield (
        "at an unsupported element",
        row(
            element("transaction"),
            element("boundaryEvent", more=timer(SOON), attributes='id="b" attachedToRef="x"') + flow("h", "b", "e"),
        ),
    )


def _extensions() -> Iterator[tuple[str, str]]:
    for name, text in (
        ("a form", '<zeebe:formDefinition formId="f"/>'),
        ("two forms", '<zeebe:formDefinition formId="f"/>' * 2),
        ("no form", "<zeebe:formDefinition/>"),
        ("a blank form", '<zeebe:formDefinition formId=" "/>'),
        ("a form and a reference", '<zeebe:formDefinition formId="f" externalReference="r"/>'),
        ("a form and a key", '<zeebe:formDefinition formId="f" formKey="k"/>'),
        ("a reference", '<zeebe:formDefinition externalReference="r"/>'),
        ("a key", '<zeebe:formDefinition formKey="k"/>'),
        ("a form of no kind", '<zeebe:formDefinition formId="f" bindingType="no"/>'),
        ("a form without its tag", '<zeebe:formDefinition formId="f" bindingType="versionTag"/>'),
        ("a form with a tag", '<zeebe:formDefinition formId="f" versionTag="1"/>'),
        ("a reference of a deployment", '<zeebe:formDefinition externalReference="r" bindingType="deployment"/>'),
        ("who", '<zeebe:assignmentDefinition assignee="a"/>'),
        ("two whos", '<zeebe:assignmentDefinition assignee="a"/>' * 2),
        ("when", '<zeebe:taskSchedule dueDate="2030-01-01T00:00:00Z"/>'),
        ("two whens", "<zeebe:taskSchedule/>" * 2),
        ("a priority", '<zeebe:priorityDefinition priority="7"/>'),
        ("an empty priority", '<zeebe:priorityDefinition priority=""/>'),
        ("no priority", "<zeebe:priorityDefinition/>"),
        ("two priorities", '<zeebe:priorityDefinition priority="7"/>' * 2),
        ("headers twice", "<zeebe:taskHeaders/>" * 2),
        ("a task definition", '<zeebe:taskDefinition type="t"/>'),
        ("an untyped task definition", "<zeebe:taskDefinition/>"),
        ("mappings", '<zeebe:ioMapping><zeebe:input source="=1" target="a"/></zeebe:ioMapping>'),
        ("mappings twice", "<zeebe:ioMapping/>" * 2),
        ("properties", '<zeebe:properties><zeebe:property name="a" value="b"/></zeebe:properties>'),
        ("an unknown extension", "<zeebe:unheardOf/>"),
        ("a form inside", '<zeebe:userTaskForm id="f">{}</zeebe:userTaskForm>'),
        ("linked resources", "<zeebe:linkedResources/>"),
        ("no listeners", listeners("task")),
        ("listeners twice", listeners("task", listener("task", "creating")) * 2),
        ("both kinds of listeners", listeners("task", listener("task", "creating")) + listeners("execution")),
    ):
        yield f"{name} of a user task", row(element("userTask", MARK + text))
        yield f"{name} of an unmarked task", row(element("userTask", text))
    for event in (
        *("creating", "assigning", "updating", "completing", "canceling"),
        *("create", "assignment", "update", "complete", "cancel", "assign", "no"),
    ):
        yield f"who listens to {event}", row(element("userTask", MARK + listeners("task", listener("task", event))))
    for name, text in (
        ("no type", '<zeebe:taskListener eventType="creating"/>'),
        ("no event", '<zeebe:taskListener type="t"/>'),
        ("no retries", '<zeebe:taskListener eventType="creating" type="t" retries=""/>'),
        ("nothing", "<zeebe:taskListener/>"),
        ("the same twice", listener("task", "creating") * 2),
    ):
        yield f"a listener with {name}", row(element("userTask", MARK + listeners("task", text)))
        execution = text.replace("taskL", "executionL").replace("creating", "start")
        yield f"an execution listener with {name}", row(element("userTask", MARK + listeners("execution", execution)))
    yield "an execution listener of no event", row(element("task", listeners("execution", listener("execution", "no"))))
    for tag in (*("startEvent", "endEvent"), *("exclusiveGateway", "parallelGateway", "intermediateThrowEvent")):
        for event in ("start", "end"):
            heard = listeners("execution", listener("execution", event))
            events = {"startEvent": START, "endEvent": END}
            text = row(element("task"))
            if tag in events:
                id = events[tag].partition('id="')[2][0]
                yield f"{event} of a {tag}", text.replace(events[tag], element(tag, heard, attributes=f'id="{id}"'))
            else:
                yield f"{event} of a {tag}", row(element(tag, heard))
    yield (
        "a listener of a flow",
        row(element("task"), flow("h", "x", "e", extended(listeners("execution", listener("execution"))))),
    )
    yield (
        "a potential owner",
        row(
            element(
                "userTask",
                MARK,
                '<potentialOwner id="o"><resourceAssignmentExpression id="r">'
                '<formalExpression id="q">a</formalExpression>'
                "</resourceAssignmentExpression></potentialOwner>",
            )
        ),
    )
    yield (
        "inputs and outputs",
        row(
            element("userTask", MARK, '<ioSpecification id="i"><inputSet id="j"/><outputSet id="k"/></ioSpecification>')
        ),
    )
    yield "documentation", row(element("task", more="").replace("></task>", "><documentation>d</documentation></task>"))


def _twice() -> Iterator[tuple[str, str]]:
    """What each element may be told once."""
    extensions = {
        "versionTag": '<zeebe:versionTag value="1"/>',
        "ioMapping": "<zeebe:ioMapping/>",
        "executionListeners": "<zeebe:executionListeners/>",
        "taskHeaders": "<zeebe:taskHeaders/>",
        "linkedResources": "<zeebe:linkedResources/>",
        "userTask": MARK,
        "assignmentDefinition": "<zeebe:assignmentDefinition/>",
        "formDefinition": '<zeebe:formDefinition formId="f"/>',
        "taskSchedule": "<zeebe:taskSchedule/>",
        "priorityDefinition": "<zeebe:priorityDefinition/>",
        "taskListeners": "<zeebe:taskListeners/>",
        "taskDefinition": '<zeebe:taskDefinition type="t"/>',
        "calledElement": CALLED,
        "script": SCRIPT,
    }
    tags = (
        "userTask",
        "manualTask",
        "task",
        "scriptTask",
        "callActivity",
        "exclusiveGateway",
        "intermediateThrowEvent",
    )
    for name, extension in extensions.items():
        for tag in tags:
            yield f"{name} twice of a {tag}", row(element(tag, extension * 2))
            yield f"{name} of a {tag}", row(element(tag, extension))
        for tag, plain in (("startEvent", START), ("endEvent", END)):
            told = element(tag, extension * 2, attributes=plain.split(" ")[1].removesuffix("/>"))
            yield f"{name} twice of a {tag}", row(element("task")).replace(plain, told)
        yield f"{name} twice of a process", row(element("task"), extensions=extension * 2)
        yield f"{name} twice of a flow", row(element("task"), flow("h", "s", "e", extended(extension * 2)))
        caught = element("intermediateCatchEvent", extension * 2, timer(SOON))
        yield f"{name} twice of a catch event", row(caught)
        at = element("boundaryEvent", extension * 2, timer(SOON), 'id="b" attachedToRef="x"')
        yield f"{name} twice of a boundary event", row(element("task"), at + flow("h", "b", "e"))
        yield f"{name} twice of a parallel gateway", row(element("parallelGateway", extension * 2))
        inside = element("subProcess", extension * 2, '<startEvent id="s1"/>')
        yield f"{name} twice of a sub-process", row(inside)


def _events() -> Iterator[tuple[str, str]]:
    for tag in ("intermediateCatchEvent", "boundaryEvent"):

        def at(definitions: str, more: str = "", tag: str = tag) -> str:
            if tag == "intermediateCatchEvent":
                return row(element(tag, more=definitions))
            event = element(tag, more=definitions, attributes=f'id="b" attachedToRef="x"{more}')
            return row(element("task"), event + flow("h", "b", "e"))

        yield f"a {tag} without a definition", at("")
        yield f"a {tag} with two definitions", at(timer(SOON) + timer(SOON).replace("def", "def2"))
        yield f"a {tag} with an empty timer", at(timer())
        yield f"a {tag} with two timers", at(timer(SOON, ("timeDate", "2030-01-01T00:00:00Z")))
        for name, text in (("timeDuration", "PT1H"), ("timeDate", "2030-01-01T00:00:00Z"), ("timeCycle", "R3/PT1H")):
            yield f"a {tag} with {name}", at(timer((name, text)))
            yield f"a {tag} with an expression for {name}", at(timer((name, "=a")))
        for definition in ("conditionalEventDefinition", "cancelEventDefinition"):
            yield f"a {tag} with a {definition}", at(f'<{definition} id="def"/>')
    boundary = element(
        "boundaryEvent",
        more=timer(("timeCycle", "R3/PT1H")),
        attributes='id="b" attachedToRef="x" cancelActivity="false"',
    )
    yield "a cycle at the boundary", row(element("task"), boundary + flow("h", "b", "e"))
    at_event = element("boundaryEvent", more=timer(SOON), attributes='id="b" attachedToRef="s"')
    yield "a boundary of an event", row(element("task"), at_event + flow("h", "b", "e"))
    yield (
        "a boundary of nothing",
        row(element("task"), at_event.replace(' attachedToRef="s"', "") + flow("h", "b", "e")),
    )
    into = element("boundaryEvent", more=timer(SOON), attributes='id="b" attachedToRef="x"')
    yield "a flow into a boundary event", row(element("task"), into + flow("h", "x", "b"))
    yield "behind the end", row(element("task"), '<task id="y"/>' + flow("h", "e", "y"))
    yield "before the start", row(element("task"), flow("h", "x", "s"))
    start = '<startEvent id="s"><timerEventDefinition id="d"/><conditionalEventDefinition id="q"/></startEvent>'
    yield "a start in two ways", row(element("task")).replace(START, start)
    yield (
        "an end in two ways",
        row(element("task")).replace(
            END, '<endEvent id="e"><terminateEventDefinition id="q"/><cancelEventDefinition id="r"/></endEvent>'
        ),
    )
    yield from _links()
    stop = element("endEvent", more='<terminateEventDefinition id="q"/>', attributes='id="e"')
    yield "an end of all", row(element("task")).replace(END, stop)
    yield "a throw", row(element("intermediateThrowEvent"))
    for tag in ("startEvent", "endEvent", "intermediateThrowEvent"):
        for way in ("input", "output"):
            mapped = f'<zeebe:ioMapping><zeebe:{way} source="=1" target="a"/></zeebe:ioMapping>'
            text = row(element("task"))
            if tag == "intermediateThrowEvent":
                yield f"an {way} of a {tag}", row(element(tag, mapped))
            else:
                plain = START if tag == "startEvent" else END
                id = "s" if tag == "startEvent" else "e"
                yield f"an {way} of a {tag}", text.replace(plain, element(tag, mapped, attributes=f'id="{id}"'))
    form = element("startEvent", '<zeebe:formDefinition formId="f"/>', attributes='id="s"')
    yield "a form at the start", row(element("task")).replace(START, form)
    yield "an empty form at the start", row(element("task")).replace(START, form.replace('"f"', '""'))


def _links() -> Iterator[tuple[str, str]]:
    def link(id: str, attribute: str) -> str:
        return f'<linkEventDefinition id="{id}"{attribute}/>'

    thrown = START + flow("f", "s", "x") + element("intermediateThrowEvent", more=link("a", ' name="far"'))
    caught = element("intermediateCatchEvent", more=link("b", ' name="far"'), attributes='id="y"')
    caught += flow("g", "y", "e") + END
    yield "a link", document(process(thrown + caught))
    for name in ("", ' name=""'):
        yield f"a link{name} nobody knows", document(process(thrown.replace(' name="far"', name) + caught))


def _gateways() -> Iterator[tuple[str, str]]:
    def ways(tag: str, first: str, second: str, attributes: str = "") -> str:
        gate = element(tag, attributes=f'id="x"{attributes}')
        return row(gate, flow("h", "x", "e", second)).replace(flow("g", "x", "e"), flow("g", "x", "e", first))

    for tag in ("exclusiveGateway", "inclusiveGateway", "parallelGateway", "task"):
        for name, first, second in (
            ("nowhere conditions", "", ""),
            ("one condition", condition("=a"), ""),
            ("conditions", condition("=a"), condition("=b")),
            ("an empty condition", condition(""), condition("=b")),
        ):
            yield f"{name} behind a {tag}", ways(tag, first, second)
            yield f"{name} behind a {tag} with a default", ways(tag, first, second, ' default="h"')
    yield "another's default", ways("exclusiveGateway", condition("=a"), "", ' default="f"')
    yield "another's default of an inclusive one", ways("inclusiveGateway", condition("=a"), "", ' default="f"')
    joined = row(element("inclusiveGateway"), '<task id="y"/>' + flow("h", "s", "y") + flow("i", "y", "x"))
    yield "an inclusive gateway where two meet", joined
    yield "no flow's default", ways("exclusiveGateway", condition("=a"), "", ' default="nobody"')
    yield "one way without a condition", row(element("exclusiveGateway"))
    yield (
        "one way with a condition behind a task",
        row(element("task")).replace(flow("g", "x", "e"), flow("g", "x", "e", condition("=a"))),
    )


def _scopes() -> Iterator[tuple[str, str]]:
    inside = '<startEvent id="s1"/><sequenceFlow id="f1" sourceRef="s1" targetRef="e1"/><endEvent id="e1"/>'
    yield "a sub-process", row(element("subProcess", more=inside))
    yield "a sub-process without a start", row(element("subProcess", more='<endEvent id="e1"/>'))
    yield "a sub-process with two starts", row(element("subProcess", more=f'{inside}<startEvent id="s2"/>'))
    timed = f'<startEvent id="s1">{timer(SOON)}</startEvent>'
    yield "a sub-process with a timer at its start", row(element("subProcess", more=timed))
    yield (
        "a sub-process in another",
        row(
            element(
                "subProcess",
                more=inside.replace(
                    '<endEvent id="e1"/>',
                    f'<subProcess id="y">{inside.replace("1", "2")}</subProcess>'
                    '<sequenceFlow id="z" sourceRef="y" targetRef="e1"/><endEvent id="e1"/>',
                ).replace('targetRef="e1"/><sub', 'targetRef="y"/><sub'),
            )
        ),
    )
    yield (
        "a flow out of a sub-process",
        row(element("subProcess", more=inside), '<task id="y"/>' + flow("h", "e1", "y")),
    )
