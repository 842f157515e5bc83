"""Heads as clients send them, made into what the parser takes."""

import re

_BEYOND = re.compile(rb"[\x80-\xff]")
_UPGRADE = re.compile(rb"\nupgrade([ \t]*:)", re.IGNORECASE)
_HEX = [b"%%%02X" % byte for byte in range(256)]


def escaped_line(data: bytes) -> bytes:
    """The same with every byte beyond ASCII of the first line percent-encoded.

    curl, MSXML and others send a query as it was typed. Encoded, it is read like any other: UTF-8, and U+FFFD for what
    is not.
    """
    start = len(data) - len(data.lstrip(b"\r\n"))
    end = data.find(b"\n", start)
    end = len(data) if end < 0 else end
    line = _BEYOND.sub(lambda match: _HEX[match[0][0]], data[start:end])
    return data[:start] + line + data[end:]


def without_upgrade(data: bytes) -> bytes:
    """The same with the wish for another protocol under a name that the parser does not act upon.

    Nothing is offered here to upgrade to. The parser would take the body of such a request for that other protocol:
    Java's HttpClient asks for HTTP/2 with each first request, also with a POST.
    """
    end = data.find(b"\r\n\r\n")
    head, rest = (data, b"") if end < 0 else (data[:end], data[end:])
    return _UPGRADE.sub(rb"\nx-not-done\1", head) + rest
