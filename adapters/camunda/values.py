"""What the vendor's engine says of values in a BPMN document, after its library has looked at the elements. Source: its
texts in public sources, unverified."""

from collections.abc import Callable, Iterator, Mapping

from lxml import etree

from core.graph.expressions import moment, whole
from schemas.bpmn.extensions import BPMN, ZEEBE
from schemas.camunda.bpmn import Complaint
from schemas.camunda.nodes import path_of

Element = etree._Element

_RESERVED = "io.camunda.zeebe:"
_PATTERN = r"[a-zA-Z_][a-zA-Z0-9_]*(\.[a-zA-Z_][a-zA-Z0-9_]*)*"
#: what runs through without anybody doing anything, and what of it makes a circle one that nobody means
_THROUGH = ("manualTask", "task", "exclusiveGateway", "parallelGateway", "intermediateThrowEvent", "startEvent")
_ROUND = ("manualTask", "task", "intermediateThrowEvent")


def values(root: Element) -> list[Complaint]:
    executable = [p for p in root.iterchildren(f"{{{BPMN}}}process") if p.get("isExecutable") == "true"]
    return [
        Complaint(path_of(element), text)
        for process in executable
        for element in process.iter(f"{{{BPMN}}}*", f"{{{ZEEBE}}}*")
        for text in _RULES.get(str(element.tag), _nothing)(element)
    ]


def _nothing(element: Element) -> Iterator[str]:
    return iter(())


def _computed(text: str | None) -> Iterator[str]:
    if text is None:
        yield "Expected expression but not found."
    elif not text.strip().startswith("="):
        yield (
            f"Expected expression but found static value '{text}'. An expression must start with '=' (e.g. '={text}')."
        )


def _target(extension: Element) -> Iterator[str]:
    target = extension.get("target") or ""
    if not target:
        yield "Expected path expression but not found."
    elif not all(map(str.isidentifier, target.split("."))):
        yield f"Expected path expression '{target}' but doesn't match the pattern '{_PATTERN}'."


def _output(extension: Element) -> Iterator[str]:
    yield from _computed(extension.get("source"))
    yield from _target(extension)


def _script(extension: Element) -> Iterator[str]:
    return _computed(extension.get("expression") or "=")  # that it is there is looked at before


def _condition(expression: Element) -> Iterator[str]:
    return _computed(expression.text or "")


def _schedule(extension: Element) -> Iterator[str]:
    for name in ("dueDate", "followUpDate"):
        text = (extension.get(name) or "").strip()
        if text and not text.startswith("=") and not _is_date(text):
            yield (
                "Expected static value to be a valid DateTime String, e.g. '2023-03-02T15:35+02:00', but found "
                f"'{text}'."
            )


def _is_date(text: str) -> bool:
    """Only what an expression comes to may have its zone behind an @."""
    try:
        moment(text)
    except ValueError:
        return False
    return "@" not in text


def _priority(extension: Element) -> Iterator[str]:
    text = (extension.get("priority") or "").strip()
    if text and not text.startswith("="):
        number = whole(text)
        if number is None or not 0 <= number <= 100:
            yield f"Priority must be a number between 0 and 100, but was '{text}'."


def _header(extension: Element) -> Iterator[str]:
    key = extension.get("key") or ""
    if key.startswith(_RESERVED):
        yield (
            f"Attribute 'key' contains '{key}', but header keys starting with '{_RESERVED}' are reserved for internal "
            "use."
        )


def _scope(scope: Element) -> Iterator[str]:
    """Circles in which nothing waits."""
    kinds = {e.get("id") or "": str(etree.QName(e).localname) for e in scope.iterchildren(f"{{{BPMN}}}*")}
    following: dict[str, list[str]] = {}
    for flow in scope.iterchildren(f"{{{BPMN}}}sequenceFlow"):
        following.setdefault(flow.get("sourceRef") or "", []).append(flow.get("targetRef") or "")
    known: set[str] = set()
    for id, kind in kinds.items():
        if kind in _ROUND and id not in known:
            circle = _circle(id, kinds, following)
            known.update(circle)
            if circle:
                yield (
                    "Processes are not allowed to contain any straight-through processing loops: "
                    f"{' > '.join((*circle, id))}"
                )


def _circle(start: str, kinds: Mapping[str, str], following: Mapping[str, list[str]]) -> list[str]:
    """The shortest way from an element back to it, where nothing waits; empty if there is none."""
    before: dict[str, str] = {}
    todo = [start]
    for id in todo:
        for target in following.get(id, ()):
            if target == start:
                way = [id]
                while way[-1] != start:
                    way.append(before[way[-1]])
                return way[::-1]
            if target not in before and kinds.get(target) in _THROUGH:
                before[target] = id
                todo.append(target)
    return []


_RULES: Mapping[str, Callable[[Element], Iterator[str]]] = {
    f"{{{ZEEBE}}}input": _target,
    f"{{{ZEEBE}}}output": _output,
    f"{{{ZEEBE}}}script": _script,
    f"{{{ZEEBE}}}taskSchedule": _schedule,
    f"{{{ZEEBE}}}priorityDefinition": _priority,
    f"{{{ZEEBE}}}header": _header,
    f"{{{BPMN}}}conditionExpression": _condition,
    f"{{{BPMN}}}process": _scope,
    f"{{{BPMN}}}subProcess": _scope,
}
