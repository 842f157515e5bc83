"""A table of operations: method and path to handler.

Paths are matched as they came and decoded after the split: a `%2F` inside a part is no slash.
"""

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import NamedTuple
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response

from adapters.common.dialect import Operation

Handler = Callable[[Request], Awaitable[Response]]


class Route(NamedTuple):
    operation: Operation
    handler: Handler


class Match(NamedTuple):
    """`route` is None if nothing is at this path (`allowed` empty) or not with this method."""

    route: Route | None
    params: dict[str, str]
    allowed: tuple[str, ...]


class Table:
    """`ignore_case` holds for the fixed parts of paths that also have variable ones."""

    def __init__(self, routes: Iterable[Route], *, ignore_case: bool = False) -> None:
        self._literal: dict[str, dict[str, Route]] = {}
        patterns: dict[str, dict[str, Route]] = {}
        for route in routes:
            path = route.operation.path
            where = patterns if "{" in path else self._literal
            where.setdefault(path, {})[route.operation.method] = route
        flags = re.IGNORECASE if ignore_case else 0
        self._patterns = [
            (re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)), flags), methods)
            for path, methods in patterns.items()
        ]

    def match(self, method: str, raw_path: str) -> Match:
        methods = self._literal.get(raw_path)
        params: dict[str, str] = {}
        if methods is None:
            for pattern, found in self._patterns:
                hit = pattern.fullmatch(raw_path)
                if hit is not None and (methods is None or method in found):
                    methods = found if methods is None else {**methods, **found}
                    params = hit.groupdict()
                    if method in found:
                        break
        if methods is None:
            return Match(None, {}, ())
        if params and "%" in raw_path:
            params = {name: unquote(value) for name, value in params.items()}
        return Match(methods.get(method), params, tuple(sorted(methods)))


def raw_path(request: Request) -> str:
    """The path as it came, without the prefix of the mount and without the query."""
    raw: bytes | None = request.scope.get("raw_path")
    path = raw.decode("latin-1").partition("?")[0] if raw is not None else request.scope["path"]
    root: str = request.scope.get("root_path", "")
    return path[len(root) :] if root and path.startswith(root) else path
