"""Libraries, documents, processes, OAuth clients and tokens from the command line."""

import secrets
from contextlib import suppress

from pydantic import ValidationError

from adapters.common.dialect import Mount
from adapters.common.tokens import STATIC
from adapters.facilioo.auth import SIGNING_KEY, Tokens
from adapters.facilioo.tokens import Signer
from core.clock import DAY
from core.engine import Engine
from core.identity.commands import IssueCredential, RegisterClient, RevokeCredential
from core.identity.digests import digest
from core.identity.queries import SettingValue
from core.library.commands import CreateLibrary, RegisterDocument, SetLibraryManager, SetLibraryMember
from core.library.decisions import split_path
from core.library.queries import Libraries, LibraryByName, LibraryDocuments
from core.people.queries import UserByName
from core.principal import Principal
from core.process.queries import ActivitiesOf, ListProcesses
from core.rejections import NotFound
from core.types import AssigneeKind, CredentialKind
from gateway.cli.admin import check_database, find, looking, with_engine
from gateway.exits import Failed
from gateway.processes import deploy, read_file
from gateway.settings import ProcessSettings, Settings


def add_library(settings: Settings, name: str, manager: str) -> None:
    async def work(engine: Engine, who: Principal) -> None:
        user = await engine.ask(UserByName(manager, exact=False), who) if manager else None
        made = await engine.execute(CreateLibrary(name), who)
        if user is not None:
            await engine.execute(SetLibraryMember(made.key, AssigneeKind.USER, user.key), who)
            await engine.execute(SetLibraryManager(made.key, user.key), who)

    with_engine(settings, work)


def list_libraries(settings: Settings) -> list[tuple[int, str]]:
    with looking(settings) as onlooker:
        return [(library.number, library.name) for library in onlooker.ask(Libraries())]


def add_document(settings: Settings, path: str, owner: str) -> int:
    """Its number. Raises Failed for a path without a library and a name."""
    parts = split_path(path)
    if len(parts) < 2:
        raise Failed(f"{path}: a document is at /Library/Folder/Name.ext")
    check_database(settings, LibraryByName(parts[0]), parts[0])

    async def work(engine: Engine, who: Principal) -> int:
        library = await engine.ask(LibraryByName(parts[0]), who)
        name = (await engine.ask(UserByName(owner, exact=False), who)).username if owner else ""
        command = RegisterDocument(library.key, "/".join(parts[1:-1]), parts[-1], owner=name)
        return (await engine.execute(command, who)).number

    return with_engine(settings, work)


def list_documents(settings: Settings, library: str) -> list[tuple[int, str]]:
    with looking(settings) as onlooker:
        views = onlooker.ask(LibraryDocuments(find(onlooker, LibraryByName(library), library).key))
    return [
        (v.document.number, "/".join(("", v.library.name, *filter(None, (v.folder.path,)), v.document.name)))
        for v in views
    ]


def import_process(settings: Settings, file: str, uid: str, process_id: str) -> tuple[str, int, str]:
    """(its name, the version, its uid). Raises Failed and CannotDeploy."""
    try:
        wanted = ProcessSettings(file=file, uid=uid, process_id=process_id)
    except ValidationError:
        raise Failed(f"{uid}: a uid has 32 hexadecimal digits, in lower case") from None
    read_file(wanted)

    async def work(engine: Engine, who: Principal) -> tuple[str, int, str]:
        deployed = await deploy(engine, who, wanted)
        (process,) = [p for p in await engine.ask(ListProcesses(), who) if p.key == deployed.process_key]
        return process.name or process.process_id, deployed.version, process.uid

    return with_engine(settings, work)


def list_processes(settings: Settings, *, activities: bool) -> list[str]:
    lines = []
    with looking(settings) as onlooker:
        for process in onlooker.ask(ListProcesses()):
            lines.append(f"{process.uid}  {process.process_id:24} {process.name}".rstrip())
            if activities:
                rows = onlooker.ask(ActivitiesOf(process.key))
                lines += [f"  {a.uid}  {a.element_id:22} {a.name}".rstrip() for a in rows]
    return lines


#: dialects whose clients may have a token that was configured by hand
WITH_TOKENS = ("facilioo", "inubit")


def add_token(settings: Settings, username: str, text: str, days: int, dialect: str) -> str:
    """A token that is good for so many days in one dialect; nobody can read it again. Raises Failed."""
    if dialect not in WITH_TOKENS:
        raise Failed(f"a token is for one of {', '.join(WITH_TOKENS)}, not for {dialect}")
    check_database(settings, UserByName(username), username)

    async def work(engine: Engine, who: Principal) -> str:
        user = await engine.ask(UserByName(username), who)
        command = IssueCredential(CredentialKind.ACCESS, user.key, days * DAY, client_id=STATIC, text=text)
        return (await engine.execute(command, who.speaking(dialect))).text

    return with_engine(settings, work)


def revoke_token(settings: Settings, text: str) -> bool:
    """False if there is no such token."""

    async def work(engine: Engine, who: Principal) -> bool:
        for dialect in WITH_TOKENS:
            with suppress(NotFound):
                await engine.execute(RevokeCredential(digest(text), CredentialKind.ACCESS), who.speaking(dialect))
                return True
        return False

    return with_engine(settings, work)


def token_key(settings: Settings) -> str:
    """The key with which clients of facilioo check tokens, as PEM; made, if nobody has logged in yet."""
    with looking(settings) as onlooker:
        known = onlooker.ask(SettingValue(SIGNING_KEY))
    if known:
        return Signer(known).public

    async def work(engine: Engine, who: Principal) -> str:
        return await Tokens(Mount(engine, "2")).public_key()

    return with_engine(settings, work)


def add_client(settings: Settings, name: str, client_id: str, secret: str, redirect_uri: str) -> tuple[str, str]:
    """Its id and its secret, which nobody can read again."""
    client_id, secret = client_id or secrets.token_hex(16), secret or secrets.token_hex(16)

    async def work(engine: Engine, who: Principal) -> None:
        await engine.execute(RegisterClient(client_id, digest(secret), name, redirect_uri=redirect_uri), who)

    with_engine(settings, work)
    return client_id, secret
