"""Answers as a whole: status, headers, bodies that are no trees, and what is not there."""

import gzip
from dataclasses import replace

import pytest

from adapters.common.noise import Rule
from gateway.compare.compare import Setting, compare
from gateway.compare.noise import Rules
from gateway.traffic.exchange import Headers
from tests.support.answers import FORM, HTML, JSON, NEW, TEXT, Found, differences, exchange, found, judged

#: when the old run did
BEGAN = "Tue, 14 Nov 2023 22:13:20 GMT"
BINARY = ((b"Content-Type", b"application/pdf"),)


def of_headers(old: Headers, new: Headers, body: str = "{}") -> Found:
    return found(judged(exchange(body, (*JSON, *old)), exchange(body, (*JSON, *new), began=NEW)))


def one(name: str, value: str) -> Headers:
    return ((name.encode(), value.encode()),)


@pytest.mark.parametrize(
    ("new", "expected"),
    [(200, []), (201, [("status", "suspicious")]), (302, [("status", "breaking")]), (404, [("status", "breaking")])],
)
def test_status(new: int, expected: Found) -> None:
    assert found(judged(exchange("{}"), exchange("{}", status=new))) == expected


def test_behind_another_class_of_status_nothing_is_told_that_follows_from_it() -> None:
    assert found(judged(exchange('{"a":1}'), exchange('{"error":"x"}', status=500))) == [("status", "breaking")]


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("Location", "/a/1", "/a/2", [("header Location", "suspicious")]),
        ("Location", "/a/1", None, [("header Location", "breaking")]),
        ("Location", None, "/a/1", [("header Location", "harmless")]),
        ("Cache-Control", "no-store, private", "private,no-store", [("header Cache-Control", "bytes")]),
        ("Cache-Control", "no-store", "max-age=60", [("header Cache-Control", "suspicious")]),
        ("WWW-Authenticate", 'Basic realm="a"', 'Basic realm="b"', [("header WWW-Authenticate", "suspicious")]),
        ("WWW-Authenticate", 'Digest nonce="1"', 'Digest nonce="2"', []),
        ("ETag", '"1"', '"2"', []),
        ("ETag", '"1"', None, [("header ETag", "breaking")]),
        ("Set-Cookie", "s=1; Path=/; HttpOnly", "s=2; HttpOnly; Path=/", []),
        ("Set-Cookie", "s=1; Path=/; HttpOnly", "s=2; Path=/", [("header Set-Cookie", "suspicious")]),
        ("Set-Cookie", "s=1; Path=/", "s=1; Path=/a", [("header Set-Cookie path", "suspicious")]),
        ("Set-Cookie", "s=1", "t=1", [("header Set-Cookie", "breaking"), ("header Set-Cookie", "harmless")]),
        ("X-Total", "1", "2", []),
        ("X-New", None, "1", [("header X-New", "harmless")]),
        ("Server", "a", "b", []),
        ("Date", None, "x", []),
        ("Last-Modified", BEGAN, "Mon, 21 Sep 2026 14:13:20 GMT", []),
        ("Last-Modified", BEGAN, "Mon, 21 Sep 2026 15:13:20 GMT", [("header Last-Modified", "suspicious")]),
    ],
)  # fmt: skip
def test_headers(name: str, old: str | None, new: str | None, expected: Found) -> None:
    before, after = (() if value is None else one(name, value) for value in (old, new))
    assert of_headers(before, after) == expected


def test_the_names_of_headers_have_no_case() -> None:
    assert of_headers(one("location", "/a"), one("LOCATION", "/a")) == []


@pytest.mark.parametrize(
    ("old", "new", "body", "expected"),
    [
        ("text/plain", "text/html", "a", [("header Content-Type", "breaking")]),
        ("text/plain; charset=utf-8", "text/plain; charset=latin1", "a", []),
        ("text/plain; charset=utf-8", "text/plain; charset=latin1", "é", "different"),
        ("text/plain; charset=UTF-8", "text/plain;charset=utf-8", "é", [("header Content-Type", "bytes")]),
        ("a/b; v=1", "a/b; v=2", "a", [("header Content-Type", "suspicious")]),
    ],
)
def test_media_types(old: str, new: str, body: str, expected: Found | str) -> None:
    before, after = (exchange(body, one("Content-Type", name)) for name in (old, new))
    got = found(judged(before, after))
    if expected == "different":
        assert ("header Content-Type", "suspicious") in got
    else:
        assert [pair for pair in got if pair[1] != "bytes" or pair in expected] == expected


def test_a_charset_counts_only_where_it_makes_other_letters() -> None:
    """Also where the bodies differ in something else."""
    kinds = [one("Content-Type", f"text/plain; charset={name}") for name in ("utf-8", "latin1")]
    for letters, expected in (("a", "bytes"), ("é", "suspicious")):
        old, new = (exchange(f"{letters} {number}", kind) for number, kind in enumerate(kinds))
        grades = dict(found(judged(old, new)))
        assert grades == {"header Content-Type": expected, "line 1": "suspicious"}


def test_forms_are_pairs() -> None:
    assert differences("a=1&b=2&a=3", "a=1&a=3&b=2", FORM) == [("body", "bytes")]
    assert differences("a=1&a=2", "a=2&a=1", FORM) == [("/a/0", "suspicious"), ("/a/1", "suspicious")]
    assert differences("a=1&b=2", "a=1", FORM) == [("/b", "breaking")]
    assert differences("a=1", "a=1&b=2", FORM) == [("/b", "harmless")]
    assert differences("a=%c3%a9", "a=%C3%A9", FORM) == [("body", "bytes")]


def test_text_by_line() -> None:
    assert differences("a\nb\nc", "a\r\nb\r\nc", TEXT) == [("body", "bytes")]
    assert differences("a\nb\nc", "a\nx\nc", TEXT) == [("line 2", "suspicious")]
    assert differences("a\nb\nc", "a\nc", TEXT) == [("line 2", "suspicious")]
    assert differences("a\nc", "a\nb\nc", TEXT) == [("line 2", "suspicious")]


def test_bytes_by_digest() -> None:
    assert differences(b"%PDF\0a", b"%PDF\0b", BINARY) == [("body", "suspicious")]


def test_parts() -> None:
    def parts(boundary: str, *fields: tuple[str, str]) -> str:
        head = 'Content-Disposition: form-data; name="{}"\r\nContent-Type: application/json'
        return "".join(f"--{boundary}\r\n{head.format(n)}\r\n\r\n{v}\r\n" for n, v in fields) + f"--{boundary}--\r\n"

    def two(*others: tuple[str, str]) -> Found:
        kind = "multipart/form-data; boundary="
        old = exchange(parts("x", ("a", '{"v":1}'), ("b", "2")), one("Content-Type", f"{kind}x"))
        return found(judged(old, exchange(parts("y", *others), one("Content-Type", f"{kind}y"))))

    assert two(("a", '{"v":1}'), ("b", "2")) == []
    assert two(("b", "2"), ("a", '{"v":2}')) == [("part a/v", "suspicious")]
    assert two(("a", '{"v":1}')) == [("part b", "breaking")]


def test_parts_that_are_too_far_inside_are_compared_as_bytes() -> None:
    def nested(value: str, depth: int) -> tuple[str, str]:
        if not depth:
            return "text/plain", value
        kind, inner = nested(value, depth - 1)
        head = f'Content-Disposition: form-data; name="n{depth}"\r\nContent-Type: {kind}'
        return f"multipart/mixed; boundary=b{depth}", f"--b{depth}\r\n{head}\r\n\r\n{inner}\r\n--b{depth}--\r\n"

    for depth in (1, 3, 9):
        old, new = (exchange(body, one("Content-Type", kind)) for kind, body in (nested(v, depth) for v in "ab"))
        assert [grade for _, grade in found(judged(old, new))] == ["suspicious"]


def test_a_rule_about_the_media_type_hides_no_other_kind_of_body() -> None:
    setting = Setting(rules=Rules([Rule("header Content-Type", "ignore")]))
    assert found(judged(exchange("{}"), exchange("<p>", HTML), setting)) == [("body", "breaking")]


def test_a_content_coding_is_not_the_content() -> None:
    coded = (*JSON, (b"Content-Encoding", b"gzip"))
    assert found(judged(exchange('{"a":1}'), exchange(gzip.compress(b'{"a":1}'), coded))) == []
    assert found(judged(exchange('{"a":1}'), exchange(gzip.compress(b'{"a":2}'), coded))) == [("/a", "suspicious")]


def test_a_comparison_is_never_equal_for_want_of_something_to_compare() -> None:
    old = exchange('{"a":1}')
    assert compare(old, None).grade == "not-judged"
    assert compare(replace(old, response=None, error="reset"), old).grade == "not-judged"
    assert old.response is not None
    cut = replace(old, response=replace(old.response, lacks="5 of 9 bytes"))
    assert compare(cut, old).grade == "not-judged"
    assert found(compare(old, cut)) == [("body", "unreadable")]
    assert found(compare(old, replace(old, response=None, error="reset"))) == [("status", "no-answer")]
    assert differences('{"a":1}', "") == [("body", "empty")]
    assert differences("", '{"a":1}') == [("body", "suspicious")]
    assert differences("", "") == []
    assert differences('{"a":1}', '{"a":') == [("body", "unreadable")]
    assert differences('{"a":', '{"a":1}') == [("body", "unreadable")]
    assert differences('{"a":', '{"a":') == []
    assert differences('{"a":', '{"b":') == [("body", "unreadable")]


def test_a_server_calls_itself_by_its_own_address() -> None:
    body = '{"next":"http://%s/api/things?page=2"}'
    assert differences(body % "old.example:9100", body % "new.example:9200") == []
    assert differences(body % "old.example:9100", body % "old.example:9100") == [("/next", "breaking")]
    assert differences(body % "cdn.example", body % "cdn.example") == []
    assert differences(body % "old.example:9100", body % "old.example:9100.evil.example") == [("/next", "suspicious")]
