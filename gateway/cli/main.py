"""The commands. Slow imports happen inside them, so that `--help` is quick."""

import sys
from typing import Annotated, Any

import typer

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A compatibility gateway for user tasks.",
)
users = typer.Typer(no_args_is_help=True, help="Users of the gateway's own store.")
libraries = typer.Typer(no_args_is_help=True, help="Libraries, to which groups, workflows and documents belong.")
documents = typer.Typer(no_args_is_help=True, help="The register of documents that tasks are about.")
processes = typer.Typer(no_args_is_help=True, help="Processes, which ProcessMaker calls projects.")
clients = typer.Typer(no_args_is_help=True, help="OAuth clients, for ProcessMaker.")
tokens = typer.Typer(no_args_is_help=True, help="Tokens that are configured by hand, for facilioo and INUBIT.")
app.add_typer(users, name="user")
app.add_typer(libraries, name="library")
app.add_typer(documents, name="document")
app.add_typer(processes, name="process")
app.add_typer(clients, name="client")
app.add_typer(tokens, name="token")

DatabaseUrl = Annotated[str | None, typer.Option(help="sqlite:///FILE or postgresql://...")]


def _settings(**flags: Any) -> Any:
    from gateway.settings import load

    return load(**flags)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on.")] = None,
    database_url: DatabaseUrl = None,
    demo: Annotated[bool, typer.Option("--demo", help="Load the demo world into an empty database.")] = False,
) -> None:
    """Serve all dialects until SIGTERM."""
    from gateway.server import serve as run

    raise typer.Exit(run(_settings(host=host, port=port, database_url=database_url), demo=demo))


@app.command()
def check(database_url: DatabaseUrl = None) -> None:
    """Check settings, dialects and the database."""
    from core.storage.migrate import REVISION, current
    from core.storage.store import open_store
    from gateway.dialects import plans

    settings = _settings(database_url=database_url)
    for plan in plans(settings):
        where = plan.prefix or "/"
        print(
            f"dialect {plan.dialect.name}: profile {plan.profile}, {len(plan.dialect.operations)} operations at {where}"
        )
    store = open_store(settings.database_url)
    try:
        revision = current(store)
    finally:
        store.close()
    print(f"database {store.flavour}: schema {revision or 'none yet'}, this program knows {REVISION}")


@app.command()
def routes() -> None:
    """List every operation of every dialect."""
    from gateway.dialects import plans

    for plan in plans(_settings()):
        for operation in plan.dialect.operations:
            print(f"{plan.dialect.name:13} {operation.method:7} {plan.prefix}{operation.path}  {operation.name}")


@app.command()
def wsdl(
    address: Annotated[str, typer.Option(help="The address to put in.")] = "http://localhost:8080/srv.asmx",
    soap_only: Annotated[bool, typer.Option("--soap-only", help="Without the bindings for GET and POST.")] = False,
) -> None:
    """Print the WSDL of the infoRouter dialect."""
    from adapters.inforouter.dialect import METHODS
    from schemas.inforouter.wsdl import wsdl as write

    sys.stdout.write(write(list(METHODS.values()), address, soap_only=soap_only).decode())


@app.command()
def openapi(
    dialect: Annotated[str, typer.Argument(help="The dialect, for example camunda.")],
    profile: Annotated[str, typer.Option(help="Its profile; empty: the default.")] = "",
    address: Annotated[str, typer.Option(help="The address to put in.")] = "http://localhost:8080",
) -> None:
    """Print the OpenAPI description of a dialect."""
    import orjson

    from gateway.dialects import load
    from gateway.settings import SettingsError

    found = load(dialect)
    if found.describe is None:
        raise typer.BadParameter(f"{found.title} speaks SOAP, which OpenAPI has no words for: see `dragoman wsdl`")
    chosen = profile or found.profiles[0]
    if chosen not in found.profiles:
        raise SettingsError(f"dialect {dialect}: profile {chosen!r} is none of {', '.join(found.profiles)}")
    sys.stdout.write(orjson.dumps(found.describe(chosen, address), option=orjson.OPT_INDENT_2).decode() + "\n")


@app.command()
def tour(
    url: Annotated[str, typer.Option(help="A running gateway with the demo world; empty: a private one.")] = "",
) -> None:
    """Follow one task through all five dialects."""
    from gateway.tour import run

    raise typer.Exit(run(url))


@app.command()
def maintenance(
    state: Annotated[str, typer.Argument(help="on or off")],
    url: Annotated[str, typer.Option(help="The running gateway.")] = "http://127.0.0.1:8080",
    user: Annotated[str, typer.Option(help="An administrator.")] = "admin",
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, envvar="DRAGOMAN_PASSWORD")] = "",
) -> None:
    """Switch maintenance on or off on a running gateway."""
    from gateway.cli.admin import set_maintenance

    if state not in ("on", "off"):
        raise typer.BadParameter("has to be on or off")
    set_maintenance(url, user, password, on=state == "on")
    print(f"maintenance is {state}")


@users.command("add")
def user_add(
    username: str,
    admin: Annotated[bool, typer.Option("--admin", help="May do everything.")] = False,
    first_name: str = "",
    last_name: str = "",
    email: str = "",
    password: Annotated[
        str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, envvar="DRAGOMAN_PASSWORD")
    ] = "",
    database_url: DatabaseUrl = None,
) -> None:
    """Add a user. A SQLite database must not be in use by a running gateway."""
    from gateway.cli.admin import add_user

    add_user(_settings(database_url=database_url), username, password, first_name, last_name, email, admin=admin)
    print(f"added {username}")


@users.command("password")
def user_password(
    username: str,
    password: Annotated[
        str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, envvar="DRAGOMAN_PASSWORD")
    ] = "",
    database_url: DatabaseUrl = None,
) -> None:
    """Set a user's password."""
    from gateway.cli.admin import set_password

    set_password(_settings(database_url=database_url), username, password)
    print(f"changed the password of {username}")


@users.command("list")
def user_list(database_url: DatabaseUrl = None) -> None:
    """List the users."""
    from gateway.cli.admin import list_users

    for user in list_users(_settings(database_url=database_url)):
        print(f"{user.username:24} {user.status:9} {user.permissions}")


@libraries.command("add")
def library_add(
    name: str,
    manager: Annotated[str, typer.Option(help="A user who becomes its member and manager.")] = "",
    database_url: DatabaseUrl = None,
) -> None:
    """Add a library. A SQLite database must not be in use by a running gateway."""
    from gateway.cli.registry import add_library

    add_library(_settings(database_url=database_url), name, manager)
    print(f"added {name}")


@libraries.command("list")
def library_list(database_url: DatabaseUrl = None) -> None:
    """List the libraries."""
    from gateway.cli.registry import list_libraries

    for number, name in list_libraries(_settings(database_url=database_url)):
        print(f"{number:6} {name}")


@documents.command("add")
def document_add(
    path: Annotated[str, typer.Argument(help="/Library/Folder/Name.ext; the folders are made.")],
    owner: Annotated[str, typer.Option(help="A user.")] = "",
    database_url: DatabaseUrl = None,
) -> None:
    """Register a document. A SQLite database must not be in use by a running gateway."""
    from gateway.cli.registry import add_document

    number = add_document(_settings(database_url=database_url), path, owner)
    print(f"registered {path} as ~D{number}")


@documents.command("list")
def document_list(library: str, database_url: DatabaseUrl = None) -> None:
    """List the documents of a library."""
    from gateway.cli.registry import list_documents

    for number, path in list_documents(_settings(database_url=database_url), library):
        print(f"~D{number:<6} {path}")


@processes.command("import")
def process_import(
    file: str,
    uid: Annotated[str, typer.Option(help="Its id for clients of ProcessMaker; empty: a random one.")] = "",
    process_id: Annotated[str, typer.Option(help="Which process of the file; empty: the only one.")] = "",
    database_url: DatabaseUrl = None,
) -> None:
    """Deploy a BPMN file. A SQLite database must not be in use by a running gateway."""
    from gateway.cli.registry import import_process

    name, version, uid = import_process(_settings(database_url=database_url), file, uid, process_id)
    print(f"{uid} is version {version} of {name}")


@processes.command("list")
def process_list(
    activities: Annotated[bool, typer.Option("--activities", help="With their activities.")] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """List the processes."""
    from gateway.cli.registry import list_processes

    for line in list_processes(_settings(database_url=database_url), activities=activities):
        print(line)


@clients.command("add")
def client_add(
    name: str,
    client_id: Annotated[str, typer.Option(help="Its id; empty: a random one.")] = "",
    secret: Annotated[str, typer.Option(help="Empty: a random one.", envvar="DRAGOMAN_CLIENT_SECRET")] = "",
    redirect_uri: Annotated[str, typer.Option(help="Where the login page sends the browser back to.")] = "",
    database_url: DatabaseUrl = None,
) -> None:
    """Add an OAuth client, and tell its id and its secret. A SQLite database must not be in use."""
    from gateway.cli.registry import add_client

    settings = _settings(database_url=database_url)
    client_id, secret = add_client(settings, name, client_id, secret, redirect_uri)
    print(f"client_id={client_id}\nclient_secret={secret}")


@tokens.command("add")
def token_add(
    username: str,
    text: Annotated[
        str, typer.Option(help="The token, if clients have one already; empty: a random one.", envvar="DRAGOMAN_TOKEN")
    ] = "",
    days: Annotated[int, typer.Option(min=1, max=36500, help="How long it is good.")] = 365,
    dialect: Annotated[str, typer.Option(help="Where it is good: facilioo or inubit.")] = "facilioo",
    database_url: DatabaseUrl = None,
) -> None:
    """Make a token for a user, and tell it. A SQLite database must not be in use by a running gateway."""
    from gateway.cli.registry import add_token

    print(add_token(_settings(database_url=database_url), username, text, days, dialect))


@tokens.command("revoke")
def token_revoke(
    text: Annotated[str, typer.Option(prompt=True, hide_input=True, envvar="DRAGOMAN_TOKEN")] = "",
    database_url: DatabaseUrl = None,
) -> None:
    """Forget a token. A SQLite database must not be in use by a running gateway."""
    from gateway.cli.admin import Failed
    from gateway.cli.registry import revoke_token

    if not revoke_token(_settings(database_url=database_url), text):
        raise Failed("there is no such token")
    print("revoked")


@tokens.command("key")
def token_key(database_url: DatabaseUrl = None) -> None:
    """Print the public key with which tokens can be checked. A SQLite database must not be in use."""
    from gateway.cli.registry import token_key as read

    sys.stdout.write(read(_settings(database_url=database_url)))


def main() -> None:
    """The entry point: expected failures are one line on standard error and exit status 1."""
    from core.rejections import Rejection
    from core.storage.store import StorageError
    from gateway.cli.admin import Failed
    from gateway.settings import SettingsError

    try:
        app()
    except (SettingsError, StorageError, Failed, OSError) as error:
        print(f"dragoman: {error}", file=sys.stderr)
        raise SystemExit(1) from None
    except Rejection as error:
        print(f"dragoman: {type(error).__name__}: {error}", file=sys.stderr)
        raise SystemExit(1) from None
