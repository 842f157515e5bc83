"""Addresses that would have the gateway call somewhere else than it may: row H4 of the fault matrix, for webhooks."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from adapters.common.outgoing import http_client
from tests.support.world import World, open_world

TARGET = "https://erp.example.com/hooks"
GOOD = (TARGET, f"{TARGET}/", f"{TARGET}/in?x=y", "https://ERP.example.com/hooks/in")
TRICKS = (
    *(
        "http://erp.example.com/hooks",
        "https://erp.example.com",
        "https://erp.example.com/hooksx",
        "//erp.example.com/hooks",
    ),
    *(
        "https://erp.example.com/hooks/../admin",
        "https://erp.example.com/hooks/%2e%2e/admin",
        "https://erp.example.com:444/hooks",
    ),
    *(
        "https://erp.example.com/hooks/..%2fadmin",
        "https://erp.example.com/hooks/..\\admin",
        "https://erp.example.com./hooks",
    ),
    *(
        "https://erp.example.com@127.0.0.1/hooks",
        "https://user:pw@erp.example.com/hooks",
        "https://127.0.0.1#@erp.example.com/hooks",
    ),
    *(
        "https://erp.example.com.evil.example/hooks",
        "https://evil.example/https://erp.example.com/hooks",
        "https://evil.example?erp.example.com/hooks",
    ),
    *(
        "https://erp.example.com%2eevil.example/hooks",
        "https://erp.example.com\t.evil.example/hooks",
        "https://erp.example.com\n/hooks",
    ),
    *(
        "https:/erp.example.com/hooks",
        "https:erp.example.com/hooks",
        "https:///erp.example.com/hooks",
        "file:///etc/passwd",
    ),
    *(
        "https://127.0.0.1/hooks",
        "https://2130706433/hooks",
        "https://0x7f.1/hooks",
        "https://[::1]/hooks",
        "https://[::ffff:7f00:1]/",
    ),
    *(
        "https://169.254.169.254/latest/meta-data",
        "https://metadata.google.internal/",
        "https://localhost/hooks",
        "https://0/hooks",
    ),
    *(
        "https://еrp.example.com/hooks",
        "https://erp。example.com/hooks",
        "https://erp.example.com/hooks\u2028",
        "gopher://erp.example.com/hooks",
    ),
    *(
        "",
        "hooks",
        "javascript:alert(1)",
        "https://",
        "https://erp.example.com:99999/hooks",
        "https://erp.example.com:0/hooks",
        "https://[/",
    ),
)


async def register(world: World, jwt: dict[str, str], url: str) -> Any:
    new = {"partyId": 4422685, "url": url, "enabledEvents": [{"type": 1, "entityName": "Process"}]}
    headers = {**jwt, "content-type": "application/json"}
    return await world.call("POST", "/api/webhook-registrations", headers, body=orjson.dumps(new))


async def test_only_what_the_settings_name_is_called(template: Path, tmp_path: Path) -> None:
    async with open_world(template, tmp_path, dialects={"facilioo": {"webhook_targets": TARGET}}) as world:
        jwt = await world.jwt()
        headers = {**jwt, "content-type": "application/json"}
        for url in GOOD:
            answer = await register(world, jwt, url)
            assert answer.status == 200, answer
        number = answer.json()["id"]
        for url in TRICKS:
            answer = await register(world, jwt, url)
            assert answer.status == 400, (url, answer)
            assert answer.json()["errors"].keys() == {"Url"}
            change = orjson.dumps({"url": url})
            answer = await world.call("PATCH", f"/api/webhook-registrations/{number}", headers, body=change)
            assert answer.status == 400, (url, answer)
        asked = await world.call("GET", f"/api/webhook-registrations/{number}", jwt)
        assert asked.json()["url"] == GOOD[-1]


async def test_without_targets_nobody_is_called(world: World) -> None:
    jwt = await world.jwt()
    for url in (*GOOD, *TRICKS):
        assert (await register(world, jwt, url)).status == 400


@pytest.fixture
async def elsewhere() -> AsyncIterator[Any]:
    """A target that sends whoever comes on, to a second one."""
    came: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append((await reader.readline()).decode().split()[1])
        writer.write(b"HTTP/1.1 307 Temporary Redirect\r\nlocation: /second\r\ncontent-length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1], came
    server.close()


async def test_a_redirection_is_not_followed_nor_a_proxy_asked(
    world: World, elsewhere: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As webhooks are sent: with the one client that there is."""
    port, came = elsewhere
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{port}/proxy")
    async with await http_client(world.engine, 60) as client:
        answer = await client.post(f"http://127.0.0.1:{port}/first", content=b"{}")
    assert (answer.status_code, came) == (307, ["/first"])
