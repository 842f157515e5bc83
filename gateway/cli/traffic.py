"""The commands on recordings: what a server and its clients say is recorded, looked at, brought in and out."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.judging import usable
from gateway.exits import Failed, Usage

recordings = typer.Typer(no_args_is_help=True, help="Recordings of what clients and a server said to each other.")

Recorded = Annotated[Path, typer.Argument(metavar="RECORDING", help="A recording.")]
SecretNames = Annotated[
    list[str] | None,
    typer.Option("--redact", metavar="NAME", help="A field, header, parameter or cookie that is secret as well."),
]
KeepSecrets = Annotated[
    bool, typer.Option("--keep-secrets", help="Write down passwords, tokens and cookies as they are.")
]


class Format(StrEnum):
    HAR = "har"
    GOREPLAY = "goreplay"


def record(
    file: Annotated[Path, typer.Argument(help="The recording; if it is there, it is gone on with.")],
    upstream: Annotated[str, typer.Option(metavar="URL", help="The server that is recorded.")],
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0: a free one.")] = 8081,
    rewrite_host: Annotated[
        bool, typer.Option("--rewrite-host", help="Call the server by its own name, not as clients call the recorder.")
    ] = False,
    redact: SecretNames = None,
    keep_secrets: KeepSecrets = False,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds that the server may be silent.")] = 300,
    ca: Annotated[Path | None, typer.Option(help="The certificates to trust, for https.")] = None,
) -> None:
    """Record what passes between clients and a server, until SIGINT or SIGTERM."""
    from gateway.server import bind
    from gateway.traffic.recorder import Wishes
    from gateway.traffic.recorder import record as run
    from gateway.traffic.upstream import upstream_of

    if keep_secrets and redact:
        raise Usage("--redact and --keep-secrets do not go together")
    wishes = Wishes(
        rewrite_host=rewrite_host, keep_secrets=keep_secrets, secret_names=tuple(redact or ()), patience=timeout
    )
    server = upstream_of(upstream, ca)
    with bind(host, port) as sock:
        raise typer.Exit(run(file, server, sock, wishes, tell=_tell, say=_say))


@recordings.command("show")
def show(
    file: Recorded,
    number: Annotated[int | None, typer.Argument(help="An exchange, to be shown with all that was said.")] = None,
) -> None:
    """Tell what is in a recording: its server, operations, sessions, and the names of secrets that are not in it."""
    from gateway.traffic import showing
    from gateway.traffic.recording import Recording

    with usable(), Recording(file) as recording:
        if number is None:
            lines = showing.about(recording)
        elif (exchange := recording.exchange(number)) is not None:
            lines = showing.whole(exchange)
        else:
            raise Failed(f"{file} has no exchange {number}")
        for line in lines:
            _print(line)


@recordings.command("list")
def list_(
    file: Recorded,
    session: Annotated[str | None, typer.Option(help="Only those of a session.")] = None,
    operation: Annotated[str | None, typer.Option(help="Only those of an operation.")] = None,
    status: Annotated[int | None, typer.Option(help="Only those with a status; 0: without an answer.")] = None,
    lacking: Annotated[bool, typer.Option("--lacking", help="Only those of which something is missing.")] = False,
) -> None:
    """List the exchanges of a recording, a line for each."""
    from gateway.traffic import showing
    from gateway.traffic.recording import Recording

    with usable(), Recording(file) as recording:
        for entry in recording.entries(session=session, operation=operation, status=status):
            if not lacking or showing.lacking(entry):
                _print(showing.line(entry))


@recordings.command("export")
def export(
    file: Recorded,
    to: Annotated[Path, typer.Argument(help="A file that is not there yet; - is standard output; .gz is compressed.")],
    format: Annotated[Format | None, typer.Option(help="har or goreplay; else as the name ends, .har or .gor.")] = None,
) -> None:
    """Write a recording as a HAR file or as one of GoReplay's."""
    from gateway.traffic.exporting import export as run
    from gateway.traffic.exporting import format_of
    from gateway.traffic.recording import Recording

    kind = format.value if format else format_of(to)
    with usable(), Recording(file) as recording:
        run(recording, to, kind)


@recordings.command("import")
def import_(
    file: Recorded,
    sources: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="HAR files or GoReplay's, also .gz or .zip.")
    ],
    only: Annotated[str, typer.Option(metavar="URL", help="Only what was asked at addresses that begin so.")] = "",
    redact: SecretNames = None,
    keep_secrets: KeepSecrets = False,
) -> None:
    """Bring what others recorded into a recording, which is made if it is not there."""
    from gateway.traffic import showing
    from gateway.traffic.importing import import_files
    from gateway.traffic.sources import sources_of

    if keep_secrets and redact:
        raise Usage("--redact and --keep-secrets do not go together")
    with usable():
        every = [source for path in sources for source in sources_of(path)]
    names = tuple(redact or ())
    cut = []
    for summary in import_files(file, every, only=only, keep_secrets=keep_secrets, secret_names=names):
        first, *more = summary.lines()
        _print(f"{first} in {summary.name}" if len(every) > 1 else first)
        for line in more:
            _print(showing.safe(line))
        if summary.cut:
            cut.append(summary.name)
    if len(cut) == 1:
        raise Failed(f"{cut[0]} is cut, and was imported as far as it goes")
    if cut:
        raise Failed(f"{', '.join(cut)} are cut, and were imported as far as they go")


def _print(line: str) -> None:
    """What a terminal cannot write is no reason to end."""
    encoding = sys.stdout.encoding or "utf-8"
    print(line.encode(encoding, "backslashreplace").decode(encoding))


def _tell(line: str) -> None:
    print(line, flush=True)


def _say(line: str) -> None:
    print(f"dragoman: {line}", file=sys.stderr, flush=True)
