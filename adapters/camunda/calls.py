"""What a handler gets, and how it says which operation it is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from adapters.camunda.access import READ_TASK, Access, Need
from adapters.camunda.auth import Authenticator, Caller
from adapters.camunda.errors import (
    BadKey,
    Intent,
    NotAcceptable,
    Problem,
    Unreadable,
    UnsupportedMediaType,
    is_json,
    media_type,
)
from adapters.camunda.profile import Profile
from adapters.camunda.waiting import POLL as POLL
from adapters.camunda.waiting import Waiting
from adapters.common.dialect import Mount, Operation
from adapters.common.http import Raw, dumps, header, read_body
from adapters.common.rights import AUTHORIZED, Right
from adapters.common.slices import in_json
from core.clock import SECOND
from core.principal import Principal
from core.reach import no_rows, reaches
from core.rejections import Forbidden, NotFound
from core.search.query import Query
from core.task.queries import TaskByKey, TaskView
from core.turn.command import Command
from core.types import DEFAULT_TENANT as DEFAULT_TENANT
from core.types import Action, Permission
from schemas.common import charsets
from schemas.common.numbers import within

Out = TypeVar("Out")

JSON = {"content-type": "application/json"}
MAX_KEY = 2**63 - 1
_ACCEPTABLE = (
    *("*/*", "application/*", "application/*+json", "application/json"),
    *("application/vnd.camunda.api.keys.string+json", "application/problem+json"),
)

#: what may be answered: to commands on what a key names, to reads of it, to searches
COMMAND = (204, 400, 401, 403, 404, 405, 406, 409, 413, 415, 500, 503, 504)
READ = (200, 400, 401, 403, 404, 405, 406, 500, 503)
SEARCH = (200, 400, 401, 405, 406, 413, 415, 500, 503)
#: to a search inside of something
SEARCH_IN = (200, 400, 401, 403, 404, 405, 406, 413, 415, 500, 503)
#: to a search of members, also of what is not there
SEARCH_OF = (200, 400, 401, 403, 405, 406, 413, 415, 500, 503)
#: to commands on, and reads of what an id names
CREATE = (201, 400, 401, 403, 405, 406, 409, 413, 415, 500, 503)
UPDATE = (200, 400, 401, 403, 404, 405, 406, 413, 415, 500, 503)
DELETE = (204, 401, 403, 404, 405, 406, 500, 503)
READ_BY_ID = (200, 401, 403, 404, 405, 406, 500, 503)
#: to questions without an object
ASK = (200, 401, 405, 406, 500, 503)


def in_utf8(body: bytes, content_type: str) -> bytes:
    """The body as its media type says that it is to be read. Raises Problem."""
    try:
        return charsets.to_utf8(body, charsets.of_media_type(content_type))
    except charsets.UnknownCharset:
        raise Problem(415, "Unsupported Media Type", "Could not parse Content-Type.") from None


@dataclass(slots=True)
class Call:
    request: Request
    mount: Mount
    profile: Profile
    auth: Authenticator
    waiting: Waiting
    _on: str = "*"

    @property
    def _caller(self) -> Caller:
        caller: Caller = self.request.state.caller
        return caller

    @property
    def principal(self) -> Principal:
        return self._caller.principal

    @property
    def access(self) -> Access:
        return self._caller.access

    @property
    def timeout(self) -> float:
        """Seconds that a call waits for what others have to do."""
        return int(self.mount.options.get("request_timeout_ms", "10000")) / SECOND

    def means(self, intent: Intent, id: str = "*") -> None:
        """The command that a rejection is about, and the id of the resource that it changes, `*` for a new one."""
        self.request.state.intent = intent
        self._on = id

    def check_reading(self, *needs: Need, id: str = "*") -> None:
        """One of these permissions is needed on the resource. Raises Unreadable."""
        if not any(self.access.allows(need, id) for need in needs):
            raise Unreadable(needs)

    def check_accept(self, *more: str) -> None:
        accept = header(self.request, b"accept")
        if accept in ("", "*/*"):
            return
        if not any(media_type(part) in (*_ACCEPTABLE, *more) for part in accept.split(",")):
            raise NotAcceptable

    def key(self, name: str) -> int:
        text: str = self.request.path_params[name]
        key = within(text, -MAX_KEY, MAX_KEY)
        if key is None:
            raise BadKey(name, text)
        return key

    async def body(self) -> bytes:
        """That of a JSON request; empty if there is none. Raises UnsupportedMediaType."""
        body = await read_body(self.request)
        content_type = header(self.request, b"content-type")
        if body and not is_json(content_type):
            raise UnsupportedMediaType(content_type)
        return in_utf8(body, content_type) if ";" in content_type else body

    async def ask(self, query: Query[Out]) -> Out:
        return await self.mount.engine.ask(query, self.principal)

    async def user_task(self, key: int) -> TaskView:
        """One that is nothing for workers, and that the caller may read. Raises NotFound, Unreadable."""
        view = await self.ask(TaskByKey(key))
        if view.task.offered:
            raise NotFound("task", key)
        self.check_task(view)
        return view

    def check_task(self, view: TaskView) -> None:
        """The caller may read the task. Raises Unreadable."""
        process_id = view.known.definition.process_id
        if not reaches(self.principal, Action.READ_TASK, view.task, no_rows, process_id):
            raise Unreadable(READ_TASK)

    def check_doing(self) -> None:
        """The caller may do what they mean to, as far as the engine does not decide that. Raises Forbidden."""
        if self.access.everything:
            return
        intent: Intent = self.request.state.intent
        if not intent.decided_later and not any(self.access.allows(need, self._on) for need in intent.needs):
            raise Forbidden(Permission.ADMINISTER, id=self._on)

    async def do(self, command: Command[Out]) -> Out:
        self.check_doing()
        return await self.mount.engine.execute(command, self.principal)


def reply(value: Any, status: int = 200) -> Response:
    return Raw(status, dumps(value), JSON)


async def reply_rows(value: Any) -> Response:
    """With a list that may be long."""
    return Raw(200, await in_json(value, dumps), JSON)


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
        right: Right = AUTHORIZED,
        v1: bool = False,
        accepts: tuple[str, ...] = (),
        prefix: str = "/v2",
    ) -> Callable[[Handler], Handler]:
        """`v1`: there also, under the old prefix; `accepts`: what a client may ask for besides JSON."""

        def add(handler: Handler) -> Handler:
            operations = [Operation(name, method, f"{prefix}{path}", right, statuses, source=source)]
            if v1:
                operations.append(Operation(f"{name}V1", method, f"/v1{path}", right, statuses, source=source))
            self.all += (Endpoint(operation, handler, accepts) for operation in operations)
            return handler

        return add
