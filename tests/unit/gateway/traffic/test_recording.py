"""Recordings: written by a thread, read without trust."""

import sqlite3
import zlib
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.traffic import schema
from gateway.traffic.exchange import Exchange, Request, Response
from gateway.traffic.recording import NotARecording, Recording
from gateway.traffic.results import Difference, Result, ResultWriter, Unmapped, Verdict
from gateway.traffic.writer import CannotAppend, Writer

UPSTREAM = {"scheme": "http", "host": "old.example", "port": "8080"}

ODD = Exchange(
    number=1,
    began=1_700_000_000.25,
    ended=1_700_000_000.5,
    connection=1,
    request=Request(
        "POST",
        b"/a%2fb?q=\xff",
        ((b"hOST", b"old.example"), (b"X-Twice", b"1"), (b"x-tWICE", b"\xe4\xf6")),
        b"<a>" + b"\x00\xff" * 500 + b"</a>",
        version="1.0",
        lacks="the client went away",
    ),
    response=Response(500, "Très bien", ((b"SERVER", b"IIS"),), b"short", lacks="5 of 9 bytes"),
)
UNANSWERED = Exchange(2, 1_700_000_001.0, 1_700_000_002.0, 2, Request("GET", b"/"), error="no connection: refused")


def written(path: Path, *exchanges: Exchange) -> Path:
    with Writer(path, source="a test", about=UPSTREAM, labels=lambda e: (f"s{e.connection}", "op")) as writer:
        for exchange in exchanges:
            writer.put(exchange)
    return path


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    with Recording(written(tmp_path / "a.rec", ODD, UNANSWERED)) as recording:
        assert list(recording.exchanges()) == [ODD, UNANSWERED]
        assert recording.exchange(2) == UNANSWERED
        assert recording.exchange(3) is None
        assert recording.meta.upstream == "http://old.example:8080"
        assert recording.meta.kind == "recording"
        assert len(recording) == 2
        (part,) = recording.parts()
        assert (part.source, part.exchanges) == ("a test", 2)


def test_a_closed_recording_is_one_file_of_its_owner(tmp_path: Path) -> None:
    path = written(tmp_path / "a.rec", ODD)
    assert [file.name for file in tmp_path.iterdir()] == ["a.rec"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_exchanges_are_picked_by_session_operation_and_status(tmp_path: Path) -> None:
    with Recording(written(tmp_path / "a.rec", ODD, UNANSWERED)) as recording:
        assert [e.number for e in recording.exchanges(session="s2")] == [2]
        assert [e.number for e in recording.entries(operation="op", status=500)] == [1]
        assert [e.number for e in recording.entries(status=0)] == [2]
        assert [e.number for e in recording.exchanges(after=1)] == [2]
        assert recording.sessions() == [("s1", 1), ("s2", 1)]
        assert recording.operations() == [("op", 2)]
        assert recording.statuses() == [(0, 1), (500, 1)]


def test_an_entry_tells_sizes_and_no_bodies(tmp_path: Path) -> None:
    with Recording(written(tmp_path / "a.rec", ODD)) as recording:
        entry = recording.entry(1)
        assert entry is not None
        assert (entry.sent, entry.received, entry.lacks) == (1007, 5, "the client went away")


def test_a_body_is_kept_once_and_packed(tmp_path: Path) -> None:
    body = b"<Task/>" * 10_000
    same = [replace(ODD, number=n, request=replace(ODD.request, body=body)) for n in range(1, 21)]
    path = written(tmp_path / "a.rec", *same)
    with Recording(path) as recording:
        assert recording.sizes()[0] == len(body) + len(b"short")
        assert path.stat().st_size < len(body)
        assert [e.request.body for e in recording.exchanges()] == [body] * 20


def test_a_body_beyond_the_limit_is_cut_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.traffic.writer.MAX_BODY", 10)
    with Recording(written(tmp_path / "a.rec", replace(ODD, response=Response(200, body=b"x" * 11)))) as r:
        read = r.exchange(1)
        assert read is not None
        assert read.response is not None
        assert read.response.body == b"x" * 10
        assert read.response.lacks == "its body has 11 bytes, of which 10 are kept"


def test_it_is_gone_on_with_for_the_same_server(tmp_path: Path) -> None:
    path = written(tmp_path / "a.rec", ODD, UNANSWERED)
    with Writer(path, source="again", about=UPSTREAM) as writer:
        assert (writer.number(), writer.connection()) == (3, 3)
        writer.put(replace(ODD, number=3, connection=3))
    with Recording(path) as recording:
        assert [e.number for e in recording.entries()] == [1, 2, 3]
        assert [part.exchanges for part in recording.parts()] == [2, 1]


def test_it_is_not_gone_on_with_for_another_server(tmp_path: Path) -> None:
    path = written(tmp_path / "a.rec", ODD)
    with pytest.raises(CannotAppend, match=r"with host old\.example, and cannot go on with host new\.example"):
        Writer(path, source="again", about=UPSTREAM | {"host": "new.example"})
    with Recording(path) as recording:
        assert len(recording.parts()) == 1


def test_two_do_not_write_into_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.rec"
    with Writer(path, source="one"), pytest.raises(CannotAppend, match="being written by another process"):
        Writer(path, source="other")


def test_it_is_read_while_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a.rec"
    with Writer(path, source="a test") as writer:
        writer.put(ODD)
        writer.flush()
        with Recording(path) as recording:
            reading = recording.exchanges()
            assert next(reading).number == 1
            writer.put(UNANSWERED)
            writer.flush()
            assert len(recording) == 2


def test_what_cannot_be_written_is_counted(tmp_path: Path) -> None:
    def full(connection: sqlite3.Connection, exchange: Exchange) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with Writer(tmp_path / "a.rec", source="a test", beside=[full]) as writer:
        writer.put(ODD)
        writer.flush()
        writer.put(UNANSWERED)
        assert writer.failure == f"{tmp_path / 'a.rec'}: database or disk is full"
        assert (writer.written, writer.lost) == (0, 2)


def test_what_cannot_be_looked_through_is_not_kept_as_it_was(tmp_path: Path) -> None:
    def change(exchange: Exchange) -> Exchange:
        if exchange.number == 1:
            raise RecursionError("too deep")
        return exchange

    path = tmp_path / "a.rec"
    with Writer(path, source="a test", change=change) as writer:
        writer.put(ODD)
        writer.put(UNANSWERED)
    with Recording(path) as recording:
        first, second = recording.exchanges()
    assert second == UNANSWERED
    assert (first.request.target, first.request.headers, first.request.body) == (b"/a%2fb", (), b"")
    assert "RecursionError: too deep" in first.request.lacks


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("CREATE TABLE extra (a)", "or has others besides"),
        ("CREATE VIEW extra AS SELECT 1", "or has others besides"),
        (
            "CREATE TRIGGER extra AFTER INSERT ON exchange BEGIN DELETE FROM exchange; END",
            "or has others besides",
        ),
        ("DROP TABLE mark", "does not have the tables of a recording"),
        ("PRAGMA user_version = 2", "is a recording of format 2; this program knows format 1"),
        ("PRAGMA application_id = 0", "is a SQLite database, but no recording"),
        ("DELETE FROM meta", "does not say what it is about"),
        ("UPDATE meta SET value = 'result' WHERE name = 'kind'", "says it is a result"),
        ("UPDATE meta SET value = 'x' WHERE name = 'port'", "does not say what it is about"),
    ],
)
def test_a_file_that_is_something_else_is_refused(tmp_path: Path, damage: str, words: str) -> None:
    path = written(tmp_path / "a.rec", ODD)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(damage)
    with pytest.raises(NotARecording, match=words):
        Recording(path)


@pytest.mark.parametrize("content", [b"", b"{}", b"SQLite format 3\0" + b"\xff" * 2000, b"\0" * 100])
def test_what_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.rec"
    path.write_bytes(content)
    with pytest.raises(NotARecording):
        Recording(path)


def test_what_is_not_there_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Recording(tmp_path / "none.rec")
    with pytest.raises(NotARecording, match="is no file"):
        Recording(tmp_path)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("UPDATE exchange SET headers = 'x'", "exchange 1 is damaged"),
        ("UPDATE exchange SET headers = '[1]'", "exchange 1 is damaged"),
        ('UPDATE exchange SET answer_headers = \'[["\u20ac", ""]]\'', "exchange 1 is damaged"),
        ("UPDATE exchange SET began = 'x'", "exchange 1 is damaged"),
        ("UPDATE exchange SET target = 'x'", "exchange 1 is damaged"),
    ],
)
def test_an_exchange_that_is_damaged_is_named(tmp_path: Path, damage: str, words: str) -> None:
    path = written(tmp_path / "a.rec", ODD)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(damage)
    with Recording(path) as recording, pytest.raises(NotARecording, match=words):
        list(recording.exchanges())


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE body SET data = x'00' WHERE packed",
        "UPDATE body SET size = 1099511627776 WHERE packed",
        "UPDATE body SET size = -1 WHERE packed",
        "UPDATE body SET size = 3 WHERE packed",
        "UPDATE body SET data = 'text' WHERE packed",
    ],
)
def test_a_body_that_is_damaged_is_said_to_be(tmp_path: Path, damage: str) -> None:
    path = written(tmp_path / "a.rec", ODD)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(damage)
    with Recording(path) as recording:
        (read,) = recording.exchanges()
        assert read.request.body == b""
        assert read.request.lacks == "the client went away; its body is damaged"


def test_a_body_does_not_grow_beyond_its_size(tmp_path: Path) -> None:
    path = written(tmp_path / "a.rec", ODD)
    bomb = zlib.compress(b"\0" * 100_000_000)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE body SET data = ?, size = ? WHERE packed", (bomb, schema.MAX_BODY + 1))
    with Recording(path) as recording:
        (read,) = recording.exchanges()
        assert read.request.body == b""


def test_a_result_has_verdicts_differences_and_what_was_not_mapped(tmp_path: Path) -> None:
    path = tmp_path / "a.result"
    difference = Difference(1, "op", "$.state", "meaning", old='"DONE"', new='"OPEN"')
    later = Difference(2, "op", "status", "consequence", old="200", new=None, note="no answer", follows=1)
    writer = ResultWriter(path, source="a.rec", about={"recording": "a.rec"})
    writer.put(ODD, Verdict(1, "s1", "op", "meaning", differences=(difference,)))
    writer.put(UNANSWERED, Verdict(2, "s1", "op", "no answer", reason="refused", differences=(later,)))
    writer.unmapped([Unmapped("4711", "id", "$.id", 1, 3)])
    writer.say("compared", "2")
    writer.close()
    with Result(path) as result:
        assert list(result.exchanges()) == [ODD, UNANSWERED]
        assert [(v.exchange, v.grade) for v in result.verdicts()] == [(1, "meaning"), (2, "no answer")]
        assert list(result.differences()) == [difference, later]
        assert list(result.differences(2)) == [later]
        assert list(result.all_unmapped()) == [Unmapped("4711", "id", "$.id", 1, 3)]
        assert result.meta.said("recording") == "a.rec"
        assert result.meta.said("compared") == "2"


def test_a_recording_is_no_result(tmp_path: Path) -> None:
    with pytest.raises(NotARecording, match="is a recording, and not what came of a replay"):
        Result(written(tmp_path / "a.rec", ODD))
