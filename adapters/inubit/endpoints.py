"""How operations are declared, each above its handler."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from adapters.common.dialect import Operation
from adapters.common.rights import Right

Handler = TypeVar("Handler", bound=Callable[[Any, Request], Awaitable[Response]])


class Endpoint(NamedTuple):
    """`handler` is a method, of whatever object is made for the mount."""

    operation: Operation
    handler: Callable[[Any, Request], Awaitable[Response]]


class Endpoints:
    """Collects the operations of a module."""

    def __init__(self) -> None:
        self.all: list[Endpoint] = []

    def __call__(
        self, name: str, method: str, path: str, right: Right, statuses: tuple[int, ...], *, source: str = "documented"
    ) -> Callable[[Handler], Handler]:
        """`path` lies below `/ibis/rest`."""

        def add(handler: Handler) -> Handler:
            operation = Operation(name, method, f"/ibis/rest{path}", right, statuses, source=source)
            self.all.append(Endpoint(operation, handler))
            return handler

        return add


#: what may be answered where something is read, where that comes with a body or filters, and where something changes
READ = (200, 401, 404, 405, 406, 500, 503)
LISTED = (200, 400, 401, 404, 405, 406, 413, 500, 503)
CHANGES = (401, 404, 405, 423, 500, 503)
