"""Hundreds of changes of known grade, each planted alone into an answer: found, graded, and nothing else."""

import copy
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from lxml import etree

from gateway.traffic.exchange import Headers
from tests.support.answers import HTML, JSON, NEW, TEXT, XML, Found, exchange, found, judged

E = "http://schemas.xmlsoap.org/soap/envelope/"
PAGE: dict[str, Any] = {
    "items": [
        {
            "id": "a1",
            "state": "OPEN",
            "priority": 5,
            "tags": ["x", "y"],
            "due": None,
            "open": True,
            "who": {"n": "ann"},
        },
        {"id": "b2", "state": "DONE", "priority": 7, "tags": ["z"], "due": "soon", "open": False, "who": {"n": "bob"}},
        {"id": "c3", "state": "OPEN", "priority": 9, "tags": [], "due": None, "open": True, "who": {"n": "eve"}},
    ],
    "page": {"total": 3, "size": 50, "cursor": "none"},
}
PROBLEM: dict[str, Any] = {
    "type": "about:blank",
    "title": "Not Found",
    "status": 404,
    "detail": "no such task",
    "code": "E7",
}
SOAP = (
    f'<soap:Envelope xmlns:soap="{E}"><soap:Body><t:ListResponse xmlns:t="urn:tasks">'
    '<t:Task kind="user" open="yes"><t:Id>a1</t:Id><t:State>OPEN</t:State>'
    "<t:Note>see <t:b>page</t:b> two</t:Note></t:Task>"
    '<t:Task kind="user" open="no"><t:Id>b2</t:Id><t:State>DONE</t:State><t:Note>none</t:Note></t:Task>'
    "<t:Total>2</t:Total></t:ListResponse></soap:Body></soap:Envelope>"
)
LINES = "first line\nsecond line\nthird line\nfourth line\n"
PAGE_OF_HTML = (
    "<html><body><h1 id='t'>Tasks</h1><p>There are <b>two</b> of them.</p><ul><li>a</li><li>b</li></ul></body></html>"
)
HEADERS: Headers = (
    (b"Content-Type", b"application/json"),
    (b"Location", b"/api/tasks/a1"),
    (b"Cache-Control", b"no-store"),
    (b"WWW-Authenticate", b'Basic realm="tasks"'),
    (b"Allow", b"GET, PUT"),
    (b"Retry-After", b"30"),
    (b"Vary", b"Accept"),
    (b"Content-Language", b"en"),
    (b"Content-Disposition", b"inline"),
    (b"Set-Cookie", b"a=1; Path=/; HttpOnly"),
)


class Planted(NamedTuple):
    what: str
    old: bytes
    new: bytes
    expected: Found
    headers: Headers = JSON
    new_headers: Headers | None = None
    status: int = 200
    new_status: int | None = None


def spots(value: Any, place: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Each value within: its place, what holds it, under which name."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield f"{place}/{key}", value, key
        yield from spots(inner, f"{place}/{key}")


def changes_of_json(base: dict[str, Any], status: int) -> Iterator[Planted]:
    def planted(what: str, changed: Any, place: str, grade: str) -> Planted:
        old, new = (json.dumps(one, separators=(",", ":")).encode() for one in (base, changed))
        return Planted(f"{what} {place}", old, new, [(place, grade)], status=status)

    for number, (place, _, _) in enumerate(spots(base)):

        def at(changed: Any, number: int = number) -> tuple[Any, Any]:
            _, holder, key = list(spots(changed))[number]
            return holder, key

        changed = copy.deepcopy(base)
        holder, key = at(changed)
        value = holder[key]
        del holder[key]
        yield planted("without", changed, place, "breaking")
        changed = copy.deepcopy(base)
        holder, key = at(changed)
        holder[key] = {"other": 1} if not isinstance(value, dict) else "text"
        yield planted("another type", changed, place, "breaking")
        changed = copy.deepcopy(base)
        holder, key = at(changed)
        if isinstance(value, dict):
            holder[key]["added"] = 1
            yield planted("added", changed, f"{place}/added", "harmless")
        elif isinstance(value, list):
            holder[key].append("added")
            yield planted("longer", changed, f"{place}/{len(value)}", "suspicious")
            if len(value) > 1:
                changed = copy.deepcopy(base)
                holder, key = at(changed)
                holder[key].reverse()
                yield planted("reversed", changed, place, "suspicious")
        elif value is not None:
            holder[key] = not value if isinstance(value, bool) else value + 1 if isinstance(value, int) else f"{value}!"
            is_code = status >= 400 and key in ("code", "type")
            yield planted("another value", changed, place, "breaking" if is_code else "suspicious")


def place_of(element: Any) -> str:
    parts = []
    while element is not None:
        before = sum(1 for one in element.itersiblings(element.tag, preceding=True))
        parts.append(f"{element.tag}[{before + 1}]")
        element = element.getparent()
    return "/" + "/".join(reversed(parts))


def changes_of_xml() -> Iterator[Planted]:
    def planted(what: str, root: Any, place: str, grade: str) -> Planted:
        return Planted(f"{what} {place}", SOAP.encode(), etree.tostring(root), [(place, grade)], XML)

    count = len(list(etree.fromstring(SOAP).iter()))
    for number in range(count):

        def fresh(number: int = number) -> tuple[Any, Any, str]:
            root = etree.fromstring(SOAP)
            element = list(root.iter())[number]
            return root, element, place_of(element)

        root, element, place = fresh()
        is_mixed = element.tag.endswith("}b")
        if number > 0 and not is_mixed:
            element.getparent().remove(element)
            yield planted("without", root, place, "breaking")
            root, element, place = fresh()
            element.tag = element.tag.replace("{urn:tasks}", "{urn:others}").replace(f"{{{E}}}", "{urn:others}")
            if element.tag != "{urn:others}Task":  # one of two is a shorter list, and something else besides
                yield planted("another namespace", root, place, "breaking")
        root, element, place = fresh()
        element.set("added", "1")
        yield planted("added attribute", root, f"{place}/@added", "harmless")
        for name in list(fresh()[1].attrib):
            root, element, place = fresh()
            if name in element.attrib:
                element.set(name, "changed")
                yield planted("changed attribute", root, f"{place}/@{name}", "suspicious")
                root, element, place = fresh()
                del element.attrib[name]
                yield planted("without attribute", root, f"{place}/@{name}", "breaking")
        root, element, place = fresh()
        if len(element) == 0:
            element.text = f"{element.text}!"
            yield planted("changed text", root, place, "suspicious")
        elif not is_mixed and not element.tag.endswith("}Note"):
            etree.SubElement(element, "{urn:tasks}Added").text = "1"
            yield planted("added element", root, f"{place}/{{urn:tasks}}Added[1]", "harmless")
        if is_mixed:
            root, element, place = fresh()
            element.tail = f" {element.tail}"
            yield planted("blank in mixed content", root, f"{place_of(element.getparent())}/text()[2]", "suspicious")
    root = etree.fromstring(SOAP)
    tasks = next(iter(root.iter("{urn:tasks}ListResponse")))
    tasks.insert(0, tasks[1])
    yield planted("another order of tasks", root, place_of(tasks), "suspicious")
    root = etree.fromstring(SOAP)
    task = next(iter(root.iter("{urn:tasks}Task")))
    task.insert(0, task[1])
    yield planted("another order of elements", root, place_of(task), "suspicious")


def changes_of_the_rest() -> Iterator[Planted]:
    body = json.dumps(PAGE).encode()
    for status, grade in (
        (201, "suspicious"),
        (204, "suspicious"),
        (302, "breaking"),
        (404, "breaking"),
        (500, "breaking"),
    ):
        yield Planted(f"status {status}", body, body, [("status", grade)], new_status=status)
    for number, (name, value) in enumerate(HEADERS):
        place = f"header {name.decode()}"
        without = HEADERS[:number] + HEADERS[number + 1 :]
        yield Planted(f"without {place}", body, body, [(place, "breaking")], HEADERS, new_headers=without)
        if name not in (b"Set-Cookie", b"Content-Type"):
            other = (*without, (name, b"x" + value))
            yield Planted(f"another {place}", body, body, [(place, "suspicious")], HEADERS, new_headers=other)
        yield Planted(f"{place} in capitals", body, body, [], HEADERS, new_headers=(*without, (name.upper(), value)))
    added = (*HEADERS, (b"X-Added", b"1"))
    yield Planted("added header", body, body, [("header X-Added", "harmless")], HEADERS, new_headers=added)
    html = tuple((n, b"text/html" if n == b"Content-Type" else v) for n, v in HEADERS)
    yield Planted("media type", body, body, [("header Content-Type", "breaking")], HEADERS, new_headers=html)
    for number in range(4):
        lines = LINES.splitlines()
        lines[number] += "!"
        yield Planted(
            f"line {number}", LINES.encode(), "\n".join(lines).encode(), [(f"line {number + 1}", "suspicious")], TEXT
        )
        del lines[number]
        yield Planted(
            f"no line {number}", LINES.encode(), "\n".join(lines).encode(), [(f"line {number + 1}", "suspicious")], TEXT
        )
    here = "/html[1]/body[1]"
    for old, new, place, grade in (
        ("Tasks", "Task", f"{here}/h1[1]", "suspicious"),
        ("<b>two</b>", "<b>three</b>", f"{here}/p[1]/b[1]", "suspicious"),
        ("<li>b</li>", "", f"{here}/ul[1]/li[2]", "breaking"),
        ("id='t'", "", f"{here}/h1[1]/@id", "breaking"),
        ("<p>", "<p class='c'>", f"{here}/p[1]/@class", "harmless"),
        ("<ul>", "\n  <ul>", "body", "bytes"),
    ):
        changed = PAGE_OF_HTML.replace(old, new)
        yield Planted(f"html {old}", PAGE_OF_HTML.encode(), changed.encode(), [(place, grade)], HTML)
    yield Planted("nothing", body, b"", [("body", "empty")])
    yield Planted("half of it", body, body[:50], [("body", "unreadable")])
    yield Planted("white space", body, json.dumps(PAGE, indent=1).encode(), [("body", "bytes")])
    yield Planted("order of members", body, json.dumps(PAGE, sort_keys=True).encode(), [("body", "bytes")])
    yield Planted(
        "prefixes",
        SOAP.encode(),
        SOAP.replace("soap:", "s:").replace(":soap=", ":s=").encode(),
        [("body", "bytes")],
        XML,
    )


ALL = [
    *changes_of_json(PAGE, 200),
    *changes_of_json(PROBLEM, 404),
    *changes_of_xml(),
    *changes_of_the_rest(),
]


def test_there_are_many() -> None:
    assert len(ALL) >= 200
    assert {grade for one in ALL for _, grade in one.expected} == {
        *("breaking", "suspicious", "harmless", "bytes", "empty", "unreadable")
    }


@pytest.mark.parametrize("planted", ALL, ids=lambda one: one.what)
def test_each_is_found_with_its_grade_and_nothing_else(planted: Planted) -> None:
    old = exchange(planted.old, planted.headers, status=planted.status)
    status = planted.status if planted.new_status is None else planted.new_status
    headers = planted.headers if planted.new_headers is None else planted.new_headers
    assert found(judged(old, exchange(planted.new, headers, status=status, began=NEW))) == planted.expected


def test_an_item_too_far_is_two_differences() -> None:
    """Off by one: the first item is missing, and the one behind the last is there."""
    items = [{"id": number} for number in range(10)]
    pages = (json.dumps(items[start : start + 5]).encode() for start in (0, 1))
    assert found(judged(exchange(next(pages)), exchange(next(pages)))) == [("/0", "breaking"), ("/4", "suspicious")]
