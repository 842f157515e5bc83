"""A request after the front has read it, and how operations are declared beside their handlers."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from adapters.common.dialect import Mount, Operation
from adapters.common.rights import Right
from adapters.processmaker.bodies import Upload
from adapters.processmaker.errors import Business, Refused
from adapters.processmaker.profile import Profile
from adapters.processmaker.rights import may, right_of
from core.gate import Gate
from core.principal import Principal
from core.rejections import Unauthenticated
from core.search.query import Query
from core.turn.command import Command
from schemas.processmaker.parameters import Parameter, check

Out = TypeVar("Out")

API = "/api/1.0/{workspace}"


class Empty:
    """The type of EMPTY."""


#: what a handler returns for a reply without a body
EMPTY: Final = Empty()


@dataclass(frozen=True, slots=True)
class Call:
    """`params` come from the path, `query` from the URL; `values` are the query with the body laid over it.

    `body` is what the body held, of any type, and `files` what came with a form; `paged` says that the reply is a page
    object (dossier 1.1). What an endpoint `takes` has been checked when its handler is called.
    """

    mount: Mount
    profile: Profile
    principal: Principal
    params: Mapping[str, str]
    query: Mapping[str, Any]
    values: Mapping[str, Any]
    body: Any
    paged: bool
    files: Mapping[str, Upload]

    @property
    def engine(self) -> Gate:
        return self.mount.engine

    async def ask(self, query: Query[Out]) -> Out:
        return await self.engine.ask(query, self.principal)

    async def do(self, command: Command[Out]) -> Out:
        return await self.engine.execute(command, self.principal)

    def path_uid(self, name: str) -> str:
        """An id from the path; upper and lower case are the same."""
        return self.params[name].lower()

    def uid(self, name: str) -> str:
        """A required id from the body or the query."""
        return str(self.values[name]).lower()

    def check(self, parameters: Iterable[Parameter]) -> None:
        """Raises BadRequest. What the path says counts more than the body, and that more than the query."""
        check(parameters, {**self.values, "request_data": self.body, **self.params})

    def need(self, *codes: str) -> None:
        """Raises Unauthenticated unless the caller has one of the permission codes: it looks like a bad token."""
        if not may(self.principal, *codes):
            raise Unauthenticated("permission")

    def person(self) -> Principal:
        """The caller, who has to be a user: a token of client credentials belongs to nobody."""
        if not self.principal.user_key:
            raise Business("The user with usr_uid:  does not exist.")
        return self.principal

    def refuse_unless(self, allowed: bool) -> None:
        """Raises Refused: 403, a rule about this very object."""
        if not allowed:
            raise Refused


Handler = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`needs` are permission codes of which one is enough; `takes` are its parameters, checked in this order;
    `success` is the status of a reply that is no error; `profile` names the member of a profile without which there is
    no such route."""

    operation: Operation
    handler: Handler
    needs: tuple[str, ...]
    takes: tuple[Parameter, ...]
    success: int
    profile: str


class Endpoints:
    """A module's operations: `@endpoints(...)` puts a handler at one or several addresses."""

    def __init__(self) -> None:
        self.all: list[Endpoint] = []

    def __call__(
        self,
        name: str,
        method: str,
        *paths: str,
        needs: Iterable[str] = (),
        takes: Iterable[Parameter] = (),
        right: Right | None = None,
        success: int = 200,
        source: str = "measured",
        profile: str = "",
    ) -> Callable[[Handler], Handler]:
        """`paths` lie below `/api/1.0/{workspace}`; `right` is said where it is another one than that of `needs`."""

        def register(handler: Handler) -> Handler:
            self.add(
                handler,
                name,
                method,
                *paths,
                needs=needs,
                takes=takes,
                right=right,
                success=success,
                source=source,
                profile=profile,
            )
            return handler

        return register

    def add(
        self,
        handler: Handler,
        name: str,
        method: str,
        *paths: str,
        needs: Iterable[str] = (),
        takes: Iterable[Parameter] = (),
        right: Right | None = None,
        success: int = 200,
        source: str = "measured",
        profile: str = "",
    ) -> None:
        codes, parameters = tuple(needs), tuple(takes)
        with_body = (413,) if method in ("POST", "PUT") else ()
        for path in paths:
            literal = () if "{" in path else (405,)
            statuses = tuple(sorted({success, 400, 401, 403, 404, 406, 500, 503, *with_body, *literal}))
            operation = Operation(name, method, API + path, right or right_of(codes), statuses, source=source)
            self.all.append(
                Endpoint(operation, handler, needs=codes, takes=parameters, success=success, profile=profile)
            )
