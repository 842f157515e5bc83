"""HEAD and OPTIONS, and addresses that nobody knows, in every dialect, profile and mount: row H8."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.dialects import load, names
from tests.faults.test_bad_input import SHAPES, headers_for
from tests.support.asgi import Answer, basic
from tests.support.world import World, open_world

#: those whose HEAD is a GET without the body; a method of an ASMX host is asked with GET and POST only
BY_HEAD = [name for name in names() if name != "inforouter"]
PROFILES = [(name, profile) for name in names() for profile in load(name).profiles]
#: a path under each dialect's own that no vendor has
UNKNOWN = {
    "camunda": ("/v2", "/v2/", "/v2/nope", "/v1/nope/x", "/v2/user-tasks/1/nope"),
    "facilioo": ("/api", "/api/", "/api/nope", "/API/Nope", "/api/processes/1/nope"),
    "inforouter": ("/nope.asmx", "/other.asmx/GetTasks", "/nope.asmx/"),
    "inubit": ("/ibis", "/ibis/", "/ibis/rest", "/ibis/nope", "/ibis/rest/task/nope"),
    "processmaker": ("/api/1.0", "/api/1.0/", "/api/1.0/workflow", "/api/1.0/workflow/nope", "/workflow/oauth2"),
}
#: what somebody may ask below the prefix or at the host of a dialect
STRAY = ("", "/", "/nope", "/nope/../nope", "/x/y/z", "/%ff", "/favicon.ico")


def in_the_words_of(dialect: str, profile: str, answer: Answer) -> bool:
    if dialect == "inubit" and profile == "8.1":
        return answer.text.startswith("<html><head><title>Status page</title>")
    return SHAPES[dialect](answer)


def _signed_in(dialect: str) -> dict[str, str]:
    """Where a path is looked for behind the credentials only."""
    return {"authorization": basic("admin")} if dialect in ("inubit", "camunda") else {}


@pytest.mark.parametrize("dialect", BY_HEAD)
async def test_head_is_get_without_a_body(world: World, dialect: str) -> None:
    """Of every GET, with credentials and without, whether it is there or not."""
    headers = await headers_for(world, dialect)
    targets = {operation.path for operation in load(dialect).operations if operation.method == "GET"}
    assert targets
    for target in sorted(targets):
        path = target.replace("{workspace}", "workflow").replace("{user}", "testuser").replace("{id}", "501")
        path = path.partition("{")[0] + "1" if "{" in path else path
        for credentials in (headers, {}):
            got = await world.call("GET", path, credentials)
            head = await world.call("HEAD", path, credentials)
            assert (head.status, head.body) == (got.status, b""), path
            assert set(head.headers) == set(got.headers), path
            assert head.headers.get("content-length") == str(len(got.body)) if got.status != 204 else True, path
            assert head.headers.get("content-type") == got.headers.get("content-type"), path


@pytest.mark.parametrize(
    ("dialect", "target", "allow"),
    [
        ("camunda", "/v2/user-tasks/1", "GET,HEAD,PATCH,OPTIONS"),
        ("camunda", "/v2/user-tasks/search", "POST,OPTIONS"),
        ("inubit", "/ibis/rest/task/tasks", "DELETE,GET,HEAD,POST,OPTIONS"),
        ("inubit", "/ibis/rest/healthcheck", "GET,HEAD,OPTIONS"),
        ("inforouter", "/srv.asmx", "OPTIONS, TRACE, GET, HEAD, POST"),
        ("inforouter", "/srv.asmx/GetTasks", "OPTIONS, TRACE, GET, HEAD, POST"),
    ],
)
async def test_options_names_the_methods(world: World, dialect: str, target: str, allow: str) -> None:
    answer = await world.call("OPTIONS", target, await headers_for(world, dialect))
    assert (answer.status, answer.body, answer.headers["allow"]) == (200, b"", allow)
    assert answer.headers["content-length"] == "0"


@pytest.mark.parametrize("target", ["/v2/user-tasks/1", "/ibis/rest/task/tasks"])
async def test_options_are_for_who_is_signed_in(world: World, target: str) -> None:
    """What Spring's filters let nobody see, OPTIONS does not show."""
    assert (await world.call("OPTIONS", target)).status == 401


async def test_preflights_of_processmaker_and_none_of_facilioo(world: World) -> None:
    answer = await world.call("OPTIONS", "/api/1.0/workflow/nope")
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, "*")
    answer = await world.call("OPTIONS", "/api/processes")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize(("dialect", "profile"), PROFILES)
async def test_unknown_paths_are_answered_by_their_dialect(
    template: Path, tmp_path: Path, dialect: str, profile: str
) -> None:
    async with open_world(template, tmp_path, dialects={dialect: {"profile": profile}}) as world:
        headers = _signed_in(dialect)
        for path in UNKNOWN[dialect]:
            for method in ("GET", "POST", "DELETE", "BREW"):
                answer = await world.call(method, path, headers)
                assert 400 <= answer.status < 500, (method, path, answer)
                assert in_the_words_of(dialect, profile, answer), (method, path, answer)


def _mounts() -> Iterator[Any]:
    for dialect, profile in PROFILES:
        yield pytest.param(dialect, {"profile": profile, "prefix": "/old"}, "localhost:8080", id=f"{dialect}-{profile}")
        hosts = {"profile": profile, "hosts": ["old.example.com"]}
        yield pytest.param(dialect, hosts, "old.example.com", id=f"{dialect}-{profile}-host")


@pytest.mark.parametrize(("dialect", "settings", "host"), [*_mounts()])
async def test_strays_below_a_mount_are_answered_by_its_dialect(
    template: Path, tmp_path: Path, dialect: str, settings: dict[str, Any], host: str
) -> None:
    """What is the gateway's own stays so on every host."""
    prefix = settings.get("prefix", "")
    served = ["localhost", host]
    async with open_world(template, tmp_path, dialects={dialect: settings}, allowed_hosts=served) as world:
        headers = {**_signed_in(dialect), "host": host}
        for tail in STRAY:
            if not prefix and tail in ("", "/"):
                continue
            answer = await world.call("GET", f"{prefix}{tail}", headers)
            assert 400 <= answer.status < 500, (tail, answer)
            assert in_the_words_of(dialect, settings["profile"], answer), (tail, answer)
        assert (await world.call("GET", "/health", {"host": host})).json() == {"status": "alive"}
        missing = await world.call("GET", f"{prefix}x/nope", {"host": "localhost:8080", "accept": "application/json"})
        assert (missing.status, missing.json()) == (404, {"error": "Not Found"})


async def test_a_place_of_several_dialects_is_nobodys(template: Path, tmp_path: Path) -> None:
    """It is not guessed whose words are wanted."""
    old = {"prefix": "/old"}
    async with open_world(template, tmp_path, dialects={"camunda": old, "facilioo": old}) as world:
        answer = await world.call("GET", "/old/nope", {"accept": "application/json"})
        assert (answer.status, answer.json()) == (404, {"error": "Not Found"})
        assert (await world.call("GET", "/old/api/nope")).json()["title"] == "Not Found"
        assert (await world.call("GET", "/old/v2/nope", user="demo")).json()["detail"] == "No static resource v2/nope."
