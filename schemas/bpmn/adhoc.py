"""Sub-processes whose elements are activated as somebody likes."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from schemas.bpmn.extensions import BPMN, ZEEBE
from schemas.bpmn.loops import condition_of
from schemas.bpmn.records import AdHocRecord

#: the variable that tells what can be activated
ELEMENTS = "adHocSubProcessElements"


def ad_hoc_of(element: etree._Element) -> AdHocRecord:
    """Without Camunda's extension."""
    cancels = element.get("cancelRemainingInstances") != "false"
    return AdHocRecord(condition=condition_of(element), cancels=cancels, own={ELEMENTS: list(_offered(element))})


def _offered(scope: etree._Element) -> Iterator[dict[str, Any]]:
    reached = {flow.get("targetRef") for flow in scope.iterchildren(f"{{{BPMN}}}sequenceFlow")}
    for element in scope.iterchildren(f"{{{BPMN}}}*"):
        local = etree.QName(element).localname
        begins = local.endswith(_ACTIVATED) and element.get("triggeredByEvent") != "true"
        if begins and element.get("id") not in reached and element.get("isForCompensation") != "true":
            told = {
                "elementId": element.get("id"),
                "elementName": element.get("name"),
                "documentation": "".join(d.text or "" for d in element.iterchildren(f"{{{BPMN}}}documentation")),
                "properties": dict(_properties(element)),
            }
            yield {name: value for name, value in told.items() if value}


_ACTIVATED = ("Task", "task", "Process", "Activity", "Gateway", "CatchEvent", "ThrowEvent")


def _properties(element: etree._Element) -> Iterator[tuple[str, str]]:
    path = f"{{{BPMN}}}extensionElements/{{{ZEEBE}}}properties/{{{ZEEBE}}}property"
    yield from ((each.get("name") or "", each.get("value") or "") for each in element.iterfind(path))
