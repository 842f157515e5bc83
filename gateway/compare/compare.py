"""The one way in: an exchange of the old server, what the new one answered to the same, and what is different."""

from dataclasses import dataclass, field

from gateway.compare import addresses, bodies, headers
from gateway.compare.addresses import Address
from gateway.compare.grades import Grade, worst
from gateway.compare.judge import Judge
from gateway.compare.judgement import Difference, Identities, Judgement, Meet, Saw, Unbound
from gateway.compare.moments import Span
from gateway.compare.noise import Rules
from gateway.traffic.exchange import Exchange, Response


@dataclass(frozen=True, slots=True)
class Setting:
    """What judges all exchanges of two runs: `old_start` and `new_start` are when they began, seconds since 1970;
    addresses are what the servers call themselves, beside what each client called them."""

    rules: Rules = field(default_factory=Rules)
    identities: Identities = field(default_factory=Unbound)
    old_start: float | None = None
    new_start: float | None = None
    old_addresses: tuple[Address, ...] = ()
    new_addresses: tuple[Address, ...] = ()
    #: asked of two values that are not the same, and that nothing is known of
    meet: Meet | None = None
    #: texts that are shorter stand for themselves
    shortest: int = 0
    saw: Saw | None = None


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
    judge = _judge(old, new, operation, setting or Setting())
    _answers(judge, old.response, new.response)
    if judge.left_out:
        told = f"{len(judge.left_out)} more differences"
        grade = worst(judge.left_out) or Grade.BREAKING
        judge.differences.append(Difference("body", grade, None, None, told))
    return Judgement(tuple(judge.differences))


def _judge(old: Exchange, new: Exchange, operation: str, setting: Setting) -> Judge:
    old_start = old.began if setting.old_start is None else setting.old_start
    new_start = new.began if setting.new_start is None else setting.new_start
    called = (addresses.of(old.request), addresses.of(new.request))
    return Judge(
        operation=operation,
        rules=setting.rules,
        identities=setting.identities,
        old_span=Span(old_start, max(old.ended, old_start)),
        new_span=Span(new_start, max(new.ended, new_start)),
        is_error=old.response is not None and old.response.status >= 400,
        old_addresses=(*setting.old_addresses, *filter(None, called[:1])),
        new_addresses=(*setting.new_addresses, *filter(None, called[1:])),
        meet=setting.meet,
        shortest=setting.shortest,
        saw=setting.saw,
    )


def _answers(judge: Judge, old: Response, new: Response) -> None:
    if old.status // 100 != new.status // 100 and not judge.is_ignored("status"):
        # what else is different follows from that
        judge.report("status", Grade.BREAKING, str(old.status), str(new.status), "another class of status")
        return
    if old.status != new.status and not judge.is_ignored("status"):
        judge.report("status", Grade.SUSPICIOUS, str(old.status), str(new.status), "another status")
    headers.compare(judge, old.headers, new.headers, lambda: bodies.is_one_text(old, new))
    if new.lacks:
        judge.report("body", Grade.UNREADABLE, None, None, new.lacks)
    elif not _is_one_body(old, new) or not isinstance(judge.identities, Unbound) or b"://" in old.body:
        bodies.compare(judge, old, new)


def _is_one_body(old: Response, new: Response) -> bool:
    return old.body == new.body and old.header(b"content-encoding") == new.header(b"content-encoding")
