"""One exchange: a request and what was answered, with the bytes as they were."""

from collections.abc import Iterator
from dataclasses import dataclass

Headers = tuple[tuple[bytes, bytes], ...]


def values(headers: Headers, name: bytes) -> Iterator[bytes]:
    """Those of one header, in order; its name in lower case."""
    return (value for key, value in headers if key.lower() == name)


@dataclass(frozen=True, slots=True)
class Request:
    """`target` and `headers` as sent, in order and case; `body` without the transfer coding, not the content coding."""

    method: str
    target: bytes
    headers: Headers = ()
    body: bytes = b""
    version: str = "1.1"
    #: why there is not more of it, or it is not as it was; "" for a whole one
    lacks: str = ""

    @property
    def path(self) -> bytes:
        return self.target.partition(b"?")[0]

    @property
    def query(self) -> bytes:
        return self.target.partition(b"?")[2]

    def header(self, name: bytes) -> bytes | None:
        return next(values(self.headers, name), None)


@dataclass(frozen=True, slots=True)
class Response:
    """The answer, kept as the request is."""

    status: int
    reason: str = ""
    headers: Headers = ()
    body: bytes = b""
    version: str = "1.1"
    lacks: str = ""

    def header(self, name: bytes) -> bytes | None:
        return next(values(self.headers, name), None)


@dataclass(frozen=True, slots=True)
class Exchange:
    """`number` counts from 1 within a recording. `began` and `ended` are seconds since 1970, UTC. `connection` tells
    connections of one recording apart. Without a `response`, `error` says why."""

    number: int
    began: float
    ended: float
    connection: int
    request: Request
    response: Response | None = None
    error: str = ""
