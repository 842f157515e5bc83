"""Judges two recordings against each other, exchange by exchange."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from gateway.compare.addresses import Address
from gateway.compare.compare import Setting, compare
from gateway.compare.grades import NOT_JUDGED, Grade
from gateway.compare.judgement import Judgement
from gateway.compare.lists import REORDERED
from gateway.compare.moments import Span
from gateway.compare.noise import Rules
from gateway.diff.bindings import Bindings
from gateway.diff.learning import Learned, Learner, Sample
from gateway.diff.pairing import pairs
from gateway.traffic.exchange import Exchange
from gateway.traffic.labels import operation_of
from gateway.traffic.recording import Meta, Recording
from gateway.traffic.results import Difference, Verdict

_ONLY_IN_THE_FIRST = Judgement(reason="not sent: only in the first")
_ONLY_IN_THE_SECOND = "nothing recorded to compare with: only in the second"


@dataclass
class Diff:
    """What is read is read once, and not kept."""

    old: Recording
    new: Recording
    rules: Rules = field(default_factory=Rules)
    bindings: Bindings = field(default_factory=Bindings)

    def verdicts(self) -> Iterator[Verdict]:
        """In the order of the old recording, then of what only the new one has."""
        setting = self._setting()
        for old, new, operation in self._pairs():
            if old is not None:
                yield verdict(old.number, operation, self._judged(old, new, operation, setting))
            elif new is not None:
                yield Verdict(new.number, "", operation, NOT_JUDGED, _ONLY_IN_THE_SECOND)

    def learned(self) -> Learned:
        """What differs by nature. Where numbers were found that stand for others, a second look knows them."""
        first = self._learned()
        if not first.numbers:
            return first
        kinds = {name: numbers.kind for numbers in first.numbers for name in numbers.names}
        behind = {path: numbers.kind for numbers in first.numbers for path in numbers.paths}
        second = Diff(self.old, self.new, self.rules, Bindings(kinds, behind))._learned()
        known = {name for numbers in first.numbers for name in numbers.names}
        more = [numbers for numbers in second.numbers if known.isdisjoint(numbers.names)]
        return replace(second, numbers=first.numbers + more)

    def _learned(self) -> Learned:
        learner, current = Learner(), list[Exchange]()
        setting = self._setting()
        old_start, new_start = setting.old_start or 0.0, setting.new_start or 0.0

        def saw(operation: str, place: str, old: str, new: str) -> None:
            one, other = current
            if self.bindings.differ_in_numbers(old, new):
                return
            path = one.request.path.decode("utf-8", "backslashreplace")
            sample = Sample(old, new, Span(old_start, one.ended), Span(new_start, other.ended))
            learner.differed(operation, place, path, sample)

        setting = replace(setting, saw=saw)
        for old, new, operation in self._pairs():
            if old is None or new is None:
                continue
            current[:] = old, new
            for difference in self._judged(old, new, operation, setting).differences:
                if difference.note == REORDERED and difference.grade is Grade.SUSPICIOUS:
                    learner.reordered(operation, difference.place)
        return learner.learned()

    def _pairs(self) -> Iterator[tuple[Exchange | None, Exchange | None, str]]:
        """With the operation, as it was recorded or as it looks."""
        names = {entry.number: entry.operation for entry in self.old.entries() if entry.operation}
        for old, new in pairs(self.old, self.new, self.bindings):
            one = old or new
            assert one is not None
            yield old, new, (names.get(old.number, "") if old is not None else "") or operation_of(one.request)

    def _judged(self, old: Exchange, new: Exchange | None, operation: str, setting: Setting) -> Judgement:
        if new is None:
            return _ONLY_IN_THE_FIRST
        judgement = compare(old, new, operation, setting)
        missing = [d.old for d in judgement.differences if d.old is not None and d.new is None and d.follows is None]
        if missing:
            self.bindings.lose(missing, old.number)
        return judgement

    def _setting(self) -> Setting:
        return Setting(
            rules=self.rules,
            identities=self.bindings,
            old_start=_start(self.old),
            new_start=_start(self.new),
            old_addresses=_own(self.old.meta),
            new_addresses=_own(self.new.meta),
            meet=self.bindings.meet,
            shortest=self.bindings.shortest,
        )


def verdict(number: int, operation: str, judgement: Judgement) -> Verdict:
    differences = tuple(
        Difference(number, operation, d.place, d.grade, old=d.old, new=d.new, note=d.note, follows=d.follows)
        for d in judgement.differences
    )
    return Verdict(number, "", operation, judgement.grade, judgement.reason, differences=differences)


def _start(recording: Recording) -> float | None:
    return next((entry.began for entry in recording.entries()), None)


def _own(meta: Meta) -> tuple[Address, ...]:
    return (Address(meta.host.lower(), str(meta.port or "")),) if meta.host else ()
