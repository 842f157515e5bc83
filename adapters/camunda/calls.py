"""What a handler gets, and how it says which operation it is."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from adapters.camunda.errors import BadKey, Intent, NotAcceptable, Problem, UnsupportedMediaType
from adapters.camunda.profile import Profile
from adapters.common.dialect import Mount, Operation
from adapters.common.http import Raw, dumps, header, read_body
from core.clock import SECOND
from core.commands import Command
from core.principal import Principal
from core.queries import Query

Out = TypeVar("Out")

JSON = {"content-type": "application/json"}
DEFAULT_TENANT = "<default>"
#: seconds between two looks at something that a call waits for
POLL = 0.05
_KEY = re.compile(r"[+-]?[0-9]{1,25}")
_ACCEPTABLE = (
    *("*/*", "application/*", "application/json", "application/vnd.camunda.api.keys.string+json"),
    "application/problem+json",
)

#: what may be answered: to commands, to reads, to searches
COMMAND = (204, 400, 401, 403, 404, 405, 406, 409, 415, 500, 503, 504)
READ = (200, 400, 401, 403, 404, 405, 406, 500, 503)
SEARCH = (200, 400, 401, 403, 405, 406, 415, 500, 503)


def media_type(value: str) -> str:
    return value.partition(";")[0].strip().lower()


@dataclass(slots=True)
class Call:
    request: Request
    mount: Mount
    profile: Profile

    @property
    def principal(self) -> Principal:
        principal: Principal = self.request.state.principal
        return principal

    @property
    def timeout(self) -> float:
        """Seconds that a call waits for what others have to do."""
        return int(self.mount.options.get("request_timeout_ms", "10000")) / SECOND

    def means(self, intent: Intent) -> None:
        """The command that a rejection is about."""
        self.request.state.intent = intent

    def check_accept(self, *more: str) -> None:
        accept = header(self.request, b"accept")
        if accept in ("", "*/*"):
            return
        if not any(media_type(part) in (*_ACCEPTABLE, *more) for part in accept.split(",")):
            raise NotAcceptable

    def key(self, name: str) -> int:
        text: str = self.request.path_params[name]
        if not _KEY.fullmatch(text) or abs(int(text)) >= 2**63:
            raise BadKey(name, text)
        return int(text)

    async def body(self) -> bytes:
        """That of a JSON request; empty if there is none. Raises UnsupportedMediaType."""
        body = await read_body(self.request)
        content_type = header(self.request, b"content-type")
        if body and media_type(content_type) != "application/json":
            raise UnsupportedMediaType(content_type or "application/octet-stream")
        return body

    async def ask(self, query: Query[Out]) -> Out:
        return await self.mount.engine.ask(query, self.principal)

    async def do(self, command: Command[Out]) -> Out:
        return await self.mount.engine.execute(command, self.principal)


def reply(value: Any, status: int = 200) -> Response:
    return Raw(status, dumps(value), JSON)


def check_tenant(tenant: str | None, request: str) -> None:
    """There is one tenant on this wire. `request` is what the vendor calls the operation. Raises Problem."""
    if tenant is not None and tenant.strip() and tenant != DEFAULT_TENANT:
        detail = (
            f"Expected to handle request {request} with tenant identifier '{tenant}', but multi-tenancy is disabled"
        )
        raise Problem(400, "INVALID_ARGUMENT", detail)


Handler = Callable[[Call], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    operation: Operation
    handler: Handler
    is_open: bool
    accepts: tuple[str, ...]


class Endpoints:
    """Collects the operations of a module, each declared above its handler."""

    def __init__(self) -> None:
        self.all: list[Endpoint] = []

    def __call__(
        self,
        name: str,
        method: str,
        path: str,
        statuses: tuple[int, ...],
        *,
        source: str = "measured",
        v1: bool = False,
        is_open: bool = False,
        accepts: tuple[str, ...] = (),
    ) -> Callable[[Handler], Handler]:
        """`v1`: there also, under the old prefix; `is_open`: without credentials; `accepts`: what a client may ask
        for besides JSON."""

        def add(handler: Handler) -> Handler:
            operations = [Operation(name, method, f"/v2{path}", statuses, source)]
            if v1:
                operations.append(Operation(f"{name}V1", method, f"/v1{path}", statuses, source))
            self.all += (Endpoint(operation, handler, is_open, accepts) for operation in operations)
            return handler

        return add
