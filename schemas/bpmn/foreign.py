"""BPMN documents of other products and of design tools, rewritten so that the reader takes them.

What does not touch who does what when is passed over and told. What would change the way of a process stays as it is,
so that the reader refuses it; `loose` takes some of that too, and tells it.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from lxml import etree

from schemas.bpmn.conditions import NotTranslated, of_el
from schemas.bpmn.extensions import BPMN, ZEEBE
from schemas.bpmn.people import ENGINES, LIKE_ACTIVITI, ROLES, one, tell
from schemas.bpmn.reader import definitions, is_executable, record_of
from schemas.bpmn.records import ProcessRecord

#: data, which is not looked at
_DATA = (
    "dataObject", "dataObjectReference", "dataStoreReference", "dataInputAssociation", "dataOutputAssociation",
    "dataInput", "dataOutput", "inputSet", "outputSet", "ioSpecification", "property", "categoryValueRef",
)  # fmt: skip
_STORES = ("dataObject", "dataObjectReference", "dataStoreReference")
_BY_PEOPLE = ("task", "manualTask")
_AUTOMATIC = ("serviceTask", "sendTask", "businessRuleTask", "scriptTask")
_SCOPES = ("process", "subProcess")
_NESTED = ("subProcess", "transaction", "adHocSubProcess")
_TIMES = ("timeDate", "timeDuration", "timeCycle")
_LOOPS = ("multiInstanceLoopCharacteristics", "standardLoopCharacteristics")
#: of the elements of engines: those that are read elsewhere, and what is told to whoever draws
_TAKEN = ("in", "out", "properties", "metaData")
_EVENTS = ("startEvent", "endEvent", "intermediateThrowEvent", "intermediateCatchEvent", "boundaryEvent")
#: what a called process gets, and gives back
_SIDES = tuple(f"{{{namespace}}}{side}" for namespace in LIKE_ACTIVITI for side in ("in", "out"))
#: what an end or a throwing event does beside going on
_TELLING = ("messageEventDefinition", "signalEventDefinition", "escalationEventDefinition", "compensateEventDefinition")
#: where a process may get to several places at once, and where it chooses one
_SEVERAL = ("parallelGateway", "inclusiveGateway", "complexGateway", "boundaryEvent", "subProcess", "adHocSubProcess")
_CHOOSING = ("exclusiveGateway", "eventBasedGateway")
#: what has no way of its own
_PASSIVE = (
    "sequenceFlow", "boundaryEvent", "extensionElements", "documentation", "incoming", "outgoing", "laneSet",
    "textAnnotation", "association", "group",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Foreign:
    """`left_out` says, a line each, what the process does not have."""

    process: ProcessRecord
    left_out: tuple[str, ...]


def read_foreign(document: bytes, *, loose: bool = False) -> list[Foreign]:
    """The executable processes, or all if none is; those in which nothing is drawn are none. Raises BadBpmn."""
    processes = [p for p in definitions(document).iterchildren(_tag("process")) if _drawn(p)]
    executable = list(filter(is_executable, processes))
    read = []
    for process in executable or processes:
        notes = tuple(dict.fromkeys(_Rewriting(process, loose=loose).run()))
        record = record_of(process)
        # nobody there says what is activated
        waiting = [node for node in record.nodes if node.ad_hoc is not None]
        record.unsupported += [(node.id, "Elements of type 'adHocSubProcess' are not supported") for node in waiting]
        read.append(Foreign(record, notes))
    return read


def _tag(name: str) -> str:
    return f"{{{BPMN}}}{name}"


def _local(element: etree._Element) -> str:
    """Empty for what is not BPMN's."""
    name = etree.QName(element)
    return name.localname if name.namespace == BPMN else ""


def _drawn(scope: etree._Element) -> bool:
    return any(_begins(child) for child in scope.iterchildren("*"))


def _shown(element: etree._Element) -> str:
    name = " ".join((element.get("name") or "").split())
    return name or element.get("id", "")


def _definitions(event: etree._Element) -> list[etree._Element]:
    ends = ("eventdefinition", "eventdefinitionref")
    return [child for child in event.iterchildren("*") if _local(child).lower().endswith(ends)]


class _Rewriting:
    """Of one process. What is done yields what is told."""

    def __init__(self, process: etree._Element, *, loose: bool) -> None:
        self.process, self.loose = process, loose
        self.dropped: set[str] = set()
        self.alone: dict[etree._Element, bool] = {}

    def run(self) -> Iterator[str]:
        yield from self._walk(self.process)
        self._cut()
        self._links()
        if self.loose:
            yield from self._starts()

    def _walk(self, parent: etree._Element) -> Iterator[str]:
        for element in list(parent.iterchildren("*")):
            yield from self._rewrite(element)
            if element.getparent() is parent:
                yield from self._walk(element)

    def _drop(self, element: etree._Element) -> None:
        if id := element.get("id"):
            self.dropped.add(id)
        _parent(element).remove(element)

    def _cut(self) -> None:
        """What leads to what is not there any more, or away from it."""
        cut = set()
        for flow in list(self.process.iter(_tag("sequenceFlow"))):
            if self.dropped & {flow.get("sourceRef", ""), flow.get("targetRef", "")}:
                cut.add(flow.get("id"))
                _parent(flow).remove(flow)
        for element in self.process.iter("*") if cut else ():
            if element.get("default") in cut:
                del element.attrib["default"]

    def _rewrite(self, element: etree._Element) -> Iterator[str]:
        local = _local(element)
        if local == "extensionElements":
            yield from self._extensions(element)
        elif local in _STORES:
            yield f"{_shown(element)}: data is not looked at"
            self._drop(element)
        elif local == "userTask" or local in _BY_PEOPLE:
            element.tag = _tag("userTask")
            yield from (f"{_shown(element)}: {text}" for text in tell(element))
        elif local in _AUTOMATIC:
            yield from self._automatic(element, local)
        elif local == "callActivity":
            yield from self._call(element)
        elif local == "sequenceFlow":
            self._condition(element)
        elif local in _TIMES and "{" in (element.text or ""):
            with suppress(NotTranslated):
                element.text = one((element.text or "").strip())
        elif local in _EVENTS:
            yield from self._event(element, local)
        elif self.loose and local in _LOOPS:
            yield f"{_shown(_parent(element))}: is done once"
            self._drop(element)
        elif self.loose and local in _NESTED and not _drawn(element):
            element.tag = _tag("userTask")
            yield f"{_shown(element)}: has nothing in it, so it is a task"
        elif self.loose and local == "transaction":
            yield f"{_shown(element)}: is no transaction"
            element.tag = _tag("subProcess")
        elif self.loose and local == "subProcess" and element.get("triggeredByEvent") == "true":
            yield f"{_shown(element)}: never begins"
            self._drop(element)
        for child in list(element.iterchildren(*(_tag(name) for name in (*_DATA, *ROLES)))):
            if not child.get("name") or _local(child) not in _STORES:
                element.remove(child)

    def _extensions(self, holder: etree._Element) -> Iterator[str]:
        for extension in holder.iterchildren("*"):
            name = etree.QName(extension)
            engine = ENGINES.get(name.namespace or "")
            if engine and name.localname not in _TAKEN:
                yield f"{_shown(_parent(holder))}: {engine}:{name.localname}"

    def _automatic(self, element: etree._Element, local: str) -> Iterator[str]:
        if element.find(f"{{{BPMN}}}extensionElements/{{{ZEEBE}}}script") is not None or not self.loose:
            return
        element.tag = _tag("task")
        for child in list(element.iterchildren("*")):
            if _local(child) not in (*_LOOPS, "incoming", "outgoing"):
                element.remove(child)
        yield f"{_shown(element)}: a {local} does nothing"

    def _call(self, element: etree._Element) -> Iterator[str]:
        if element.find(f"{{{BPMN}}}extensionElements/{{{ZEEBE}}}calledElement") is not None:
            return
        called = element.get("calledElement") or ""
        if not called:
            if self.loose:
                element.tag = _tag("userTask")
                yield f"{_shown(element)}: calls nothing, so it is a task"
            return
        holder = _holder(element)
        call = etree.SubElement(
            holder, f"{{{ZEEBE}}}calledElement", processId=f"={called}" if "{" in called else called
        )
        sides = [(m, etree.QName(m).localname) for m in holder.iterchildren(*_SIDES)]
        if set(element.nsmap.values()) & set(LIKE_ACTIVITI):  # where nothing is passed on unless that is said
            for side, attribute in (("in", "propagateAllParentVariables"), ("out", "propagateAllChildVariables")):
                everything = any(m.get("variables") == "all" for m, local in sides if local == side)
                call.set(attribute, "true" if everything else "false")
        for mapping, local in sides:
            yield from self._mapping(element, holder, mapping, "input" if local == "in" else "output")

    def _mapping(
        self, element: etree._Element, holder: etree._Element, mapping: etree._Element, kind: str
    ) -> Iterator[str]:
        source, target = mapping.get("source") or mapping.get("sourceExpression"), mapping.get("target")
        if not source or not target:
            return
        try:
            text = one(source).removeprefix("=")
        except NotTranslated as reason:
            yield f"{_shown(element)}: {source!r}: {reason}"
            return
        mappings = holder.find(f"{{{ZEEBE}}}ioMapping")
        if mappings is None:
            mappings = etree.SubElement(holder, f"{{{ZEEBE}}}ioMapping")
        etree.SubElement(mappings, f"{{{ZEEBE}}}{kind}", source=f"={text}", target=target)

    def _condition(self, flow: etree._Element) -> None:
        """What is not written in FEEL is, if it can be."""
        condition = flow.find(f"{{{BPMN}}}conditionExpression")
        text = (condition.text or "").strip() if condition is not None else ""
        if condition is None or text.startswith("=") or not any(sign in text for sign in ("{", "==", "&&", "||", "!=")):
            return
        try:
            condition.text = of_el(text)
        except NotTranslated:
            return

    def _event(self, event: etree._Element, local: str) -> Iterator[str]:
        definitions = _definitions(event)
        kinds = {_local(definition) for definition in definitions}
        if local == "endEvent" and "terminateEventDefinition" in kinds and self._is_alone(event):
            yield from self._without(event, definitions, "")
        elif local in ("endEvent", "intermediateThrowEvent") and definitions and kinds <= set(_TELLING[:2]):
            yield from self._without(event, definitions, "nothing is sent")
        elif not self.loose or not definitions:
            return
        elif local in ("endEvent", "intermediateThrowEvent") and kinds <= {*_TELLING, "errorEventDefinition"}:
            yield from self._without(event, definitions, "nothing is thrown")
        elif local == "startEvent" and _local(_parent(event)) == "process":
            yield from self._without(event, definitions, "begins when a client says so")
        elif local == "boundaryEvent" and not _is_timed(definitions):
            yield f"{_shown(event)}: never happens"
            self._drop(event)

    @staticmethod
    def _without(event: etree._Element, definitions: list[etree._Element], text: str) -> Iterator[str]:
        for definition in definitions:
            event.remove(definition)
        if text:
            yield f"{_shown(event)}: {text}"

    def _is_alone(self, end: etree._Element) -> bool:
        """Is nothing else going on, when it is reached?"""
        scope = _parent(end)
        if scope not in self.alone:
            self.alone[scope] = _one_at_a_time(scope)
        return self.alone[scope]

    def _links(self) -> None:
        """A link is a way."""
        catching: dict[tuple[etree._Element, str], etree._Element] = {}
        linked = []
        for definition in self.process.iter(_tag("linkEventDefinition")):
            event = _parent(definition)
            name = definition.get("name") or event.get("name") or ""
            if _local(event) == "intermediateCatchEvent":
                catching[_parent(event), name] = event
            elif _local(event) == "intermediateThrowEvent":
                linked.append((event, definition, name))
        reached = set()
        for event, definition, name in linked:
            target = catching.get((_parent(event), name))
            if target is None:
                continue
            event.remove(definition)
            flow = {
                "id": f"{event.get('id')}-link",
                "sourceRef": event.get("id", ""),
                "targetRef": target.get("id", ""),
            }
            etree.SubElement(_parent(event), _tag("sequenceFlow"), flow)
            reached.add(target)
        for target in reached:
            target.tag = _tag("intermediateThrowEvent")
            for definition in _definitions(target):
                target.remove(definition)

    def _starts(self) -> Iterator[str]:
        """Where none is drawn, everything begins that nothing leads to."""
        for scope in list(self.process.iter(*(_tag(name) for name in _SCOPES))):
            if scope.get("triggeredByEvent") == "true" or scope.find(f"{{{BPMN}}}startEvent") is not None:
                continue
            targets = {flow.get("targetRef") for flow in scope.iterchildren(_tag("sequenceFlow"))}
            first = [c for c in scope.iterchildren("*") if _begins(c) and c.get("id") not in targets]
            if not first:
                continue
            start = f"{scope.get('id')}-start"
            etree.SubElement(scope, _tag("startEvent"), id=start)
            for number, child in enumerate(first):
                flow = {"id": f"{start}-{number}", "sourceRef": start, "targetRef": child.get("id", "")}
                etree.SubElement(scope, _tag("sequenceFlow"), flow)
            yield f"{_shown(scope)}: begins with {', '.join(_shown(child) for child in first)}"


def _one_at_a_time(scope: etree._Element) -> bool:
    """Is a process always at one place only?"""
    if _local(scope) != "process":
        return False
    leaving = Counter(flow.get("sourceRef") for flow in scope.iterchildren(_tag("sequenceFlow")))
    return all(
        _local(child) not in _SEVERAL and (leaving[child.get("id")] < 2 or _local(child) in _CHOOSING)
        for child in scope.iterchildren("*")
    )


def _is_timed(definitions: list[etree._Element]) -> bool:
    return all(_local(d) == "timerEventDefinition" and "".join(map(str, d.itertext())).strip() for d in definitions)


def _begins(element: etree._Element) -> bool:
    """Can it, if nothing leads there?"""
    local = _local(element)
    passive = not local or not element.get("id") or local in (*_PASSIVE, *_DATA)
    return not passive and element.get("isForCompensation") != "true"


def _parent(element: etree._Element) -> etree._Element:
    parent = element.getparent()
    assert parent is not None, "the root is not asked"
    return parent


def _holder(element: etree._Element) -> etree._Element:
    holder = element.find(f"{{{BPMN}}}extensionElements")
    if holder is None:
        holder = etree.Element(_tag("extensionElements"))
        element.insert(0, holder)
    return holder
