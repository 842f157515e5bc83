"""What comparing two answers comes to, and what it is told about values that differ by nature."""

from dataclasses import dataclass
from typing import Protocol

from gateway.compare.grades import EQUAL, NOT_JUDGED, Grade, worst


@dataclass(frozen=True, slots=True)
class Difference:
    """`place` is `status`, `header NAME`, `body`, a JSON pointer, a path of expanded XML names with positions, or
    `line N`. `old` and `new` are None where there is nothing. `follows` is the exchange of which this is only a
    consequence."""

    place: str
    grade: Grade
    old: str | None
    new: str | None
    note: str = ""
    follows: int | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Of one exchange. With a `reason` it was not judged, and has no differences."""

    differences: tuple[Difference, ...] = ()
    reason: str = ""

    @property
    def grade(self) -> str:
        """That of the worst difference, `equal` or `not-judged`."""
        if self.reason:
            return NOT_JUDGED
        return worst(difference.grade for difference in self.differences) or EQUAL


class Identities(Protocol):
    """Which value of the new server stands for which one of the old server, place by place.

    `place` is one of the old answer, as in a `Difference`. Values inside of longer ones (a link, a Location) are meant
    as well as whole ones.
    """

    def back(self, operation: str, place: str, value: str) -> str:
        """What the new server said, in the words of the old one; as it is where nothing is bound."""
        ...

    def wrong(self, operation: str, place: str, old: str, new: str) -> bool:
        """Does one of them stand for something, and not for the other one?"""
        ...

    def lost(self, operation: str, place: str, old: str) -> int | None:
        """The exchange whose new answer should have had the counterpart of an old value, and did not."""
        ...


class Meet(Protocol):
    """Two values at one place that are not the same: may they stand for each other from now on?"""

    def __call__(self, operation: str, place: str, old: str, new: str) -> bool: ...


class Saw(Protocol):
    """Told of two values at one place that are not the same letters, however they are judged."""

    def __call__(self, operation: str, place: str, old: str, new: str) -> None: ...


class Unbound:
    """Nothing stands for anything else."""

    def back(self, operation: str, place: str, value: str) -> str:
        return value

    def wrong(self, operation: str, place: str, old: str, new: str) -> bool:
        return False

    def lost(self, operation: str, place: str, old: str) -> int | None:
        return None
