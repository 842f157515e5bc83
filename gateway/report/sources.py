"""Where a summary comes from: a result that lies in a file."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import orjson

from gateway.compare import terms, waivers
from gateway.compare.tables import BadTables
from gateway.compare.waivers import Waivers
from gateway.report.summary import About, Conflict, Summary
from gateway.traffic.recording import NotARecording
from gateway.traffic.results import Difference, Result, Verdict

#: under which a replay keeps values that stood for two
CONFLICTS = "conflicts"
#: of them, and of rules, that are told
_MOST = 1_000


def summary(result: Result, today: date) -> Summary:
    """Raises NotARecording."""
    told, path = result.meta.said, result.path
    try:
        agreed = waivers.parse(told(terms.WAIVERS).encode(), f"{path}: its waivers")
    except BadTables as error:
        raise NotARecording(str(error)) from None
    rules = tuple(str(row) for row in _rows(told(terms.RULES_USED)))
    about = About(told("recording"), told("target") or result.meta.upstream, rules, agreed)
    origins = {one.follows for one in result.differences() if one.follows is not None}
    made = Summary(today=today, waivers=Waivers(agreed), origins=origins, about=about)
    for verdict in _whole(result):
        try:
            made.take(verdict)
        except ValueError as error:
            raise NotARecording(f"{path}: exchange {verdict.exchange}: {error}") from None
    made.take_unmapped(result.all_unmapped())
    made.conflicts = [
        Conflict(*(str(row.get(name, "")) for name in ("value", "place", "exchange", "bound", "seen")))
        for row in _rows(told(CONFLICTS))
        if isinstance(row, dict)
    ]
    return made


def _whole(result: Result) -> Iterator[Verdict]:
    """Verdicts with their differences, with no more than those of one exchange in memory."""
    differences = result.differences()
    following = next(differences, None)
    for verdict in result.verdicts():
        those: list[Difference] = []
        while following is not None and following.exchange <= verdict.exchange:
            if following.exchange == verdict.exchange:
                those.append(following)
            following = next(differences, None)
        yield Verdict(
            exchange=verdict.exchange,
            session=verdict.session,
            operation=verdict.operation,
            grade=verdict.grade,
            reason=verdict.reason,
            differences=tuple(those),
        )


def _rows(text: str) -> list[Any]:
    """A list in JSON, empty where there is none: a file from a stranger may say anything."""
    try:
        rows = orjson.loads(text or "[]")
    except ValueError:
        return []
    return rows[:_MOST] if isinstance(rows, list) else []
