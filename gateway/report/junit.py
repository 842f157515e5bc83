"""The report as JUnit's XML, for build servers: a suite for each operation, a case for each group of its exchanges."""

import re
from xml.etree.ElementTree import Element, SubElement, tostring

from gateway.compare.grades import Grade
from gateway.report.summary import Group, Summary

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def junit(summary: Summary, limit: Grade) -> bytes:
    """Counters of JUnit are of cases, not of exchanges: those are in the names."""
    root = Element("testsuites", name="dragoman")
    groups: dict[str, list[tuple[int, Group]]] = {}
    for depth, group in summary.each_group():
        groups.setdefault(group.operation, []).append((depth, group))
    for operation in summary.by_operation():
        suite = SubElement(root, "testsuite", name=_legal(operation.name))
        if operation.equal:
            _case(suite, operation.name, f"equal ({operation.equal})")
        for depth, group in groups.get(operation.name, ()):
            _difference(suite, group, limit, is_consequence=depth > 0)
        for unjudged in (one for one in summary.unjudged.values() if one.operation == operation.name):
            case = _case(suite, operation.name, f"not judged ({unjudged.count}): {unjudged.reason}")
            SubElement(case, "error", message=_legal(unjudged.reason), type="not-judged")
    if summary.unmapped:
        suite = SubElement(root, "testsuite", name="unmapped values")
        for value in summary.unmapped:
            case = _case(suite, "unmapped", f"{value.value} needed at {value.place}")
            SubElement(case, "error", message=_legal(f"first seen in exchange {value.first}"), type="unmapped")
    if summary.more:
        suite = SubElement(root, "testsuite", name="more differences")
        case = _case(suite, "more", f"{summary.more} differences that are not listed")
        SubElement(case, "failure", message="too many groups", type="left-out")
    if not summary.seen:
        suite = SubElement(root, "testsuite", name="nothing")
        SubElement(
            _case(suite, "nothing", "nothing was compared"), "error", message="nothing was compared", type="empty"
        )
    _count(root)
    return b"\n".join((b'<?xml version="1.0" encoding="utf-8"?>', tostring(root, encoding="utf-8")))


def _difference(suite: Element, group: Group, limit: Grade, *, is_consequence: bool) -> None:
    name = f"{group.grade} at {group.example.place} ({group.count})"
    case = _case(suite, group.operation, name)
    text = "\n".join(
        [
            f"exchange {group.example.exchange}: {group.note}",
            *([f"old: {group.example.old}"] if group.example.old is not None else []),
            *([f"new: {group.example.new}"] if group.example.new is not None else []),
        ]
    )
    if group.waiver is not None:
        SubElement(case, "skipped", message=_legal(f"waived by {group.waiver.who}: {group.waiver.reason}"))
    elif group.grade.reaches(limit):
        message = f"{'follows from another difference: ' if is_consequence else ''}{group.note or group.grade}"
        SubElement(case, "failure", message=_legal(message), type=group.grade).text = _legal(text)
    else:
        SubElement(case, "system-out").text = _legal(text)


def _case(suite: Element, operation: str, name: str) -> Element:
    return SubElement(suite, "testcase", classname=_legal(operation), name=_legal(name))


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)


def _count(root: Element) -> None:
    totals = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    for suite in root:
        counts = {
            "tests": len(suite),
            "failures": len(suite.findall("testcase/failure")),
            "errors": len(suite.findall("testcase/error")),
            "skipped": len(suite.findall("testcase/skipped")),
        }
        for name, count in counts.items():
            suite.set(name, str(count))
            totals[name] += count
    for name, count in totals.items():
        root.set(name, str(count))
