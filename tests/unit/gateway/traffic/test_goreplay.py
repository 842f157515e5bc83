"""GoReplay's text files, in and out."""

import gzip
from pathlib import Path

import pytest

from gateway.traffic import goreplay
from gateway.traffic.exchange import Exchange, Request, Response
from gateway.traffic.importing import Summary, import_files
from gateway.traffic.recording import Recording
from gateway.traffic.sources import sources_of

GET = b"1 aa 1700000000500000000 0\nGET /a?x=1 HTTP/1.1\r\nHost: old:81\r\nX-a: 1\r\n\r\n"
OK = b"2 aa 1700000000600000000 250000000\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def imported(tmp_path: Path, *messages: bytes, end: bytes = goreplay.SEPARATOR) -> tuple[Summary, list[Exchange]]:
    file, path = tmp_path / "a.gor", tmp_path / "a.rec"
    file.write_bytes(goreplay.SEPARATOR.join(messages) + end)
    (summary,) = import_files(path, sources_of(file))
    with Recording(path) as recording:
        return summary, list(recording.exchanges())


def test_a_request_and_its_answer(tmp_path: Path) -> None:
    _, (exchange,) = imported(tmp_path, GET, OK)
    assert exchange == Exchange(
        number=1,
        began=1_700_000_000.5,
        ended=1_700_000_000.75,
        connection=1,
        request=Request("GET", b"/a?x=1", ((b"Host", b"old:81"), (b"X-a", b"1"))),
        response=Response(200, "OK", ((b"Content-Length", b"2"),), b"ok"),
    )


def test_answers_come_in_another_order_than_requests(tmp_path: Path) -> None:
    second, late = GET.replace(b"1 aa", b"1 bb").replace(b"/a?", b"/b?"), OK.replace(b"2 aa", b"2 bb")
    _, exchanges = imported(tmp_path, GET, second, late, OK)
    assert [(e.number, e.request.path) for e in exchanges] == [(1, b"/a"), (2, b"/b")]


def test_a_request_whose_answer_is_not_there(tmp_path: Path) -> None:
    _, (exchange,) = imported(tmp_path, GET)
    assert exchange.error == "its answer is not in the file"


def test_chunks_are_put_together(tmp_path: Path) -> None:
    head = b"2 aa 1700000000600000000 1\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunked = head + b"2\r\nok\r\n1;x=1\r\n!\r\n0\r\n\r\n"
    _, (exchange,) = imported(tmp_path, GET, chunked)
    assert exchange.response is not None
    assert (exchange.response.body, exchange.response.lacks) == (b"ok!", "")


@pytest.mark.parametrize(
    ("head", "body", "kept", "lacks"),
    [
        (b"Content-Length: 9", b"abc", b"abc", "of its body there are 3 of 9 bytes"),
        (b"Content-Length: 2", b"abc", b"ab", ""),
        (b"Transfer-Encoding: chunked", b"9\r\nabc", b"abc", "its body ends after 3 bytes, before its last chunk"),
        (b"Transfer-Encoding: chunked", b"nonsense", b"", "its body ends after 0 bytes, before its last chunk"),
        (b"Content-Length: x", b"abc", b"", ""),
    ],
)
def test_a_body_that_is_not_whole(tmp_path: Path, head: bytes, body: bytes, kept: bytes, lacks: str) -> None:
    post = b"1 aa 1700000000500000000 0\nPOST / HTTP/1.1\r\nHost: a\r\n" + head + b"\r\n\r\n" + body
    summary, (exchange,) = imported(tmp_path, post, OK)
    assert (exchange.request.body, exchange.request.lacks) == (kept, lacks)
    assert summary.replayable == (not lacks)


def test_messages_that_are_none_are_counted(tmp_path: Path) -> None:
    summary, exchanges = imported(tmp_path, GET, b"nonsense", b"1 cc 1700000000500000000\nnonsense", OK)
    assert len(exchanges) == 1
    assert (summary.entries, summary.skipped) == (3, 2)


def test_a_file_that_was_cut(tmp_path: Path) -> None:
    summary, exchanges = imported(tmp_path, GET, OK, GET.replace(b"aa", b"bb")[:60], end=b"")
    assert len(exchanges) == 1
    assert summary.cut == "the last message has no end, after 1 entries"


def test_a_message_without_an_end_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(goreplay, "MAX_ENTRY", 1000)
    summary, _ = imported(tmp_path, GET, OK, b"x" * 3_000_000)
    assert "there is no separator in 1000 bytes" in summary.cut


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    post = Request("POST", b"/", ((b"Host", b"a"), (b"Content-Length", b"4")), b"\x00\r\n\xff", "1.0")
    answer = Response(500, "Oh no", ((b"X", b"1"), (b"Content-Length", b"3")), b"bad")
    exchanges = [
        Exchange(1, 1_700_000_000.5, 1_700_000_001.0, 1, post, response=answer),
        Exchange(2, 1_700_000_002.0, 1_700_000_002.0, 1, post, error="its answer is not in the file"),
    ]
    (tmp_path / "a.gor.gz").write_bytes(gzip.compress(b"".join(goreplay.written(exchanges))))
    import_files(tmp_path / "a.rec", sources_of(tmp_path / "a.gor.gz"))
    with Recording(tmp_path / "a.rec") as recording:
        assert list(recording.exchanges()) == exchanges
