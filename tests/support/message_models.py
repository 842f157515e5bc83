"""BPMN files with messages, signals and what waits for them, for two judges."""

from collections.abc import Iterator

from tests.support.models import END, SOON, START, document, element, extended, flow, process, row, timer

SUBSCRIPTION = '<zeebe:subscription correlationKey="=a"/>'
WORK = '<zeebe:taskDefinition type="t"/>'


def _message(id: str = "m", name: str = "paid", extensions: str = SUBSCRIPTION) -> str:
    return f'<message id="{id}" name="{name}">{extended(extensions)}</message>'


def _signal(id: str = "m", name: str = "paid") -> str:
    return f'<signal id="{id}" name="{name}"/>'


def _of(kind: str, ref: str = "m", id: str = "d") -> str:
    return f'<{kind}EventDefinition id="{id}" {kind}Ref="{ref}"/>'


def _with(text: str, *more: str) -> str:
    return text.replace("</definitions>", f"{''.join(more)}</definitions>")


_MESSAGES = {
    "a message": _message(),
    "a nameless message": _message(name=""),
    "a message without a name": '<message id="m"/>',
    "a message without a subscription": _message(extensions=""),
    "a message with two subscriptions": _message(extensions=SUBSCRIPTION * 2),
    "a message without a key": _message(extensions="<zeebe:subscription/>"),
    "a message with an empty key": _message(extensions='<zeebe:subscription correlationKey=""/>'),
    "no message": "",
}
_SIGNALS = {"a signal": _signal(), "a nameless signal": _signal(name=""), "no signal": ""}


def written() -> Iterator[tuple[str, str]]:
    for kind, ways in (("message", _MESSAGES), ("signal", _SIGNALS)):
        for name, text in ways.items():
            for where, content in _places(_of(kind)):
                yield f"{name} {where}", _with(content, text)
    for name, text in _MESSAGES.items():
        received = element("receiveTask", attributes='id="x" messageRef="m"')
        yield f"{name} of a receive task", _with(row(received), text)
        yield f"{name} of nobody", _with(row(element("task")), text)
    yield "a receive task of nothing", row(element("receiveTask"))
    at = element("boundaryEvent", more=_of("message"), attributes='id="b" attachedToRef="x"') + flow("h", "b", "e")
    received = element("receiveTask", attributes='id="x" messageRef="m"')
    yield "the same at a receive task", _with(row(received, at), _message())
    for kind, text in (("message", _message()), ("signal", _signal())):
        twice = at + at.replace('"b"', '"c"').replace('"h"', '"i"').replace('"d"', '"d2"')
        both = twice.replace("message", kind)
        yield f"a {kind} twice at a task", _with(row(element("task"), both), text)
        starts = f'<startEvent id="s">{_of(kind)}</startEvent><startEvent id="s2">{_of(kind, id="d2")}</startEvent>'
        yield f"a {kind} that starts twice", _with(document(process(starts + END)), text)
        named = starts.replace('Ref="m"/></startEvent><s', 'Ref="n"/></startEvent><s')
        other = text.replace('id="m"', 'id="n"')
        yield f"two of a name that start, of {kind}", _with(document(process(named + END)), text, other)
        yield f"a {kind} without an id", _with(row(element("task")), text.replace(' id="m"', ""))
    yield from _gateways()


def _places(definition: str) -> Iterator[tuple[str, str]]:
    yield "at the start", row(element("task")).replace(START, f'<startEvent id="s">{definition}</startEvent>')
    yield "in between", row(element("intermediateCatchEvent", more=definition))
    at = element("boundaryEvent", more=definition, attributes='id="b" attachedToRef="x"') + flow("h", "b", "e")
    yield "at a boundary", row(element("task"), at)
    yield "thrown in between", row(element("intermediateThrowEvent", more=definition))
    published = '<zeebe:publishMessage correlationKey="=a"/>'
    yield "thrown by a worker", row(element("intermediateThrowEvent", WORK, definition))
    yield "thrown and published", row(element("intermediateThrowEvent", published, definition))
    yield "thrown and published by a worker", row(element("intermediateThrowEvent", published + WORK, definition))
    yield "at the end", row(element("task")).replace(END, f'<endEvent id="e">{definition}</endEvent>')
    yield "at the end by a worker", row(element("task")).replace(END, element("endEvent", WORK, definition, 'id="e"'))


def _gateways() -> Iterator[tuple[str, str]]:
    def catch(id: str, definition: str) -> str:
        return element("intermediateCatchEvent", more=definition, attributes=f'id="{id}"') + flow(f"{id}e", id, "e")

    def gateway(*targets: str, more: str = "", ids: tuple[str, ...] = ("a", "b")) -> str:
        flows = "".join(flow(f"to{id}", "x", id) for id in ids)
        content = START + flow("f", "s", "x") + element("eventBasedGateway") + "".join(targets) + flows + END + more
        return _with(document(process(content)), _message(), _signal("n"), _message("o"))

    paid, late = catch("a", _of("message")), catch("b", timer(SOON))
    yield "a gateway that waits", gateway(paid, late)
    yield "a gateway that waits for a signal", gateway(paid, catch("b", _of("signal", "n", "d2")))
    yield "a gateway that waits for one", gateway(paid, ids=("a",))
    yield "a gateway that waits for a task", gateway(paid, element("task", attributes='id="b"') + flow("be", "b", "e"))
    yield "a gateway that waits for nothing", gateway(paid, catch("b", ""))
    yield "a gateway that waits for the same", gateway(paid, catch("b", _of("message", "o", "d2")))
    yield "another way behind a gateway that waits", gateway(paid, late, more=flow("z", "s", "a"))
