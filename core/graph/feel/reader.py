"""The parts that a parser is built of: what stands at a place of a text, and where it ends."""

import re
from collections.abc import Callable
from typing import TypeVar

from core.graph.feel.budget import ExpressionError
from core.graph.feel.names import SPACE, word
from core.graph.feel.syntax import Node

MAX_LENGTH = 10_000
MAX_DEPTH = 64

T = TypeVar("T")
#: where it ends, and what it is; None if nothing of the kind stands here
Read = tuple[int, T] | None

_QUOTED = re.compile(r"`([^`]+)`")


class Reader:
    def __init__(self, text: str, *, lenient: bool = False) -> None:
        if len(text) > MAX_LENGTH:
            raise ExpressionError(f"longer than {MAX_LENGTH} characters")
        self._text = text
        self._lenient = lenient
        self._depth = 0
        self._known: dict[tuple[str, int], Read[Node]] = {}

    def _skip(self, at: int) -> int:
        match = SPACE.match(self._text, at)
        assert match is not None
        return match.end()

    def _sign(self, at: int, *signs: str) -> int:
        """Where one of the signs or words ends, behind spaces; -1 if none of them stands here."""
        at = self._skip(at)
        return next((at + len(sign) for sign in signs if self._text.startswith(sign, at)), -1)

    def _words(self, at: int) -> Read[str]:
        """A name of several words, as functions have them."""
        end = word(self._text, at)
        if end == at:
            return None
        several = False
        while self._text.startswith(" ", end):
            start = end
            while self._text.startswith(" ", start):
                start += 1
            following = word(self._text, start)
            if following == start:
                break
            end, several = following, True
        return (end, self._text[at:end]) if several else None

    def _name(self, at: int) -> Read[str]:
        end = word(self._text, at)
        if end > at:
            return end, self._text[at:end]
        match = _QUOTED.match(self._text, at)
        return (match.end(), match[1]) if match else None

    def _part(self, at: int) -> Read[str]:
        """What may stand behind a dot."""
        if self._text.startswith("time offset", at):
            return at + len("time offset"), "time offset"
        return self._name(at)

    def _qualified(self, at: int) -> Read[tuple[str, ...]]:
        return self._several(at, ".", self._part)

    def _several(self, at: int, sign: str, rule: Callable[[int], Read[T]]) -> Read[tuple[T, ...]]:
        """One at least, with a sign between them."""
        read = rule(at)
        if read is None:
            return None
        end, items = read[0], [read[1]]
        while (behind := self._sign(end, sign)) >= 0 and (read := rule(self._skip(behind))) is not None:
            end = read[0]
            items.append(read[1])
        return end, tuple(items)

    def _enclosed(self, at: int, close: str, rule: Callable[[int], Read[T]]) -> Read[tuple[T, ...]]:
        """Any number with commas between them, and the sign that closes them."""
        start = self._skip(at)
        end, items = self._several(start, ",", rule) or (start, ())
        end = self._sign(end, close)
        return (end, items) if end >= 0 else None

    def _remembered(self, name: str, at: int, rule: Callable[[int], Read[Node]]) -> Read[Node]:
        key = name, at
        if key not in self._known:
            self._depth += 1
            if self._depth > MAX_DEPTH * 3:
                raise ExpressionError(f"nested deeper than {MAX_DEPTH}")
            self._known[key] = rule(at)
            self._depth -= 1
        return self._known[key]

    def _chain(
        self,
        at: int,
        signs: tuple[str, ...],
        rule: Callable[[int], Read[Node]],
        join: Callable[[str, Node, Node], Node],
    ) -> Read[Node]:
        read = rule(at)
        if read is None:
            return None
        end, node = read
        while (behind := self._sign(end, *signs)) >= 0 and (read := rule(self._skip(behind))) is not None:
            sign = next(sign for sign in signs if self._text.endswith(sign, 0, behind))
            end, node = read[0], join(sign, node, read[1])
        return end, node
