"""The report as JSON; docs/examples/report.schema.json is its schema."""

from typing import Any

from gateway.compare.grades import Grade
from gateway.report.summary import Group, Summary

FORMAT = 1


def account(summary: Summary, limit: Grade) -> dict[str, Any]:
    failures = summary.failures(limit)
    return {
        "format": FORMAT,
        "verdict": "fail" if failures else "pass",
        "fail_on": limit.value,
        "reasons": failures,
        "recording": summary.about.old,
        "target": summary.about.new,
        "exchanges": {
            "seen": summary.seen,
            "equal": summary.equal,
            "different": summary.different,
            "not_judged": summary.not_judged,
        },
        "operations": [
            {
                "name": one.name,
                "equal": one.equal,
                "different": one.different,
                "not_judged": one.not_judged,
                "worst": one.worst.value if one.worst is not None else None,
            }
            for one in summary.by_operation()
        ],
        "differences": [_group(group) for group in summary.groups],
        "not_judged": [
            {"operation": one.operation, "reason": one.reason, "exchange": one.exchange, "count": one.count}
            for one in summary.unjudged.values()
        ],
        "unmapped": [
            {"value": one.value, "first_seen": one.first, "needed_at": one.place, "count": one.times}
            for one in summary.unmapped
        ],
        "conflicts": [
            {"value": one.value, "place": one.place, "exchange": one.exchange, "bound": one.bound, "seen": one.seen}
            for one in summary.conflicts
        ],
        "left_out": {"differences": summary.more, "unmapped": summary.more_unmapped},
        "never_seen": list(summary.never_seen),
        "rules": list(summary.about.rules),
        "waivers": [
            {
                "operation": one.operation,
                "place": one.place,
                "reason": one.reason,
                "who": one.who,
                "until": one.until.isoformat(),
                "expired": one.until < summary.today,
            }
            for one in summary.about.waivers
        ],
    }


def _group(group: Group) -> dict[str, Any]:
    example = group.example
    return {
        "operation": group.operation,
        "place": example.place,
        "grade": group.grade.value,
        "old": example.old,
        "new": example.new,
        "exchange": example.exchange,
        "count": group.count,
        "note": group.note,
        "waived_by": group.waiver.who if group.waiver is not None else None,
        "consequences": [_group(below) for below in group.in_order],
    }
