"""The report as one HTML page that needs nothing else: no script, no style, no picture from anywhere."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from gateway.compare.grades import Grade
from gateway.report.summary import Summary

#: of each kind, on a page that somebody reads
MAX_ROWS = 500
#: characters to both sides of where two values part
_AROUND = 60

_ENVIRONMENT = Environment(
    loader=PackageLoader("gateway.report"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(summary: Summary, limit: Grade) -> str:
    groups = list(summary.each_group())
    return _ENVIRONMENT.get_template("report.html").render(
        summary=summary,
        limit=limit,
        failures=summary.failures(limit),
        operations=summary.by_operation()[:MAX_ROWS],
        groups=groups[:MAX_ROWS],
        more_groups=max(0, len(groups) - MAX_ROWS) + summary.more,
        unjudged=list(summary.unjudged.values())[:MAX_ROWS],
        unmapped=summary.unmapped[:MAX_ROWS],
        more_unmapped=max(0, len(summary.unmapped) - MAX_ROWS) + summary.more_unmapped,
        parted=parted,
        percent=percent,
    )


def percent(part: int, whole: int) -> str:
    """Never 100 for what is not all of it, and never 0 for what is something."""
    if not whole or part in (0, whole):
        return "100" if part else "0"
    return f"{min(max(100 * part / whole, 0.1), 99.9):.1f}"


def parted(text: str | None, other: str | None) -> tuple[str, str, str]:
    """What is like the other text at its start, what is not, what is like it at its end."""
    if text is None:
        return "", "", ""
    if other is None:
        return "", text, ""
    most = min(len(text), len(other))
    start = next((n for n in range(most) if text[n] != other[n]), most)
    end = next((n for n in range(most - start) if text[-1 - n] != other[-1 - n]), most - start)
    before, marked, behind = text[:start], text[start : len(text) - end], text[len(text) - end :]
    if len(before) > _AROUND:
        before = f"...{before[-_AROUND:]}"
    if len(behind) > _AROUND:
        behind = f"{behind[:_AROUND]}..."
    return before, marked, behind
