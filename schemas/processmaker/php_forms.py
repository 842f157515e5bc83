"""Forms as PHP reads them: `a[b][]=c` is an array of arrays. Source: PHP's own `parse_str`, run beside this.

What PHP drops is dropped: the fields behind the most that there may be, a variable that is nested too deep, a name
that is empty. So the work is bounded by the length of what came, and what comes of it by the fields times the depth.
"""

import re
from collections.abc import Iterable
from itertools import islice
from typing import Any
from urllib.parse import unquote_to_bytes

from schemas.common.forms import MAX_FIELDS

#: PHP's `max_input_nesting_level`
MAX_DEPTH = 64

_FIELD = re.compile(rb"[^&]+")
_NUMBER = re.compile(rb"0|-?[1-9][0-9]{0,18}")
_MANGLED = bytes.maketrans(b" .[", b"___")
_COOKIE_PREFIXES = (b"__Host-", b"__Secure-")
_LAST = 2**63 - 1


class _Array(dict[int | bytes, Any]):
    """An array of PHP: what it knows of its next free index does not go back when the last element does."""

    __slots__ = ("next",)

    def __init__(self) -> None:
        self.next: int | None = None

    def put(self, index: bytes | None, value: Any) -> bool:
        """At an index, or at the next free one. False if there is none left."""
        key: int | bytes
        if index is None:
            key = self.next or 0
            if key in self:
                return False
        else:
            key = _key(index)
        self[key] = value
        if isinstance(key, int) and (self.next is None or key >= self.next):
            self.next = min(key + 1, _LAST)
        return True

    def below(self, index: bytes | None) -> "_Array | None":
        """The array at an index; what is none there gives way to one."""
        if index is not None:
            present = self.get(_key(index))
            if isinstance(present, _Array):
                return present
        made = _Array()
        return made if self.put(index, made) else None


def _key(index: bytes) -> int | bytes:
    """A decimal number that is spelled as PHP would is one."""
    if _NUMBER.fullmatch(index) and -_LAST - 1 <= (number := int(index)) <= _LAST:
        return number
    return index


def _register(root: _Array, name: bytes, value: Any) -> None:
    name = name.partition(b"\0")[0].lstrip(b" ")
    first, opened, rest = name.partition(b"[")
    first = first.translate(_MANGLED)
    if not first:
        return
    array, depth, bracket = root, 0, bool(opened)
    index: bytes | None = first
    while not _is_withheld(index, name):
        end, inner = _index(rest) if bracket else (-1, None)
        if end < 0:
            array.put(name.translate(_MANGLED) if bracket and not depth else index, value)
            return
        depth += 1
        below = array.below(index)
        if depth > MAX_DEPTH:
            root.pop(_key(first), None)
        if below is None or depth > MAX_DEPTH:
            return
        array, index = below, inner
        bracket, rest = rest[end + 1 : end + 2] == b"[", rest[end + 2 :]


def _is_withheld(index: bytes | None, name: bytes) -> bool:
    """Names of cookies that only a secure server may set are not made by the back door."""
    return index is not None and index.startswith(_COOKIE_PREFIXES) and not name.startswith(_COOKIE_PREFIXES)


def _index(text: bytes) -> tuple[int, bytes | None]:
    """(where the bracket closes, -1 if nowhere; what stands before it, None for the next free index)"""
    at = 1 if text[:1].isspace() else 0
    if text.startswith(b"]", at):
        return at, None
    end = text.find(b"]", at)
    return end, text[:end]


def _plain(value: Any) -> Any:
    """As JSON has it: an array whose indexes are 0, 1, 2 ... is a list."""
    if isinstance(value, _Array):
        if all(key == place for place, key in enumerate(value)):
            return [_plain(each) for each in value.values()]
        return {_text(key): _plain(each) for key, each in value.items()}
    return value


def _text(key: int | bytes) -> str:
    return str(key) if isinstance(key, int) else key.decode("utf-8", "replace")


def arrays(fields: Iterable[tuple[bytes, Any]]) -> Any:
    """What PHP makes of names and values: a mapping, or a list if all there is has the indexes 0, 1, 2 ..."""
    root = _Array()
    for name, value in fields:
        _register(root, name, value)
    return _plain(root) if root else {}


def fields(raw: bytes, most: int) -> Iterable[tuple[bytes, bytes]]:
    """Names and values, decoded; empty fields are none, and none is read behind the last that may be."""
    for field in islice(_FIELD.finditer(raw), most):
        name, _, value = field[0].partition(b"=")
        yield _decoded(name), _decoded(value)


def _decoded(text: bytes) -> bytes:
    return unquote_to_bytes(text.replace(b"+", b" "))


_BOOLEANS = {"true": True, "false": False}


def parse(raw: bytes, max_fields: int = MAX_FIELDS) -> Any:
    """A query or form body, at every depth; `true` and `false` become booleans, as in the vendor's front."""
    texts = ((name, value.decode("utf-8", "replace")) for name, value in fields(raw, max_fields))
    return arrays((name, _BOOLEANS.get(text, text)) for name, text in texts)
