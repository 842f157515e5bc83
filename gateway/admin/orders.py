"""All orders: each of them in one place, whoever carries it out."""

import secrets
from contextlib import suppress
from dataclasses import dataclass, field

from adapters.common.dialect import Mount
from adapters.common.tokens import STATIC
from adapters.facilioo.auth import Tokens
from adapters.processmaker.imports import import_project
from core.clock import DAY
from core.engine import Engine
from core.identity.commands import IssueCredential, RegisterClient, RevokeCredential
from core.identity.digests import digest
from core.library.commands import CreateLibrary, RegisterDocument, SetLibraryManager, SetLibraryMember
from core.library.decisions import split_path
from core.library.queries import LibraryByName
from core.people.commands import CreateUser, SetPassword
from core.people.queries import UserByName
from core.principal import Principal
from core.process.queries import ListProcesses
from core.rejections import NotFound
from core.turn.command import Deployed
from core.types import ALL_PERMISSIONS, WORKER_PERMISSIONS, AssigneeKind, CredentialKind
from gateway.admin.order import Order, called
from gateway.exits import Failed
from gateway.processes import ProcessFile, deploy, read_process, read_project_file, wanted_process
from schemas.processmaker.pmx import BadProject, ProjectFile, is_project

#: dialects whose clients may have a token that was configured by hand
WITH_TOKENS = ("facilioo", "inubit")


@called("user/add")
@dataclass(frozen=True)
class AddUser(Order):
    username: str
    password: str = field(repr=False)
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    admin: bool = False

    async def carry_out(self, engine: Engine, who: Principal) -> str:
        command = CreateUser(
            username=self.username,
            password_hash=await engine.hash_password(self.password),
            first_name=self.first_name,
            last_name=self.last_name,
            email=self.email,
            permissions=ALL_PERMISSIONS if self.admin else WORKER_PERMISSIONS,
        )
        await engine.execute(command, who)
        return f"added {self.username}\n"


@called("user/password")
@dataclass(frozen=True)
class ChangePassword(Order):
    username: str
    password: str = field(repr=False)

    async def carry_out(self, engine: Engine, who: Principal) -> str:
        await engine.execute(SetPassword(self.username, await engine.hash_password(self.password)), who)
        return f"changed the password of {self.username}\n"


@called("library/add")
@dataclass(frozen=True)
class AddLibrary(Order):
    name: str
    manager: str = ""

    async def carry_out(self, engine: Engine, who: Principal) -> str:
        user = await engine.ask(UserByName(self.manager, exact=False), who) if self.manager else None
        made = await engine.execute(CreateLibrary(self.name), who)
        if user is not None:
            await engine.execute(SetLibraryMember(made.key, AssigneeKind.USER, user.key), who)
            await engine.execute(SetLibraryManager(made.key, user.key), who)
        return f"added {self.name}\n"


@called("document/add")
@dataclass(frozen=True)
class AddDocument(Order):
    path: str
    owner: str = ""

    @property
    def parts(self) -> list[str]:
        """The library, folders, the name. Raises Failed for a path without the first and the last."""
        parts = split_path(self.path)
        if len(parts) < 2:
            raise Failed(f"{self.path}: a document is at /Library/Folder/Name.ext")
        return parts

    async def carry_out(self, engine: Engine, who: Principal) -> str:
        library, *folders, name = self.parts
        try:
            row = await engine.ask(LibraryByName(library), who)
        except NotFound:
            raise NotFound("library", library) from None  # as it was typed
        owner = (await engine.ask(UserByName(self.owner, exact=False), who)).username if self.owner else ""
        made = await engine.execute(RegisterDocument(row.key, "/".join(folders), name, owner=owner), who)
        return f"registered {self.path} as ~D{made.number}\n"


@called("process/import")
@dataclass(frozen=True)
class ImportProcess(Order):
    """A BPMN file or a project. `file` is what it is called where it was read, `document` has a character for each of
    its bytes."""

    file: str
    document: str = field(repr=False)
    uid: str = ""
    process_id: str = ""
    loose: bool = False

    @classmethod
    def of(cls, file: str, document: bytes, uid: str, process_id: str, *, loose: bool) -> "ImportProcess":
        return cls(file, document.decode("latin-1"), uid, process_id, loose)

    def read(self) -> ProjectFile | ProcessFile:
        """Raises Failed and CannotDeploy."""
        document = self.document.encode("latin-1")
        if is_project(document):
            if self.uid or self.process_id:
                raise Failed(f"{self.file}: a project brings its own id, and is one process")
            return read_project_file(self.file, document, loose=self.loose)
        return read_process(wanted_process(self.file, self.uid, self.process_id), document, loose=self.loose)

    async def carry_out(self, engine: Engine, who: Principal) -> str:
        read = await engine.in_thread(self.read)
        if isinstance(read, ProjectFile):
            try:
                imported = await import_project(engine, who, read)
            except BadProject as error:
                raise Failed(f"{self.file}: {error}") from None
            return _imported(read.uid, imported.deployed, read.name, imported.left_out)
        deployed = await deploy(engine, who, wanted_process(self.file, self.uid, self.process_id), read)
        (process,) = [p for p in await engine.ask(ListProcesses(), who) if p.key == deployed.process_key]
        return _imported(process.uid, deployed, process.name or process.process_id, read.left_out)


def _imported(uid: str, deployed: Deployed, name: str, left_out: tuple[str, ...]) -> str:
    return "".join([f"{uid} is version {deployed.version} of {name}\n", *(f"left out: {line}\n" for line in left_out)])


@called("client/add")
@dataclass(frozen=True)
class AddClient(Order):
    """Its id and its secret are random where they are empty; nobody can read the secret again."""

    name: str
    client_id: str = ""
    secret: str = field(default="", repr=False)
    redirect_uri: str = ""

    async def carry_out(self, engine: Engine, who: Principal) -> str:
        client_id, secret = self.client_id or secrets.token_hex(16), self.secret or secrets.token_hex(16)
        await engine.execute(RegisterClient(client_id, digest(secret), self.name, redirect_uri=self.redirect_uri), who)
        return f"client_id={client_id}\nclient_secret={secret}\n"


@called("token/add")
@dataclass(frozen=True)
class AddToken(Order):
    """Random where the text is empty; nobody can read it again."""

    username: str
    text: str = field(default="", repr=False)
    days: int = 365
    dialect: str = "facilioo"

    def check(self) -> None:
        super().check()
        if self.dialect not in WITH_TOKENS:
            raise Failed(f"a token is for one of {', '.join(WITH_TOKENS)}, not for {self.dialect}")

    async def carry_out(self, engine: Engine, who: Principal) -> str:
        user = await engine.ask(UserByName(self.username), who)
        command = IssueCredential(CredentialKind.ACCESS, user.key, self.days * DAY, client_id=STATIC, text=self.text)
        return (await engine.execute(command, who.speaking(self.dialect))).text + "\n"


@called("token/revoke")
@dataclass(frozen=True)
class RevokeToken(Order):
    text: str = field(repr=False)

    async def carry_out(self, engine: Engine, who: Principal) -> str:
        for dialect in WITH_TOKENS:
            with suppress(NotFound):
                command = RevokeCredential(digest(self.text), CredentialKind.ACCESS)
                await engine.execute(command, who.speaking(dialect))
                return "revoked\n"
        raise Failed("there is no such token")


@called("token/key")
@dataclass(frozen=True)
class MakeTokenKey(Order):
    """The key with which clients of facilioo check tokens; made, if nobody has logged in yet."""

    async def carry_out(self, engine: Engine, who: Principal) -> str:
        return await Tokens(Mount(engine, "2")).public_key()
