"""What strangers answer: bombs, depths, cuts, and what is not what it says it is. Each is told, and nothing is lost."""

import gzip
import tracemalloc
import zlib

import pytest

from gateway.traffic.exchange import Headers
from gateway.traffic.schema import MAX_BODY
from tests.support.answers import HTML, JSON, TEXT, XML, exchange, found, judged

PARTS = ((b"Content-Type", b"multipart/form-data; boundary=x"),)
LAUGHS = f'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "{"&a;" * 9}"><!ENTITY c "{"&b;" * 9}">]><a>&c;</a>'


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"[" * 100_000, JSON),
        (b"[" * 500 + b"]" * 500, JSON),
        (b'{"a":' * 5_000, JSON),
        (b'{"a":1e999999999999999999999}', JSON),
        (b'{"a":NaN}', JSON),
        (b'{"a":1} x', JSON),
        (b'{"a":"\n"}', JSON),
        (b"\xff\xfe\x00", JSON),
        (LAUGHS.encode(), XML),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', XML),
        (b"<a>" * 1000 + b"</a>" * 1000, XML),
        (b"<a>" * 100_000, XML),
        (b"<a><b></a>", XML),
        (b'<?xml version="1.0" encoding="utf-7"?><a/>', ((b"Content-Type", b"text/xml"),)),
        (b'<a xmlns:p="urn:p"><q:b/></a>', XML),
        (b"<div>" * 5_000, HTML),
        (b"--x\r\n" * 2_000, PARTS),
        (b"--y\r\n\r\n--y--", PARTS),
        (b"text", ((b"Content-Type", b"multipart/form-data"),)),
        (b"no gzip", (*JSON, (b"Content-Encoding", b"gzip"))),
        (gzip.compress(b'{"a":1}', mtime=0)[:-9], (*JSON, (b"Content-Encoding", b"gzip"))),
        (b"{}", (*JSON, (b"Content-Encoding", b"br"))),
        (b"{}", (*JSON, *(((b"Content-Encoding", b"gzip"),) * 9))),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_cannot_be_read_is_said_to_be_so(body: bytes, headers: Headers) -> None:
    is_xml = b"xml" in headers[0][1]
    good = b"<a/>" if is_xml else b"{}" if headers[:1] == JSON else b"<p/>" if headers[:1] == HTML else b"--x--\r\n"
    plain = headers[:1]
    ((place, grade),) = found(judged(exchange(good, plain), exchange(body, headers)))
    assert (place, grade) == ("body", "unreadable")
    assert found(judged(exchange(body, headers), exchange(body, headers))) == []


def test_a_bomb_is_not_unpacked() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = bytes(1024 * 1024)
    bomb = b"".join(packer.compress(zeros) for _ in range(4 * MAX_BODY // len(zeros))) + packer.flush()
    tracemalloc.start()
    try:
        answer = exchange(bomb, (*JSON, (b"Content-Encoding", b"gzip")))
        ((place, grade),) = found(judged(exchange(b"{}"), answer))
        assert (place, grade) == ("body", "unreadable")
        assert tracemalloc.get_traced_memory()[1] < 3 * MAX_BODY
    finally:
        tracemalloc.stop()


def test_many_differences_are_counted_not_listed() -> None:
    old, new = (b"[" + b",".join(b"%d" % (n * step) for n in range(5_000)) + b"]" for step in (1, 2))
    judgement = judged(exchange(old), exchange(new))
    assert len(judgement.differences) < 300
    assert judgement.grade == "suspicious", "as bad as the worst of them all"
    assert "more differences" in judgement.differences[-1].note


def test_long_values_are_cut() -> None:
    judgement = judged(exchange(b"a" * 100_000, TEXT), exchange(b"b" * 100_000, TEXT))
    (difference,) = judgement.differences
    assert difference.old is not None
    assert len(difference.old) < 400
    assert difference.old.endswith("(100000 characters)")


@pytest.mark.parametrize(
    ("body", "headers"),
    [("[" * 100 + "{}" + "]" * 100, JSON), ("<a>" * 60 + "{}" + "</a>" * 60, XML), ("<b>" * 90 + "{}", HTML)],
    ids=["JSON", "XML", "HTML"],
)
def test_what_is_as_deep_as_may_be_is_compared(body: str, headers: Headers) -> None:
    """From as deep in the stack as nobody calls it."""

    def from_below(calls: int) -> list[tuple[str, str]]:
        if calls:
            return from_below(calls - 1)
        return found(judged(exchange(body.format(1), headers), exchange(body.format(2), headers)))

    ((_, grade),) = from_below(200)
    assert grade == "suspicious"
