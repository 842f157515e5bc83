"""Files that recordings are made from: what is in them is told by their first bytes, whatever they are called."""

import codecs
import gzip
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from gateway.exits import Usage
from gateway.traffic.schema import MAX_BODY, is_database

HAR = "HAR"
GOREPLAY = "GoReplay"

_HEAD = 64 * 1024
#: gzip within gzip
_LAYERS = 3
_GOREPLAY = re.compile(rb"[123] [0-9A-Za-z_-]{1,64} \d{1,20}(?: -?\d{1,20})?[ \t]*\r?\n")
_OTHERS = (
    (
        re.compile(rb"\d{1,12}:\d{1,6}:"),
        "it is what mitmproxy dumps: mitmdump -nr FILE --set hardump=FILE.har makes a HAR",
    ),
    (
        re.compile(rb"\xd4\xc3\xb2\xa1|\xa1\xb2\xc3\xd4|\x0a\x0d\x0d\x0a"),
        "it is a capture of packets, not of exchanges",
    ),
    (re.compile(rb"<"), "it is a document in XML or HTML"),
)
#: the second half of a character without its first one, which parsers refuse
_HALF = re.compile(rb"(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_REACH = 12
#: bodies in files of their own, by the names that entries give them; None for what is not there
Beside = Callable[[str], bytes | None]

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Source:
    """`name` is for people; `member` is of a zip file, empty for the file itself."""

    path: Path
    name: str
    kind: str
    member: str = ""

    @contextmanager
    def open(self) -> Iterator[tuple["Bytes", Beside]]:
        if not self.member:
            with self.path.open("rb") as file:
                yield Bytes(_unpacked(file)), self._in_folder
            return
        with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as packed:
            yield Bytes(_unpacked(packed)), lambda name: _in_zip(archive, self.member, name)

    def _in_folder(self, name: str) -> bytes | None:
        """Nothing but a file in the same folder: whoever made this one may have meant others."""
        if name != Path(name).name or name in (".", ".."):
            return None
        file = self.path.parent / name
        try:
            if file.is_symlink() or not file.is_file() or file.stat().st_size > MAX_BODY:
                return None
            return file.read_bytes()
        except (OSError, ValueError):
            return None


class Bytes:
    """A file of which no more than the end may be missing: `cut` says why there is no more of it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.cut = ""

    def read(self, size: int) -> bytes:
        try:
            return self._file.read(size)
        except (EOFError, OSError, zlib.error, zipfile.BadZipFile) as error:
            self.cut = f"it cannot be read any further ({error})"
            return b""


class Utf8:
    """JSON as UTF-8 without a mark, whatever it was; what is no text, and halves of characters, become U+FFFD."""

    def __init__(self, file: Bytes) -> None:
        self._file = file
        self._decoder: codecs.IncrementalDecoder | None = None
        self._tail = b""

    def read(self, size: int) -> bytes:
        while size:
            raw = self._file.read(size)
            if self._decoder is None:
                length, charset = next(((len(m), name) for m, name in _MARKS if raw.startswith(m)), (0, "utf-8"))
                self._decoder = codecs.getincrementaldecoder(charset)("replace")
                raw = raw[length:] or self._file.read(size)
            text = self._decoder.decode(raw, final=not raw).encode("utf-8", "replace")
            # such an escape may be on both sides of the end of a piece
            text = self._tail + text
            if b"\\ud" in text or b"\\uD" in text:
                text = _HALF.sub(rb"\\ufffd", text)
            end = len(text) - _REACH if raw else len(text)
            self._tail = text[max(0, end) :]
            if end > 0 or not raw:
                return text[: max(0, end)]
        return b""


def sources_of(path: Path) -> list[Source]:
    """One for a file, more for a zip file with more of them. Raises Usage for what is none, and OSError."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(b"PK\x03\x04"):
        return _in_archive(path)
    with path.open("rb") as file:
        return [Source(path, str(path), kind_of(Bytes(_unpacked(file)).read(_HEAD), str(path)))]


def kind_of(head: bytes, name: str) -> str:
    """Raises Usage for what is no recording of anybody's."""
    text = next((head[len(mark) :].replace(b"\0", b"") for mark, _ in _MARKS if head.startswith(mark)), head).lstrip()
    if not text:
        raise Usage(f"{name} is empty")
    if is_database(head):
        raise Usage(f"{name} is a database; what is in a recording already need not be imported")
    if text.startswith(b"{"):
        return HAR
    if _GOREPLAY.match(head):
        return GOREPLAY
    for pattern, what in _OTHERS:
        if pattern.match(text):
            raise Usage(f"{name} is neither a HAR file nor one of GoReplay's: {what}")
    raise Usage(f"{name} is neither a HAR file nor one of GoReplay's")


def _in_archive(path: Path) -> list[Source]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.lower().endswith((".har", ".har.gz", ".gor"))]
            if not names:
                raise Usage(f"{path} is a zip file without a HAR file")
            found = []
            for name in names:
                with archive.open(name) as file:
                    kind = kind_of(Bytes(_unpacked(file)).read(_HEAD), f"{path}/{name}")
                found.append(Source(path, f"{path}/{name}", kind, name))
            return found
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise Usage(f"{path} is a zip file that cannot be read: {error}") from None


def _in_zip(archive: zipfile.ZipFile, member: str, name: str) -> bytes | None:
    folder = member.rpartition("/")[0]
    for place in (f"{folder}/{name}" if folder else name, name):
        try:
            info = archive.getinfo(place)
            if info.file_size > MAX_BODY:
                return None
            with archive.open(info) as file:
                body = file.read(MAX_BODY + 1)
        except (KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error):
            continue
        return body if len(body) <= MAX_BODY else None
    return None


def _unpacked(file: IO[bytes]) -> IO[bytes]:
    """Without what compresses it, in as many layers as that."""
    for _ in range(_LAYERS):
        try:
            start = file.peek(2)[:2]  # type: ignore[attr-defined]  # all kinds of files that there are here have it
        except (EOFError, OSError, zlib.error):
            break  # whoever reads it hears of it
        if start != b"\x1f\x8b":
            break
        file = cast("IO[bytes]", gzip.GzipFile(fileobj=file))
    return file
