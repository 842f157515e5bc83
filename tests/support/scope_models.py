"""BPMN files of what is thrown and caught, undone, and done several times, for two judges (tests/support/models.py)."""

from collections.abc import Callable, Iterator

from tests.support.models import END, SOON, START, element, extended, flow, listener, listeners, row, timer

DOCUMENTED = "<documentation/>"
UNTIL = '<completionCondition xsi:type="tFormalExpression">=d</completionCondition>'


def thrown() -> Iterator[tuple[str, str]]:
    """What is thrown and caught, undone, and done several times."""

    def definition(kind: str, id: str = "d", more: str = "") -> str:
        return f'<{kind}EventDefinition id="{id}"{more}/>'

    def referred(kind: str, code: str | None = "c") -> str:
        return f'<{kind} id="r"' + (f' {kind}Code="{code}"' if code is not None else "") + "/>"

    def inside(start: str = "", attributes: str = "", n: str = "1") -> str:
        ends = f'<sequenceFlow id="f{n}" sourceRef="s{n}" targetRef="e{n}"/><endEvent id="e{n}"/>'
        return f'<startEvent id="s{n}"{attributes}>{start}</startEvent>{ends}'

    def event_sub(id: str, content: str) -> str:
        return f'<subProcess id="{id}" triggeredByEvent="true">{content}</subProcess>'

    def bound(id: str, inner: str, attributes: str = "") -> str:
        return f'<boundaryEvent id="{id}" attachedToRef="x"{attributes}>{inner}</boundaryEvent>'

    def whole(content: str, *more: str) -> str:
        return content.replace("</definitions>", "".join(more) + "</definitions>")

    end, part = '<endEvent id="e">{}</endEvent>', element("subProcess", more=inside())
    for kind in ("error", "escalation"):
        ref = f' {kind}Ref="r"'
        for name, code in (("", "c"), (" without a code", None), (" of an empty code", ""), (" computed", "=c")):
            thrown = row(element("task")).replace(END, end.format(definition(kind, more=ref)))
            yield f"an {kind} at the end{name}", whole(thrown, referred(kind, code))
            caught = row(part, bound("b", definition(kind, more=ref)))
            yield f"an {kind} caught{name}", whole(caught, referred(kind, code))
        yield f"no {kind} at the end", row(element("task")).replace(END, end.format(definition(kind)))
        yield f"any {kind} caught", row(part, bound("b", definition(kind)))
        yield f"an {kind} caught beside", row(part, bound("b", definition(kind), ' cancelActivity="false"'))
        yield f"an {kind} of a task", row(element("task"), bound("b", definition(kind)))
        two = bound("b", definition(kind, "d1")) + bound("b2", definition(kind, "d2"))
        yield f"any {kind} caught twice", row(part, two)
        two = bound("b", definition(kind, "d1", ref)) + bound("b2", definition(kind, "d2", ref))
        for name, code in (("", "c"), (" without a code", None)):
            yield f"an {kind} caught twice{name}", whole(row(part, two), referred(kind, code))
        subs = event_sub("y", inside(definition(kind, "d1", ref), n="2"))
        subs += event_sub("z", inside(definition(kind, "d2", ref), n="3"))
        yield f"two that begin with an {kind}", whole(row(element("task"), subs), referred(kind))
        yield (
            f"two in a part that begin with an {kind}",
            whole(row(element("subProcess", more=inside() + subs)), referred(kind)),
        )
        for name, attributes in (("", ""), (" beside", ' isInterrupting="false"')):
            sub = event_sub("y", inside(definition(kind), attributes, "2"))
            yield f"what begins with an {kind}{name}", row(element("task"), sub)
    throw = element("intermediateThrowEvent", more=definition("escalation", more=' escalationRef="r"'))
    yield "an escalation on the way", whole(row(throw), referred("escalation"))
    yield "no escalation on the way", row(element("intermediateThrowEvent", more=definition("escalation")))
    for name, start in (("nothing", ""), ("a timer", timer(SOON)), ("an undoing", definition("compensate"))):
        yield f"what begins with {name}", row(element("task"), event_sub("y", inside(start, n="2")))
    cycle = timer(("timeCycle", "R3/PT1H"))
    yield "what begins with a cycle", row(element("task"), event_sub("y", inside(cycle, n="2")))
    beside = inside(cycle, ' isInterrupting="false"', "2")
    yield "what begins with a cycle beside", row(element("task"), event_sub("y", beside))
    yield "what begins in no way", row(element("task"), event_sub("y", '<endEvent id="e2"/>'))
    heard = listeners("execution", listener("execution", "end"))
    error_end = f'<endEvent id="e">{extended(heard)}{definition("error", more=REF)}</endEvent>'
    yield "a listener of an error's end", whole(row(element("task")).replace(END, error_end), referred("error"))
    yield from _undone(bound, definition)
    yield from _several()


REF = ' errorRef="r"'


def _undone(bound: Callable[..., str], definition: Callable[..., str]) -> Iterator[tuple[str, str]]:
    link = '<association id="a" sourceRef="b" targetRef="u"/>'
    handler = '<task id="u" isForCompensation="true"/>'
    undo = handler + link
    at = bound("b", definition("compensate"))
    behind = element("intermediateThrowEvent", more=definition("compensate", "t", "{}"), attributes='id="x2"')
    way = flow("g", "x", "x2") + behind + flow("h", "x2", "e")
    whole = row(element("task"), at + undo).replace(flow("g", "x", "e"), way)
    for name, more in (
        *(("all", ""), ("one", ' activityRef="x"'), ("another", ' activityRef="u"'), ("nobody", ' activityRef="n"')),
        *(("at once", ' waitForCompletion="false"'), ("in time", ' waitForCompletion="true"')),
    ):
        yield f"what is undone: {name}", whole.replace("{}", more)
    yield "an undoing by nothing", row(element("task"), at)
    yield "an undoing with a way on", row(element("task"), at + handler + flow("h", "b", "e") + link)
    yield "an undoing with a way in", row(element("task"), at + handler + flow("h", "x", "u") + link)
    yield "an undoing with a way out", row(element("task"), at + handler + flow("h", "u", "e") + link)
    late = f'<boundaryEvent id="b2" attachedToRef="u">{timer(SOON)}</boundaryEvent>'
    yield "an undoing with a boundary", row(element("task"), at + handler + late + link)
    end = f'<endEvent id="e">{definition("compensate", "t")}</endEvent>'
    yield "an end that undoes", row(element("task"), at + undo).replace(END, end)
    for event in ("start", "end"):
        heard = extended(listeners("execution", listener("execution", event)))
        yield f"a listener of an undoing's {event}", row(element("task"), at.replace("<comp", f"{heard}<comp") + undo)


def ad_hoc() -> Iterator[tuple[str, str]]:
    """What is activated as somebody likes."""
    task, begin, end = '<task id="t"/>', START.replace('"s"', '"s1"'), END.replace('"e"', '"e1"')
    until, head = UNTIL, '<zeebe:adHoc activeElementsCollection="=a"/>'
    lone = 'id="x" cancelRemainingInstances="false"'
    sub = '<subProcess id="sub" triggeredByEvent="true"><startEvent id="s2"{}>{}</startEvent></subProcess>'
    for name, extensions, inside, attributes in (
        ("", "", task, 'id="x"'),
        *((f" with {name}", "", inside, 'id="x"') for name, inside in (("nothing", ""), ("a text", DOCUMENTED))),
        *((f" with a {name}", "", task + inside, 'id="x"') for name, inside in (("start", begin), ("end", end))),
        (" with an event only", "", '<intermediateThrowEvent id="t"/>', 'id="x"'),
        (" with what is not known", "", '<complexGateway id="t"/>', 'id="x"'),
        (" until", "", task + until, lone),
        *((f" with {count} mappings", "<zeebe:ioMapping/>" * count, task, 'id="x"') for count in (1, 2)),
        (" that beginning is listened to", listeners("execution", listener("execution")), task, 'id="x"'),
        (" that somebody does", '<zeebe:taskDefinition type="t"/>', task, 'id="x"'),
        (" that nobody in particular does", "<zeebe:taskDefinition/>", task, 'id="x"'),
        (" that two do", '<zeebe:taskDefinition type="t"/>' * 2, task, 'id="x"'),
        (" that somebody does until", '<zeebe:taskDefinition type="t"/>', task + until, lone),
        (" that somebody does twice", f'{head}<zeebe:taskDefinition type="t"/>', task, 'id="x"'),
        (" with two heads", head * 2, task, 'id="x"'),
        *((f" that {attributes}", f"<zeebe:adHoc {attributes}/>", task, 'id="x"') for attributes in (
            'activeElementsCollection=""', 'activeElementsCollection="=a"', 'outputCollection="a"',
            'outputElement="=a"', 'outputCollection="a" outputElement="=a"', 'outputCollection="" outputElement="=a"',
        )),
        (" interrupted", "", task + sub.format("", timer(SOON)), 'id="x"'),
        (" with something besides", "", task + sub.format(' isInterrupting="false"', timer(SOON)), 'id="x"'),
    ):  # fmt: skip
        yield f"an ad-hoc sub-process{name}", row(element("adHocSubProcess", extensions, inside, attributes))


def _several() -> Iterator[tuple[str, str]]:
    def marked(attributes: str, more: str = "", count: int = 1) -> str:
        characteristics = extended(f"<zeebe:loopCharacteristics {attributes}/>" * count)
        return f"<multiInstanceLoopCharacteristics>{characteristics}{more}</multiInstanceLoopCharacteristics>"

    items, results, result = 'inputCollection="=a"', 'outputCollection="b"', 'outputElement="=c"'
    until = UNTIL
    for tag, more in (("task", ""), ("subProcess", START.replace('"s"', '"s1"')), ("serviceTask", "")):
        work = '<zeebe:taskDefinition type="t"/>' if tag == "serviceTask" else ""
        yield f"a {tag} several times", row(element(tag, work, more + marked(items)))
    for name, text in (
        *(("until", marked(items, until)), ("with results", marked(f"{items} {results} {result}"))),
        *(("with results of nothing", marked(f"{items} {results}")), ("without a name", marked(f"{items} {result}"))),
        *(("for nothing", marked("")), ("in two ways", marked(items, count=2)), ("in no way", marked(items, count=0))),
        ("for an empty collection", marked('inputCollection=""')),
    ):
        yield f"several times {name}", row(element("task", more=text))
