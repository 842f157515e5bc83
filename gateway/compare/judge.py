"""Judges values, place by place, and keeps what is different."""

from collections.abc import Hashable
from dataclasses import dataclass, field

from adapters.common.noise import Rule
from gateway.compare import addresses
from gateway.compare.addresses import Address
from gateway.compare.grades import Grade
from gateway.compare.judgement import Difference, Identities, Meet, Saw
from gateway.compare.moments import Span, from_clocks, moment
from gateway.compare.noise import CLOCKS, Rules, allows, seconds

#: characters of a value in a difference
MAX_SHOWN = 300
#: differences of one exchange, behind which only their number is told
MAX_DIFFERENCES = 200
#: members of an answer that says no, whose values are codes
CODES = frozenset(("code", "type", "error"))
_TOLERANCE = seconds(CLOCKS.tolerance)


@dataclass(slots=True)
class Judge:
    """For one exchange. `is_error`: the old server said no, so that codes matter."""

    operation: str
    rules: Rules
    identities: Identities
    old_span: Span
    new_span: Span
    is_error: bool = False
    #: what each server calls itself
    old_addresses: tuple[Address, ...] = ()
    new_addresses: tuple[Address, ...] = ()
    meet: Meet | None = None
    shortest: int = 0
    saw: Saw | None = None
    differences: list[Difference] = field(default_factory=list)
    #: texts that are not the same letters, and stand for the same
    accepted: set[tuple[str, str]] = field(default_factory=set)
    #: a rule let items change places
    is_reordered: bool = False
    #: grades of those for which there was no room
    left_out: list[Grade] = field(default_factory=list)
    #: a rule said not to look at something, whose letters may be others then
    is_partial: bool = False

    def report(self, place: str, grade: Grade, old: str | None, new: str | None, note: str = "") -> None:
        if len(self.differences) >= MAX_DIFFERENCES:
            self.left_out.append(grade)
            return
        follows = self.identities.lost(self.operation, place, old) if old is not None else None
        self.differences.append(Difference(place, grade, _cut(old), _cut(new), note=note, follows=follows))

    def mark(self) -> tuple[int, int]:
        """How many differences there are."""
        return len(self.differences), len(self.left_out)

    def return_to(self, mark: tuple[int, int]) -> None:
        """Forget what was reported since."""
        del self.differences[mark[0] :]
        del self.left_out[mark[1] :]

    def rule(self, place: str) -> Rule | None:
        return self.rules.at(self.operation, place)

    def is_ignored(self, place: str) -> bool:
        rule = self.rule(place)
        if rule is None or rule.judge != "ignore":
            return False
        self.rules.used[rule] += 1
        self.is_partial = True
        return True

    def plain(self, old: str) -> str:
        """What the old server said, as it is compared."""
        return addresses.plain(old, self.old_addresses)

    def back(self, place: str, new: str) -> str:
        """What the new server said, in the old one's words."""
        return self.identities.back(self.operation, place, addresses.plain(new, self.new_addresses))

    def is_same(self, place: str, old: str, new: str) -> bool:
        """Do both say the same, by letters or by what they stand for?"""
        if old == new and "://" not in old:
            return not self.identities.wrong(self.operation, place, old, new)
        if self.back(place, new) != self.plain(old):
            return False
        self.accepted.add((old, new))
        return True

    def is_wrong(self, place: str, old: str, new: str) -> bool:
        """Does one of them stand for something else than the other one? A server's own address is an identity, too."""
        before, after = self.plain(old), addresses.plain(new, self.new_addresses)
        if self.identities.wrong(self.operation, place, before, after):
            return True
        leads_to_itself = before != old
        return leads_to_itself and after == new != self.plain(new)

    def value(self, place: str, old: str, new: str, *, is_code: bool = False) -> None:
        """Two texts, or two numbers in letters. Whoever asks has looked whether they are of one type."""
        if self.saw is not None and old != new:
            self.saw(self.operation, place, self.plain(old), addresses.plain(new, self.new_addresses))
        if self.is_same(place, old, new):
            return
        rule = self.rule(place)
        if rule is not None and rule.judge not in ("same", "order"):
            refusal = allows(rule, old, new, self.old_span, self.new_span)
            if not refusal:
                self.rules.used[rule] += 1
                self.accepted.add((old, new))
            elif self.rules.demands(rule):
                self.report(place, Grade.RULE_FAILED, old, new, refusal)
            else:
                self.report(place, Grade.SUSPICIOUS, old, new, refusal)
        elif self.is_wrong(place, old, new):
            self.report(place, Grade.BREAKING, old, new, "another identity")
        elif rule is None and self._are_from_clocks(old, new):
            self.rules.used[CLOCKS] += 1
            self.accepted.add((old, new))
        elif self.meet is not None and self.meet(
            self.operation, place, self.plain(old), addresses.plain(new, self.new_addresses)
        ):
            self.accepted.add((old, new))
        elif is_code:
            self.report(place, Grade.BREAKING, old, new, "another error code")
        else:
            self.report(place, Grade.SUSPICIOUS, old, new, "another value")

    def _are_from_clocks(self, old: str, new: str) -> bool:
        before, after = moment(old), moment(new)
        if before is None or after is None:
            return False
        return from_clocks(before, after, self.old_span, self.new_span, _TOLERANCE)

    def free(self, place: str) -> bool:
        """May a value there be anything? For the comparison of items before it is known which belongs to which."""
        rule = self.rule(place)
        return rule is not None and rule.judge in ("ignore", "present", "shape", "within")

    def token(self, place: str, text: str, *, is_new: bool) -> Hashable:
        """What a value is worth where items are told from each other."""
        if self.free(place):
            return None
        if self.rule(place) is None:
            found = moment(text)
            if found is not None:
                span = self.new_span if is_new else self.old_span
                return found.style if from_clocks(found, found, span, span, _TOLERANCE) else text
        return self.back(place, text) if is_new else self.plain(text)


def _cut(text: str | None) -> str | None:
    if text is None or len(text) <= MAX_SHOWN:
        return text
    return f"{text[:MAX_SHOWN]}... ({len(text)} characters)"
