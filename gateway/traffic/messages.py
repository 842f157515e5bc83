"""Messages of HTTP/1 on their way: heads as they came, bodies framed as they were, and a copy of what passes."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import h11

from gateway.traffic.exchange import Headers
from gateway.traffic.schema import MAX_BODY

#: of all bodies that are on their way; what does not fit is passed on and not kept
ROOM = 256 * 1024 * 1024
#: headers for one connection, whether they are named or not, and those that are not lost by being named
_HOP = {b"keep-alive", b"proxy-connection", b"te", b"upgrade", b"http2-settings"}
_KEPT = {b"transfer-encoding", b"content-length", b"host", b"connection"}
_ENDS = (b"close", b"keep-alive")
#: of a head
MAX_HEAD = 64 * 1024


def head(line: str | bytes, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    raw = line.encode("latin-1") if isinstance(line, str) else line
    return raw + b"\r\n" + b"".join(b"%s: %s\r\n" % pair for pair in headers) + b"\r\n"


def status_line(answer: h11.Response | h11.InformationalResponse) -> bytes:
    return b"HTTP/%s %d %s" % (answer.http_version, answer.status_code, answer.reason)


def has(headers: Headers, name: bytes, token: bytes) -> bool:
    """Is the token in one of these headers?"""
    return any(
        token == part.strip().lower() for key, value in headers if key.lower() == name for part in value.split(b",")
    )


def end_to_end(headers: Headers) -> Headers:
    """Without what is for one connection only: what is said of its end holds for the next one, as they end together.

    A body keeps its transfer coding, and a change of protocols is not passed on.
    """
    named = {
        part.strip().lower() for name, value in headers if name.lower() == b"connection" for part in value.split(b",")
    }
    gone = (named | _HOP) - _KEPT
    passed = []
    for name, value in headers:
        if name.lower() == b"connection":
            said = [part.strip() for part in value.split(b",") if part.strip().lower() in _ENDS]
            if said:
                passed.append((name, b", ".join(said)))
        elif name.lower() not in gone:
            passed.append((name, value))
    return tuple(passed)


class Framing:
    """How a body tells its end, in the words of its own head."""

    def __init__(self, headers: Headers, *, answer: bool, bodiless: bool = False) -> None:
        self.chunked = not bodiless and has(headers, b"transfer-encoding", b"chunked")
        length = next((value for name, value in headers if name.lower() == b"content-length"), None)
        self.length = int(length) if length is not None and not self.chunked and not bodiless else None
        #: nothing tells the end of the body but the end of the connection
        self.to_the_end = answer and not bodiless and not self.chunked and self.length is None

    def data(self, data: bytes) -> bytes:
        return b"%x\r\n%s\r\n" % (len(data), data) if self.chunked and data else data

    def end(self, trailers: Iterable[tuple[bytes, bytes]]) -> bytes:
        return b"0\r\n" + b"".join(b"%s: %s\r\n" % pair for pair in trailers) + b"\r\n" if self.chunked else b""


@dataclass(slots=True)
class Room:
    """What may still be kept of bodies that are on their way."""

    left: int = ROOM


@dataclass(slots=True)
class Copy:
    """Of a body that passes, as long as there is room for it."""

    room: Room
    passed: int = 0
    _kept: int = 0
    _pieces: list[bytes] = field(default_factory=list)

    def add(self, data: bytes) -> None:
        self.passed += len(data)
        take = min(len(data), MAX_BODY - self._kept, self.room.left)
        if take > 0 and self._kept == self.passed - len(data):  # without holes
            self._pieces.append(data[:take])
            self._kept += take
            self.room.left -= take

    @property
    def lacks(self) -> str:
        return f"its body has {self.passed} bytes, of which {self._kept} are kept" if self._kept < self.passed else ""

    def body(self) -> bytes:
        return b"".join(self._pieces)

    def let_go(self) -> None:
        """It is somebody else's now."""
        self.room.left += self._kept
        self._pieces, self._kept = [], 0
