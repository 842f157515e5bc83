"""The functions of texts, whose characters are counted as units of UTF-16."""

import base64
import secrets
from unicodedata import category

from core.graph.feel.characters import joined, units
from core.graph.feel.functions.forms import Forms, form
from core.graph.feel.numbers import Number, int32
from core.graph.feel.patterns import Pattern, flags_of
from core.graph.feel.scope import Run
from core.graph.feel.values import MAX_TEXT, Failure

FORMS: Forms = {}

_TRIMMED = "".join(map(chr, range(0x21)))
_UNBROKEN = "\u00a0\u2007\u202f"


def _index(length: int, position: Number) -> int:
    at = int32(position)
    return at - 1 if at > 0 else length + at


@form(FORMS, "substring(string: string, start position: number)")
def _substring(string: str, start: Number) -> str:
    """Raises ValueError if the text does not reach so far."""
    characters = units(string)
    return _between(characters, _index(len(characters), start), len(characters))


@form(FORMS, "substring(string: string, start position: number, length: number)")
def _substring_of_length(string: str, start: Number, length: Number) -> str:
    characters = units(string)
    begin = _index(len(characters), start)
    return _between(characters, begin, min(begin + int32(length), len(characters)))


def _between(characters: str, begin: int, end: int) -> str:
    if not 0 <= begin <= end:
        raise ValueError(f"begin {begin}, end {end}, length {len(characters)}")
    return joined(characters[begin:end])


@form(FORMS, "string length(string: string)")
def _length(string: str) -> int:
    return len(units(string))


@form(FORMS, "upper case(string: string)")
def _upper(string: str) -> str | None:
    return _bounded(string.upper())


@form(FORMS, "lower case(string: string)")
def _lower(string: str) -> str | None:
    return _bounded(string.lower())


def _bounded(text: str) -> str | None:
    return text if len(text) <= MAX_TEXT else None


@form(FORMS, "substring before(string: string, match: string)")
def _before(string: str, match: str) -> str:
    before, separator, _ = string.partition(match) if match else ("", "", "")
    return before if separator else ""


@form(FORMS, "substring after(string: string, match: string)")
def _after(string: str, match: str) -> str:
    return string.partition(match)[2] if match else string


@form(FORMS, "contains(string: string, match: string)")
def _contains(string: str, match: str) -> bool:
    return match in string


@form(FORMS, "starts with(string: string, match: string)")
def _starts(string: str, match: str) -> bool:
    return string.startswith(match)


@form(FORMS, "ends with(string: string, match: string)")
def _ends(string: str, match: str) -> bool:
    return string.endswith(match)


@form(FORMS, "trim(string: string)")
def _trim(string: str) -> str:
    return string.strip(_TRIMMED)


@form(FORMS, "is blank(string: string)")
def _is_blank(string: str) -> bool:
    return all(_is_space(character) for character in string)


def _is_space(character: str) -> bool:
    if character in "\t\n\v\f\r\x1c\x1d\x1e\x1f ":
        return True
    return category(character) in ("Zs", "Zl", "Zp") and character not in _UNBROKEN


@form(FORMS, "to base64(value: string)")
def _to_base64(value: str) -> str | None:
    return _bounded(base64.b64encode(value.encode("utf-8", "replace")).decode())


@form(FORMS, "uuid()", paying=True)
def _uuid(run: Run) -> str:
    """One of version 7: the time first, so that later ones are greater."""
    bits = run.now << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62)
    digits = f"{bits:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


# patterns


@form(FORMS, "matches(input: string, pattern: string)", paying=True)
def _matches(run: Run, text: str, pattern: str) -> bool | Failure:
    return _matches_with(run, text, pattern, "")


@form(FORMS, "matches(input: string, pattern: string, flags: string)", paying=True)
def _matches_with(run: Run, text: str, pattern: str, flags: str) -> bool | Failure:
    compiled = Pattern.of(pattern, flags_of(flags))
    return compiled if isinstance(compiled, Failure) else compiled.matches(text, run.budget)


@form(FORMS, "replace(input: string, pattern: string, replacement: string)", paying=True)
def _replace(run: Run, text: str, pattern: str, replacement: str) -> str | Failure | None:
    return _replace_with(run, text, pattern, replacement, "")


@form(FORMS, "replace(input: string, pattern: string, replacement: string, flags: string)", paying=True)
def _replace_with(run: Run, text: str, pattern: str, replacement: str, flags: str) -> str | Failure | None:
    compiled = Pattern.of(pattern, flags_of(flags))
    return compiled if isinstance(compiled, Failure) else compiled.replaced(text, replacement, run.budget)


@form(FORMS, "split(string: string, delimiter: string)", paying=True)
def _split(run: Run, text: str, delimiter: str) -> list[str] | Failure:
    compiled = Pattern.of(delimiter, "")
    return compiled if isinstance(compiled, Failure) else compiled.split(text, run.budget)


@form(FORMS, "extract(input: string, pattern: string)", paying=True)
def _extract(run: Run, text: str, pattern: str) -> list[str] | Failure:
    compiled = Pattern.of(pattern, "")
    return compiled if isinstance(compiled, Failure) else compiled.extracted(text, run.budget)
