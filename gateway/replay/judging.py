"""What becomes of what was played: it is compared with the recording, counted, and kept."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from gateway.compare.compare import Setting, compare
from gateway.compare.grades import NOT_JUDGED, Grade
from gateway.compare.judgement import Difference, Judgement
from gateway.replay.identities import Identities
from gateway.replay.kinds import AllKinds
from gateway.replay.player import Played
from gateway.replay.view import View
from gateway.traffic.exchange import Exchange

#: keeps what was played with how it was judged
Keep = Callable[[Played, Judgement], None]


@dataclass
class Bench:
    """The judge of a replay. `operation` names what an exchange is about, `setting` is what all are judged by."""

    identities: Identities
    kinds: AllKinds
    setting: Setting
    operation: Callable[[Exchange], str]
    limit: Grade
    keep: Keep
    grades: Counter[str] = field(default_factory=Counter)

    def is_like(self, played: Played) -> bool:
        """Is it what was recorded? Nothing is noted."""
        return not any(one.grade.reaches(Grade.SUSPICIOUS) for one in self._judged(played).differences)

    def judge(self, played: Played) -> None:
        judgement = self._judged(played)
        self.grades[judgement.grade] += 1
        self.keep(played, judgement)

    @property
    def compared(self) -> int:
        return self.grades.total() - self.grades[NOT_JUDGED]

    @property
    def failed(self) -> int:
        """How many have a difference that counts."""
        return sum(
            count for grade, count in self.grades.items() if grade in _GRADES and Grade(grade).reaches(self.limit)
        )

    def _judged(self, played: Played) -> Judgement:
        if played.why:
            return Judgement() if played.closed else Judgement(reason=played.why)
        view = View(self.identities, self.kinds, played.old)
        setting = replace(self.setting, identities=view)
        judgement = compare(played.old, played.new, self.operation(played.old), setting)
        return replace(judgement, differences=tuple(self._traced(played, one) for one in judgement.differences))

    def _traced(self, played: Played, difference: Difference) -> Difference:
        """What comes of a request with values that nobody could replace is a consequence of where they got lost."""
        if difference.follows is not None or not played.sent.stale:
            return difference
        origin = min(self.identities.survey.origins[key].exchange for key in played.sent.stale)
        return replace(difference, follows=origin) if origin != played.old.number else difference


_GRADES = frozenset(Grade)
