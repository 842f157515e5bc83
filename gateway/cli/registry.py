"""Libraries, documents, processes and tokens from the command line: what is listed, and what is looked at first."""

from adapters.facilioo.auth import SIGNING_KEY
from adapters.facilioo.tokens import Signer
from core.identity.queries import SettingValue
from core.library.queries import Libraries, LibraryByName, LibraryDocuments
from core.people.queries import UserByName
from core.process.queries import ActivitiesOf, ListProcesses
from gateway.admin.client import carry_out
from gateway.admin.orders import AddDocument, AddToken, ImportProcess, MakeTokenKey
from gateway.cli.admin import check_database, find, looking
from gateway.processes import read_document, wanted_process
from gateway.settings import Settings


def list_libraries(settings: Settings) -> list[tuple[int, str]]:
    with looking(settings) as onlooker:
        return [(library.number, library.name) for library in onlooker.ask(Libraries())]


def list_documents(settings: Settings, library: str) -> list[tuple[int, str]]:
    with looking(settings) as onlooker:
        views = onlooker.ask(LibraryDocuments(find(onlooker, LibraryByName(library), library).key))
    return [
        (v.document.number, "/".join(("", v.library.name, *filter(None, (v.folder.path,)), v.document.name)))
        for v in views
    ]


def list_processes(settings: Settings, *, activities: bool) -> list[str]:
    lines = []
    with looking(settings) as onlooker:
        for process in onlooker.ask(ListProcesses()):
            lines.append(f"{process.uid}  {process.process_id:24} {process.name}".rstrip())
            if activities:
                rows = onlooker.ask(ActivitiesOf(process.key))
                lines += [f"  {a.uid}  {a.element_id:22} {a.name}".rstrip() for a in rows]
    return lines


def add_document(settings: Settings, path: str, owner: str) -> str:
    order = AddDocument(path, owner)
    library = order.parts[0]
    check_database(settings, LibraryByName(library), library)
    return carry_out(settings, order)


def import_process(settings: Settings, file: str, uid: str, process_id: str, *, loose: bool) -> str:
    """What kind of file it is is told by what is in it. Raises Failed and CannotDeploy."""
    wanted_process(file, uid, process_id)
    order = ImportProcess.of(file, read_document(file), uid, process_id, loose=loose)
    order.read()
    return carry_out(settings, order)


def add_token(settings: Settings, order: AddToken) -> str:
    order.check()
    check_database(settings, UserByName(order.username), order.username)
    return carry_out(settings, order)


def token_key(settings: Settings) -> str:
    """The key with which clients of facilioo check tokens, as PEM; made, if nobody has logged in yet."""
    with looking(settings) as onlooker:
        known = onlooker.ask(SettingValue(SIGNING_KEY))
    return Signer(known).public if known else carry_out(settings, MakeTokenKey())
