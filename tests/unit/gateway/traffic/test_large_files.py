"""Files of others that have no end, or that grow when they are unpacked: they are read an entry at a time, in the
memory that some of it takes. `ROUNDS=60` makes a HAR of 1 GB."""

import gzip
import io
import json
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from gateway.traffic.importing import Summary, import_files
from gateway.traffic.recording import Recording
from gateway.traffic.sources import sources_of
from tests.support.rounds import rounds

pytestmark = pytest.mark.rounds

MB = 1024 * 1024
HEAD, END = b'{"log":{"version":"1.2","creator":{"name":"a","version":"1"},"entries":[', b"]}}"


def entry(number: int) -> bytes:
    """Of some 60 kB, no two alike."""
    text = f"{number} " + "x" * 60_000
    answer = {"status": 200, "headers": [], "content": {"mimeType": "text/plain", "text": text}}
    request = {"method": "GET", "url": f"http://old.example/{number}", "headers": [], "httpVersion": "HTTP/1.1"}
    began = "2026-01-01T00:00:00.000Z"
    return json.dumps({"startedDateTime": began, "time": 1, "request": request, "response": answer}).encode()


def imported(folder: Path, source: Path) -> tuple[Summary, int]:
    path = folder / "a.rec"
    path.unlink(missing_ok=True)
    (summary,) = import_files(path, sources_of(source))
    with Recording(path) as recording:
        return summary, len(recording)


def test_a_long_file_takes_the_memory_of_a_short_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Besides what waits for the disk."""
    monkeypatch.setattr("gateway.traffic.writer.WAITING", MB)
    monkeypatch.setattr("gateway.traffic.writer._BATCH", MB // 2)
    peaks = []
    for size in (MB, rounds(16) * MB):
        source = tmp_path / "a.har"
        with source.open("wb") as file:
            file.write(HEAD + entry(0))
            count = 1
            while file.tell() < size:
                file.write(b"," + entry(count))
                count += 1
            file.write(END)
        tracemalloc.start()
        try:
            summary, read = imported(tmp_path, source)
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
        assert (summary.entries, read, summary.cut) == (count, count, "")
    assert peaks[1] < peaks[0] + 4 * MB


@pytest.mark.parametrize("name", ["a.har.gz", "a.zip"])
def test_what_grows_without_an_end_is_cut_behind_what_was_there(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few kB of which there is one entry, and then nothing but blanks."""
    monkeypatch.setattr("gateway.traffic.har_reader.MAX_ENTRY", MB)
    bomb = HEAD + entry(1) + b" " * 16 * MB + b"," + entry(2) + END
    source = tmp_path / name
    if name.endswith(".gz"):
        source.write_bytes(gzip.compress(bomb, mtime=0))
    else:
        with zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.har", bomb)
    del bomb
    assert source.stat().st_size < 100_000
    tracemalloc.start()
    try:
        summary, read = imported(tmp_path, source)
        assert tracemalloc.get_traced_memory()[1] < 8 * MB
    finally:
        tracemalloc.stop()
    assert read == 1
    assert summary.cut == f"there is no entry in {MB} bytes, after 1 entries"


@pytest.mark.parametrize("is_honest", [True, False])
def test_a_body_beside_the_entries_that_grows_too_large_is_missing(
    is_honest: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether or not the archive says how large it is."""
    monkeypatch.setattr("gateway.traffic.sources.MAX_BODY", 1000)
    content = {"mimeType": "text/plain", "_file": "body.txt"}
    beside = json.loads(entry(1))
    beside["response"]["content"] = content
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.har", HEAD + json.dumps(beside).encode() + b"," + entry(2) + END)
        archive.writestr("body.txt", "y" * 100_000)
    data = packed.getvalue()
    if not is_honest:
        data = data.replace((100_000).to_bytes(4, "little"), (900).to_bytes(4, "little"))
    source = tmp_path / "a.zip"
    source.write_bytes(data)
    summary, read = imported(tmp_path, source)
    assert (summary.entries, read) == (2, 2)
    with Recording(tmp_path / "a.rec") as recording:
        lacking, whole = (exchange.response for exchange in recording.exchanges())
    assert lacking is not None
    assert whole is not None
    assert lacking.lacks
    assert not whole.lacks
