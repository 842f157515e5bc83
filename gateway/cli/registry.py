"""Libraries, documents, processes, OAuth clients and tokens from the command line."""

import secrets
from contextlib import suppress

from pydantic import ValidationError

from adapters.common.dialect import Mount
from adapters.common.tokens import STATIC
from adapters.facilioo.auth import Tokens
from core.clock import DAY
from core.commands import (
    CreateLibrary,
    IssueCredential,
    RegisterClient,
    RegisterDocument,
    RevokeCredential,
    SetLibraryManager,
    SetLibraryMember,
)
from core.engine.engine import Engine
from core.engine.libraries import split_path
from core.identity.digests import digest
from core.principal import Principal
from core.queries import ActivitiesOf, Libraries, LibraryByName, LibraryDocuments, ListProcesses, UserByName
from core.rejections import NotFound
from core.types import AssigneeKind, CredentialKind
from gateway.cli.admin import Failed, with_engine
from gateway.processes import CannotDeploy, deploy
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
    async def work(engine: Engine, who: Principal) -> list[tuple[int, str]]:
        return [(library.number, library.name) for library in await engine.ask(Libraries(), who)]

    return with_engine(settings, work)


def add_document(settings: Settings, path: str, owner: str) -> int:
    """Its number. Raises Failed for a path without a library and a name."""
    parts = split_path(path)
    if len(parts) < 2:
        raise Failed(f"{path}: a document is at /Library/Folder/Name.ext")

    async def work(engine: Engine, who: Principal) -> int:
        library = await engine.ask(LibraryByName(parts[0]), who)
        name = (await engine.ask(UserByName(owner, exact=False), who)).username if owner else ""
        command = RegisterDocument(library.key, "/".join(parts[1:-1]), parts[-1], owner=name)
        return (await engine.execute(command, who)).number

    return with_engine(settings, work)


def list_documents(settings: Settings, library: str) -> list[tuple[int, str]]:
    async def work(engine: Engine, who: Principal) -> list[tuple[int, str]]:
        found = await engine.ask(LibraryByName(library), who)
        views = await engine.ask(LibraryDocuments(found.key), who)
        return [
            (v.document.number, "/".join(("", v.library.name, *filter(None, (v.folder.path,)), v.document.name)))
            for v in views
        ]

    return with_engine(settings, work)


def import_process(settings: Settings, file: str, uid: str, process_id: str) -> tuple[str, int, str]:
    """(its name, the version, its uid). Raises Failed."""
    try:
        wanted = ProcessSettings(file=file, uid=uid, process_id=process_id)
    except ValidationError:
        raise Failed(f"{uid}: a uid has 32 hexadecimal digits") from None

    async def work(engine: Engine, who: Principal) -> tuple[str, int, str]:
        deployed = await deploy(engine, who, wanted)
        (process,) = [p for p in await engine.ask(ListProcesses(), who) if p.key == deployed.process_key]
        return process.name or process.process_id, deployed.version, process.uid

    try:
        return with_engine(settings, work)
    except CannotDeploy as error:
        raise Failed(str(error)) from None


def list_processes(settings: Settings, *, activities: bool) -> list[str]:
    async def work(engine: Engine, who: Principal) -> list[str]:
        lines = []
        for process in await engine.ask(ListProcesses(), who):
            lines.append(f"{process.uid}  {process.process_id:24} {process.name}")
            if activities:
                rows = await engine.ask(ActivitiesOf(process.key), who)
                lines += [f"  {a.uid}  {a.element_id:22} {a.name}" for a in rows]
        return lines

    return with_engine(settings, work)


#: dialects whose clients may have a token that was configured by hand
WITH_TOKENS = ("facilioo", "inubit")


def add_token(settings: Settings, username: str, text: str, days: int, dialect: str) -> str:
    """A token that is good for so many days in one dialect; nobody can read it again. Raises Failed."""
    if dialect not in WITH_TOKENS:
        raise Failed(f"dialect {dialect!r} is none of {', '.join(WITH_TOKENS)}")

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
    """The key with which clients of facilioo check tokens, as PEM."""

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
