"""Differences between bodies that are no trees: forms, lines of text, bytes."""

from gateway.compare.documents import BinaryDocument
from gateway.compare.grades import Grade
from gateway.compare.jsons import escape
from gateway.compare.judge import Judge
from gateway.compare.lists import aligned


def compare_forms(
    judge: Judge, old: tuple[tuple[str, str], ...], new: tuple[tuple[str, str], ...], place: str = ""
) -> None:
    """As pairs: those of one name are in order."""
    before, after = _by_name(old), _by_name(new)
    for name, values in before.items():
        others = after.get(name, [])
        for at, value in enumerate(values):
            here = f"{place}/{escape(name)}" + (f"/{at}" if len(values) > 1 else "")
            if judge.is_ignored(here):
                continue
            if at < len(others):
                judge.value(here, value, others[at])
            else:
                judge.report(here, Grade.BREAKING, value, None, "missing field")
    for name, values in after.items():
        for at, value in enumerate(values[len(before.get(name, [])) :], len(before.get(name, []))):
            here = f"{place}/{escape(name)}" + (f"/{at}" if at else "")
            if not judge.is_ignored(here):
                judge.report(here, Grade.HARMLESS, None, value, "added field")


def _by_name(fields: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    named: dict[str, list[str]] = {}
    for name, value in fields:
        named.setdefault(name, []).append(value)
    return named


def compare_lines(judge: Judge, old: str, new: str, place: str = "") -> None:
    """Which line, of the old text; how lines end says nothing."""
    before, after = old.splitlines(), new.splitlines()
    keys = [judge.token(f"{place}line {number}", line, is_new=False) for number, line in enumerate(before, 1)]
    others = [judge.token(f"{place}line {number}", line, is_new=True) for number, line in enumerate(after, 1)]
    for i, j in aligned(keys, others).pairs:
        here = f"{place}line {(i if i is not None else j or 0) + 1}"
        if i is not None and j is not None:
            if before[i] != after[j] or judge.identities.wrong(judge.operation, here, before[i], after[j]):
                judge.value(here, before[i], after[j])
        elif not judge.is_ignored(here):
            one, other = (None if i is None else before[i]), (None if j is None else after[j])
            judge.report(here, Grade.SUSPICIOUS, one, other, "missing line" if j is None else "added line")


def compare_bytes(judge: Judge, old: BinaryDocument, new: BinaryDocument, place: str = "body") -> None:
    if old != new and not judge.is_ignored(place):
        before, after = (f"{one.size} bytes, SHA-256 {one.digest}" for one in (old, new))
        judge.report(place, Grade.SUSPICIOUS, before, after, "other bytes")
