"""The one way in: an exchange of the old server, what the new one answered to the same, and what is different."""

from dataclasses import dataclass, field

from gateway.compare.grades import Grade
from gateway.compare.judgement import Difference, Identities, Judgement, Unbound
from gateway.traffic.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Setting:
    """What judges all exchanges of two runs: `old_start` and `new_start` are when they began, seconds since 1970."""

    identities: Identities = field(default_factory=Unbound)
    old_start: float | None = None
    new_start: float | None = None


def compare(old: Exchange, new: Exchange | None, operation: str = "", setting: Setting | None = None) -> Judgement:
    """How the answer of `new` differs from that of `old`. A pure function, which raises nothing.

    Nothing to compare with is not judged; a recorded answer that has no counterpart is a difference.
    """
    if old.response is None or old.response.lacks:
        return Judgement(reason=f"nothing recorded to compare with: {old.error or 'the recorded answer is not whole'}")
    if new is None or new.response is None:
        why = "not sent" if new is None else new.error or "the connection was closed"
        return Judgement((Difference("status", Grade.NO_ANSWER, str(old.response.status), None, why),))
    return Judgement()
