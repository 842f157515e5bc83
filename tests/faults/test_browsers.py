"""Pages that browsers show, and hosts that are told back: rows A8 and X20 of the fault matrix."""

from pathlib import Path

import pytest

from gateway import demo
from tests.support.asgi import Answer
from tests.support.world import World, open_world

AUTHORIZE = f"/workflow/oauth2/authorize?response_type=code&client_id={demo.CLIENT_ID}"
PAGES = {
    "/": "GET",
    "/nowhere": "GET",
    "/srv.asmx": "GET",
    "/srv.asmx?op=AuthenticateUser": "GET",
    "/other.asmx": "GET",
    "/srv.asmx/": "GET",
    "/srv.asmx/AuthenticateUser": "PUT",
    AUTHORIZE: "GET",
    f"{AUTHORIZE}&username=mary&password=wrong": "POST",
}


def check_policy(answer: Answer) -> dict[str, str]:
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    directives = (d.strip().partition(" ") for d in answer.headers["content-security-policy"].split(";"))
    policy = {name: value for name, _, value in directives}
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert "script-src" not in policy
    return policy


@pytest.mark.parametrize("target", PAGES)
async def test_pages_load_nothing_and_stand_in_no_frame(world: World, target: str) -> None:
    answer = await world.call(PAGES[target], target)
    policy = check_policy(answer)
    assert ("<form" in answer.text) == (policy["form-action"] != "'none'")


async def test_the_login_page_leads_to_the_client_and_nowhere_else(world: World) -> None:
    """Browsers ask the policy also where the form leads by a redirection."""
    answer = await world.call("GET", AUTHORIZE)
    assert check_policy(answer)["form-action"] == "'self' http://localhost:9000"


async def test_the_status_pages_of_inubit_8(template: Path, tmp_path: Path) -> None:
    async with open_world(template, tmp_path, dialects={"inubit": {"profile": "8.1"}}) as world:
        check_policy(await world.call("GET", "/ibis/rest/task/tasks"))


async def test_other_answers_stay_as_the_vendors_have_them(world: World) -> None:
    for target in (
        "/srv.asmx?WSDL",
        "/v2/topology",
        "/api/processes",
        "/ibis/rest/task/tasks",
        "/api/1.0/workflow/cases",
    ):
        answer = await world.call("GET", target)
        assert not {"x-content-type-options", "content-security-policy", "x-frame-options"} & set(answer.headers)


# X20

TOLD = ("/srv.asmx?WSDL", "/srv.asmx?DISCO", "/srv.asmx", "/srv.asmx?op=AuthenticateUser")


async def told(world: World, host: str) -> set[str]:
    """Which of some hosts stand in any description."""
    texts = [(await world.call("GET", target, {"host": host})).text for target in TOLD]
    known = ("evil.example", "evil", "a.example.com", "tasks.example.com", "localhost:8080", "127.0.0.1:99", host)
    return {name for name in known if any(f"//{name}/" in text for text in texts)}


@pytest.mark.parametrize(
    ("settings", "host", "expected"),
    [
        ({}, "localhost:8080", {"localhost:8080"}),
        ({}, "LocalHost:8080", {"LocalHost:8080"}),
        ({}, "127.0.0.1:99", {"127.0.0.1:99"}),
        ({}, "evil.example", {"localhost:8080"}),  # the address at which the connection arrived
        ({"allowed_hosts": ("a.example.com",)}, "a.example.com", {"a.example.com"}),
        ({"allowed_hosts": ("A.example.com",)}, "a.example.com:77", {"a.example.com:77"}),
        ({"allowed_hosts": ("*.example.com",)}, "a.example.com", {"a.example.com"}),
        ({"allowed_hosts": ("a.example.com",)}, "localhost:8080", {"localhost:8080"}),
        ({"dialects": {"inforouter": {"hosts": "a.example.com"}}}, "a.example.com", {"a.example.com"}),
        ({"public_url": "https://tasks.example.com"}, "evil.example", {"tasks.example.com"}),
    ],
)
async def test_hosts_that_are_told_back(
    template: Path, tmp_path: Path, settings: dict[str, object], host: str, expected: set[str]
) -> None:
    async with open_world(template, tmp_path, **settings) as world:
        assert await told(world, host) == expected


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("a.example.com", 200),
        ("A.EXAMPLE.COM:8080", 200),
        ("localhost", 200),
        ("[::1]:8080", 200),
        ("tasks.example.com", 200),
        ("of.dialect.example", 200),
        ("evil.example", 400),
        ("a.example.com.evil.example", 400),
        ("evila.example.com", 400),
        ("10.0.0.1", 400),
    ],
)
async def test_hosts_that_are_served_if_some_are_named(template: Path, tmp_path: Path, host: str, status: int) -> None:
    settings = {
        "allowed_hosts": ("a.example.com",),
        "public_url": "https://tasks.example.com",
        "dialects": {"facilioo": {"hosts": "of.dialect.example"}},
    }
    async with open_world(template, tmp_path, **settings) as world:
        assert (await world.call("GET", "/srv.asmx?WSDL", {"host": host})).status == status
