"""Mounts, and the pages of the gateway's own."""

from pathlib import Path

from gateway.dialects import names
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
