"""Every entity of facilioo can be searched and sorted by all that it says it can."""

import json

import pytest

from adapters.facilioo.calls import Endpoint
from adapters.facilioo.dialect import ENDPOINTS
from tests.support.world import World

SEARCHES = [endpoint for endpoint in ENDPOINTS if endpoint.search is not None]
VALUES = {"int": [1, 3, 2147483647, -1], "text": ["ERP-77", "", "ä"], "bool": True}


@pytest.mark.parametrize("endpoint", SEARCHES, ids=lambda endpoint: endpoint.operation.name)
async def test_search(world: World, endpoint: Endpoint) -> None:
    assert endpoint.search is not None
    orders, filters = endpoint.search
    bodies: list[dict[str, object]] = [{}, {"changedSince": "2026-01-01T00:00:00Z"}, {"changedSince": "2999-01-01"}]
    bodies += [{"orderBy": [f"{name} {direction}"]} for name in orders for direction in ("asc", "desc")]
    bodies += [{name: VALUES[kind]} for name, (_, kind) in filters.items()]
    bodies.append({"orderBy": list(orders), **{name: VALUES[kind] for name, (_, kind) in filters.items()}})
    path = endpoint.operation.path
    for user in ("admin", "testuser"):
        headers = {**await world.jwt(user), "content-type": "application/json"}
        found = await world.call("POST", path, headers)
        for body in bodies:
            answer = await world.call("POST", path, headers, body=json.dumps(body))
            assert answer.status in (200, 403), (user, body, answer.text)
            if answer.status == 200 and "orderBy" in body and len(body) == 1:
                assert answer.json()["totalCount"] == found.json()["totalCount"]
            if body == {"changedSince": "2999-01-01"} and answer.status == 200:
                assert answer.json()["totalCount"] == 0
