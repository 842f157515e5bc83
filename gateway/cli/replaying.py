"""The command `dragoman replay`."""

import asyncio
import os
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.groups import DatabaseUrl, settings_with
from gateway.cli.judging import Limit, tell_result, usable
from gateway.exits import Usage

if TYPE_CHECKING:
    from gateway.replay.run import Outcome, Wanted


class Part(StrEnum):
    FAILED = "failed"


def replay(
    file: Annotated[Path, typer.Argument(help="A recording.")],
    target: Annotated[str, typer.Option(help="The address of the server to send it to.")] = "",
    demo: Annotated[bool, typer.Option("--demo", help="Send it to a new demo world in this process.")] = False,
    database_url: DatabaseUrl = None,
    out: Annotated[Path | None, typer.Option(help="The result; else FILE.replay.")] = None,
    one_by_one: Annotated[bool, typer.Option("--one-by-one", help="Each behind the answer to the one before.")] = False,
    paced: Annotated[float, typer.Option(help="That many times as fast as it was recorded; else at once.")] = 0.0,
    noise: Annotated[list[Path] | None, typer.Option(help="Rules for what may differ.")] = None,
    waivers: Annotated[Path | None, typer.Option(help="Differences that are accepted.")] = None,
    identities: Annotated[list[Path] | None, typer.Option(help="What ids there are, and known counterparts.")] = None,
    secret: Annotated[
        list[str] | None, typer.Option(help="MARK=VALUE: what a mark in the recording stands for; or @FILE.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent; nothing is.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where an earlier replay was interrupted.")] = False,
    only: Annotated[Part | None, typer.Option(help="failed: only what differed in the result that there is.")] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Also to the server that was recorded, and over a result.")
    ] = False,
    fail_on: Annotated[Limit, typer.Option(help="The least grade of a difference that counts.")] = Limit.BREAKING,
) -> None:
    """Send a recording to another server, and judge each answer."""
    from gateway.compare.grades import Grade
    from gateway.loops import loop_factory
    from gateway.replay.run import Wanted, dry, replay

    if sum((bool(target), demo, database_url is not None)) != 1:
        raise Usage("where to? Give one of --target, --demo and --database-url")
    if resume and only:
        raise Usage("--resume and --only exclude each other")
    if paced < 0 or (paced and one_by_one):
        raise Usage("--paced is a number above 0, and excludes --one-by-one")
    if not file.exists():
        raise Usage(f"there is no file {file}")
    wanted = Wanted(
        file,
        out or file.with_name(f"{file.name}.replay"),
        target=_address(target),
        demo=demo,
        settings=None if target else settings_with(database_url=database_url),
        one_by_one=one_by_one,
        paced=paced,
        noise=tuple(noise or ()),
        waivers=waivers,
        identities=tuple(identities or ()) + tuple(noise or ()),
        secrets=_secrets(secret or ()),
        resume=resume,
        only_failed=only is not None,
        force=force,
        fail_on=Grade(fail_on.value),
    )
    if dry_run:
        with usable():
            for line in dry(wanted):
                print(line)
        return
    with usable(), asyncio.Runner(loop_factory=loop_factory()) as runner:
        outcome = runner.run(replay(wanted))
    for line in _told(wanted, outcome):
        print(line)
    tell_result(wanted.out, fail_on)


def _address(target: str) -> str:
    from gateway.address import checked
    from gateway.settings.sources import SettingsError

    try:
        return checked(target, "--target") if target else ""
    except SettingsError as error:
        raise Usage(str(error)) from None


def _secrets(given: Iterable[str]) -> dict[str, str]:
    from gateway.traffic.restoring import MARK, in_environment, read_secrets

    secrets = in_environment(os.environ)
    for one in given:
        if one.startswith("@"):
            with usable():
                secrets.update(read_secrets(Path(one[1:])))
            continue
        mark, sign, value = one.partition("=")
        if not sign or not MARK.fullmatch(mark):
            raise Usage("--secret is MARK=VALUE, with a mark such as redacted-0123456789abcdef, or @FILE")
        secrets[mark] = value
    return secrets


def _told(wanted: "Wanted", outcome: "Outcome") -> Iterable[str]:
    identities = outcome.identities
    sessions = len(set(outcome.plan.sessions.names.values()))
    yield f"{outcome.plan.exchanges} exchanges of {sessions} sessions on {wanted.where} in {outcome.seconds:.1f} s"
    replaced = sum(bound.times for bound in identities.bound.values())
    yield (
        f"values of the old server: {len(identities.bound)} known on the new one, sent {replaced} times; "
        f"{len(identities.stale)} sent as they were, {len(identities.conflicts)} contradictions"
    )
    yield f"the result is {wanted.out}"
