"""What the gateway says about itself: its root, its manual, the descriptions of its dialects."""

import re
from pathlib import Path

import pytest

from gateway import manual
from gateway.dialects import load, names
from tests.support.version import VERSION
from tests.support.world import World, open_world

JSON = {"accept": "application/json"}


async def test_the_root_in_json(world: World) -> None:
    answer = await world.call("GET", "/", JSON)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["vary"] == "Accept"
    about = answer.json()
    assert (about["name"], about["version"], about["state"], about["demo"]) == ("Dragoman", VERSION, "ready", True)
    assert [dialect["name"] for dialect in about["dialects"]] == list(names())
    inforouter = about["dialects"][2]
    assert inforouter == {
        "name": "inforouter",
        "title": "infoRouter",
        "profile": "8.7",
        "prefix": "",
        "hosts": [],
        "example": "GET /srv.asmx?WSDL",
        "operations": len(load("inforouter").operations),
        "links": {"documentation": "/docs/inforouter.md", "wsdl": "/srv.asmx?WSDL"},
    }
    await world.engine.set_maintenance(True)
    assert (await world.call("GET", "/", JSON)).json()["state"] == "maintenance"


@pytest.mark.parametrize(
    "accept", ["", "*/*", "text/html,application/xhtml+xml,*/*;q=0.8", "text/html, application/json"]
)
async def test_the_root_for_people(accept: str, world: World) -> None:
    root = await world.call("GET", "/", {"accept": accept} if accept else {})
    assert root.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in root.headers["content-security-policy"]
    assert all(title in root.text for title in ("INUBIT", "ProcessMaker 3", "Camunda 8", "infoRouter", "facilioo"))
    assert "the <b>demo world</b>" in root.text


async def test_every_link_leads_somewhere(world: World) -> None:
    about = (await world.call("GET", "/", JSON)).json()
    links = [*about["links"].values(), *(to for dialect in about["dialects"] for to in dialect["links"].values())]
    page = (await world.call("GET", "/")).text
    for link in links:
        assert (await world.call("GET", link)).status == 200, link
        assert f'<a href="{link}">' in page
    assert {"/docs/", "/openapi/camunda.json", "/srv.asmx?WSDL"} <= set(links)


async def test_prefixes_and_hosts_are_told(template: Path, tmp_path: Path) -> None:
    dialects = {"inforouter": {"prefix": "/iR", "hosts": "ir.example.com"}, "camunda": {"prefix": "/c8"}}
    async with open_world(template, tmp_path, dialects=dialects) as world:
        camunda, _, inforouter, *_ = (await world.call("GET", "/", JSON)).json()["dialects"]
        assert (camunda["prefix"], inforouter["hosts"]) == ("/c8", ["ir.example.com"])
        assert inforouter["links"]["wsdl"] == "/iR/srv.asmx?WSDL"
        assert "<code>GET /iR/srv.asmx?WSDL</code> at ir.example.com" in (await world.call("GET", "/")).text
        description = (await world.call("GET", "/openapi/camunda.json")).json()
        assert description["servers"] == [{"url": "/c8"}]


async def test_a_description_is_that_of_the_profile(template: Path, tmp_path: Path) -> None:
    settings = {"dialects": {"camunda": {"profile": "8.8"}, "facilioo": {"enabled": False}}, "public_url": "https://t/"}
    async with open_world(template, tmp_path, **settings) as world:
        answer = await world.call("GET", "/openapi/camunda.json")
        assert answer.json() == load("camunda").describe("8.8", "https://t")  # type: ignore[misc]
        for absent in ("facilioo", "inforouter", "nope"):
            refused = await world.call("GET", f"/openapi/{absent}.json", JSON)
            assert (refused.status, refused.json()) == (404, {"error": "Not Found"})


async def test_the_manual(world: World) -> None:
    contents = await world.call("GET", "/docs/")
    assert [name for name in manual.pages() if name.endswith(".md")] == sorted(
        re.findall(r'href="([^"]+)"', contents.text)
    )
    page = await world.call("GET", "/docs/facilioo.md")
    assert "<title>facilioo</title>" in page.text
    assert "<table>" in page.text
    (anchor,) = re.findall(r'href="operations.md#([^"]+)"', page.text)
    assert f'<h2 id="{anchor}">' in (await world.call("GET", "/docs/operations.md")).text
    for absent in ("/docs/nope.md", "/docs/../pyproject.toml", "/docs/..%2fpyproject.toml", "/docs//etc/passwd"):
        assert (await world.call("GET", absent)).status == 404


async def test_an_unknown_address(world: World) -> None:
    page = await world.call("GET", "/nowhere")
    assert (page.status, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert '<a href="/">' in page.text
    assert (await world.call("GET", "/nowhere", JSON)).json() == {"error": "Not Found"}
