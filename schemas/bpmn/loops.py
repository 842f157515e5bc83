"""Activities that are done several times."""

from lxml import etree

from schemas.bpmn.extensions import BPMN, ZEEBE
from schemas.bpmn.records import LoopRecord


def loop_of(definition: etree._Element) -> LoopRecord:
    """What a marker for multi-instance says, with Camunda's extensions of it."""
    loop = LoopRecord(sequential=definition.get("isSequential") == "true", condition=condition_of(definition))
    for extension in definition.iterfind(f"{{{BPMN}}}extensionElements/{{{ZEEBE}}}loopCharacteristics"):
        loop.collection = (extension.get("inputCollection") or "").removeprefix("=").strip()
        loop.item = extension.get("inputElement") or ""
        loop.results = extension.get("outputCollection") or ""
        loop.result = (extension.get("outputElement") or "").removeprefix("=").strip()
    return loop


def condition_of(element: etree._Element) -> str:
    """When nothing more is to be done."""
    condition = element.find(f"{{{BPMN}}}completionCondition")
    return "" if condition is None else (condition.text or "").strip().removeprefix("=").strip()
