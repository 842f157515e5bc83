"""The commands on recordings: what a server and its clients say is recorded, looked at, brought in and out."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gateway.exits import Usage

recordings = typer.Typer(no_args_is_help=True, help="Recordings of what clients and a server said to each other.")

Recorded = Annotated[Path, typer.Argument(metavar="RECORDING", help="A recording.")]
SecretNames = Annotated[
    list[str] | None,
    typer.Option("--secret", metavar="NAME", help="A field, header, parameter or cookie that is secret as well."),
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
    secret: SecretNames = None,
    keep_secrets: KeepSecrets = False,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds that the server may be silent.")] = 300,
    ca: Annotated[Path | None, typer.Option(help="The certificates to trust, for https.")] = None,
) -> None:
    """Record what passes between clients and a server, until SIGINT or SIGTERM."""
    from gateway.server import bind
    from gateway.traffic.recorder import Wishes
    from gateway.traffic.recorder import record as run
    from gateway.traffic.upstream import upstream_of

    if keep_secrets and secret:
        raise Usage("--secret and --keep-secrets do not go together")
    wishes = Wishes(
        rewrite_host=rewrite_host, keep_secrets=keep_secrets, secret_names=tuple(secret or ()), patience=timeout
    )
    server = upstream_of(upstream, ca)
    with bind(host, port) as sock:
        raise typer.Exit(run(file, server, sock, wishes, tell=_tell, say=_say))


def _tell(line: str) -> None:
    print(line, flush=True)


def _say(line: str) -> None:
    print(f"dragoman: {line}", file=sys.stderr, flush=True)
