"""What names and spaces are made of in an expression."""

import re
from functools import lru_cache
from unicodedata import category

_BLANKS = "\t\n\v\f\r \x85\xa0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
#: spaces and comments
SPACE = re.compile(rf"(?:[{_BLANKS}]|//[^\n]*(?:\n|\Z)|/\*.*?\*/)*", re.DOTALL)
_BLANK = re.compile(f"[{_BLANKS}]")
_PLAIN = re.compile(r"[A-Za-z0-9_$]*")
RESERVED = frozenset(("null", "true", "false", "function", "in", "return", "then", "else", "satisfies", "and", "or"))
_STARTS = frozenset(("Lu", "Ll", "Lt", "Lm", "Lo", "Nl", "Sc", "Pc"))
_PARTS = _STARTS | {"Nd", "Mn", "Mc", "Cf"}


@lru_cache(maxsize=4096)
def _starts(character: str) -> bool:
    return character <= "\uffff" and category(character) in _STARTS


@lru_cache(maxsize=4096)
def _continues(character: str) -> bool:
    if character > "\uffff" or _BLANK.match(character):
        return False
    return (
        category(character) in _PARTS
        or character <= "\x08"
        or "\x0e" <= character <= "\x1b"
        or ("\x7f" <= character <= "\x9f")
    )


def word(text: str, at: int) -> int:
    """Where the word ends that begins here; the same place if none does, or one that is reserved."""
    if at >= len(text) or not _starts(text[at]):
        return at
    end = at + 1
    while True:
        match = _PLAIN.match(text, end)
        assert match is not None
        end = match.end()
        if end >= len(text) or not _continues(text[end]):
            break
        end += 1
    return at if text[at:end] in RESERVED else end
