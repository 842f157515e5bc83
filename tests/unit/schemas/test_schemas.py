"""Parsing and rendering: what is hard about each."""

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from core.ids import Sequence, new_uid
from core.times import iso_utc, parse_timestamp
from schemas.bpmn.reader import BadBpmn, read
from schemas.common.accept import quality
from schemas.common.uuids import dashed, undashed
from schemas.common.xml import BadXml, escape, parse, quote
from schemas.inforouter import soap
from schemas.inforouter.element import Element, compact, document
from schemas.inforouter.form import MissingParameter, arguments
from schemas.inforouter.form import parse as parse_form
from schemas.inforouter.methods import Method, Param
from schemas.inforouter.values import Kind
from schemas.processmaker.case import spelled
from schemas.processmaker.wire import Like, dumps

ENVELOPE = '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>%s</e:Body></e:Envelope>'


@given(st.text())
def test_text_and_attributes_come_back(text: str) -> None:
    kept = "".join(
        c
        for c in text
        if c in "\t\n\r" or (ord(c) >= 32 and not 0xD800 <= ord(c) <= 0xDFFF and ord(c) not in (0xFFFE, 0xFFFF))
    )
    element = etree.fromstring(f"<a b={quote(text)}>{escape(text)}</a>".encode())
    assert (element.get("b") or "").replace("\t", " ") == kept.replace("\t", " ")
    assert (element.text or "") == kept.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE a><a/>",
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd"><a/>',
        b"<a>" * 65 + b"</a>" * 65,
        b"<a " + b" ".join(b'x%d="1"' % n for n in range(257)) + b"/>",
        b"<a>" + b"<b/>" * 50_001 + b"</a>",
        b"<" + b"n" * 65_536 + b"/>",
        b"<a>&undeclared;</a>",
        b"<a/><b/>",
        b" <?xml version='1.0'?><a/>",
        b"",
        b"\xff\xfe",
    ],
)
def test_hostile_xml_is_refused(body: bytes) -> None:
    with pytest.raises(BadXml):
        parse(body)


def test_xml_at_its_limits_is_read() -> None:
    assert len(parse(b"<a>" + b"<b/>" * 49_999 + b"</a>")) == 49_999
    assert parse(b"<a>" * 64 + b"</a>" * 64).tag == "a"


#: XML minds none of them; .NET and Java read all
HARMLESS = ('xmlns:q="http://www.example.com/My Company"', 'xmlns:q="urn:fröhlich&quot;"', 'xml:id="1"', 'xml:id="a"')


@pytest.mark.parametrize("attribute", HARMLESS)
def test_namespaces_may_be_any_text_and_ids_too(attribute: str) -> None:
    root = parse(f"<a {attribute}><b {attribute}>text</b></a>".encode())
    assert [child.text for child in root] == ["text"]
    envelope = soap.read((ENVELOPE % f"<a {attribute}><b {attribute}/></a>").encode(), "")
    assert envelope.wrapper is not None
    assert len(envelope.wrapper) == 1
    task = f'<b:userTask id="t" name="T" {attribute}/>'
    assert read((BPMN % task).encode())[0].nodes[1].id == "t"


@pytest.mark.parametrize("attribute", HARMLESS)
@pytest.mark.parametrize(
    "body",
    [
        "<a {}/>junk",
        "<a {}/><b/>",
        "<a {}><b></a>",
        "<a {}><q2:b/></a>",
        "<a {}>&undeclared;</a>",
        "<a {}>\x01</a>",
        "<a {}><![CDATA[</a>",
        "<a {}>]]></a>",
        '<a {} b="1" b="2"/>',
        '<a {} b="<"/>',
        "<!DOCTYPE a><a {}/>",
        "<a {}>" + "<b>" * 65 + "</b>" * 65 + "</a>",
        "<a>" + "<b {}/>" * 101 + "</a>",
    ],
)
def test_what_else_is_wrong_with_them_is_refused(body: str, attribute: str) -> None:
    with pytest.raises(BadXml):
        parse(body.replace("{}", attribute).encode())
    with pytest.raises(BadXml):
        soap.read(body.replace("{}", attribute).encode(), "")


def method(*names: str) -> Method:
    """A method with these string parameters."""

    async def call() -> None: ...

    return Method("Anything", tuple(Param(name, Kind.STRING, True) for name in names), call)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-8-sig", "iso-8859-1"])
def test_an_envelope_in_any_encoding(encoding: str) -> None:
    text = (
        f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig").removesuffix("-le")}"?>'
        + ENVELOPE % "<a><B>é</B></a>"
    )
    raw = (b"\xff\xfe" if encoding == "utf-16-le" else b"") + text.encode(encoding)
    charset = "iso-8859-1" if encoding == "iso-8859-1" else ""
    assert soap.arguments(method("b"), soap.read(raw, charset)) == ["é"]


@given(st.binary(max_size=200))
def test_any_bytes_are_an_envelope_or_refused(body: bytes) -> None:
    for raw in (body, (ENVELOPE % "x").encode().replace(b"x", body)):
        try:
            envelope = soap.read(raw, "")
            soap.arguments(method("a"), envelope)
        except (BadXml, soap.Fault):
            pass


def test_parameters_by_name_without_case_and_namespace() -> None:
    inside = '<x xmlns="urn:other"><fromuser>1</fromuser><FromUser xmlns="">2</FromUser><FROMUSER>3</FROMUSER></x>'
    envelope = soap.read((ENVELOPE % inside).encode(), "")
    assert soap.arguments(method("FromUser", "fromUser", "gone"), envelope) == ["2", "1", None]
    assert soap.arguments(method("FromUser"), envelope, strict=True) == [None]


def test_results_in_both_spellings() -> None:
    result = Element("root", (("a", 'x"<\n'),), (Element("item", (), (), "é & ü"), Element("empty")))
    assert compact(result) == '<root a="x&quot;&lt;&#xA;" xmlns=""><item>é &amp; ü</item><empty /></root>'
    assert document(result).decode() == (
        '<?xml version="1.0" encoding="utf-8"?>\r\n<root a="x&quot;&lt;&#xA;">\r\n'
        "  <item>é &amp; ü</item>\r\n  <empty />\r\n</root>"
    )


def test_forms_as_the_host_reads_them() -> None:
    values = parse_form(b"A=1&a=2&b+=%u20AC%C3%A9&c=%E9&d&=x&e=a;b")
    assert values == {"a": ["1", "2"], "b": ["€é"], "c": ["\ufffd"], "": ["x"], "e": ["a;b"]}
    with pytest.raises(MissingParameter, match="D"):
        arguments(method("A", "D", "Z").params, values)
    optional = Param("D", Kind.STRING, False)
    assert arguments((*method("A").params, optional), values) == ["1,2", None]


@given(st.binary(max_size=100), st.sampled_from(["utf-8", "latin-1", "klingon", "utf-16"]))
def test_any_form_is_read(raw: bytes, encoding: str) -> None:
    for name, values in parse_form(raw, encoding).items():
        (name + "".join(values)).encode()


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-12-01T10:00:00+01:00", 1796115600000),
        ("2026-12-01T09:00:00.1234567Z", 1796115600123),
        ("2026-12-01t09:00:00.1z", 1796115600100),
    ],
)
def test_times(text: str, milliseconds: int) -> None:
    assert parse_timestamp(text) == milliseconds
    assert parse_timestamp(iso_utc(milliseconds)) == milliseconds


@pytest.mark.parametrize(
    "text",
    [
        *("", "foo", "2026-12-01", "2026-12-01T10:00:00", "2026-13-01T10:00:00Z", "2026-12-01T10:00:00+99:00"),
        *("0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "0000-01-01T00:00:00Z"),
    ],
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_timestamp(text)


@given(st.integers(-62135596800000, 253402300799999))
def test_times_come_back(milliseconds: int) -> None:
    assert re.match(r"\d{4}-", iso_utc(milliseconds))
    assert parse_timestamp(iso_utc(milliseconds)) == milliseconds


def test_uids_are_uuids() -> None:
    import uuid

    uids = {new_uid() for _ in range(1000)}
    assert len(uids) == 1000
    assert {uuid.UUID(u).version for u in uids} == {4}
    one = uids.pop()
    assert undashed(dashed(one)) == undashed(dashed(one).upper()) == one
    assert undashed("x" * 32) is None


def test_sequences_take_blocks_and_skip() -> None:
    given: dict[str, int] = {}

    def reserve(name: str, count: int, first: int) -> int:
        start = given.get(name, first)
        given[name] = start + count
        return start

    def advance(name: str, minimum: int) -> None:
        given[name] = max(given.get(name, 1), minimum)

    numbers = Sequence("n", reserve, advance, block=3)
    assert [numbers.next() for _ in range(4)] == [1, 2, 3, 4]
    numbers.skip(5)
    assert numbers.next() == 6
    numbers.skip(100)
    assert numbers.next() == 101
    first = numbers.take(50)
    assert numbers.next() == first + 50


def test_php_spelling() -> None:
    assert dumps({"a/b": "é/"}) == '{"a\\/b":"é\\/"}'.encode()


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("J%e", "Jane", True),
        ("j_e", "jane", False),
        ("j__e", "jane", True),
        ("%", "", True),
        ("", "x", False),
        ("a%b%a", "aba", True),
        ("a%ba", "aba", True),
        ("ab%ba", "aba", False),
        ("%" + "a%" * 60 + "b", "a" * 5000, False),
    ],
)
def test_like(pattern: str, text: str, matches: bool) -> None:
    """The last one takes for ever with a regular expression."""
    assert Like(pattern, start=False, end=False).matches(text) is matches
    if matches:
        assert Like(pattern, start=True, end=True).matches(f"x{text}y")


def test_like_folds() -> None:
    assert Like("JÖ", start=True, end=True).matches("major jonas")


@given(st.text("ab%_", max_size=6), st.text("ab", max_size=8))
def test_like_is_what_a_regular_expression_says(pattern: str, text: str) -> None:
    import re

    expected = re.fullmatch(pattern.replace("%", ".*").replace("_", "."), text) is not None
    assert Like(pattern, start=False, end=False).matches(text) is expected


@pytest.mark.parametrize(
    ("accept", "json", "xml"),
    [
        ("*/*", 1, 1),
        ("application/xml", 0, 1),
        ("application/json;q=0.5, application/*;q=0.1", 0.5, 0.1),
        ("text/html;q=x", 0, 0),
    ],
)
def test_accept(accept: str, json: float, xml: float) -> None:
    assert (quality(accept, "application/json"), quality(accept, "application/xml")) == (json, xml)


BPMN = """<b:definitions xmlns:b="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0">
<b:process id="p" name="P" isExecutable="true"><b:startEvent id="s"/>%s<b:endEvent id="e"/></b:process>
<b:process id="not-executable"/></b:definitions>"""


def test_bpmn_is_read_with_its_extensions() -> None:
    task = """<b:userTask id="t" name="T"><b:extensionElements><zeebe:userTask/>
      <zeebe:assignmentDefinition assignee="=owner" candidateGroups="a, b"/>
      <zeebe:taskSchedule dueDate="2026-01-01T00:00:00Z"/>
      <zeebe:taskHeaders><zeebe:header key="k" value="v"/></zeebe:taskHeaders>
      <zeebe:taskListeners><zeebe:taskListener eventType="completing" type="j"/></zeebe:taskListeners>
      </b:extensionElements></b:userTask>
      <b:sequenceFlow id="f" sourceRef="s" targetRef="t">
      <b:conditionExpression>=x &gt; 1</b:conditionExpression></b:sequenceFlow>"""
    (process,) = read((BPMN % task).encode())
    assert (process.id, process.name, process.unsupported) == ("p", "P", [])
    attributes = process.nodes[1].task
    assert attributes is not None
    assert (attributes.assignee, attributes.candidate_groups, attributes.headers) == ("=owner", "a, b", {"k": "v"})
    assert [(listener.event, listener.type) for listener in attributes.listeners] == [("completing", "j")]
    assert process.edges[0].condition == "x > 1"


@pytest.mark.parametrize(
    ("element", "complaint"),
    [
        ('<b:complexGateway id="x"/>', ("x", "Elements of type 'complexGateway' are currently not supported")),
        (
            '<b:userTask id="x"><b:standardLoopCharacteristics/></b:userTask>',
            ("x", "'standardLoopCharacteristics' is currently not supported here"),
        ),
        (
            '<b:startEvent id="x"><b:cancelEventDefinition/></b:startEvent>',
            ("x", "'cancelEventDefinition' is currently not supported here"),
        ),
    ],
)
def test_what_bpmn_cannot_do_is_named(element: str, complaint: tuple[str, str]) -> None:
    (process,) = read((BPMN % element).encode())
    assert complaint in process.unsupported


def test_what_is_no_bpmn() -> None:
    for raw in (b"<a/>", b"hello", b"<!DOCTYPE x><a/>"):
        with pytest.raises(BadBpmn):
            read(raw)


def test_how_long_a_delegation_took() -> None:
    assert spelled(999) == "0 Hours 0 Minutes 0 Seconds"
    assert spelled(3_000) == "0 Hours 0 Minutes 3 Seconds"
    assert spelled(100 * 3_600_000 + 59 * 60_000 + 59_999) == "100 Hours 59 Minutes 59 Seconds"


FORKS = """
import os
from core.ids import new_uid
if os.fork() == 0:
    print(new_uid(), flush=True)
    os._exit(0)
os.wait()
print(new_uid())
"""


def test_who_is_forked_makes_other_uids() -> None:
    done = subprocess.run([sys.executable, "-c", FORKS], capture_output=True, text=True, check=True)
    assert len(set(done.stdout.split())) == 2
