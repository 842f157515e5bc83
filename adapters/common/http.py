"""Bodies in, bytes out."""

import asyncio
import base64
import binascii
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar
from zlib import compress, decompress

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from adapters.common.routing import Route
from core.rejections import Unavailable
from schemas.common.forms import MAX_FIELDS
from schemas.common.numbers import DIGITS, whole

Out = TypeVar("Out")

log = logging.getLogger("dragoman.http")

MAX_BODY = 2 * 1024 * 1024
#: in the scope of a request with which nobody has begun for so long that it is refused
OVERDUE = "dragoman.overdue"
#: the headers of every HTML page: it loads and runs nothing, stands in no frame and is nothing but HTML
PAGE_POLICY = {
    "content-security-policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
}


class BodyTooLarge(Exception):
    """The body is longer than this gateway reads."""


def header(request: Request, name: bytes) -> str:
    """A request header, empty if it is absent; quicker than a mapping that is made to be asked once."""
    for sent, value in request.scope["headers"]:
        if sent == name:
            return str(value, "latin-1")
    return ""


def max_fields(request: Request) -> int:
    """How many fields a form may have."""
    limit: int = request.scope.get("dragoman.max_fields", MAX_FIELDS)
    return limit


async def read_body(request: Request) -> bytes:
    """The whole body. Raises BodyTooLarge as soon as it is longer than the limit, announced or not; Unavailable if the
    server holds too many unfinished bodies and has given this one up."""
    limit: int = request.scope.get("dragoman.max_body", MAX_BODY)
    announced = header(request, b"content-length")
    if len(announced) > DIGITS or (whole(announced) or 0) > limit:
        raise BodyTooLarge
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await request.receive()
        if "dragoman.given_up" in request.scope:
            raise Unavailable("overload")
        if message["type"] != "http.request":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge
        if not message.get("more_body", False):
            return b"".join((*chunks, chunk)) if chunks else chunk
        chunks.append(chunk)


#: bytes of a body that is read on the event loop; more of it takes too long if it is written in a clever way
AT_ONCE = 128 * 1024


async def parsed(request: Request, size: int, parse: Callable[..., Out], *arguments: Any) -> Out:
    """What becomes of a body of that size: a long one is parsed in a thread. Raises Unavailable if too many are."""
    in_thread = request.scope.get("dragoman.in_thread")
    if size <= AT_ONCE or in_thread is None:
        return parse(*arguments)
    result: Out = await in_thread(parse, *arguments)
    return result


#: bytes of a piece, or more if a row is longer; and how much of a body waits for its reader as it is
PIECE = 64 * 1024
WAITING = 1024 * 1024


class Pieces:
    """The body of a long answer. Its length is known before the first piece goes out, so all of it is there by then:
    once, beyond the first of it deflated, and what has been sent is forgotten. So slow readers cost little."""

    __slots__ = ("_begun", "_held", "_waiting", "length")

    def __init__(self) -> None:
        self.length = 0
        self._begun = bytearray()
        self._held: deque[tuple[bytes, bool]] = deque()
        self._waiting = 0

    def __len__(self) -> int:
        return self.length

    def add(self, text: bytes) -> None:
        self.length += len(text)
        self._begun += text
        if len(self._begun) >= PIECE:
            self._close()

    def _close(self) -> None:
        deflated = self._waiting >= WAITING
        self._waiting += len(self._begun)
        self._held.append((compress(self._begun, 1) if deflated else bytes(self._begun), deflated))
        self._begun.clear()

    @property
    def is_empty(self) -> bool:
        return not self._held and not self._begun

    def take(self) -> bytes:
        """The next piece, which is gone then."""
        if not self._held:
            self._close()
        piece, deflated = self._held.popleft()
        return decompress(piece) if deflated else piece


class Raw(Response):
    """A response with exactly these headers and nothing that a framework would add but the length."""

    def __init__(self, status: int, body: bytes | Pieces = b"", headers: Mapping[str, str] | None = None) -> None:
        self.status_code = status
        self.body = body if isinstance(body, bytes) else b""
        self.pieces = body if isinstance(body, Pieces) else None
        self.background = None
        self.raw_headers = [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in (headers or {}).items()]
        if status != 204 and status >= 200:
            self.raw_headers.append((b"content-length", str(len(body)).encode("ascii")))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.pieces is None:
            await super().__call__(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        more = True
        while more:
            # waits for the reader as long as those before have not gone out
            piece, more = self.pieces.take(), not self.pieces.is_empty
            await send({"type": "http.response.body", "body": piece, "more_body": more})
            if more:
                await asyncio.sleep(0)  # who reads as fast as it is written does not hold up the others either


def dumps(value: Any) -> bytes:
    return orjson.dumps(value)


def note_operation(request: Request, route: Route | None) -> None:
    """Tell the gateway's metrics and logs which operation it was."""
    request.scope["dragoman.operation"] = route.operation.name if route is not None else ""


def basic_credentials(header: str | None) -> tuple[str, str] | None:
    """(user, password) of an `Authorization: Basic` header, None if it is none. Decoded as UTF-8, else as Latin-1."""
    if header is None:
        return None
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        raw = base64.b64decode(value.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    user, colon, password = text.partition(":")
    return (user, password) if colon else None


def bearer_token(header: str | None) -> str | None:
    if header is None:
        return None
    scheme, _, value = header.partition(" ")
    return value.strip() if scheme.lower() == "bearer" and value.strip() else None


class Front:
    """The ASGI app of a dialect: `serve` answers, `fail` renders whatever exception it ran into. The answer to HEAD has
    the length of its body, and no body."""

    def __init__(
        self, serve: Callable[[Request], Awaitable[Response]], fail: Callable[[Request, Exception], Response]
    ) -> None:
        self._serve = serve
        self._fail = fail

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if OVERDUE in scope:
            response = self._fail(request, Unavailable("overload"))
        else:
            try:
                response = await self._serve(request)
            except ClientDisconnect:
                return
            except Exception as error:
                response = self._fail(request, error)
        if scope["method"] == "HEAD":
            await send({"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers})
            await send({"type": "http.response.body"})
        else:
            await response(scope, receive, send)
