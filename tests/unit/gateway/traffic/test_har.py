"""HAR files as everybody writes them, each oddity seen in some program's files; and the strict one that we write."""

import base64
import gzip
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.exits import Usage
from gateway.traffic import importing
from gateway.traffic.exchange import Exchange, Request, Response
from gateway.traffic.har_reader import NoExchange, exchange_of, time_of
from gateway.traffic.har_writer import entry as written
from gateway.traffic.har_writer import har
from gateway.traffic.importing import Summary, import_files
from gateway.traffic.recording import Recording
from gateway.traffic.sources import sources_of

AT = "2026-11-30T10:00:00.000Z"


def asked(url: str = "http://old.example/tasks?a=1", **more: Any) -> dict[str, Any]:
    return {"method": "GET", "url": url, "httpVersion": "HTTP/1.1", "headers": [], "cookies": [], **more}


def answered(status: int = 200, text: str | None = "ok", **more: Any) -> dict[str, Any]:
    content: dict[str, Any] = {"size": len(text or ""), "mimeType": "text/plain"}
    if text is not None:
        content["text"] = text
    return {"status": status, "statusText": "OK", "httpVersion": "HTTP/1.1", "headers": [], "content": content, **more}


def entry(request: dict[str, Any] | None = None, response: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "startedDateTime": AT,
        "time": 10,
        "request": asked() if request is None else request,
        "response": answered() if response is None else response,
        **more,
    }


def document(*entries: Any, creator: str = "a test", **log: Any) -> bytes:
    return json.dumps({"log": {"version": "1.2", "creator": {"name": creator}, **log, "entries": entries}}).encode()


def read(raw: Any) -> Exchange:
    return exchange_of(raw, lambda name: None, 0).exchange


def answer(raw: Any) -> Response:
    response = read(raw).response
    assert response is not None
    return response


def imported(tmp_path: Path, content: bytes, name: str = "a.har", only: str = "") -> tuple[Summary, list[Exchange]]:
    file, path = tmp_path / name, tmp_path / "a.rec"
    file.write_bytes(content)
    (summary,) = import_files(path, sources_of(file), only=only)
    with Recording(path) as recording:
        return summary, list(recording.exchanges())


def header(name: str, value: str) -> dict[str, str]:
    return {"name": name, "value": value}


class TestChrome:
    def test_pseudo_headers_are_no_headers(self) -> None:
        names = [":method", ":path", ":authority", ":scheme"]
        headers = [*(header(name, "x") for name in names), header("accept", "*/*")]
        request = read(entry(asked(headers=headers, httpVersion="http/2.0"))).request
        assert request.headers == ((b"Host", b"old.example"), (b"accept", b"*/*"))
        assert request.version == "2"

    @pytest.mark.parametrize(
        ("text", "version"), [("h3", "3"), ("HTTP/2", "2"), ("", "1.1"), ("http/1.0", "1.0"), ("?", "1.1")]
    )
    def test_versions(self, text: str, version: str) -> None:
        assert read(entry(asked(httpVersion=text))).request.version == version

    def test_a_failed_request_has_no_answer(self) -> None:
        raw = entry(response=answered(0, None, httpVersion="", _error="net::ERR_CONNECTION_REFUSED"))
        exchange = read(raw)
        assert exchange.response is None
        assert exchange.error == "there was no answer (net::ERR_CONNECTION_REFUSED)"

    def test_a_form_has_fields_and_text_and_the_text_counts(self) -> None:
        form = {"mimeType": "application/x-www-form-urlencoded", "text": "a=%20&b", "params": [header("a", "%20")]}
        assert read(entry(asked(postData=form))).request.body == b"a=%20&b"

    def test_several_cookies_of_one_header_are_told_apart(self) -> None:
        response = answer(entry(response=answered(headers=[header("set-cookie", "a=1; Path=/\nb=2")])))
        assert response.headers == ((b"set-cookie", b"a=1; Path=/"), (b"set-cookie", b"b=2"))

    def test_a_sanitized_file_is_noticed(self, tmp_path: Path) -> None:
        summary, _ = imported(tmp_path, document(entry(), entry(), creator="WebInspector"))
        assert list(summary.lines()) == [
            "2 entries, 2 replayable",
            '  no credentials: Chrome leaves them out ("sanitized") unless told to export sensitive data',
            "  sessions are told apart by nothing: all are one",
        ]

    def test_a_mark_at_the_beginning_of_the_file(self, tmp_path: Path) -> None:
        assert imported(tmp_path, b"\xef\xbb\xbf" + document(entry()))[0].replayable == 1

    def test_an_image_is_base64(self) -> None:
        content = {
            "size": 4,
            "mimeType": "image/png",
            "text": base64.b64encode(b"\x89PNG").decode(),
            "encoding": "base64",
        }
        assert answer(entry(response=answered(content=content))).body == b"\x89PNG"

    @pytest.mark.parametrize(
        "url",
        [
            "data:text/plain,a",
            "chrome-extension://a/b",
            "blob:http://a/b",
            "ws://a/b",
            "about:blank",
            "http:///a",
            "",
            "javascript:alert(1)",
            "file:///etc/passwd",
        ],
    )
    def test_what_is_asked_of_no_server_is_no_exchange(self, url: str) -> None:
        with pytest.raises(NoExchange):
            read(entry(asked(url)))


class TestFirefox:
    def test_local_time(self) -> None:
        assert time_of(entry(startedDateTime="2026-11-30T03:00:00.000-07:00")) == time_of(entry())

    def test_an_answer_without_headers_and_body_is_not_all_of_it(self) -> None:
        response = answer(entry(response=answered(text=None, headersSize=-1)))
        assert response.lacks == "neither its headers nor its body are in the file"

    def test_what_is_decoded_already_has_no_coding_any_more(self) -> None:
        headers = [header("Content-Encoding", "gzip"), header("Content-Length", "99"), header("X-A", "1")]
        response = answer(entry(response=answered(headers=headers)))
        assert (response.headers, response.body) == (((b"X-A", b"1"),), b"ok")

    def test_a_body_that_was_too_large_is_missing(self) -> None:
        response = answer(entry(response=answered(text=None, headers=[header("Content-Length", "5000000")])))
        assert response.lacks == "its body (5000000 bytes) is not in the file"


def test_safari_sizes_are_not_believed() -> None:
    raw = entry(response=answered(text="longer than that"), time=-1)
    raw["response"]["content"]["size"] = 3
    assert answer(raw).body == b"longer than that"
    assert read(raw).ended == read(raw).began


def test_charles_and_insomnia_have_no_pages(tmp_path: Path) -> None:
    assert imported(tmp_path, document(entry(), creator="Charles Proxy"))[0].replayable == 1


class TestProxyman:
    def test_text_is_base64_as_well(self) -> None:
        content = {"mimeType": "application/json", "text": base64.b64encode(b'{"a":1}').decode(), "encoding": "base64"}
        assert answer(entry(response=answered(content=content))).body == b'{"a":1}'

    def test_what_claims_to_be_base64_and_is_not_stays_a_text(self) -> None:
        content = {"mimeType": "application/json", "text": '{"a":1}', "encoding": "base64"}
        assert answer(entry(response=answered(content=content))).body == b'{"a":1}'


class TestFormsByFieldsOnly:
    def test_they_are_put_together_as_they_are_given(self) -> None:
        form = {"mimeType": "application/x-www-form-urlencoded", "params": [header("a", "x%2By"), header("b", "ü z")]}
        assert read(entry(asked(postData=form))).request.body == b"a=x%2By&b=%C3%BC%20z"

    def test_base64_that_the_specification_does_not_know(self) -> None:
        form = {"mimeType": "application/octet-stream", "text": "AAH/", "encoding": "base64"}
        assert read(entry(asked(postData=form))).request.body == b"\x00\x01\xff"

    def test_parts(self) -> None:
        form = {
            "mimeType": "multipart/form-data; boundary=b",
            "params": [header("a", "1"), {"name": "f", "fileName": "x.pdf", "contentType": "application/pdf"}],
        }
        request = read(entry(asked(postData=form))).request
        assert request.body.startswith(b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n')
        assert request.lacks == "the file in its body is not there"

    def test_a_body_that_is_not_there(self) -> None:
        assert read(entry(asked(bodySize=12))).request.lacks == "its body (12 bytes) is not in the file"


class TestMitmproxy:
    def test_microseconds_and_an_offset(self) -> None:
        assert time_of(entry(startedDateTime="2026-11-30T10:00:00.000000+00:00")) == time_of(entry())

    def test_a_body_that_is_still_compressed_keeps_its_coding(self) -> None:
        packed = gzip.compress(b"x")
        content = {"text": base64.b64encode(packed).decode(), "encoding": "base64"}
        response = answer(entry(response=answered(content=content, headers=[header("Content-Encoding", "gzip")])))
        assert response.body == packed
        assert response.header(b"content-encoding") == b"gzip"


def test_a_body_that_pcapdroid_damaged_is_said_to_be() -> None:
    posted = {"mimeType": "application/octet-stream", "text": "\x00\ufffd\ufffd"}
    assert read(entry(asked(postData=posted))).request.lacks == "its body was no text, and is damaged"


class TestPlaywright:
    def test_bodies_beside_the_entries_in_a_zip(self, tmp_path: Path) -> None:
        raw = entry(response=answered(content={"mimeType": "text/plain", "_file": "abc.txt"}))
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr("har.har", document(raw))
            archive.writestr("abc.txt", "beside")
        (source,) = sources_of(tmp_path / "a.zip")
        import_files(tmp_path / "a.rec", [source])
        with Recording(tmp_path / "a.rec") as recording:
            (exchange,) = recording.exchanges()
            assert exchange.response is not None
            assert exchange.response.body == b"beside"

    def test_bodies_beside_the_file(self, tmp_path: Path) -> None:
        (tmp_path / "abc.txt").write_text("beside")
        raw = entry(response=answered(content={"_file": "abc.txt"}))
        _, (exchange,) = imported(tmp_path, document(raw))
        assert exchange.response is not None
        assert exchange.response.body == b"beside"

    @pytest.mark.parametrize("name", ["../secret", "/etc/hostname", "folder/x", "..", "link", "x\0y", "none"])
    def test_a_body_is_nowhere_else(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "secret").write_text("secret")
        folder = tmp_path / "folder"
        folder.mkdir()
        (folder / "x").write_text("secret")
        (folder / "link").symlink_to(tmp_path / "secret")
        raw = entry(response=answered(content={"_file": name}))
        _, (exchange,) = imported(folder, document(raw))
        assert exchange.response is not None
        assert exchange.response.body == b""
        assert exchange.response.lacks.startswith("its body is not there: ")


class TestMadeByHand:
    def test_next_to_nothing_is_enough(self, tmp_path: Path) -> None:
        content = json.dumps({"log": {"entries": [{"request": {"url": "http://old.example"}}]}}).encode()
        summary, (exchange,) = imported(tmp_path, content)
        assert next(summary.lines()) == "1 entries, 0 replayable"
        assert (exchange.request.method, exchange.request.target) == ("GET", b"/")
        assert exchange.error == "its answer is not in the file"

    def test_queries_cookies_and_hosts_that_stand_elsewhere(self) -> None:
        request = read(
            entry(asked("http://ann@OLD:81/x#f", queryString=[header("a", "1 2")], cookies=[header("s", "1")]))
        ).request
        assert request.target == b"/x?a=1%202"
        assert request.headers == ((b"Host", b"OLD:81"), (b"Cookie", b"s=1"))

    @pytest.mark.parametrize(
        "raw", [None, 1, "x", [], {}, {"request": 1}, {"request": {"url": 1}}, {"request": asked(method="A B")}]
    )
    def test_what_is_no_entry(self, raw: Any) -> None:
        with pytest.raises(NoExchange):
            read(raw)

    @pytest.mark.parametrize("wrong", [None, 1, "x", [], [1, None, {"name": 1}, {"name": ""}], {"a": "b"}])
    def test_what_is_of_another_kind_is_passed_over(self, wrong: Any) -> None:
        request = asked(headers=wrong, cookies=wrong, queryString=wrong, postData=wrong, bodySize=wrong)
        answer = answered(headers=wrong, content=wrong, cookies=wrong)
        exchange = read(entry(request, answer, time=wrong, startedDateTime=wrong))
        assert (exchange.request.method, exchange.request.body) == ("GET", b"")
        assert exchange.response is not None
        assert (exchange.response.status, exchange.response.body) == (200, b"")

    def test_a_target_is_sent_in_ascii(self) -> None:
        assert read(entry(asked("http://a/ü b?x=%zz|"))).request.target == b"/%C3%BC%20b?x=%zz|"

    def test_a_header_that_would_be_two_is_none(self) -> None:
        request = read(
            entry(asked(headers=[header("a b", "1"), header("c\r\nd", "1"), header("e", "\u20ac\0")]))
        ).request
        assert request.headers[1:] == ((b"e", "€".encode()),)


class TestCharacters:
    @pytest.mark.parametrize(
        ("media", "text", "body"),
        [
            ("text/xml; charset=iso-8859-1", "<a>ü</a>", b"<a>\xfc</a>"),
            ("text/xml", '<?xml version="1.0" encoding="ISO-8859-1"?><a>ü€</a>', None),
            ("text/xml", '<?xml version="1.0" encoding="nonsense"?><a>ü</a>', None),
            ("application/json; charset=ascii", '"ü"', '"ü"'.encode()),
            ("application/json; charset=unicode_escape", '"ü"', '"ü"'.encode()),
        ],
    )
    def test_a_text_has_the_bytes_that_its_head_says(self, media: str, text: str, body: bytes | None) -> None:
        content = {"text": text, "mimeType": media}
        if body is None:
            body = text.encode("latin-1", "xmlcharrefreplace") if "8859" in text else text.encode()
        response = answer(entry(response=answered(content=content, headers=[header("Content-Type", media)])))
        assert response.body == body


class TestBroken:
    def test_a_file_that_was_cut_is_read_as_far_as_it_goes(self, tmp_path: Path) -> None:
        content = document(entry(), entry(asked("http://old.example/second")))
        summary, exchanges = imported(tmp_path, content[: content.index(b"second")])
        assert summary.entries == len(exchanges) == 1
        assert "  the file is cut: it is no JSON from there on" in "\n".join(summary.lines())

    def test_a_gzip_that_was_cut(self, tmp_path: Path) -> None:
        entries = [entry(asked(f"http://old.example/{n}")) for n in range(5000)]
        packed = gzip.compress(document(*entries))
        summary, exchanges = imported(tmp_path, packed[: len(packed) // 2], "a.har.gz")
        assert 0 < len(exchanges) < 5000
        assert summary.cut.startswith("it cannot be read any further")

    def test_an_entry_that_is_none_among_others(self, tmp_path: Path) -> None:
        summary, exchanges = imported(tmp_path, document(entry(), {"request": 3}, entry(asked("data:,x")), entry()))
        assert len(exchanges) == 2
        assert list(summary.lines())[:2] == ["4 entries, 2 replayable", "  2 are no exchanges with a server"]
        assert summary.said == [
            "entry 2: it has no request",
            "entry 3: its address is none of a server: data:,x",
        ]

    @pytest.mark.parametrize(
        "content",
        [
            b"{",
            b"{}",
            b'{"log":{}}',
            b'{"log":{"entries":[]}}',
            b'{"log":{"entries":"x"}}',
            b'{"log":[]}',
            b"{" * 100_000,
            b'{"log":{"entries":[' + b"[" * 100_000,
            b'{"log":{"entries":[\xff\xfe',
            b"",
            b"   ",
            b"\x1f\x8b\x08\x00",
            b"PK\x03\x04nonsense",
            b"<har/>",
            b"SQLite format 3\0",
            b"4:\x00abc,",
            b"\xd4\xc3\xb2\xa1",
            b"12:4:type,",
            b"\x00" * 100,
        ],
    )
    def test_a_file_without_entries_is_refused_and_leaves_nothing(self, tmp_path: Path, content: bytes) -> None:
        with pytest.raises(Usage):
            imported(tmp_path, content)
        assert [file.name for file in tmp_path.iterdir()] == ["a.har"]

    def test_an_entry_without_an_end_is_not_waited_for(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("gateway.traffic.har_reader.MAX_ENTRY", 200_000)
        summary, exchanges = imported(tmp_path, document(entry(), entry(asked("http://old.example/" + "x" * 900_000))))
        assert len(exchanges) == 1
        assert summary.cut == "there is no entry in 200000 bytes, after 1 entries"

    def test_utf_16(self, tmp_path: Path) -> None:
        content = document(entry()).decode()
        assert imported(tmp_path, ("\ufeff" + content).encode("utf-16-le"))[0].entries == 1

    def test_bytes_that_are_no_text(self, tmp_path: Path) -> None:
        content = document(entry(response=answered(text="HERE"))).replace(b"HERE", b"\xff\xfe")
        _, (exchange,) = imported(tmp_path, content)
        assert exchange.response is not None
        assert exchange.response.body == "\ufffd\ufffd".encode()

    @pytest.mark.parametrize("escape", [b"\\ud800", b"\\u0000", b"\\udfff\\ud800"])
    def test_halves_of_characters(self, tmp_path: Path, escape: bytes) -> None:
        content = document(
            entry(asked("http://old.example/HERE", headers=[header("a", "HERE")]), answered(text="HERE"))
        )
        assert imported(tmp_path, content.replace(b"HERE", escape))[0].entries == 1


def test_redacted_headers_are_no_credentials(tmp_path: Path) -> None:
    raw = entry(asked(headers=[header("Authorization", "Bearer REDACTED"), header("Cookie", "a=REDACTED")]))
    summary, _ = imported(tmp_path, document(raw))
    assert "  no credentials: 2 headers say that theirs were removed" in summary.lines()


def test_entries_are_numbered_in_the_order_of_time(tmp_path: Path) -> None:
    times = ["2026-11-30T12:00:02+02:00", "2026-11-30T10:00:01Z", "nonsense", "2026-11-30T10:00:00.5Z"]
    raws = [entry(asked(f"http://old.example/{n}"), startedDateTime=time) for n, time in enumerate(times)]
    _, exchanges = imported(tmp_path, document(*raws))
    assert [e.request.target for e in exchanges] == [b"/3", b"/1", b"/2", b"/0"]


def test_connections_are_told_apart_where_the_file_does(tmp_path: Path) -> None:
    raws = [entry(connection="7"), entry(connection="8"), entry(connection="7"), entry()]
    assert [e.connection for e in imported(tmp_path, document(*raws))[1]] == [1, 2, 1, 3]


def test_pages_stand_for_connections_where_there_are_none(tmp_path: Path) -> None:
    raws = [entry(pageref="page_1"), entry(pageref="page_2"), entry(pageref="page_1")]
    summary, exchanges = imported(tmp_path, document(*raws, creator="WebInspector"))
    assert [e.connection for e in exchanges] == [1, 2, 1]
    assert "  sessions are told apart by pages" in summary.lines()


def test_only_what_was_asked_of_one_server(tmp_path: Path) -> None:
    raws = [entry(), entry(asked("https://cdn.example/x")), entry(asked("http://old.example/other"))]
    summary, exchanges = imported(tmp_path, document(*raws), only="http://OLD.example/tasks")
    assert [e.request.target for e in exchanges] == [b"/tasks?a=1"]
    assert "  2 belong to other servers" in summary.lines()
    with Recording(tmp_path / "a.rec") as recording:
        assert recording.meta.upstream == "http://old.example:80"


def test_a_file_is_imported_into_what_is_there(tmp_path: Path) -> None:
    imported(tmp_path, document(entry()))
    _, exchanges = imported(tmp_path, document(entry()))
    assert [e.number for e in exchanges] == [1, 2]


def test_more_lines_than_somebody_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "_SAID", 2)
    summary, _ = imported(tmp_path, document(*(entry(asked(bodySize=1)) for _ in range(5))))
    assert list(summary.lines())[-1] == "  and 3 entries more of which something is missing"
    assert summary.replayable == 0


NAMES = st.text("abcdefXYZ-", min_size=1, max_size=8).map(lambda name: f"X-{name}".encode())
VALUES = st.binary(max_size=10).map(lambda raw: bytes(b for b in raw if 0x21 <= b < 0x7F))
HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=4).map(tuple)
PATHS = st.text("abc/%2.", max_size=10).map(lambda text: f"/{text}?q={text}".encode())


@given(st.binary(max_size=200), HEADERS, PATHS, st.sampled_from(["text/plain", "text/xml; charset=latin1", "x/y"]))
def test_what_is_written_is_read_again(body: bytes, headers: Any, target: bytes, media: str) -> None:
    kind = ((b"Host", b"old.example"), (b"Content-Type", media.encode()))
    request = Request("POST", target, (*kind, *headers), body)
    exchange = Exchange(1, 1.5, 2.5, 1, request, response=Response(200, "OK", (*kind, *headers), body))
    again = read(json.loads(json.dumps(written(exchange, ""))))
    assert replace(again, number=1, connection=1) == exchange


def test_a_document_has_all_that_the_specification_wants() -> None:
    exchange = Exchange(1, 1.5, 2.5, 1, Request("POST", b"/", (), b"\xff\x00"), error="refused")
    log = json.loads(b"".join(har([exchange], "http://old:80")))["log"]
    assert log["version"] == "1.2"
    (raw,) = log["entries"]
    assert {"startedDateTime", "time", "request", "response", "cache", "timings"} <= raw.keys()
    assert {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"} <= raw[
        "request"
    ].keys()
    assert {"status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL"} <= raw[
        "response"
    ].keys()
    assert raw["request"]["url"] == "http://old:80/"
    assert read(raw).error == "there was no answer (refused)"
    assert read(raw).request.body == b"\xff\x00"
