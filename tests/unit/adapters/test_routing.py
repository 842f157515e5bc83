"""Tables of operations: what a path leads to is what its pattern, read as a regular expression, leads to."""

import re

from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import Response

from adapters.common.dialect import Operation
from adapters.common.rights import SIGNED_IN
from adapters.common.routing import Match, Route, Table
from gateway.dialects import load, names

METHODS = ("GET", "POST", "PUT")
PARTS = st.sampled_from(["a", "b", "C", "a%2Fb", ""])
TEMPLATES = st.lists(
    st.tuples(st.sampled_from(METHODS), st.lists(PARTS | st.sampled_from(["{x}", "{y}"]), min_size=1, max_size=3)),
    max_size=8,
)


async def handler(request: Request) -> Response:
    raise AssertionError


def routes(operations: list[tuple[str, str]]) -> list[Route]:
    return [Route(Operation(f"{method} {path}", method, path, SIGNED_IN), handler) for method, path in operations]


def expected(
    listed: list[Route], method: str, path: str, *, ignore_case: bool
) -> tuple[str | None, dict[str, str], set[str]]:
    """(the operation's name, variables before they are decoded, the methods that there are)"""
    literal = {r.operation.method: r for r in listed if r.operation.path == path and "{" not in path}
    if literal:
        return (literal[method].operation.name if method in literal else None), {}, set(literal)
    patterns: dict[str, dict[str, Route]] = {}
    for route in listed:
        if "{" in route.operation.path:
            patterns.setdefault(route.operation.path, {})[route.operation.method] = route
    allowed: dict[str, Route] = {}
    params: dict[str, str] = {}
    for template, methods in patterns.items():
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template))
        hit = re.fullmatch(pattern, path, re.IGNORECASE if ignore_case else 0)
        if hit and (not allowed or method in methods):
            allowed |= methods
            params = hit.groupdict()
            if method in methods:
                break
    return (allowed[method].operation.name if method in allowed else None), params, set(allowed)


def read(match: Match) -> tuple[str | None, dict[str, str], set[str]]:
    name = None if match.route is None else match.route.operation.name
    return name, {k: v.replace("/", "%2F") for k, v in match.params.items()}, set(match.allowed)


@given(TEMPLATES, st.sampled_from(METHODS), st.lists(PARTS, min_size=1, max_size=3), st.booleans())
def test_a_table_reads_paths_as_regular_expressions_do(
    templates: list[tuple[str, list[str]]], method: str, parts: list[str], ignore_case: bool
) -> None:
    once = [
        (m, "/".join(p))
        for m, p in templates
        if len([x for x in p if x.startswith("{")]) == len({x for x in p if x.startswith("{")})
    ]
    listed, path = routes(once), "/".join(parts)
    found = Table(listed, ignore_case=ignore_case).match(method, path)
    assert read(found) == expected(listed, method, path, ignore_case=ignore_case)


def test_every_operation_is_found_at_its_path() -> None:
    for name in names():
        operations = [(o.method, o.path) for o in load(name).operations]
        table, listed = Table(routes(operations)), routes(operations)
        for method, template in operations:
            path = re.sub(r"\{(\w+)\}", r"any-\1", template)
            assert read(table.match(method, path)) == expected(listed, method, path, ignore_case=False), path


def test_parts_are_decoded_after_the_split() -> None:
    table = Table(routes([("GET", "/a/{x}")]))
    assert table.match("GET", "/a/b%2Fc%20d").params == {"x": "b/c d"}
    assert table.match("GET", "/a/b/c").allowed == ()
    assert table.match("GET", "/a/").allowed == ()
    assert table.match("PUT", "/a/b").allowed == ("GET",)
