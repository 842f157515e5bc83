"""Content codings: what a body is without them, up to a bound, and with them again."""

import gzip
import zlib

from gateway.traffic.exchange import Headers, values
from gateway.traffic.schema import MAX_BODY

#: one around the other
MAX_CODINGS = 3
_GZIP = (b"gzip", b"x-gzip")


class CannotDecode(ValueError):
    """A body is not in the coding that its header names, in one that is not known here, or grows past all bounds."""


def codings(headers: Headers) -> tuple[bytes, ...]:
    """In the order in which they were applied."""
    names = (name.strip() for value in values(headers, b"content-encoding") for name in value.lower().split(b","))
    return tuple(name for name in names if name not in (b"", b"identity"))


def decoded(body: bytes, headers: Headers) -> bytes:
    """All of it, without its content codings. Raises CannotDecode."""
    names = codings(headers)
    if len(names) > MAX_CODINGS:
        raise CannotDecode(f"more than {MAX_CODINGS} content codings")
    for name in reversed(names) if body else ():
        if name in _GZIP:
            body = _gunzipped(body)
        elif name == b"deflate":
            body = _inflated(body)
        else:
            raise CannotDecode(f"the content coding {name[:40].decode('ascii', 'replace')} is not known")
    return body


def encoded(body: bytes, headers: Headers) -> bytes:
    """With those again that `decoded` took off."""
    for name in codings(headers):
        body = gzip.compress(body, mtime=0) if name in _GZIP else zlib.compress(body)
    return body


def _gunzipped(body: bytes) -> bytes:
    """A file of gzip may have several members."""
    parts, size = [], 0
    while body:
        part, rest = _run(body, 16 + zlib.MAX_WBITS, MAX_BODY - size)
        parts.append(part)
        size += len(part)
        body = rest.lstrip(b"\0")
    return b"".join(parts)


def _inflated(body: bytes) -> bytes:
    """Some mean the bare stream by it, without the head of zlib."""
    is_zlib = body[0] & 0x0F == 8 and len(body) > 1 and int.from_bytes(body[:2], "big") % 31 == 0
    return _run(body, zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS, MAX_BODY)[0]


def _run(body: bytes, bits: int, most: int) -> tuple[bytes, bytes]:
    """What one stream holds, and what stands behind it."""
    stream = zlib.decompressobj(bits)
    try:
        part = stream.decompress(body, most + 1)
    except zlib.error as error:
        raise CannotDecode(f"not in its content coding: {error}") from None
    if len(part) > most:
        raise CannotDecode(f"more than {MAX_BODY // 2**20} MiB without its content coding")
    if not stream.eof:
        raise CannotDecode("its content coding ends too early")
    return part, stream.unused_data
