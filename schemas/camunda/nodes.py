"""Looking around in a BPMN document."""

from lxml import etree

from schemas.bpmn.extensions import BPMN, ZEEBE

Element = etree._Element
DEFINITION = "EventDefinition"


def path_of(element: Element) -> str:
    """How a complaint names it."""
    id, parent = element.get("id"), element.getparent()
    name = etree.QName(element).localname
    return id or (name if parent is None else f"{path_of(parent)} > {name}")


def name_of(element: Element) -> str:
    return str(etree.QName(element).localname)


def children(element: Element, *names: str) -> list[Element]:
    return list(element.iterchildren(*(f"{{{BPMN}}}{name}" for name in names)))


def extensions_of(element: Element, name: str) -> list[Element]:
    return element.findall(f"{{{BPMN}}}extensionElements/{{{ZEEBE}}}{name}")


def owner_of(extension: Element) -> Element:
    """The element that has it."""
    while etree.QName(extension).namespace == ZEEBE or name_of(extension) == "extensionElements":
        parent = extension.getparent()
        assert parent is not None, "extensions are inside of elements"
        extension = parent
    return extension


def events_of(element: Element) -> list[str]:
    """The kinds of what happens there."""
    names = [name_of(child) for child in element.iterchildren(f"{{{BPMN}}}*")]
    return [name.removesuffix(DEFINITION) for name in names if name.endswith(DEFINITION)]


def hears(element: Element, event: str) -> bool:
    listeners = element.iterfind(f"{{{BPMN}}}extensionElements/{{{ZEEBE}}}executionListeners/{{{ZEEBE}}}*")
    return any(listener.get("eventType") == event for listener in listeners)


def flows_of(element: Element, end: str) -> list[Element]:
    """Those that the element says come or go there."""
    ids = {(link.text or "").strip() for link in children(element, end)}
    scope = element.getparent()
    assert scope is not None, "flow elements are inside of a process"
    return [flow for flow in children(scope, "sequenceFlow") if flow.get("id") in ids]
