"""What every endpoint of facilioo refuses, in the order in which it looks."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.common.dialect import Operation
from adapters.facilioo.dialect import ENDPOINTS
from tests.support.exchange import add
from tests.support.world import World, open_world

JSON = {"content-type": "application/json"}
#: with something that is there in each place of a path
PLACES = {"accountId": "5", "partyId": "4422690"}
FIRST = {"process-types": "3", "process-stages": "7", "parties": "4422690", "properties": "501", "units": "9001"}
IDS = [e.operation.name for e in ENDPOINTS]


@pytest.fixture
async def filled(template: Path, tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(template, tmp_path) as world:
        await add(world, ["world onlooker"])
        yield world


def _target(operation: Operation, id: str = "") -> str:
    collection = operation.path.split("/")[2]
    path = operation.path.replace("{id}", id or FIRST.get(collection, "1"))
    for name, value in PLACES.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def _problem(answer: object, title: str) -> None:
    assert answer.json()["title"] == title  # type: ignore[attr-defined]
    assert answer.headers["content-type"] == "application/problem+json; charset=utf-8"  # type: ignore[attr-defined]


async def test_whoever_shows_no_token_is_told_nothing(filled: World) -> None:
    for endpoint in ENDPOINTS:
        operation = endpoint.operation
        answer = await filled.call(operation.method, _target(operation))
        assert (answer.status, answer.text) == (401, ""), operation
        assert answer.headers["www-authenticate"] == "Bearer"
        answer = await filled.call(operation.method, _target(operation), {"authorization": "Bearer x.y.z"})
        assert (answer.status, answer.headers["www-authenticate"]) == (401, 'Bearer error="invalid_token"'), operation


async def test_a_version_that_there_is_not_comes_before_the_token(filled: World) -> None:
    for endpoint in ENDPOINTS:
        answer = await filled.call(endpoint.operation.method, _target(endpoint.operation), {"api-version": "3"})
        assert answer.status == 400, endpoint.operation
        _problem(answer, "Unsupported API version")


async def test_whoever_has_no_rights_is_refused_before_anything_is_read(filled: World) -> None:
    token = await filled.jwt("onlooker")
    for endpoint in ENDPOINTS:
        operation = endpoint.operation
        answer = await filled.call(operation.method, _target(operation, "nonsense"), token, body=b"{")
        assert answer.status == 403, operation
        _problem(answer, "Forbidden")


async def test_a_path_and_a_body_that_cannot_be_read(filled: World) -> None:
    token = await filled.jwt()
    for endpoint in ENDPOINTS:
        operation = endpoint.operation
        if "{id}" in operation.path:
            answer = await filled.call(operation.method, _target(operation, "nonsense"), token)
            assert answer.status == 400, operation
            assert answer.json()["errors"] == {"id": ["The value 'nonsense' is not valid."]}
        if endpoint.body:
            answer = await filled.call(operation.method, _target(operation), {**token, **JSON}, body=b"{")
            assert answer.status == 400, operation
            assert answer.json()["errors"] == {"$": ["The JSON value could not be read. Path: $."]}
            answer = await filled.call(operation.method, _target(operation), token, body=b"{}")
            assert answer.status == 415, operation
            _problem(answer, "Unsupported Media Type")
            answer = await filled.call(operation.method, _target(operation), {**token, **JSON}, body=b"7")
            assert answer.status == 400, operation


async def test_what_is_not_there(filled: World) -> None:
    token = {**await filled.jwt(), **JSON}
    for endpoint in ENDPOINTS:
        operation = endpoint.operation
        if "{id}" not in operation.path:
            continue
        body = '{"typeId":1,"contactTypeId":1,"text":"x"}' if operation.method == "POST" else "{}"
        for id in ("2147483000", "99999999999"):
            answer = await filled.call(operation.method, _target(operation, id), token, body=body)
            assert answer.status == 404, operation
            _problem(answer, "Not Found")


async def test_pages_that_there_cannot_be(filled: World) -> None:
    token = await filled.jwt()
    for endpoint in ENDPOINTS:
        if endpoint.answer.endswith("[]") and endpoint.operation.method == "GET":
            answer = await filled.call("GET", f"{_target(endpoint.operation)}?pageNumber=0", token)
            assert answer.status in (400, 404), endpoint.operation
            if answer.status == 400:
                assert list(answer.json()["errors"]) == ["PageNumber"]


async def test_methods_that_are_not_offered(filled: World) -> None:
    """The answer names those that are, and needs no token."""
    offered: dict[str, set[str]] = {}
    for endpoint in ENDPOINTS:
        offered.setdefault(endpoint.operation.path, set()).add(endpoint.operation.method)
    for endpoint in ENDPOINTS:
        answer = await filled.call("OPTIONS", _target(endpoint.operation))
        assert (answer.status, answer.text) == (405, ""), endpoint.operation
        assert offered[endpoint.operation.path] <= set(answer.headers["allow"].split(", "))


async def test_every_status_that_an_endpoint_declares_is_one_of_these(filled: World) -> None:
    """Others (200, 409) stand in the exchanges beside this file; see test_statuses.py."""
    refused = {400, 401, 403, 404, 405, 413, 415, 500, 503}
    for endpoint in ENDPOINTS:
        operation = endpoint.operation
        assert set(operation.statuses) - {200, 409} <= refused, operation
        assert (404 in operation.statuses) == ("{" in operation.path or "batch" in operation.path), operation
        assert (415 in operation.statuses) == bool(endpoint.body), operation
