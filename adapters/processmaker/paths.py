"""From a path to an endpoint, as the vendor's router does it. Source: dossier processmaker.md, section 1.1.

The whole path is decoded first, so that a coded slash is one. Fixed parts match in any case and win over variable ones;
a variable part may be empty. That another verb is known is told of fixed paths only, spelled as they are.
"""

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from adapters.processmaker.calls import Endpoint
from schemas.processmaker.parameters import number
from schemas.processmaker.wire import BadRequest


def decoded(path: str) -> str:
    """What is behind a question mark, the suffix `.json` and a slash at the end do not count."""
    text = unquote_to_bytes(path.replace("+", " ").encode("latin-1")).decode("utf-8", "replace")
    return text.partition("?")[0].rstrip("/").replace(".json", "")


class Found(NamedTuple):
    """`endpoint` is None if there is none; `allowed` are the verbs of a fixed path without this one."""

    endpoint: Endpoint | None
    params: dict[str, str]
    allowed: tuple[str, ...]


class _Node:
    """What paths of one verb have in common up to one of their parts."""

    __slots__ = ("endpoint", "fixed", "names", "variable")

    def __init__(self) -> None:
        self.fixed: dict[str, _Node] = {}
        self.variable: _Node | None = None
        self.endpoint: Endpoint | None = None
        self.names: tuple[str, ...] = ()


class Paths:
    """`prefix` is what all paths begin with."""

    def __init__(self, endpoints: Iterable[Endpoint], prefix: str) -> None:
        self._literal: dict[str, dict[str, Endpoint]] = {}
        self._roots: dict[str, _Node] = {}
        for endpoint in endpoints:
            operation = endpoint.operation
            path = operation.path.removeprefix(prefix)
            if "{" not in path:
                self._literal.setdefault(path, {})[operation.method] = endpoint
            node = self._roots.setdefault(operation.method, _Node())
            names = []
            for part in path.split("/"):
                if part.startswith("{"):
                    names.append(part[1:-1])
                    node.variable = node.variable or _Node()
                    node = node.variable
                else:
                    node = node.fixed.setdefault(part, _Node())
            node.endpoint, node.names = endpoint, tuple(names)

    def find(self, method: str, path: str) -> Found:
        """`path` is decoded. Raises BadRequest for a word where a number has to stand."""
        literal = self._literal.get(path, {})
        if method in literal:
            return Found(literal[method], {}, ())
        root = self._roots.get(method) if "///" not in path else None
        values: list[str] = []
        node = _find(root, path.split("/"), 0, values) if root is not None else None
        if node is None or node.endpoint is None:
            return Found(None, {}, tuple(literal))
        params = dict(zip(node.names, values, strict=True))
        for parameter in node.endpoint.takes:
            if parameter.kind == "int" and parameter.name in params and number(params[parameter.name]) is None:
                raise BadRequest(f"invalid value specified for `{parameter.shown or parameter.name}`")
        return Found(node.endpoint, params, ())


def _folded(part: str) -> str:
    return part.lower() if part.isascii() else part


def _find(node: _Node, parts: list[str], at: int, values: list[str]) -> _Node | None:
    """The first node that fits, fixed parts before variable ones; `values` are those of the variable parts."""
    if at == len(parts):
        return node if node.endpoint is not None else None
    fixed = node.fixed.get(_folded(parts[at]))
    match = _find(fixed, parts, at + 1, values) if fixed is not None else None
    if match is None and node.variable is not None:
        values.append(parts[at])
        match = _find(node.variable, parts, at + 1, values)
        if match is None:
            values.pop()
    return match
