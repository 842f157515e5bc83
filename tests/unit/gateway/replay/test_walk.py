"""Every value of a message is found with its place, and nothing but values is changed."""

import base64
import gzip
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.replay.messages import leaves_of, walk_request
from gateway.replay.places import Place
from gateway.traffic.exchange import Headers, Request

JSON: Headers = ((b"Content-Type", b"application/json"),)
FORM: Headers = ((b"Content-Type", b"application/x-www-form-urlencoded"),)
XML: Headers = ((b"Content-Type", b"text/xml; charset=utf-8"),)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def told(request: Request) -> dict[str, str]:
    return {str(place): value for place, value in leaves_of(request)}


def test_each_part_of_a_request_has_places() -> None:
    request = Request(
        "POST",
        b"/api/tasks/4%2F2?expand=a+b",
        (
            (b"Authorization", b"Basic " + base64.b64encode(b"ann:secret")),
            (b"Cookie", b"theme=dark; JSESSIONID=8f14e45f"),
            (b"X-Ticket", b"abc"),
            *JSON,
        ),
        b'{"task": {"ids": [1, "two"], "note": "{\\"inner\\": 5}", "xml": "<T a=\'1\'><B>x &amp; y</B></T>"}}',
    )
    assert told(request) == {
        "path /": "api",
        "path /api/": "tasks",
        "path /api/tasks/": "4/2",
        "query expand": "a b",
        "basic user": "ann",
        "basic password": "secret",
        "cookie theme": "dark",
        "cookie JSESSIONID": "8f14e45f",
        "header x-ticket": "abc",
        "json task.ids[0]": "1",
        "json task.ids[1]": "two",
        "json task.note.inner": "5",
        "json task.xml.T.@a": "1",
        "json task.xml.T.B": "x & y",
    }


def test_prefixes_of_xml_do_not_count_and_children_do() -> None:
    body = b'<s:E xmlns:s="urn:e"><s:B><Id>1</Id><Id>2</Id><![CDATA[three]]></s:B><!-- <Id>4</Id> --></s:E>'
    assert told(Request("POST", b"", XML, body)) == {"xml E.B.Id": "1", "xml E.B.Id[1]": "2", "xml E.B": "three"}


def test_parts_of_a_multipart_body_and_a_form() -> None:
    kind = (b"Content-Type", b'multipart/form-data; boundary="xx"')
    body = b'--xx\r\nContent-Disposition: form-data; name="taskId"\r\n\r\n42\r\n--xx--\r\n'
    request = Request("POST", b"", (kind, (b"Content-Length", b"%d" % len(body))), body)
    assert told(request) == {"part taskId": "42"}
    changed = walk_request(request, lambda place, value: "4200")
    assert b"\r\n\r\n4200\r\n--xx--" in changed.body
    assert changed.header(b"content-length") == b"%d" % (len(body) + 2)
    form = Request("POST", b"", FORM, b"a=1&b=x%20y&c&a=2")
    assert walk_request(form, lambda place, value: value + "0").body == b"a=10&b=x%20y0&c&a=20"


def test_what_is_packed_is_packed_again() -> None:
    headers = (*JSON, (b"Content-Encoding", b"gzip"))
    request = Request("POST", b"", headers, gzip.compress(b'{"id": 5}'))
    changed = walk_request(request, lambda place, value: "17")
    assert json.loads(gzip.decompress(changed.body)) == {"id": 17}


def test_all_that_is_packed_is_walked() -> None:
    """Several members of gzip, and one coding within another."""
    packed = gzip.compress(gzip.compress(b'{"id": 5,') + gzip.compress(b'"of": 6}'))
    request = Request("POST", b"", (*JSON, (b"Content-Encoding", b"gzip, gzip")), packed)
    changed = walk_request(request, lambda place, value: value + "0")
    assert json.loads(gzip.decompress(gzip.decompress(changed.body))) == {"id": 50, "of": 60}


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (JSON, b'{"id": '),
        (JSON, b"\xff\xfe\x00"),
        (XML, b"<a><b></a>"),
        (XML, b"<a"),
        (((b"Content-Encoding", b"gzip"),), b"no gzip"),
        (((b"Content-Encoding", b"br"),), b"\x0b\x02\x80"),
        (((b"Content-Type", b"multipart/form-data; boundary=x"),), b"no part"),
        (((b"Content-Type", b"text/plain; charset=klingon"),), b"qapla"),
        ((), b"\x00\x01\x02"),
    ],
)
def test_what_cannot_be_read_stays_as_it_is(headers: Headers, body: bytes) -> None:
    request = Request("POST", b"/%zz%ff?a=%ff", headers, body)
    assert walk_request(request, lambda place, value: value) is request
    walk_request(request, lambda place, value: "other")


@given(values)
def test_json_is_walked_as_a_parser_reads_it(value: object) -> None:
    """With each text replaced by another one, a parser finds those at the same places."""
    body = json.dumps(value, indent=1).encode()
    request = Request("POST", b"", JSON, body)
    assert walk_request(request, lambda place, text: text) is request

    def mark(place: Place, text: str) -> str:
        return f"{text}!" if place.part == "json" else text

    def marked(one: object, depth: int = 0) -> object:
        if isinstance(one, dict):
            return {name: marked(below, depth) for name, below in one.items()}
        if isinstance(one, list):
            return [marked(below, depth) for below in one]
        return f"{one}!" if isinstance(one, str) else f"{json.dumps(one)}!"

    if not any(text[:1].strip("\ufeff \t\r\n") in ("{", "[", "<") for text in _texts(value)):
        walked = walk_request(request, mark).body
        assert json.loads(walked) == (marked(value) if isinstance(value, dict | list | str) else json.loads(walked))


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in _texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in _texts(one)]
    return [value.lstrip("\ufeff \t\r\n")] if isinstance(value, str) else []


@given(st.text(st.characters(codec="utf-8", exclude_characters="<[{\ufeff")), st.text(st.characters(codec="utf-8")))
def test_a_value_of_a_query_arrives_as_it_is_put_in(old: str, new: str) -> None:
    request = Request("GET", f"/a?x={'q'}&y=1".encode())
    said = walk_request(request, lambda place, value: new if place == Place("query", ("x",)) else value)
    query = urlsplit(said.target.decode()).query
    assert parse_qs(query, keep_blank_values=True, separator="&") == {"x": [new], "y": ["1"]}


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")))
def test_a_value_of_xml_arrives_as_it_is_put_in(new: str) -> None:
    request = Request("POST", b"", XML, b'<a x="1"><b>2</b></a>')
    said = walk_request(request, lambda place, value: new)
    if new.lstrip()[:1] not in ("<", "{", "[") and new == new.strip() and new:
        assert [value for _, value in leaves_of(said) if _.part == "xml"] == [new, new]
