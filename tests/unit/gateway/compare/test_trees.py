"""JSON, XML and HTML are compared by what they mean; how they are written is a grade of its own."""

import pytest

from tests.support.answers import HTML, XML, Found, differences, of_json

SOAP = '<{p}:Envelope xmlns:{p}="http://schemas.xmlsoap.org/soap/envelope/"><{p}:Body>{body}</{p}:Body></{p}:Envelope>'
FAULT = "<{p}:Fault><faultcode>{p}:{code}</faultcode><faultstring>{text}</faultstring>{detail}</{p}:Fault>"
E = "{http://schemas.xmlsoap.org/soap/envelope/}"
IN_FAULT = f"/{E}Envelope[1]/{E}Body[1]/{E}Fault[1]"


def fault(p: str, code: str = "Client", text: str = "no", detail: str = "") -> str:
    return SOAP.format(p=p, body=FAULT.format(p=p, code=code, text=text, detail=detail))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('{"a":1,"b":[1,2]}', '{"b":[1,2],"a":1}'),
        ('{"a":1}', '{ "a" : 1 }'),
        ('{"a":1.50}', '{"a":1.5}'),
        ('{"a":100}', '{"a":1e2}'),
        ('{"a":12345678901234567890}', '{"a":12345678901234567890.0}'),
        ('{"a":"é/"}', '{"a":"\\u00e9\\/"}'),
        ('{"a":1}', '\ufeff{"a":1}'),
    ],
)
def test_json_in_other_letters(old: str, new: str) -> None:
    assert differences(old, new) == [("body", "bytes")]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, [("/b", "breaking")]),
        ({"a": 1}, {"a": 1, "b": 2}, [("/b", "harmless")]),
        ({"a": 1}, {"a": "1"}, [("/a", "breaking")]),
        ({"a": 1}, {"a": True}, [("/a", "breaking")]),
        ({"a": None}, {"a": ""}, [("/a", "breaking")]),
        ({"a": {"b": 1}}, {"a": [1]}, [("/a", "breaking")]),
        ({"a": 1}, {"a": 2}, [("/a", "suspicious")]),
        ({"a": True}, {"a": False}, [("/a", "suspicious")]),
        ({"a": "x"}, {"a": "X"}, [("/a", "suspicious")]),
        ({"a/b~c": {"d": 1}}, {"a/b~c": {"d": 2}}, [("/a~1b~0c/d", "suspicious")]),
        ([1, 2, 3], [1, 3, 2], [("", "suspicious")]),
        ({"l": [{"i": 1}, {"i": 2}]}, {"l": [{"i": 2}, {"i": 1}]}, [("/l", "suspicious")]),
        ({"l": [1, 2, 3]}, {"l": [1, 3]}, [("/l/1", "breaking")]),
        ({"l": [1, 3]}, {"l": [1, 2, 3]}, [("/l/1", "suspicious")]),
        ({"l": [1, 2, 3]}, {"l": [2, 3, 4]}, [("/l/0", "breaking"), ("/l/2", "suspicious")]),
        ({"l": [{"i": 1, "n": "a"}, {"i": 2}]}, {"l": [{"i": 1, "n": "b"}, {"i": 2}]}, [("/l/0/n", "suspicious")]),
        (1, 2, [("", "suspicious")]),
    ],
)
def test_json(old: object, new: object, expected: Found) -> None:
    assert of_json(old, new) == expected


def test_a_member_that_is_there_twice() -> None:
    assert differences('{"a":1,"a":2}', '{"a":1,"a":2}') == []
    assert differences('{"a":1,"a":2}', '{"a":2}') == [("", "suspicious")]
    assert differences('{"a":1,"a":2}', '{"a":2,"a":1}') == [("/a", "suspicious")]


@pytest.mark.parametrize("name", ["code", "type", "error"])
def test_another_code_breaks_where_the_answer_is_no(name: str) -> None:
    assert of_json({name: "A"}, {name: "B"}, status=404) == [(f"/{name}", "breaking")]
    assert of_json({"error": {name: 1}}, {"error": {name: 2}}, status=500) == [(f"/error/{name}", "breaking")]
    assert of_json({name: "A"}, {name: "B"}) == [(f"/{name}", "suspicious")]
    assert of_json({"message": "A"}, {"message": "B"}, status=404) == [("/message", "suspicious")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<a xmlns="urn:x"><b>1</b></a>', '<p:a xmlns:p="urn:x"><p:b>1</p:b></p:a>'),
        ('<p:a xmlns:p="urn:x"><p:b/></p:a>', '<p:a xmlns:p="urn:x"><b xmlns="urn:x"/></p:a>'),
        ("<a><b>1</b></a>", "<a>\n  <b>1</b>\n</a>"),
        ('<a x="1" y="2"/>', "<a y='2' x='1'></a>"),
        ("<a>1 &lt; 2</a>", "<a><![CDATA[1 < 2]]></a>"),
        ("<a>é</a>", "<a>&#233;</a>"),
        ("<a><b/></a>", "<a><!-- nobody --><b/></a>"),
        ('<a x="1"/>', '<?xml version="1.0" encoding="utf-8"?><a x="1"/>'),
        (
            '<a xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>',
            '<a xmlns:j="http://www.w3.org/2001/XMLSchema-instance" j:nil="1"/>',
        ),
        (fault("soap"), fault("s")),
    ],
)
def test_xml_in_other_letters(old: str, new: str) -> None:
    assert differences(old, new, XML) == [("body", "bytes")]


def test_another_encoding_is_the_same_text() -> None:
    old = '<?xml version="1.0" encoding="utf-8"?><a>é</a>'.encode()
    new = '<?xml version="1.0" encoding="utf-16"?><a>é</a>'.encode("utf-16")
    assert differences(old, new, ((b"Content-Type", b"application/xml"),)) == [("body", "bytes")]


TYPED = '<a xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns:x="http://www.w3.org/2001/XMLSchema" {}>{}</a>'


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("<a><b>1</b><c/></a>", "<a><c/></a>", [("/a[1]/b[1]", "breaking")]),
        ("<a><c/></a>", "<a><b>1</b><c/></a>", [("/a[1]/b[1]", "harmless")]),
        ("<a><b>1</b></a>", "<a><b>2</b></a>", [("/a[1]/b[1]", "suspicious")]),
        ("<a><b>12.50</b></a>", "<a><b>12.5</b></a>", [("/a[1]/b[1]", "suspicious")]),
        ("<a><b>1</b></a>", "<a><b> 1</b></a>", [("/a[1]/b[1]", "suspicious")]),
        ('<a xmlns="urn:x"><b/></a>', '<a xmlns="urn:x"><b xmlns=""/></a>', [("/{urn:x}a[1]/{urn:x}b[1]", "breaking")]),
        ('<a xmlns="urn:x"/>', '<a xmlns="urn:y"/>', [("/{urn:x}a[1]", "breaking")]),
        ("<a><b/><c/></a>", "<a><c/><b/></a>", [("/a[1]", "suspicious")]),
        ("<a><b>1</b><b>2</b></a>", "<a><b>2</b><b>1</b></a>", [("/a[1]", "suspicious")]),
        ("<a><b>1</b><b>2</b></a>", "<a><b>2</b></a>", [("/a[1]/b[1]", "breaking")]),
        ("<a><b>2</b></a>", "<a><b>1</b><b>2</b></a>", [("/a[1]/b[1]", "suspicious")]),
        ('<a x="1"/>', "<a/>", [("/a[1]/@x", "breaking")]),
        ("<a/>", '<a x="1"/>', [("/a[1]/@x", "harmless")]),
        ('<a x="1"/>', '<a x="2"/>', [("/a[1]/@x", "suspicious")]),
        ("<a>one <b>two</b> three</a>", "<a>one <b>two</b>  three</a>", [("/a[1]/text()[2]", "suspicious")]),
        ("<a>one <b>two</b></a>", "<a>one<b>two</b></a>", [("/a[1]/text()[1]", "suspicious")]),
        ("<a>text</a>", "<a><b/></a>", [("/a[1]", "breaking")]),
        (
            TYPED.format('i:type="x:int"', "1"),
            TYPED.format('i:type="x:string"', "1"),
            [("/a[1]/@{http://www.w3.org/2001/XMLSchema-instance}type", "breaking")],
        ),
        (TYPED.format('i:nil="true"', ""), TYPED.format("", ""), [("/a[1]", "breaking")]),
        (TYPED.format('i:type="x:decimal"', "12.50"), TYPED.format('i:type="x:decimal"', "12.5"), [("body", "bytes")]),
        (fault("soap"), fault("s", "Server"), [(f"{IN_FAULT}/faultcode[1]", "breaking")]),
        (fault("soap"), fault("s", text="yes"), [(f"{IN_FAULT}/faultstring[1]", "suspicious")]),
        (
            fault("soap", detail="<detail><code>1</code></detail>"),
            fault("soap", detail="<detail><code>2</code></detail>"),
            [(f"{IN_FAULT}/detail[1]/code[1]", "breaking")],
        ),
    ],
)
def test_xml(old: str, new: str, expected: Found) -> None:
    assert differences(old, new, XML) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("<p>one</p>", "<P>one</P>\n", [("body", "bytes")]),
        ("<ul><li>one<li>two</ul>", "<ul> <li>one</li> <li>two</li> </ul>", [("body", "bytes")]),
        ("<p class='a b'>x</p>", "<p class='b a'>x</p>", [("body", "bytes")]),
        ("<p>one</p>", "<p>two</p>", [("/html[1]/body[1]/p[1]", "suspicious")]),
    ],
)
def test_html(old: str, new: str, expected: Found) -> None:
    assert differences(old, new, HTML) == expected
