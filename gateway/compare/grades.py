"""How bad a difference is for a client."""

from collections.abc import Iterable
from enum import StrEnum


class Grade(StrEnum):
    """From the least to the worst; those behind `breaking` count as it."""

    BYTES = "bytes"
    HARMLESS = "harmless"
    SUSPICIOUS = "suspicious"
    BREAKING = "breaking"
    RULE_FAILED = "rule-failed"
    UNREADABLE = "unreadable"
    EMPTY = "empty"
    NO_ANSWER = "no-answer"

    @property
    def weight(self) -> int:
        return _WEIGHTS[self]

    def reaches(self, limit: "Grade") -> bool:
        """Is it as bad as that, or worse?"""
        return min(self.weight, _MOST) >= min(limit.weight, _MOST)


_WEIGHTS = {grade: weight for weight, grade in enumerate(Grade)}
_MOST = _WEIGHTS[Grade.BREAKING]

#: what stands for the grade of an exchange without a difference, and of one that could not be compared
EQUAL = "equal"
NOT_JUDGED = "not-judged"


def worst(grades: Iterable[Grade]) -> Grade | None:
    return max(grades, key=lambda grade: grade.weight, default=None)
