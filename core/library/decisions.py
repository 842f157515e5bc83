"""Libraries, who belongs to them, and their documents."""

from collections.abc import Mapping

from core.library.commands import (
    CreateLibrary,
    RegisterDocument,
    RegisterFolder,
    SetLibraryManager,
    SetLibraryMember,
    TransferDocuments,
)
from core.principal import Principal
from core.reach import Place
from core.rejections import Conflict, Invalid, NotFound
from core.tables.library import Document, Folder, Library, LibraryMember
from core.tables.people import Group, User
from core.turn.command import Created, Done
from core.turn.context import Context, Plan, handles
from core.turn.known import KnownDefinition
from core.turn.reaching import reaching
from core.turn.workingset import Load, Read, WorkingSet
from core.types import Action, AssigneeKind, Permission


def split_path(path: str) -> list[str]:
    """The names on a path; either slash separates, empty parts do not count."""
    return [part.strip() for part in path.replace("\\", "/").split("/") if part.strip()]


def _plan_library(cmd: CreateLibrary, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Library, "name_folded", (cmd.name.casefold(),))]


@handles(CreateLibrary, _plan_library)
def create_library(cmd: CreateLibrary, ctx: Context) -> Created:
    ctx.require(Permission.ADMINISTER)
    name = cmd.name.strip()
    if not name or "/" in name or "\\" in name:
        raise Invalid("name", "characters", cmd.name)
    tenant = ctx.principal.tenant_key
    if any(row.tenant_key == tenant for row in ctx.ws.find(Library, "name_folded", name.casefold())):
        raise Conflict("library", name, "exists")
    library = Library(
        key=ctx.key(),
        number=ctx.number("library", cmd.number),
        tenant_key=tenant,
        name=name,
        name_folded=name.casefold(),
        ext=cmd.ext,
        created_at=ctx.now,
    )
    ctx.ws.add(library)
    _folder(ctx, library, [])
    ctx.emit("library.created", "library", library.key, after={"name": name})
    return Created(library.key, "", library.number)


def _library(ctx: Context, key: int) -> Library:
    library = ctx.ws.get(Library, key)
    if library is None or library.tenant_key != ctx.principal.tenant_key:
        raise NotFound("library", key)
    return library


def _plan_member(cmd: SetLibraryMember, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    cls = User if cmd.kind is AssigneeKind.USER else Group
    yield [
        Load(Library, "key", (cmd.library_key,)),
        Load(LibraryMember, "library_key", (cmd.library_key,)),
        Load(cls, "key", (cmd.member_key,)),
    ]


def _membership(ctx: Context, library_key: int, kind: str, member_key: int) -> LibraryMember | None:
    rows = ctx.ws.find(LibraryMember, "library_key", library_key)
    return next((row for row in rows if row.kind == kind and row.member_key == member_key), None)


@handles(SetLibraryMember, reaching(_plan_member, lambda cmd, ws: ((Action.MANAGE_LIBRARY, Place(cmd.library_key)),)))
def set_library_member(cmd: SetLibraryMember, ctx: Context) -> Done:
    ctx.require_reach(Action.MANAGE_LIBRARY, Place(cmd.library_key), kind="library", id=cmd.library_key)
    library = _library(ctx, cmd.library_key)
    is_user = cmd.kind is AssigneeKind.USER
    member: User | Group | None = ctx.ws.get(User, cmd.member_key) if is_user else ctx.ws.get(Group, cmd.member_key)
    if member is None or member.tenant_key != library.tenant_key:
        raise NotFound(cmd.kind.value, cmd.member_key)
    row = _membership(ctx, library.key, cmd.kind.value, member.key)
    what = {cmd.kind.value: member.username if isinstance(member, User) else member.name}
    if cmd.member:
        if row is not None:
            raise Conflict("member", member.key, "exists")
        ctx.ws.add(LibraryMember(key=ctx.key(), library_key=library.key, kind=cmd.kind.value, member_key=member.key))
        ctx.emit("library.member-added", "library", library.key, after=what)
        return Done()
    if row is None:
        raise NotFound("member", member.key)
    ctx.ws.remove(row)
    ctx.emit("library.member-removed", "library", library.key, before=what)
    return Done()


def _plan_manager(cmd: SetLibraryManager, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [
        Load(Library, "key", (cmd.library_key,)),
        Load(LibraryMember, "library_key", (cmd.library_key,)),
        Load(User, "key", (cmd.user_key,)),
    ]


@handles(SetLibraryManager, _plan_manager)
def set_library_manager(cmd: SetLibraryManager, ctx: Context) -> Done:
    ctx.require(Permission.ADMINISTER, kind="library", id=cmd.library_key)
    library = _library(ctx, cmd.library_key)
    user = ctx.ws.get(User, cmd.user_key)
    row = _membership(ctx, library.key, AssigneeKind.USER.value, cmd.user_key)
    if user is None or row is None:
        raise NotFound("member", cmd.user_key)
    if bool(row.manager) == cmd.manager:
        if cmd.manager:
            raise Conflict("manager", cmd.user_key, "exists")
        raise NotFound("manager", cmd.user_key)
    ctx.ws.change(row, manager=int(cmd.manager))
    kind = "library.manager-added" if cmd.manager else "library.manager-removed"
    ctx.emit(kind, "library", library.key, after={"user": user.username})
    return Done()


def _plan_folder(cmd: RegisterFolder, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Library, "key", (cmd.library_key,)), Read(Folder, "library_key", (cmd.library_key,))]


def _folder(ctx: Context, library: Library, parts: list[str], number: int = 0) -> Folder:
    """The folder with this path, made with those above it where it is not there."""
    folder: Folder | None = None
    for depth in range(len(parts) + 1):
        path = "/".join(parts[:depth])
        rows = ctx.ws.find(Folder, "library_key", library.key)
        folder = next((f for f in rows if f.path_folded == path.casefold()), None)
        if folder is None:
            folder = Folder(
                key=ctx.key(),
                number=ctx.number("folder", number if depth == len(parts) else 0),
                tenant_key=library.tenant_key,
                library_key=library.key,
                path=path,
                path_folded=path.casefold(),
            )
            ctx.ws.add(folder)
            ctx.emit("folder.registered", "folder", folder.key, after={"library": library.name, "path": path})
    assert folder is not None
    return folder


@handles(RegisterFolder, _plan_folder)
def register_folder(cmd: RegisterFolder, ctx: Context) -> Created:
    ctx.require(Permission.DESIGN)
    folder = _folder(ctx, _library(ctx, cmd.library_key), split_path(cmd.path), cmd.number)
    return Created(folder.key, "", folder.number)


def _plan_document(cmd: RegisterDocument, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [
        Load(Library, "key", (cmd.library_key,)),
        Read(Folder, "library_key", (cmd.library_key,)),
        Read(Document, "name_folded", (cmd.name.casefold(),)),
    ]


@handles(RegisterDocument, _plan_document)
def register_document(cmd: RegisterDocument, ctx: Context) -> Created:
    ctx.require(Permission.DESIGN)
    if not cmd.name.strip() or "/" in cmd.name or "\\" in cmd.name:
        raise Invalid("name", "characters", cmd.name)
    library = _library(ctx, cmd.library_key)
    folder = _folder(ctx, library, split_path(cmd.path))
    if any(d.folder_key == folder.key for d in ctx.ws.find(Document, "name_folded", cmd.name.casefold())):
        raise Conflict("document", cmd.name, "exists")
    document = Document(
        key=ctx.key(),
        number=ctx.number("document", cmd.number),
        tenant_key=library.tenant_key,
        library_key=library.key,
        folder_key=folder.key,
        name=cmd.name,
        name_folded=cmd.name.casefold(),
        version=cmd.version,
        type_number=cmd.type_number,
        type_name=cmd.type_name,
        owner=cmd.owner,
        checked_out_by=cmd.checked_out_by,
        ext=cmd.ext,
        created_at=ctx.now,
        changed_at=ctx.now,
    )
    ctx.ws.add(document)
    ctx.emit("document.registered", "document", document.key, after={"name": cmd.name, "folder": folder.path})
    return Created(document.key, "", document.number)


def _plan_transfer(
    cmd: TransferDocuments, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]
) -> Plan:
    yield [Load(Document, "checked_out_by" if cmd.checked_out else "owner", (cmd.from_username,))]


@handles(TransferDocuments, _plan_transfer)
def transfer_documents(cmd: TransferDocuments, ctx: Context) -> Done:
    ctx.require(Permission.ADMINISTER, kind="user", id=cmd.from_username)
    by = "checked_out_by" if cmd.checked_out else "owner"
    for document in list(ctx.ws.find(Document, by, cmd.from_username)):
        if document.tenant_key == ctx.principal.tenant_key and cmd.from_username != cmd.to_username:
            ctx.ws.change(document, **{by: cmd.to_username}, changed_at=ctx.now)
            before, after = {by: cmd.from_username}, {by: cmd.to_username}
            ctx.emit("document.transferred", "document", document.key, before=before, after=after)
    return Done()
