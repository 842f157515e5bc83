"""Where a summary comes from: a result that lies in a file."""

from datetime import date
from pathlib import Path

import orjson

from gateway.compare import noise, waivers
from gateway.compare.noise import BadRules
from gateway.compare.waivers import BadWaivers, Waivers
from gateway.report.summary import About, Summary
from gateway.traffic.recording import NotARecording
from gateway.traffic.results import Result, Verdict

#: what a result says of what it was judged by: the texts of the files, and how often each rule was of use
NOISE, WAIVERS, RULES_USED = "noise", "waivers", "rules_used"


def summary(path: Path, today: date) -> Summary:
    """Raises NotARecording, and OSError."""
    with Result(path) as result:
        told = result.meta.said
        try:
            agreed = waivers.parse(told(WAIVERS).encode(), f"{path}: its waivers")
            rules = _rules(told(RULES_USED)) or _texts(noise.parse(told(NOISE).encode(), f"{path}: its rules"))
        except (BadRules, BadWaivers) as error:
            raise NotARecording(str(error)) from None
        about = About(told("recording"), told("target") or result.meta.upstream, rules, agreed)
        origins = {one.follows for one in result.differences() if one.follows is not None}
        made = Summary(today=today, waivers=Waivers(agreed), origins=origins, about=about)
        differences = result.differences()
        following = next(differences, None)
        for verdict in result.verdicts():
            those = []
            while following is not None and following.exchange <= verdict.exchange:
                if following.exchange == verdict.exchange:
                    those.append(following)
                following = next(differences, None)
            try:
                made.take(
                    Verdict(
                        exchange=verdict.exchange,
                        session=verdict.session,
                        operation=verdict.operation,
                        grade=verdict.grade,
                        reason=verdict.reason,
                        differences=tuple(those),
                    )
                )
            except ValueError as error:
                raise NotARecording(f"{path}: exchange {verdict.exchange}: {error}") from None
        made.take_unmapped(result.all_unmapped())
        return made


def _texts(rules: tuple[noise.Rule, ...]) -> tuple[str, ...]:
    return tuple(noise.said(rule) for rule in rules)


def _rules(used: str) -> tuple[str, ...]:
    """What `noise.usage` wrote."""
    try:
        rows = orjson.loads(used or "[]")
    except ValueError:
        rows = []
    return tuple(str(row) for row in rows) if isinstance(rows, list) else ()
