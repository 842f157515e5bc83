"""The report for a terminal, or for the log of a build: the verdict first."""

from collections.abc import Iterator

from gateway.compare.grades import Grade
from gateway.report.summary import Group, Summary

#: groups and operations that are told one by one; the rest is in the other forms of the report
MAX_LINES = 50
#: operations that nobody has asked for, in one line
MAX_NAMES = 10
_WIDE = 72


def lines(summary: Summary, limit: Grade) -> Iterator[str]:
    failures = summary.failures(limit)
    yield f"FAIL: {'; '.join(failures)}" if failures else f"PASS: nothing of the grade {limit} or worse"
    if summary.about.old or summary.about.new:
        yield f"{clean(summary.about.old)} against {clean(summary.about.new)}"
    yield (
        f"{summary.seen} exchanges: {summary.equal} equal, {summary.different} different, "
        f"{summary.not_judged} not judged"
    )
    yield from _operations(summary)
    yield from _groups(summary)
    yield from _unjudged(summary)
    yield from _unmapped(summary)
    yield from _conflicts(summary)
    yield from _agreed(summary)


def clean(text: str) -> str:
    """Without what a terminal would obey, in one line."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _operations(summary: Summary) -> Iterator[str]:
    those = summary.by_operation()
    if not those:
        return
    width = min(max(len(one.name) for one in those[:MAX_LINES]), _WIDE)
    yield ""
    yield f"{'operation':{width}}  {'equal':>7}  {'different':>9}  {'not judged':>10}  worst"
    for one in those[:MAX_LINES]:
        name = _cut(one.name, width)
        worst = one.worst or ""
        yield f"{name:{width}}  {one.equal:>7}  {one.different:>9}  {one.not_judged:>10}  {worst}".rstrip()
    yield from _more(len(those), "operations")
    if summary.never_seen:
        yield f"never seen: {', '.join(map(clean, summary.never_seen[:MAX_NAMES]))}"
        yield from _more(len(summary.never_seen), "operations", MAX_NAMES)


def _groups(summary: Summary) -> Iterator[str]:
    those = list(summary.each_group())
    for depth, group in those[:MAX_LINES]:
        if not depth:
            yield ""
        yield from (f"{'    ' * min(depth, 5)}{line}" for line in _group(group, depth))
    yield from _more(len(those) + summary.more, "groups of differences")


def _group(group: Group, depth: int) -> Iterator[str]:
    waived = f", waived by {clean(group.waiver.who)} until {group.waiver.until}" if group.waiver is not None else ""
    follows = "from this follows: " if depth else ""
    times = f"{group.count} exchanges, first {group.example.exchange}" if group.count > 1 else ""
    where = times or f"exchange {group.example.exchange}"
    yield f"{follows}{group.grade}  {clean(group.operation)}  {clean(group.example.place)}  ({where}{waived})"
    if group.note:
        yield f"    {clean(group.note)}"
    if group.example.old is not None:
        yield f"    - {_cut(group.example.old, 110)}"
    if group.example.new is not None:
        yield f"    + {_cut(group.example.new, 110)}"


def _unjudged(summary: Summary) -> Iterator[str]:
    if summary.unjudged:
        yield ""
        yield "not judged:"
    for one in list(summary.unjudged.values())[:MAX_LINES]:
        yield f"    {one.count}  {clean(one.operation)}: {clean(one.reason)} (first {one.exchange})"
    yield from _more(len(summary.unjudged), "reasons")


def _unmapped(summary: Summary) -> Iterator[str]:
    if summary.unmapped:
        yield ""
        yield "unmapped:"
    for one in summary.unmapped[:MAX_LINES]:
        yield f"    {_cut(one.value, 60)}: first seen in exchange {one.first}, needed at {clean(one.place)}"
    yield from _more(len(summary.unmapped) + summary.more_unmapped, "unmapped values")


def _conflicts(summary: Summary) -> Iterator[str]:
    if summary.conflicts:
        yield ""
        yield "values that stand for two:"
    for one in summary.conflicts[:MAX_LINES]:
        where = f"at {clean(one.place)} of exchange {clean(one.exchange)}"
        yield f"    {_cut(one.value, 60)} {where}: {_cut(one.seen, 60)}, and {_cut(one.bound, 60)} before"
    yield from _more(len(summary.conflicts), "of them")


def _agreed(summary: Summary) -> Iterator[str]:
    if summary.about.rules:
        yield ""
        yield "rules in use:"
        yield from (f"    {clean(rule)}" for rule in summary.about.rules[:MAX_LINES])
        yield from _more(len(summary.about.rules), "rules")
    for waiver in summary.expired():
        until = f"has expired on {waiver.until}"
        yield f"waiver of {clean(waiver.who)} for {clean(waiver.operation)} {clean(waiver.place)} {until}"


def _cut(text: str, width: int) -> str:
    text = clean(text)
    return text if len(text) <= width else f"{text[: width - 3]}..."


def _more(number: int, what: str, most: int = MAX_LINES) -> Iterator[str]:
    if number > most:
        yield f"... and {number - most} more {what}"
