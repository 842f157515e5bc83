"""GoReplay's text files: messages as they were on the wire, with a line before each and three monkeys behind it."""

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from gateway.traffic.exchange import Exchange, Headers, Request, Response, values
from gateway.traffic.har_reader import MAX_ENTRY, CutShort, NoExchange, Taken
from gateway.traffic.sources import Bytes

SEPARATOR = "\n🐵🙈🙉\n".encode()

_PIECE = 1024 * 1024
#: requests whose answer has not come yet
_WAITING = 10_000
_LINE = re.compile(rb"([123]) (\S{1,100}) (\d{1,20})(?: (-?\d{1,20}))?[ \t]*\r?\n")
_START = re.compile(rb"([!-~]{1,50}) ([^\r\n ]+)(?: HTTP/(\d(?:\.\d)?))?[ \t]*\r?\n")
_STATUS = re.compile(rb"HTTP/(\d(?:\.\d)?) (\d{3})(?: ([^\r\n]*))?\r?\n")
_LENGTH = re.compile(rb"[0-9]{1,15}")
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,15})[^\r\n]{0,1000}\r?\n")


def entries(file: Bytes) -> Iterator[tuple[int, Taken | NoExchange]]:
    """Each with its place among the requests; an answer belongs to the request of its id. Raises CutShort."""
    waiting = OrderedDict[bytes, tuple[int, float, Request]]()
    count = 0
    cut: CutShort | None = None
    try:
        for message in _messages(file):
            head = _LINE.match(message)
            if head is None:
                count += 1
                yield count, NoExchange("it does not begin with a line of GoReplay's")
                continue
            kind, id, at = head[1], head[2], int(head[3]) / 1e9
            payload = message[head.end() :]
            if kind == b"1":
                count += 1
                request = request_of(payload)
                if request is None:
                    yield count, NoExchange("it is no request")
                    continue
                waiting[id] = count, at, request
                if len(waiting) > _WAITING:
                    yield _named(waiting.popitem(last=False)[1], None, 0)
            elif kind == b"2" and id in waiting:
                took = int(head[4] or 0) / 1e9
                yield _named(waiting.pop(id), response_of(payload), took if took > 0 else at)
    except CutShort as error:
        cut = error
    for one in waiting.values():
        yield _named(one, None, 0)
    if cut is not None:
        raise cut


def written(exchanges: Iterable[Exchange]) -> Iterator[bytes]:
    """A file, in pieces."""
    for exchange in exchanges:
        id, request, response = b"%024x" % exchange.number, exchange.request, exchange.response
        start = f"{request.method} ".encode("latin-1", "replace") + request.target + _http(request.version)
        yield b"1 %s %d 0\n" % (id, exchange.began * 1e9)
        yield start + _message(request.headers, request.body) + SEPARATOR
        if response is not None:
            status = (
                _http(response.version)[1:] + b" %d " % response.status + response.reason.encode("utf-8", "replace")
            )
            took = max(0.0, exchange.ended - exchange.began)
            yield b"2 %s %d %d\n" % (id, exchange.ended * 1e9, took * 1e9)
            yield status + _message(response.headers, response.body) + SEPARATOR


def request_of(raw: bytes) -> Request | None:
    """As it was on the wire; None for what is none."""
    start = _START.match(raw)
    if start is None:
        return None
    headers, rest = _headed(raw[start.end() :])
    body, lacks = _body(headers, rest, to_the_end=False)
    return Request(
        method=start[1].decode("latin-1"),
        target=start[2],
        headers=headers,
        body=body,
        version=(start[3] or b"1.0").decode(),
        lacks=lacks,
    )


def response_of(raw: bytes) -> Response | None:
    start = _STATUS.match(raw)
    if start is None:
        return None
    headers, rest = _headed(raw[start.end() :])
    status = int(start[2])
    bodiless = status in (204, 304) or status < 200
    body, lacks = (b"", "") if bodiless else _body(headers, rest, to_the_end=True)
    return Response(
        status=status,
        reason=(start[3] or b"").decode("latin-1"),
        headers=headers,
        body=body,
        version=start[1].decode(),
        lacks=lacks,
    )


def _messages(file: Bytes) -> Iterator[bytes]:
    """What stands between separators. Raises CutShort where one does not come."""
    rest = b""
    looked = 0
    while data := file.read(_PIECE):
        rest += data
        at = 0
        while (end := rest.find(SEPARATOR, max(at, looked))) >= 0:
            yield rest[at:end]
            at = end + len(SEPARATOR)
        rest = rest[at:]
        looked = max(0, len(rest) - len(SEPARATOR))
        if len(rest) > MAX_ENTRY:
            raise CutShort(f"there is no separator in {MAX_ENTRY} bytes")
    if rest.strip() or file.cut:
        raise CutShort(file.cut or "the last message has no end")


def _named(asked: tuple[int, float, Request], response: Response | None, until: float) -> tuple[int, Taken]:
    """`until` is when it ended, or how long it took where that is less."""
    count, began, request = asked
    if response is not None and request.method == "HEAD":
        response = replace(response, body=b"", lacks="")
    ended = until if until >= began else began + until
    exchange = Exchange(
        number=0,
        began=began,
        ended=max(began, ended),
        connection=0,
        request=request,
        response=response,
        error="" if response else "its answer is not in the file",
    )
    host = (request.header(b"host") or b"").decode("latin-1").lower()
    return count, Taken(exchange, "", f"http://{host}" if host else "")


def _headed(raw: bytes) -> tuple[Headers, bytes]:
    """(headers, what comes behind the empty line)."""
    end = re.search(rb"(?:\A|\r?\n)\r?\n", raw)
    head, rest = (raw[: end.start()], raw[end.end() :]) if end else (raw, b"")
    headers = []
    for line in head.splitlines():
        name, colon, value = line.partition(b":")
        if colon and name.strip():
            headers.append((name.strip(), value.strip()))
    return tuple(headers), rest


def _body(headers: Headers, raw: bytes, *, to_the_end: bool) -> tuple[bytes, str]:
    """It without the transfer coding, and what it lacks."""
    if any(b"chunked" in value.lower() for value in values(headers, b"transfer-encoding")):
        return _dechunked(raw)
    said = next(values(headers, b"content-length"), b"")
    if not _LENGTH.fullmatch(said):
        return (raw, "") if to_the_end else (b"", "")
    length = int(said)
    return raw[:length], "" if len(raw) >= length else f"of its body there are {len(raw)} of {length} bytes"


def _dechunked(raw: bytes) -> tuple[bytes, str]:
    pieces, at = list[bytes](), 0
    while (size := _CHUNK.match(raw, at)) is not None:
        length = int(size[1], 16)
        if not length:
            return b"".join(pieces), ""
        pieces.append(raw[size.end() : size.end() + length])
        at = size.end() + length
        if at > len(raw):
            break
        at += 2 if raw[at : at + 2] == b"\r\n" else 1
    return b"".join(pieces), f"its body ends after {sum(map(len, pieces))} bytes, before its last chunk"


def _http(version: str) -> bytes:
    return f" HTTP/{version if '.' in version else '1.1'}".encode()


def _message(headers: Headers, body: bytes) -> bytes:
    """The rest of a message, with a length that is true."""
    kept = [
        (name, value)
        for name, value in headers
        if name.lower() not in (b"transfer-encoding", b"content-length")
        or (name.lower() == b"content-length" and not body)
    ]
    if body:
        kept.append((b"Content-Length", b"%d" % len(body)))
    return b"\r\n" + b"".join(b"%s: %s\r\n" % pair for pair in kept) + b"\r\n" + body
