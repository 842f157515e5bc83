"""Requests of which two readers could see two different things: row H2 of the fault matrix.

Each comes with a second request behind it or inside it, which a reader of another opinion would take for one. There
is one answer: 400, and the end of the connection.
"""

import pytest

from tests.faults.test_front_door import FORM, HOST, ask, connect, is_fair, read
from tests.support.server import Server

SECOND = b"GET /a-second-request HTTP/1.1\r\nHost: second\r\n\r\n"
POST = b"POST /login HTTP/1.1\r\n" + HOST + FORM
CHUNKED = b"Transfer-Encoding: chunked\r\n"
CL = b"Content-Length: %d\r\n" % len(SECOND)
NO_MORE = b"0\r\n\r\n"


def chunk(size: bytes) -> bytes:
    return POST + CHUNKED + b"\r\n" + size + b"\r\na=b\r\n" + NO_MORE + SECOND


SHAPES = {
    "two lengths": POST + b"Content-Length: 0\r\n" + CL + b"\r\n" + SECOND,
    "the same length twice": POST + CL + CL + b"\r\n" + SECOND,
    "two lengths in one": POST + b"Content-Length: 0, %d\r\n\r\n" % len(SECOND) + SECOND,
    "length and chunks": POST + CL + CHUNKED + b"\r\n" + NO_MORE + SECOND,
    "chunks and length": POST + CHUNKED + CL + b"\r\n" + NO_MORE + SECOND,
    "a negative length": POST + b"Content-Length: -1\r\n\r\n" + SECOND,
    "a signed length": POST + b"Content-Length: +%d\r\n\r\n" % len(SECOND) + SECOND,
    "a hexadecimal length": POST + b"Content-Length: 0x30\r\n\r\n" + SECOND,
    "a length with a dot": POST + b"Content-Length: 0.0\r\n\r\n" + SECOND,
    "a length beyond 64 bits": POST + b"Content-Length: 18446744073709551616\r\n\r\n" + SECOND,
    "a length in other digits": POST + b"Content-Length: \xd9\xa0\r\n\r\n" + SECOND,
    "a length of two words": POST + b"Content-Length: 0 0\r\n\r\n" + SECOND,
    "no length": POST + b"Content-Length:\r\n\r\n" + SECOND,
    "space before the colon": POST + b"Content-Length : %d\r\n\r\n" % len(SECOND) + SECOND,
    "tab before the colon": POST + b"Transfer-Encoding\t: chunked\r\n\r\n" + NO_MORE + SECOND,
    "a header without a name": POST + b": x\r\n" + CL + b"\r\n" + SECOND,
    "a header without a colon": POST + b"Transfer-Encoding chunked\r\n\r\n" + NO_MORE + SECOND,
    "a folded header": POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n" + NO_MORE + SECOND,
    "a folded length": POST + b"X: y\r\n Content-Length: 0\r\n\r\n" + SECOND,
    "a bare line feed": POST + b"X: y\n" + CL + b"\r\n" + SECOND,
    "a bare carriage return": POST + b"X: y\rTransfer-Encoding: chunked\r\n\r\n" + NO_MORE + SECOND,
    "a head that ends in line feeds": b"POST /login HTTP/1.1\nHost: localhost\nContent-Length: 0\n\n" + SECOND,
    "NUL in a name": POST + b"Transfer\x00-Encoding: chunked\r\n\r\n" + NO_MORE + SECOND,
    "NUL in a value": POST + b"X: a\x00b\r\n\r\n" + SECOND,
    "chunks in another case and another word": POST + b"Transfer-Encoding: xchunked\r\n\r\n" + NO_MORE + SECOND,
    "chunks that are not the last word": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n" + NO_MORE + SECOND,
    "chunks in quotes": POST + b'Transfer-Encoding: "chunked"\r\n\r\n' + NO_MORE + SECOND,
    "identity and a length": POST + b"Transfer-Encoding: identity\r\n" + CL + b"\r\n" + SECOND,
    "two encodings": POST + CHUNKED + b"Transfer-Encoding: identity\r\n\r\n" + NO_MORE + SECOND,
    "vertical tab in front of chunked": POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n" + NO_MORE + SECOND,
    "a chunk of a negative size": chunk(b"-3"),
    "a chunk of 0x3": chunk(b"0x3"),
    "a chunk with spaces": chunk(b"3 3"),
    "a chunk beyond 64 bits": chunk(b"10000000000000003"),
    "a chunk without a size": chunk(b""),
    "a chunk that is longer than it says": POST + CHUNKED + b"\r\n3\r\na=bc\r\n" + NO_MORE + SECOND,
    "a chunk that ends in a line feed": POST + CHUNKED + b"\r\n3\na=b\n0\n\n" + SECOND,
    "an extension with a line feed": POST + CHUNKED + b"\r\n3;\nx\r\na=b\r\n" + NO_MORE + SECOND,
    "a method that is none": b"G ET / HTTP/1.1\r\n" + HOST + b"\r\n" + SECOND,
    "a version of three parts": b"GET / HTTP/1.1.1\r\n" + HOST + b"\r\n" + SECOND,
    "HTTP/2 in words": b"GET / HTTP/2.0\r\n" + HOST + b"\r\n" + SECOND,
    "HTTP/0.9": b"GET /\r\n" + SECOND,
    "HTTP/0.9 in words": b"GET / HTTP/0.9\r\n" + HOST + b"\r\n" + SECOND,
    "HTTP/2 by prior knowledge": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SECOND,
    "spaces in the path": b"GET /health HTTP/1.1 HTTP/1.1\r\n" + HOST + b"\r\n" + SECOND,
}


@pytest.mark.parametrize("what", SHAPES)
def test_what_could_be_two_requests_is_none(server: Server, what: str) -> None:
    received = ask(server, SHAPES[what])
    assert received.startswith(b"HTTP/1.1 400 "), received
    assert received.count(b"HTTP/1.1 ") == 1, received


@pytest.mark.parametrize("what", SHAPES)
def test_it_is_none_byte_by_byte_either(server: Server, what: str) -> None:
    """In the pieces that a slow network makes, two and two."""
    shape = SHAPES[what]
    with connect(server) as sock:
        try:
            for start in range(0, len(shape), 2):
                sock.sendall(shape[start : start + 2])
        except ConnectionError:
            pass
        received = read(sock)
    assert not received or received.startswith(b"HTTP/1.1 400 ")
    assert received.count(b"HTTP/1.1 ") <= 1


def test_nobody_took_a_second_request(server: Server) -> None:
    """Told by the log, behind all of them; and honest requests go on."""
    for shape in SHAPES.values():
        ask(server, shape)
    assert is_fair(server)
    honest = POST + CHUNKED + b"\r\n3;x=y\r\na=b\r\n" + NO_MORE
    with connect(server) as sock:
        sock.sendall(honest + POST + b"Connection: close\r\nContent-Length: 3\r\n\r\na=b")
        assert read(sock).count(b"HTTP/1.1 401 ") == 2
    assert "a-second-request" not in server.log.read_text()
