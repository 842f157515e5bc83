"""Shapes of texts: what is between braces stands for a kind of characters, everything else for itself.

Regular expressions are not read from files: some of them never end.
"""

import re
from functools import lru_cache

#: of a text that is looked at
MAX_TEXT = 10_000
_MOST = 12
_KINDS = {
    "digits": "[0-9]",
    "hex": "[0-9A-Fa-f]",
    "letters": "[A-Za-z]",
    "word": "[A-Za-z0-9_]",
    "token": "[A-Za-z0-9_.~+/=-]",
    "any": ".",
}
_UUID = "[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
_MOMENT = (
    "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_PIECE = re.compile(r"\{\{|\}\}|\{([a-z]+)(?::([0-9]{1,4}))?\}|[^{}]+|[{}]")


class BadPattern(ValueError):
    """The text says what is wrong with it."""


@lru_cache(maxsize=1_000)
def compiled(pattern: str) -> re.Pattern[str]:
    """Raises BadPattern."""
    parts, loose, before = [], 0, ""
    for match in _PIECE.finditer(pattern):
        text, name, length = match[0], match[1], match[2]
        if name is None:
            if text in "{}":
                raise BadPattern(f"{pattern}: a brace by itself is written twice")
            parts.append(re.escape(text[:1] if text in ("{{", "}}") else text))
            before = ""
        elif name in ("uuid", "moment"):
            parts.append(_UUID if name == "uuid" else _MOMENT)
            before = ""
        elif name in _KINDS:
            if before and not length:
                raise BadPattern(f"{pattern}: nothing stands between {before} and {text}")
            loose += not length
            parts.append(f"{_KINDS[name]}{{{length}}}" if length else f"{_KINDS[name]}+")
            before = "" if length else text
        else:
            known = ", ".join(sorted((*_KINDS, "uuid", "moment")))
            raise BadPattern(f"{pattern}: there is no {text}; there are {known}")
    if loose > _MOST or pattern.count("{any}") > 2:
        raise BadPattern(f"{pattern}: too many parts of any length")
    return re.compile("".join(parts), re.DOTALL)


def has_shape(text: str, pattern: str) -> bool:
    return len(text) <= MAX_TEXT and compiled(pattern).fullmatch(text) is not None


def shape_of(texts: list[str]) -> str:
    """A pattern that all of them have, empty if there is none that says anything."""
    if not all(texts):
        return ""
    for pattern in ("{uuid}", "{moment}"):
        if all(has_shape(text, pattern) for text in texts):
            return pattern
    lengths = {len(text) for text in texts}
    for kind in ("digits", "hex", "letters", "word", "token"):
        shape = f"{{{kind}:{lengths.copy().pop()}}}" if len(lengths) == 1 and max(lengths) < 9999 else f"{{{kind}}}"
        if all(has_shape(text, shape) for text in texts):
            return shape
    return ""
