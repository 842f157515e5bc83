"""What all judgements come to: counters that add up, and each group of like differences once."""

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field
from datetime import date

from gateway.compare.grades import EQUAL, NOT_JUDGED, Grade, worst
from gateway.compare.places import general
from gateway.compare.waivers import Waiver, Waivers
from gateway.traffic.results import Difference, Unmapped, Verdict

#: groups that are told one by one; of the others there is only a number
MAX_GROUPS = 2_000
#: values that nobody could map, as above
MAX_UNMAPPED = 2_000


@dataclass(slots=True)
class Group:
    """Differences that are alike, with the first one as an example; `count` is of exchanges."""

    operation: str
    place: str
    grade: Grade
    note: str
    example: Difference
    count: int = 0
    waiver: Waiver | None = None
    #: groups that only follow from this one
    below: list["Group"] = field(default_factory=list)
    last: int = 0

    @property
    def in_order(self) -> list["Group"]:
        """What follows from it, the worst first."""
        return _sorted(self.below)


@dataclass(slots=True)
class Operation:
    name: str
    equal: int = 0
    different: int = 0
    not_judged: int = 0
    #: of differences that count
    worst: Grade | None = None

    @property
    def seen(self) -> int:
        return self.equal + self.different + self.not_judged


@dataclass(slots=True)
class Unjudged:
    """Exchanges that were not judged for one reason; `exchange` is the first of them."""

    operation: str
    reason: str
    exchange: int
    count: int = 0


@dataclass(frozen=True, slots=True)
class About:
    """What was compared with what, and by which rules: lines for people."""

    old: str = ""
    new: str = ""
    rules: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """A value of the old server that stood for two of the new one, or two of them for one."""

    value: str
    place: str
    exchange: str
    bound: str
    seen: str


class Summary:
    """Takes verdicts in the order of the recording, and remembers groups, not exchanges.

    `origins` are exchanges from whose differences others follow.
    """

    def __init__(
        self,
        *,
        today: date,
        waivers: Waivers | None = None,
        origins: Set[int] = frozenset(),
        about: About | None = None,
    ) -> None:
        self.today = today
        self.about = about or About()
        self.operations: dict[str, Operation] = {}
        self.unjudged: dict[tuple[str, str], Unjudged] = {}
        self.unmapped: list[Unmapped] = []
        self.more_unmapped = 0
        self.conflicts: list[Conflict] = []
        #: exchanges with differences that are in no group
        self.more = 0
        self.never_seen: tuple[str, ...] = ()
        self._waivers = waivers or Waivers()
        self._origins = origins
        self._groups: dict[tuple[str, str, str, str, int | None], Group] = {}
        self._first: dict[int, Group] = {}
        self._worst_beyond: Grade | None = None

    def take(self, verdict: Verdict) -> None:
        operation = self._operation(verdict.operation)
        if verdict.grade == NOT_JUDGED:
            operation.not_judged += 1
            key = (verdict.operation, verdict.reason)
            unjudged = self.unjudged.get(key)
            if unjudged is None:
                if len(self.unjudged) >= MAX_GROUPS:
                    key = (verdict.operation, "other reasons")
                unjudged = self.unjudged.setdefault(key, Unjudged(*key, verdict.exchange))
            unjudged.count += 1
        elif verdict.grade == EQUAL and not verdict.differences:
            operation.equal += 1
        else:
            operation.different += 1
            for difference in verdict.differences:
                self._difference(operation, difference)

    def take_unmapped(self, values: Iterable[Unmapped]) -> None:
        for value in values:
            if len(self.unmapped) < MAX_UNMAPPED:
                self.unmapped.append(value)
            else:
                self.more_unmapped += 1

    def _operation(self, name: str) -> Operation:
        operation = self.operations.get(name)
        if operation is None:
            operation = self.operations[name] = Operation(name)
        return operation

    def _difference(self, operation: Operation, difference: Difference) -> None:
        grade = Grade(difference.grade)
        waiver = self._waivers.covering(difference.operation, difference.place, self.today)
        if waiver is None:
            operation.worst = worst(filter(None, (operation.worst, grade)))
            self._worst_beyond = worst(filter(None, (self._worst_beyond, grade)))
        origin = self._first.get(difference.follows) if difference.follows is not None else None
        place = general(difference.place)
        key = (difference.operation, place, grade.value, difference.note, id(origin) if origin is not None else None)
        group = self._groups.get(key)
        if group is None:
            if len(self._groups) >= MAX_GROUPS:
                self.more += 1
                return
            group = Group(difference.operation, place, grade, difference.note, difference, waiver=waiver)
            self._groups[key] = group
            if origin is not None:
                origin.below.append(group)
        if group.last != difference.exchange:
            group.count += 1
            group.last = difference.exchange
        if difference.exchange in self._origins:
            self._first.setdefault(difference.exchange, group)

    @property
    def groups(self) -> list[Group]:
        """Those that follow from no other one, the worst first, then the most frequent."""
        below = {id(group) for one in self._groups.values() for group in one.below}
        return _sorted(group for group in self._groups.values() if id(group) not in below)

    @property
    def seen(self) -> int:
        return sum(operation.seen for operation in self.operations.values())

    @property
    def equal(self) -> int:
        return sum(operation.equal for operation in self.operations.values())

    @property
    def different(self) -> int:
        return sum(operation.different for operation in self.operations.values())

    @property
    def not_judged(self) -> int:
        return sum(operation.not_judged for operation in self.operations.values())

    @property
    def worst(self) -> Grade | None:
        """Of all differences that nobody has waived."""
        return self._worst_beyond

    def failures(self, limit: Grade) -> list[str]:
        """Why it is beyond the limit; nothing if it is within."""
        told = []
        if self.worst is not None and self.worst.reaches(limit):
            told.append(f"differences of the grade {self.worst}")
        if self.not_judged:
            told.append(_counted(self.not_judged, "exchange that was not judged", "exchanges that were not judged"))
        if self.unmapped:
            number = len(self.unmapped) + self.more_unmapped
            told.append(_counted(number, "value that could not be mapped", "values that could not be mapped"))
        if not self.seen:
            told.append("nothing that was compared")
        return told

    def expired(self) -> list[Waiver]:
        return [waiver for waiver in self._waivers.all if waiver.until < self.today]

    def by_operation(self) -> list[Operation]:
        """The worst first."""
        return sorted(
            self.operations.values(),
            key=lambda one: (-(one.worst.weight + 1 if one.worst else 0), -one.not_judged, -one.different, one.name),
        )

    def each_group(self) -> Iterator[tuple[int, Group]]:
        """With its depth; what follows from a group comes behind it."""
        yield from _walk(self.groups, 0)


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _sorted(groups: Iterable[Group]) -> list[Group]:
    return sorted(
        groups, key=lambda one: (one.waiver is not None, -one.grade.weight, -one.count, one.operation, one.place)
    )


def _walk(groups: Iterable[Group], depth: int) -> Iterator[tuple[int, Group]]:
    for group in groups:
        yield depth, group
        yield from _walk(group.in_order, depth + 1)
