"""What is wrong with what a graph throws and catches, undoes and does several times."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from core.graph.elements import ACTIVITIES, Element, ElementKind, Event, EventKind
from core.graph.graph import Graph
from core.graph.problems import Problem, check_expression

_THROWING = frozenset((ElementKind.END_EVENT, ElementKind.INTERMEDIATE_THROW_EVENT))
#: what is caught at most once by each code
_BY_CODE = frozenset((EventKind.ERROR, EventKind.ESCALATION))


def check_scopes(graph: Graph) -> Iterator[Problem]:
    elements = {e.id: e for e in graph.elements}
    for element in graph.elements:
        if element.event is not None:
            yield from _check_event(element, element.event, elements)
        yield from _check_start(element, elements)
        yield from _check_loop(element)
        yield from _check_ad_hoc(element, graph)
    yield from _check_catching(graph, elements)


def _check_event(element: Element, event: Event, elements: Mapping[str, Element]) -> Iterator[Problem]:
    throws = element.kind in _THROWING
    if event.kind in _BY_CODE:
        if throws and not event.code:
            yield Problem(element.id, f"Must have the code of an {event.kind}")
        if not throws and event.code.startswith("="):
            yield Problem(element.id, f"The code of an {event.kind} that is caught must not be an expression")
    if event.kind is EventKind.ERROR and not element.interrupting:
        yield Problem(element.id, "Must be interrupting: what threw an error does not go on")
    if event.kind is not EventKind.COMPENSATION:
        return
    if throws:
        undoable = {e.attached_to for e in elements.values() if e.undone_by}
        if event.name and (event.name not in elements or not _is_undoable(event.name, elements, undoable)):
            yield Problem(element.id, f"Must refer to an activity that can be undone, not to '{event.name}'")
    elif element.undone_by not in elements or elements[element.undone_by].kind not in ACTIVITIES:
        yield Problem(element.id, "Must be associated with an activity that undoes")


def _is_undoable(id: str, elements: Mapping[str, Element], undoable: set[str]) -> bool:
    return id in undoable or any(_is_undoable(e.id, elements, undoable) for e in elements.values() if e.parent == id)


def _check_start(element: Element, elements: Mapping[str, Element]) -> Iterator[Problem]:
    around = elements.get(element.parent)
    if element.kind is not ElementKind.START_EVENT or around is None:
        return
    if around.kind is ElementKind.EVENT_SUB_PROCESS and element.timing is None and element.event is None:
        yield Problem(element.id, "Must have an event definition: an event sub-process begins when something happens")


def _check_loop(element: Element) -> Iterator[Problem]:
    loop = element.loop
    if loop is None:
        return
    if not loop.collection:
        yield Problem(element.id, "Must have a collection for whose items it is done")
    if bool(loop.results) != bool(loop.result):
        yield Problem(element.id, "Must have both a variable for its results and what each of them is, or none")
    for text in (loop.collection, loop.result, loop.condition):
        yield from check_expression(element.id, text)


def _check_ad_hoc(element: Element, graph: Graph) -> Iterator[Problem]:
    ad_hoc = element.ad_hoc
    if element.kind is not ElementKind.AD_HOC_SUB_PROCESS:
        return
    if ad_hoc is None:
        yield Problem(element.id, "Must say how its elements are activated")
        return
    kinds = {e.kind for e in graph.elements if e.parent == element.id}
    if not kinds:
        yield Problem(element.id, "Must have at least one activity")
    if kinds & {ElementKind.START_EVENT, ElementKind.END_EVENT}:
        yield Problem(element.id, "Must not contain start or end events")
    if bool(ad_hoc.results) != bool(ad_hoc.result):
        yield Problem(element.id, "Must have both a variable for its results and what each of them is, or none")
    for text in (ad_hoc.active, ad_hoc.condition, ad_hoc.result):
        yield from check_expression(element.id, text)


def _check_catching(graph: Graph, elements: Mapping[str, Element]) -> Iterator[Problem]:
    """What is thrown is caught in one way at each place."""
    caught = defaultdict[tuple[str, EventKind, str], list[str]](list)
    for element in graph.elements:
        event = element.event
        if event is None or event.kind not in _BY_CODE:
            continue
        if element.kind is ElementKind.BOUNDARY_EVENT:
            caught[element.attached_to, event.kind, event.code].append(element.id)
        elif element.kind is ElementKind.START_EVENT and element.parent in elements:
            caught[f"in {elements[element.parent].parent}", event.kind, event.code].append(element.id)
    for (_, kind, code), ids in caught.items():
        if len(ids) > 1:
            what = f"with the code '{code}'" if code else "without a code"
            yield Problem(ids[-1], f"Must be the only event that catches an {kind} {what} there")
