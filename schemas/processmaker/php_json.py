"""JSON as PHP reads it, with PHP's reason where it does not. Source: PHP's own `json_decode`, run beside this.

orjson reads; what it refuses, and what might go deeper than PHP, is looked at once more for the reason, each byte once.
"""

import re
from typing import Any

import orjson

#: how deep arrays and objects may stand in each other
MAX_DEPTH = 511

CONTROL = "unexpected control character found"
SYNTAX = "malformed JSON"
ENCODING = "malformed UTF-8 characters, possibly incorrectly encoded"
MISMATCH = "underflow or the modes mismatch"
DEPTH = "maximum stack depth exceeded"
OTHER = "unknown error"


class Malformed(ValueError):
    """The text is the reason, as the vendor's front words it."""


def loads(raw: bytes) -> Any:
    """Raises Malformed."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        # nothing wrong for PHP: a number beyond all others, which it would take for infinite
        raise Malformed(reason(raw) or SYNTAX) from None
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH or b"\\u0000" in raw:
        complaint = reason(raw)
        if complaint:
            raise Malformed(complaint)
    return value


def reason(raw: bytes) -> str:
    """Why PHP refuses this, empty if it does not: what is wrong first counts."""
    try:
        _check(_Tokens(raw))
    except Malformed as malformed:
        return str(malformed)
    return ""


_SPACE = re.compile(rb"[ \t\n\r]*")
_SCALAR = re.compile(rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null")
_CHARACTER = (
    rb"[\x20\x21\x23-\x5b\x5d-\x7f]++|[\xc2-\xdf][\x80-\xbf]"
    rb"|(?:\xe0[\xa0-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]|\xed[\x80-\x9f])[\x80-\xbf]"
    rb"|(?:\xf0[\x90-\xbf]|[\xf1-\xf3][\x80-\xbf]|\xf4[\x80-\x8f])[\x80-\xbf]{2}"
)
# not possessive: the first releases of Python 3.11 lose their place in a group that is
_IN_STRING = re.compile(
    rb"(?:" + _CHARACTER + rb'|\\["\\/bfnrt]|\\u(?:[0-9a-cA-Ce-fE-F][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2})'
    rb"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})*"
)
_BEYOND_ASCII = re.compile(_CHARACTER)
_UNPAIRED = re.compile(rb"\\u[0-9a-fA-F]{4}")
_SIGNS = frozenset("{}[],:")


class _Tokens:
    """Signs as they are, `value` for all that stands for itself, `string`, and nothing at the end."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._at = 0
        #: the last string begins with a NUL, which no name may
        self.is_withheld = False

    def take(self) -> str:
        """Raises Malformed."""
        raw = self._raw
        at = self._at = _after(_SPACE, raw, self._at)
        if at == len(raw):
            return ""
        sign = chr(raw[at])
        if sign in _SIGNS:
            self._at += 1
            return sign
        if sign == '"':
            self._string(at + 1)
            return "string"
        scalar = _SCALAR.match(raw, at)
        if scalar is not None:
            self._at = scalar.end()
            return "value"
        raise Malformed(self._what_is_wrong(at))

    def _string(self, begin: int) -> None:
        raw = self._raw
        end = _after(_IN_STRING, raw, begin)
        if raw[end : end + 1] != b'"':
            if raw[end : end + 1] == b"\\":
                raise Malformed(OTHER if _UNPAIRED.match(raw, end) else SYNTAX)
            raise Malformed(self._what_is_wrong(end))
        self.is_withheld = raw.startswith(b"\\u0000", begin)
        self._at = end + 1

    def _what_is_wrong(self, at: int) -> str:
        """With the character at a place where none like it may be."""
        if at == len(self._raw) or self._raw[at] < 0x20:
            return CONTROL
        return SYNTAX if _BEYOND_ASCII.match(self._raw, at) or self._raw[at] < 0x80 else ENCODING


def _after(pattern: re.Pattern[bytes], raw: bytes, at: int) -> int:
    match = pattern.match(raw, at)
    return at if match is None else match.end()


def _check(tokens: _Tokens) -> None:
    """Raises Malformed."""
    closers: list[str] = []
    withheld: list[bool] = []

    def begin(sign: str) -> str:
        """That with which the value of an element or member begins."""
        if closers[-1] == "]":
            return sign
        if sign != "string":
            raise Malformed(SYNTAX)
        withheld.append(tokens.is_withheld)
        if tokens.take() != ":":
            raise Malformed(SYNTAX)
        return tokens.take()

    sign = tokens.take()
    while True:
        if sign and sign in "[{":
            if len(closers) == MAX_DEPTH:
                raise Malformed(DEPTH)
            closers.append("]" if sign == "[" else "}")
            sign = tokens.take()
            if not sign or sign not in "]}":
                sign = begin(sign)
                continue
            if sign != closers.pop():
                raise Malformed(MISMATCH)
        elif sign not in ("value", "string"):
            raise Malformed(SYNTAX)
        # a value is over
        while True:
            if closers and closers[-1] == "}" and withheld.pop():
                raise Malformed(OTHER)
            sign = tokens.take()
            if not closers:
                if sign:
                    raise Malformed(SYNTAX)
                return
            if sign == ",":
                sign = begin(tokens.take())
                break
            if not sign or sign not in "]}":
                raise Malformed(SYNTAX)
            if sign != closers.pop():
                raise Malformed(MISMATCH)
