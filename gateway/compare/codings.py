"""Content codings: what a body is without them, up to a bound."""

import zlib

from gateway.traffic.exchange import Headers, values

#: of a body, without its codings
MAX_DECODED = 64 * 1024 * 1024
#: one around the other
MAX_CODINGS = 3
_GZIP = 16 + zlib.MAX_WBITS


class Undecodable(ValueError):
    """A body is not in the coding that its header names, in one that is not known here, or grows past all bounds."""


def decoded(body: bytes, headers: Headers) -> bytes:
    """Raises Undecodable."""
    if not body:
        return body
    names = [name.strip() for value in values(headers, b"content-encoding") for name in value.lower().split(b",")]
    codings = [name for name in names if name not in (b"", b"identity")]
    if len(codings) > MAX_CODINGS:
        raise Undecodable(f"more than {MAX_CODINGS} content codings")
    for name in reversed(codings):
        if name in (b"gzip", b"x-gzip"):
            body = _gunzipped(body)
        elif name == b"deflate":
            body = _inflated(body)
        else:
            raise Undecodable(f"the content coding {name[:40].decode('ascii', 'replace')} is not read")
    return body


def _gunzipped(body: bytes) -> bytes:
    """A file of gzip may have several members."""
    parts, size = [], 0
    while body:
        part, rest = _run(body, _GZIP, MAX_DECODED - size)
        parts.append(part)
        size += len(part)
        body = rest.lstrip(b"\0")
    return b"".join(parts)


def _inflated(body: bytes) -> bytes:
    """Some mean the bare stream by it, without the head of zlib."""
    is_zlib = body[0] & 0x0F == 8 and len(body) > 1 and int.from_bytes(body[:2], "big") % 31 == 0
    return _run(body, zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS, MAX_DECODED)[0]


def _run(body: bytes, bits: int, most: int) -> tuple[bytes, bytes]:
    """What one stream holds, and what stands behind it."""
    stream = zlib.decompressobj(bits)
    try:
        part = stream.decompress(body, most + 1)
    except zlib.error as error:
        raise Undecodable(f"not in its content coding: {error}") from None
    if len(part) > most:
        raise Undecodable(f"more than {MAX_DECODED // 2**20} MiB without its content coding")
    if not stream.eof:
        raise Undecodable("its content coding ends too early")
    return part, stream.unused_data
