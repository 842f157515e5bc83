"""The commands on what is kept in the database. Where a gateway has a SQLite file, those that only read look into it,
and those that write are handed to the gateway."""

import sys
from typing import Annotated, Any

import typer

from gateway.cli.asking import TOKEN, PasswordStdin, TokenStdin, password, secret
from gateway.exits import Usage


def _group(help: str) -> typer.Typer:
    return typer.Typer(no_args_is_help=True, help=help)


users = _group("Users of the gateway's own store.")
libraries = _group("Libraries, to which groups, workflows and documents belong.")
documents = _group("The register of documents that tasks are about.")
processes = _group("Processes, which ProcessMaker calls projects.")
clients = _group("OAuth clients, for ProcessMaker.")
tokens = _group("Tokens that are configured by hand, for facilioo and INUBIT.")

DatabaseUrl = Annotated[str | None, typer.Option(help="sqlite:///FILE or postgresql://...")]
Username = Annotated[str, typer.Argument(help="The name to sign in with.")]


def tell(text: str) -> None:
    """What a command prints, whoever carried it out."""
    sys.stdout.write(text)


def settings_with(**flags: Any) -> Any:
    from gateway.settings import load

    return load(**flags)


@users.command("add")
def user_add(
    username: Username,
    admin: Annotated[bool, typer.Option("--admin", help="May do everything.")] = False,
    first_name: Annotated[str, typer.Option(help="The first name.")] = "",
    last_name: Annotated[str, typer.Option(help="The last name.")] = "",
    email: Annotated[str, typer.Option(help="The address for mails.")] = "",
    password_stdin: PasswordStdin = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Add a user; the database is made if there is none."""
    from gateway.admin.client import carry_out
    from gateway.admin.orders import AddUser
    from gateway.cli.admin import check_new_user

    settings = settings_with(database_url=database_url)
    check_new_user(settings, username)
    text = password(username, stdin=password_stdin, new=True)
    order = AddUser(username, text, first_name=first_name, last_name=last_name, email=email, admin=admin)
    tell(carry_out(settings, order))


@users.command("password")
def user_password(username: Username, password_stdin: PasswordStdin = False, database_url: DatabaseUrl = None) -> None:
    """Set a user's password."""
    from core.people.queries import UserByName
    from gateway.admin.client import carry_out
    from gateway.admin.orders import ChangePassword
    from gateway.cli.admin import check_database

    settings = settings_with(database_url=database_url)
    check_database(settings, UserByName(username, exact=False), username)
    text = password(username, stdin=password_stdin, new=True)
    tell(carry_out(settings, ChangePassword(username, text)))


@users.command("list")
def user_list(database_url: DatabaseUrl = None) -> None:
    """List the users."""
    from gateway.cli.admin import list_users

    for user in list_users(settings_with(database_url=database_url)):
        print(f"{user.username:24} {user.status:9} {user.permissions}")


@libraries.command("add")
def library_add(
    name: Annotated[str, typer.Argument(help="The name of the library.")],
    manager: Annotated[str, typer.Option(help="A user who becomes its member and manager.")] = "",
    database_url: DatabaseUrl = None,
) -> None:
    """Add a library; the database is made if there is none."""
    from gateway.admin.client import carry_out
    from gateway.admin.orders import AddLibrary

    tell(carry_out(settings_with(database_url=database_url), AddLibrary(name, manager)))


@libraries.command("list")
def library_list(database_url: DatabaseUrl = None) -> None:
    """List the libraries."""
    from gateway.cli.registry import list_libraries

    for number, name in list_libraries(settings_with(database_url=database_url)):
        print(f"{number:6} {name}")


@documents.command("add")
def document_add(
    path: Annotated[str, typer.Argument(help="/Library/Folder/Name.ext; the folders are made.")],
    owner: Annotated[str, typer.Option(help="A user.")] = "",
    database_url: DatabaseUrl = None,
) -> None:
    """Register a document."""
    from gateway.cli.registry import add_document

    tell(add_document(settings_with(database_url=database_url), path, owner))


@documents.command("list")
def document_list(
    library: Annotated[str, typer.Argument(help="The name of a library.")], database_url: DatabaseUrl = None
) -> None:
    """List the documents of a library."""
    from gateway.cli.registry import list_documents

    for number, path in list_documents(settings_with(database_url=database_url), library):
        print(f"~D{number:<6} {path}")


@processes.command("import")
def process_import(
    file: Annotated[str, typer.Argument(help="A BPMN file, or a project of ProcessMaker 3 (.pmx).")],
    uid: Annotated[str, typer.Option(help="Its id for clients of ProcessMaker; empty: a random one.")] = "",
    process_id: Annotated[str, typer.Option(help="Which process of the file; empty: the only one.")] = "",
    loose: Annotated[
        bool, typer.Option("--loose", help="Take what can be taken of a flow, and tell the rest.")
    ] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Deploy a BPMN file or a project, and say what was left out; the database is made if there is none."""
    from gateway.cli.registry import import_process

    tell(import_process(settings_with(database_url=database_url), file, uid, process_id, loose=loose))


@processes.command("list")
def process_list(
    activities: Annotated[bool, typer.Option("--activities", help="With their activities.")] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """List the processes."""
    from gateway.cli.registry import list_processes

    for line in list_processes(settings_with(database_url=database_url), activities=activities):
        print(line)


@clients.command("add")
def client_add(
    name: Annotated[str, typer.Argument(help="What the program is called.")],
    client_id: Annotated[str, typer.Option(help="Its id; empty: a random one.")] = "",
    secret: Annotated[str, typer.Option(help="Empty: a random one.", envvar="DRAGOMAN_CLIENT_SECRET")] = "",
    redirect_uri: Annotated[str, typer.Option(help="Where the login page sends the browser back to.")] = "",
    database_url: DatabaseUrl = None,
) -> None:
    """Add an OAuth client, and tell its id and its secret; the database is made if there is none."""
    from gateway.admin.client import carry_out
    from gateway.admin.orders import AddClient

    tell(carry_out(settings_with(database_url=database_url), AddClient(name, client_id, secret, redirect_uri)))


@tokens.command("add")
def token_add(
    username: Username,
    text: Annotated[
        str, typer.Option(help="The token, if clients have one already; empty: a random one.", envvar=TOKEN)
    ] = "",
    token_stdin: TokenStdin = False,
    days: Annotated[int, typer.Option(min=1, max=36500, help="How long it is good.")] = 365,
    dialect: Annotated[str, typer.Option(help="Where it is good: facilioo or inubit.")] = "facilioo",
    database_url: DatabaseUrl = None,
) -> None:
    """Make a token for a user, and tell it."""
    from gateway.admin.orders import AddToken
    from gateway.cli.registry import add_token

    if token_stdin:
        if text:
            raise Usage("--text and --token-stdin do not go together")
        text = secret("Token", TOKEN, stdin=True, option="--token-stdin")
    tell(add_token(settings_with(database_url=database_url), AddToken(username, text, days, dialect)))


@tokens.command("revoke")
def token_revoke(
    text: Annotated[str, typer.Option(help="The token; empty: it is asked for.", envvar=TOKEN)] = "",
    token_stdin: TokenStdin = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Forget a token."""
    from gateway.admin.client import carry_out
    from gateway.admin.orders import RevokeToken
    from gateway.cli.admin import check_database

    settings = settings_with(database_url=database_url)
    check_database(settings)
    text = text or secret("Token", TOKEN, stdin=token_stdin, option="--token-stdin")
    tell(carry_out(settings, RevokeToken(text)))


@tokens.command("key")
def token_key(database_url: DatabaseUrl = None) -> None:
    """Print the public key with which tokens can be checked; it is made if nobody has logged in yet."""
    from gateway.cli.registry import token_key as read

    tell(read(settings_with(database_url=database_url)))
