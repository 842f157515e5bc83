"""Mounts, and the pages of the gateway's own."""

from pathlib import Path

import pytest

from gateway.dialects import names
from gateway.door.head import escaped_line
from tests.support.asgi import basic
from tests.support.traffic import STARTER
from tests.support.world import World, open_world


def test_all_five_dialects_are_found() -> None:
    assert set(names()) == {"inubit", "processmaker", "camunda", "inforouter", "facilioo"}


async def test_prefixes_hosts_and_what_is_switched_off(template: Path, tmp_path: Path) -> None:
    dialects = {
        "inforouter": {"prefix": "/InfoRouter"},
        "camunda": {"hosts": "tasks.example.com"},
        "facilioo": {"enabled": "false"},
    }
    async with open_world(template, tmp_path, dialects=dialects) as world:
        found = await world.call("GET", "/InfoRouter/srv.asmx?WSDL")
        assert b'location="http://localhost:8080/InfoRouter/srv.asmx"' in found.body
        found = await world.call("GET", "/inforouter/SRV.asmx?WSDL")
        assert b'location="http://localhost:8080/inforouter/srv.asmx"' in found.body
        assert (await world.call("GET", "/srv.asmx?WSDL")).status == 404
        assert (await world.call("GET", "/v2/x", user="demo")).headers["content-type"].startswith("text/html")
        named = await world.call("GET", "/v2/x", {"host": "tasks.example.com:80"}, user="demo")
        assert named.headers["content-type"] == "application/problem+json"
        assert (await world.call("GET", "/api/processes")).headers["content-type"].startswith("text/html")


async def test_without_authentication(template: Path, tmp_path: Path) -> None:
    async with open_world(template, tmp_path, dialects={"camunda": {"authentication": "none"}}) as world:
        assert (await world.call("POST", "/v2/user-tasks/search")).status == 200


async def test_the_gateways_own_pages(world: World) -> None:
    for path in ("/history/1", "/maintenance"):
        assert (await world.call("GET", path)).status == 401
        assert (await world.call("GET", path, user="mary")).status == 403
    assert (await world.call("GET", "/history/1", user="admin")).status == 404
    assert (await world.call("GET", "/history/99999999999999999999", user="admin")).status == 404
    assert (await world.call("PUT", "/maintenance", body="{}", user="admin")).status == 400
    assert (await world.call("PUT", "/maintenance", body='{"on":true}', user="admin")).json() == {"on": True}
    assert (await world.call("GET", "/ready")).status == 503
    assert (await world.call("GET", "/health")).status == 200


#: a request whose query has a letter in UTF-8 and a stray byte, and how the answer repeats them
RAW_QUERIES = {
    "camunda": ("POST", "/v2/variables/search?truncateValues=\xc3\xbc\xff", "with value: 'ü\ufffd'"),
    "facilioo": ("GET", "/api/processes?pageNumber=\xc3\xbc\xff", "The value 'ü\ufffd' is not valid for PageNumber."),
    "inforouter": (
        "GET",
        "/srv.asmx/ChangeTaskDueDate?authenticationTicket=x&taskId=\xc3\xbc\xff&newDueDate=1&allowedStartTimeSpan=1",
        "Cannot convert ü\ufffd to System.Int32.",
    ),
    "inubit": ("PUT", "/ibis/rest/task/tasks/{task}?path=Name&value=\xc3\xbc\xff", ">ü\ufffd</Name>"),
    "processmaker": ("GET", "/api/1.0/workflow/cases/paged?search=\xc3\xbc\xff", '"search":"ü\ufffd"'),
}


async def credentials(world: World, dialect: str) -> dict[str, str]:
    if dialect == "processmaker":
        return await world.token()
    if dialect == "facilioo":
        return await world.jwt()
    user = {"camunda": "demo", "inubit": "testuser"}.get(dialect)
    return {"authorization": basic(user)} if user else {}


@pytest.mark.parametrize("dialect", RAW_QUERIES)
async def test_bytes_in_a_query_that_nobody_encoded_are_utf_8(world: World, dialect: str) -> None:
    """curl and MSXML send a query as it was typed. A byte that is no UTF-8 is U+FFFD."""
    method, target, repeated = RAW_QUERIES[dialect]
    headers = await credentials(world, dialect)
    if "{task}" in target:
        started = await world.call("POST", STARTER, headers)
        target = target.replace("{task}", started.text)
    line = escaped_line(f"{method} {target} HTTP/1.1\r\n".encode("latin-1")).decode("ascii")
    answer = await world.call(method, line.split()[1], headers)
    assert repeated in answer.text
