"""Patterns of `matches`, `replace`, `split` and `extract`, run by an engine that takes a time that grows with the text
alone. They are written as Java has them; what that engine cannot do (looking ahead or behind, references to groups,
possessive repetitions, intersections of classes) is an error, never another result.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

import re2

from core.graph.feel.budget import CHARACTERS, Budget, ExpressionError
from core.graph.feel.translation import Invalid, translated
from core.graph.feel.values import MAX_TEXT, Failure

MAX_PATTERN = 1_000
#: what the engine may use for a pattern, in bytes: what needs more is refused when it is read
MAX_MEMORY = 1024 * 1024
#: instructions of a pattern that are made in one step, and those that are run over `CHARACTERS` in one
_MADE, _INSTRUCTIONS = 20, 50
_DIGITS = "0123456789"
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_REPLACEMENT = re.compile(r"\\(.)|\$(?:\{([A-Za-z][A-Za-z0-9]*)\}|([0-9]))|([\\$])", re.DOTALL)


def flags_of(flags: str) -> str:
    """Those that are known: others do nothing."""
    return "".join(flag for flag in "smix" if flag in flags)


class Pattern:
    """One for texts that end with a line, and one for all others, since `$` is also before the last end of a line."""

    def __init__(self, source: str, flags: str) -> None:
        self._source = source
        self._flags = flags
        self._anywhere = self._compiled(before_line_end=False)

    @classmethod
    def of(cls, source: str, flags: str) -> "Pattern | Failure":
        """A failure if the text is no pattern. Raises ExpressionError for one that cannot be run here."""
        try:
            return _pattern(source, flags)
        except Invalid as error:
            return Failure(str(error))

    def _compiled(self, *, before_line_end: bool) -> "re2._Regexp":
        if len(self._source) > MAX_PATTERN:
            raise ExpressionError(f"a pattern longer than {MAX_PATTERN} characters")
        options = re2.Options()
        options.log_errors = False
        options.max_mem = MAX_MEMORY
        text = translated(self._source, self._flags, before_line_end=before_line_end)
        try:
            return re2.compile(text.encode("utf-8", "replace"), options)
        except re2.error as error:
            why = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error.args[0])
            if "too large" in why or "invalid repetition size" in why or ("repetition operator" in why and "{" in why):
                raise ExpressionError(f"the pattern {self._source!r} cannot be run here: {why}") from None
            raise Invalid(f"Invalid pattern '{self._source}'") from None

    def _spans(self, text: str, budget: Budget) -> tuple[bytes, Iterator["re2._Match"]]:
        """The text and all matches in it. Raises ExpressionError."""
        pattern = self._anywhere
        if "$" in self._source and _LINE_END.search(text[-2:]) and "m" not in self._flags:
            pattern = self._compiled(before_line_end=True)
        encoded = text.encode("utf-8", "replace")
        size = pattern.programsize
        budget.spend(1 + size // _MADE + len(encoded) // CHARACTERS * (1 + size // _INSTRUCTIONS))
        return encoded, pattern.finditer(encoded)

    def matches(self, text: str, budget: Budget) -> bool:
        _, spans = self._spans(text, budget)
        return next(spans, None) is not None

    def _each(self, text: str, budget: Budget) -> tuple[bytes, Iterator["re2._Match"]]:
        """Matches in turn: an empty one is not within a character, and not where the one before it ended empty."""
        encoded, spans = self._spans(text, budget)

        def each() -> Iterator["re2._Match"]:
            empty = -1
            for match in spans:
                budget.spend(1)
                at = match.start()
                if at == match.end():
                    if at == empty or (at < len(encoded) and encoded[at] & 0xC0 == 0x80):
                        continue
                    empty = at
                yield match

        return encoded, each()

    def extracted(self, text: str, budget: Budget) -> list[str]:
        _, spans = self._each(text, budget)
        return [match.group().decode() for match in spans]

    def split(self, text: str, budget: Budget) -> list[str]:
        encoded, spans = self._each(text, budget)
        parts, end = [], 0
        for match in spans:
            if match.end() == 0:
                continue  # nothing before the text is a part of it
            parts.append(encoded[end : match.start()].decode())
            end = match.end()
        return [*parts, encoded[end:].decode()]

    def replaced(self, text: str, replacement: str, budget: Budget) -> str | Failure | None:
        """None if the result is too long."""
        encoded, spans = self._each(text, budget)
        parts, end, length = [], 0, len(encoded)
        for match in spans:
            try:
                put = _filled(replacement, match)
            except (IndexError, KeyError):
                return Failure("the replacement names a group that is not there")
            parts += [encoded[end : match.start()], put]
            end = match.end()
            length += len(put)
            if length > MAX_TEXT * 4:
                return None
        result = b"".join((*parts, encoded[end:])).decode()
        return result if len(result) <= MAX_TEXT else None


def _filled(replacement: str, match: "re2._Match") -> bytes:
    """`$1`, `${name}`, and what a backslash stands before. Raises IndexError, KeyError."""
    if "$" not in replacement and "\\" not in replacement:
        return replacement.encode("utf-8", "replace")
    parts, at = [], 0
    while at < len(replacement):
        found = _REPLACEMENT.search(replacement, at)
        if found is None:
            break
        parts.append(replacement[at : found.start()].encode("utf-8", "replace"))
        at = found.end()
        if found[1] is not None:
            parts.append(found[1].encode("utf-8", "replace"))
        elif found[2] is not None:
            parts.append(match.group(match.re.groupindex[found[2].encode()]) or b"")
        elif found[3] is not None:
            group, groups = _DIGITS.index(found[3]), match.re.groups
            if group > groups:
                raise IndexError(group)
            while (
                at < len(replacement) and (digit := _DIGITS.find(replacement[at])) >= 0 and group * 10 + digit <= groups
            ):
                group = group * 10 + digit
                at += 1
            parts.append(match.group(group) or b"")
        else:
            raise IndexError(replacement)
    return b"".join((*parts, replacement[at:].encode("utf-8", "replace")))


@lru_cache(maxsize=256)
def _pattern(source: str, flags: str) -> Pattern:
    return Pattern(source, flags)
