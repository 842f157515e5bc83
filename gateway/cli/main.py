"""The command `dragoman`. Slow imports happen inside the commands, so that `--help` and completion are quick."""

import os
import sys
import traceback
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from adapters import installed
from gateway.cli import judging
from gateway.cli.asking import PasswordStdin, password
from gateway.cli.groups import DatabaseUrl, clients, documents, libraries, processes, settings_with, tokens, users
from gateway.cli.replaying import replay
from gateway.cli.traffic import record, recordings
from gateway.exits import Exit, Usage, told

if TYPE_CHECKING:
    from gateway.settings import Settings

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="A compatibility gateway for user tasks.")
app.add_typer(users, name="user")
app.add_typer(libraries, name="library")
app.add_typer(documents, name="document")
app.add_typer(processes, name="process")
app.add_typer(clients, name="client")
app.add_typer(tokens, name="token")
app.command()(replay)
app.add_typer(recordings, name="recording")
app.command()(record)
judging.add_to(app)

Url = Annotated[str, typer.Option(help="The running gateway; or set DRAGOMAN_URL. Else: as the settings say.")]


class Switch(StrEnum):
    ON = "on"
    OFF = "off"


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"dragoman {version('dragoman')}")
        raise typer.Exit()


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    pass


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on.")] = None,
    database_url: DatabaseUrl = None,
    demo: Annotated[bool, typer.Option("--demo", help="Load the demo world into an empty database.")] = False,
) -> None:
    """Serve all dialects until SIGTERM."""
    from gateway import logs
    from gateway.admin.desk import opened
    from gateway.server import serve as run
    from gateway.settings.sources import summary

    flags = {"host": host, "port": port, "database_url": database_url}
    settings = settings_with(**flags)
    log_request = logs.configure(settings.log_level, settings.log_format)
    status = run(settings, demo=demo, summary=summary(flags), log_request=log_request, open_beside=opened)
    raise typer.Exit(status)


@app.command()
def check(database_url: DatabaseUrl = None) -> None:
    """Check settings, dialects and the database; nothing is written."""
    from core.tables.schema import REVISION
    from gateway.cli.admin import looking
    from gateway.dialects import check as check_options
    from gateway.dialects import plans
    from gateway.settings.sources import summary

    settings = settings_with(database_url=database_url)
    print(summary({"database_url": database_url}))
    planned = plans(settings)
    check_options(planned, settings)
    for plan in planned:
        where = plan.prefix or "/"
        print(
            f"dialect {plan.dialect.name}: profile {plan.profile}, {len(plan.dialect.operations)} operations at {where}"
        )
    with looking(settings) as onlooker:
        print(f"database {onlooker.place}: schema {REVISION}, as this program knows it")
        for concern in onlooker.concerns:
            print(f"warning: {concern}")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The copy; it must not be there yet.")], database_url: DatabaseUrl = None
) -> None:
    """Copy a SQLite database, which may be in use by a running gateway."""
    from gateway.cli.admin import back_up

    back_up(settings_with(database_url=database_url), file)
    print(f"the copy is {file}")


@app.command()
def routes() -> None:
    """List every operation of every dialect, and who may call it."""
    from gateway.dialects import plans

    for plan in plans(settings_with()):
        for operation in plan.dialect.operations:
            row = f"{plan.dialect.name:13} {operation.method:7} {plan.prefix}{operation.path}  {operation.name}"
            print(f"{row} ({operation.right})")


def _base(settings: "Settings") -> str:
    """Where clients reach the gateway."""
    from gateway.address import asked_for, of_settings

    return asked_for("") or settings.public_url.rstrip("/") or of_settings(settings)


@app.command()
def wsdl(
    address: Annotated[str, typer.Option(help="The address to put in; empty: where the gateway is.")] = "",
    soap_only: Annotated[bool, typer.Option("--soap-only", help="Without the bindings for GET and POST.")] = False,
) -> None:
    """Print the WSDL of the infoRouter dialect."""
    from adapters.inforouter.dialect import METHODS
    from schemas.inforouter.wsdl import wsdl as write

    if not address:
        settings = settings_with()
        address = f"{_base(settings)}{settings.dialect('inforouter').prefix}/srv.asmx"
    sys.stdout.write(write(list(METHODS.values()), address, soap_only=soap_only).decode())


@app.command()
def openapi(
    dialect: Annotated[str, typer.Argument(help="The dialect, for example camunda.", autocompletion=installed.names)],
    profile: Annotated[str, typer.Option(help="Its profile; empty: the default.")] = "",
    address: Annotated[str, typer.Option(help="The address to put in; empty: where the gateway is.")] = "",
) -> None:
    """Print the OpenAPI description of a dialect."""
    import orjson

    from gateway.dialects import load, profile_of
    from gateway.settings.sources import SettingsError

    try:
        loaded = load(dialect)
        chosen = profile_of(loaded, profile)
    except SettingsError as error:
        raise Usage(str(error)) from None
    except ValueError as error:
        raise Usage(f"--profile {error}") from None
    if loaded.describe is None:
        raise Usage(f"{loaded.title} speaks SOAP, which OpenAPI has no words for: see dragoman wsdl")
    if not address:
        settings = settings_with()
        address = _base(settings) + settings.dialect(dialect).prefix
    sys.stdout.write(orjson.dumps(loaded.describe(chosen, address), option=orjson.OPT_INDENT_2).decode() + "\n")


@app.command()
def tour(url: Url = "") -> None:
    """Follow one task through all five dialects, on a gateway with the demo world, or else on a private one."""
    from gateway.address import asked_for, of_settings
    from gateway.tour import can_be_toured, run

    asked = asked_for(url)
    if not asked:
        settings = settings_with()
        there = of_settings(settings) if settings.port else ""
        asked = there if there and can_be_toured(there) else ""
    raise typer.Exit(run(asked))


@app.command()
def maintenance(
    state: Annotated[Switch, typer.Argument(help="on or off")],
    url: Url = "",
    user: Annotated[str, typer.Option(help="An administrator.")] = "admin",
    password_stdin: PasswordStdin = False,
) -> None:
    """Switch maintenance on or off on a running gateway."""
    from gateway.address import asked_for, of_settings
    from gateway.cli.admin import check_gateway, set_maintenance

    address = asked_for(url) or of_settings(settings_with())
    check_gateway(address)
    set_maintenance(address, user, password(user, stdin=password_stdin), on=state is Switch.ON)
    print(f"maintenance is {state.value}")


def main() -> None:
    """The entry point: what goes wrong is one line on standard error, and an exit status of the table."""
    try:
        status = app(prog_name="dragoman", standalone_mode=False)
        sys.stdout.flush()
    except typer.Abort:
        print(file=sys.stderr)
        end(KeyboardInterrupt())
    except typer.TyperException as error:
        if not error.format_message():  # the help was asked for by saying nothing
            raise SystemExit(Exit.USAGE) from None
        end(_usage(error))
    except (Exception, KeyboardInterrupt) as error:
        end(error)
    raise SystemExit(status)


def end(error: BaseException) -> NoReturn:
    """Say what went wrong and leave."""
    if isinstance(error, BrokenPipeError):  # nobody reads any more: `dragoman routes | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(Exit.REFUSED) from None
    status, text = told(error)
    if status is Exit.FAULT and os.environ.get("DRAGOMAN_LOG_LEVEL") == "debug":
        traceback.print_exception(error)
    print(f"dragoman: {text}", file=sys.stderr)
    raise SystemExit(status) from None


def _usage(error: typer.TyperException) -> Usage:
    """What is wrong with the command line, in one line, and which help there is."""
    text = " ".join(error.format_message().split()).rstrip(".").partition(", unable to parse")[0]
    text = text.replace("Value error, ", "").replace("Input should be", "it has to be")
    context = getattr(error, "ctx", None)
    return Usage(f"{text[:1].lower()}{text[1:]}" + (f"; see {context.command_path} --help" if context else ""))
