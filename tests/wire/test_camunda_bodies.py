"""What every body of the Camunda dialect takes for a text, member by member, out of its description."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

from adapters.camunda.calls import Endpoint
from adapters.camunda.dialect import ENDPOINTS
from adapters.camunda.shapes import BODIES
from schemas.camunda.contract import REQUESTS
from schemas.common.shapes import members
from tests.support.asgi import basic
from tests.support.world import World, open_world

#: a body with a value in one place
Body = Callable[[Any], dict[str, Any]]

WITH_BODY = [endpoint for endpoint in ENDPOINTS if endpoint.operation.name.removesuffix("V1") in BODIES]
#: what is in an object of which the description says no more
CHANGES = "dueDate:text? followUpDate:text? candidateUsers:text[]? candidateGroups:text[]?"
#: sort values may be numbers
NO_TEXTS = ("searchAfter", "searchBefore")


def _texts(shape: str, path: str = "") -> Iterator[tuple[str, Body]]:
    """Where a shape has texts, as complaints name it, and bodies with something in that place."""
    for member in members(shape):
        kind, listed = member.kind.removesuffix("[]"), member.kind.endswith("[]")
        here = f"{path}{member.name}{'.null' if listed else ''}"
        put = _put(member.name, listed=listed)
        if kind == "text" and not here.startswith(NO_TEXTS):
            yield here, put
        elif kind in REQUESTS:
            yield from ((deeper, _inside(put, body)) for deeper, body in _texts(REQUESTS[kind], f"{here}."))


def _put(name: str, *, listed: bool) -> Body:
    return lambda value: {name: [value] if listed else value}


def _inside(outer: Body, inner: Body) -> Body:
    return lambda value: outer(inner(value))


def _cases(endpoint: Endpoint) -> Iterator[tuple[str, Body]]:
    name = endpoint.operation.name.removesuffix("V1")
    yield from _texts(REQUESTS[BODIES[name].rstrip("?")])
    if name == "updateUserTask":
        changeset = _put("changeset", listed=False)
        yield from ((path, _inside(changeset, body)) for path, body in _texts(CHANGES, "changeset."))


async def test_no_number_or_boolean_is_taken_for_a_text(template: Path, tmp_path: Path) -> None:
    async with open_world(template, tmp_path) as world:
        for endpoint in WITH_BODY:
            for path, body in _cases(endpoint):
                await _check(world, endpoint, path, body)


async def _check(world: World, endpoint: Endpoint, path: str, body: Body) -> None:
    operation = endpoint.operation
    target = "/".join("1" if part.startswith("{") else part for part in operation.path.split("/"))
    headers = {"authorization": basic("demo"), "content-type": "application/json"}
    values: tuple[Any, ...] = (7, 7.5, True, {"a": 1}, [[]])
    for value in values:
        sent = orjson.dumps(body(value))
        answer = await world.call(operation.method, target, headers, body=sent)
        assert answer.status == 400, (operation, sent)
        told = answer.json()
        text = told["detail"] if "detail" in told else told["message"]
        assert text == f"Request property [{path}] cannot be parsed", (operation, sent)


async def test_long_numbers_are_looked_for_at_any_depth(world: World) -> None:
    """What the one parser of JSON takes may be too deep for the other."""
    headers = {"content-type": "application/json", "authorization": basic("demo", "demo")}
    for depth in (10, 900, 1000):
        deep = "[" * depth + "]" * depth
        body = f'{{"processDefinitionId":"nope","variables":{{"deep":{deep},"long":1234567890123456789}}}}'
        answer = await world.call("POST", "/v2/process-instances", headers, body=body.encode())
        assert answer.status in (400, 404), (depth, answer.text)
