"""A table of operations: method and path to handler.

Paths are matched as they came and decoded after the split: a `%2F` inside a part is no slash.
"""

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


class _Path(NamedTuple):
    """A path with variable parts: its place among all, where its variables stand, what is there by method."""

    order: int
    variables: tuple[tuple[int, str], ...]
    methods: dict[str, Route]


class _Node:
    """What paths have in common up to one of their parts."""

    __slots__ = ("fixed", "paths", "variable")

    def __init__(self) -> None:
        self.fixed: dict[str, _Node] = {}
        self.variable: _Node | None = None
        self.paths: list[_Path] = []


class Table:
    """`ignore_case` holds for the fixed parts of paths that also have variable ones; for all paths if `everywhere`."""

    def __init__(self, routes: Iterable[Route], *, ignore_case: bool = False, everywhere: bool = False) -> None:
        self._ignore_case = ignore_case
        self._everywhere = everywhere
        self._literal: dict[str, dict[str, Route]] = {}
        self._root = _Node()
        patterns: dict[str, dict[str, Route]] = {}
        for route in routes:
            path = route.operation.path
            methods = patterns.setdefault(path, {}) if "{" in path else self._literal.setdefault(self._folded(path), {})
            methods[route.operation.method] = route
        for order, (path, methods) in enumerate(patterns.items()):
            self._add(order, path.split("/"), methods)

    def _folded(self, path: str) -> str:
        return path.lower() if self._everywhere else path

    def _add(self, order: int, parts: list[str], methods: dict[str, Route]) -> None:
        node = self._root
        variables = []
        for place, part in enumerate(parts):
            if part.startswith("{"):
                variables.append((place, part[1:-1]))
                node.variable = node.variable or _Node()
                node = node.variable
            else:
                node = node.fixed.setdefault(part.lower() if self._ignore_case else part, _Node())
        node.paths.append(_Path(order, tuple(variables), methods))

    def _only(self, parts: list[str]) -> list[_Path] | None:
        """Those that fit, None if there is more than one way to read the parts."""
        node = self._root
        for part in parts:
            fixed = node.fixed.get(part)
            if fixed is None:
                if node.variable is None or not part:
                    return []
                node = node.variable
            elif node.variable is None:
                node = fixed
            else:
                return None
        return node.paths if len(node.paths) < 2 else None

    def _paths(self, parts: list[str]) -> list[_Path]:
        """Those that fit, in the order in which they were given."""
        nodes = [self._root]
        for part in parts:
            nodes = [
                below
                for node in nodes
                for below in (node.fixed.get(part), node.variable if part else None)
                if below is not None
            ]
        return sorted(path for node in nodes for path in node.paths)

    def match(self, method: str, raw_path: str) -> Match:
        """HEAD is what GET is; see `Front`."""
        method = "GET" if method == "HEAD" else method
        methods = self._literal.get(self._folded(raw_path))
        params: dict[str, str] = {}
        if methods is None:
            parts = raw_path.split("/")
            folded = [part.lower() for part in parts] if self._ignore_case else parts
            paths = self._only(folded)
            for path in self._paths(folded) if paths is None else paths:
                if methods is None or method in path.methods:
                    methods = path.methods if methods is None else {**methods, **path.methods}
                    params = {name: parts[place] for place, name in path.variables}
                    if method in path.methods:
                        break
        if methods is None:
            return Match(None, {}, ())
        if params and "%" in raw_path:
            params = {name: unquote(value) for name, value in params.items()}
        return Match(methods.get(method), params, tuple(sorted(methods)))


def offered(methods: Iterable[str]) -> str:
    """What OPTIONS is told, in the words of Spring: HEAD goes with GET, and OPTIONS itself comes last."""
    return ",".join((*(f"{method},HEAD" if method == "GET" else method for method in methods), "OPTIONS"))


def raw_path(request: Request) -> str:
    """The path as it came, without the prefix of the mount and without the query."""
    raw: bytes | None = request.scope.get("raw_path")
    path = raw.decode("latin-1").partition("?")[0] if raw is not None else request.scope["path"]
    root: str = request.scope.get("root_path", "")
    return path[len(root) :] if root and path.startswith(root) else path
