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

    What was not sent (`new` is None), and what has nothing recorded to compare with, is not judged; a request that was
    sent and got no answer is a difference.
    """
    if old.response is None or old.response.lacks:
        why = old.error if old.response is None else old.response.lacks
        return Judgement(reason=f"nothing recorded to compare with{why and ': '}{why}")
    if new is None:
        return Judgement(reason="not sent")
    if new.response is None:
        status = str(old.response.status)
        return Judgement((Difference("status", Grade.NO_ANSWER, status, None, new.error or "no answer"),))
    return Judgement()
