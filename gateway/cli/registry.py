"""Libraries and documents from the command line."""

from core.commands import CreateLibrary, RegisterDocument, SetLibraryManager, SetLibraryMember
from core.engine.engine import Engine
from core.engine.libraries import split_path
from core.principal import Principal
from core.queries import Libraries, LibraryByName, LibraryDocuments, UserByName
from core.types import AssigneeKind
from gateway.cli.admin import Failed, with_engine
from gateway.settings import Settings


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
