"""The commands that judge: `dragoman diff`, `learn` and `report`."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.exits import Exit, Usage

if TYPE_CHECKING:
    from adapters.common.dialect import Dialect
    from adapters.common.noise import Rule
    from gateway.compare.grades import Grade
    from gateway.report.summary import Summary
    from gateway.traffic.recording import Recording


class Limit(StrEnum):
    BYTES = "bytes"
    HARMLESS = "harmless"
    SUSPICIOUS = "suspicious"
    BREAKING = "breaking"


Old = Annotated[Path, typer.Argument(metavar="A", help="A recording of the old server.")]
New = Annotated[Path, typer.Argument(metavar="B", help="Another one of the same script, or a replay of A.")]
Noise = Annotated[list[Path] | None, typer.Option("--noise", metavar="RULES", help="Rules for what may differ.")]
WaiversFile = Annotated[Path | None, typer.Option("--waivers", metavar="FILE", help="Differences that are agreed to.")]
Json = Annotated[Path | None, typer.Option("--json", metavar="OUT", help="Write the report as JSON; - prints it.")]
Html = Annotated[Path | None, typer.Option("--html", metavar="OUT", help="Write the report as one HTML page.")]
Junit = Annotated[Path | None, typer.Option("--junit", metavar="OUT", help="Write the report as JUnit's XML.")]
FailOn = Annotated[Limit, typer.Option(help="The least grade of a difference that counts.")]


def add_to(app: typer.Typer) -> None:
    for command in (diff, learn, report):
        app.command()(command)


def diff(
    old: Old,
    new: New,
    noise: Noise = None,
    waivers: WaiversFile = None,
    json: Json = None,
    html: Html = None,
    junit: Junit = None,
    fail_on: FailOn = Limit.BREAKING,
) -> None:
    """Compare two recordings of one script, without replaying anything."""
    from dataclasses import replace
    from datetime import UTC, datetime

    from gateway.compare import terms
    from gateway.compare.noise import usage
    from gateway.diff import numbers
    from gateway.diff.bindings import Bindings
    from gateway.diff.judging import Diff
    from gateway.report.summary import About, Summary
    from gateway.traffic.recording import Recording

    with usable(), ExitStack() as files:
        agreed = terms.read(noise or (), waivers, _shipped())
        known = numbers.places(noise or ())
        bindings = Bindings(known.names, known.behind)
        one, other = (files.enter_context(Recording(path)) for path in (old, new))
        about = About(str(old), str(new), waivers=agreed.waivers.all)
        today = datetime.now(UTC).date()
        made = Summary(today=today, waivers=agreed.waivers, origins=bindings.losing, about=about)
        for verdict in Diff(one, other, agreed.rules, bindings).verdicts():
            made.take(verdict)
        made.about = replace(about, rules=usage(agreed.rules))
        _cover(made, one)
    _tell(made, fail_on, json=json, html=html, junit=junit)


def learn(
    old: Old, new: New, out: Annotated[Path, typer.Option("--out", metavar="RULES", help="The file to write.")]
) -> None:
    """Find what differs by nature between two recordings of one script, and write rules for it, to read and edit."""
    from gateway.diff.judging import Diff
    from gateway.diff.learning import written
    from gateway.traffic.recording import Recording

    with usable(), ExitStack() as files:
        one, other = (files.enter_context(Recording(path)) for path in (old, new))
        learned = Diff(one, other).learned()
        try:
            with out.open("x", encoding="utf-8") as file:
                file.write(written(learned, old.name, new.name))
        except FileExistsError:
            raise Usage(f"{out} is there already") from None
    print(f"{len(learned.rules)} rules and {len(learned.numbers)} kinds of numbers are in {out}: read them before use")
    if learned.left:
        print(f"{len(learned.left)} places differ, too, and are no noise; they are at its end")


def report(
    result: Annotated[Path, typer.Argument(metavar="RESULT", help="What came of a replay.")],
    json: Json = None,
    html: Html = None,
    junit: Junit = None,
    fail_on: Annotated[
        Limit | None, typer.Option(help="The least grade of a difference that counts; else as in the replay.")
    ] = None,
) -> None:
    """Tell what came of a replay."""
    tell_result(result, fail_on, json=json, html=html, junit=junit)


def tell_result(
    path: Path,
    limit: Limit | None = None,
    *,
    json: Path | None = None,
    html: Path | None = None,
    junit: Path | None = None,
) -> None:
    """What came of a replay; leaves with 1 if it is beyond the limit."""
    from datetime import UTC, datetime

    from gateway.report.sources import summary
    from gateway.traffic.results import Result

    with usable(), Result(path) as opened:
        made = summary(opened, datetime.now(UTC).date())
        _cover(made, opened)
        told = opened.meta.said("fail_on")
    chosen = limit or (Limit(told) if told in list(Limit) else Limit.BREAKING)
    _tell(made, chosen, json=json, html=html, junit=junit)


@contextmanager
def usable() -> Iterator[None]:
    """What cannot be read is input that cannot be used."""
    from gateway.compare.tables import BadTables
    from gateway.traffic.recording import NotARecording

    try:
        yield
    except (BadTables, NotARecording) as error:
        raise Usage(str(error)) from None
    except OSError as error:
        if error.filename is None:
            raise
        raise Usage(f"{error.filename}: {error.strerror}") from None


def _dialects() -> "Iterator[Dialect]":
    from gateway.dialects import load, names

    return map(load, names())


def _shipped() -> "Iterator[Rule]":
    return (rule for dialect in _dialects() for rule in dialect.noise)


def _cover(made: "Summary", recording: "Recording") -> None:
    from gateway.report.coverage import Coverage

    coverage = Coverage(_dialects())
    coverage.take(recording.entries())
    made.never_seen = coverage.never_seen()


def _tell(made: "Summary", limit: Limit, *, json: Path | None, html: Path | None, junit: Path | None) -> None:
    """Writes what was asked for, prints the rest, and leaves with 1 if it is beyond the limit."""
    import orjson

    from gateway.compare.grades import Grade
    from gateway.report.account import account
    from gateway.report.junit import junit as in_xml
    from gateway.report.terminal import lines

    grade = Grade(limit.value)
    forms: list[tuple[Path | None, Callable[[], bytes]]] = [
        (json, lambda: orjson.dumps(account(made, grade), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)),
        (junit, lambda: in_xml(made, grade)),
        (html, lambda: _page(made, grade)),
    ]
    printed = [make for path, make in forms if path == Path("-")]
    for path, make in forms:
        if path is not None and path != Path("-"):
            path.write_bytes(make())
    if printed:
        sys.stdout.write("".join(make().decode() for make in printed))
    else:
        print("\n".join(lines(made, grade)))
    if made.failures(grade):
        sys.stdout.flush()
        raise typer.Exit(Exit.REFUSED)


def _page(made: "Summary", grade: "Grade") -> bytes:
    from gateway.report.page import page

    return page(made, grade).encode("utf-8", "replace")
