"""Pages that browsers show, and hosts that are told back: rows A8 and X20 of the fault matrix."""

from html import escape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest

from core.identity.commands import RegisterClient
from core.identity.digests import digest
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


# what is told back

SCRIPTS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
)


class Told(HTMLParser):
    """The elements of a page, and the attributes that can do something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.acting: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        for name, value in attrs:
            if name.startswith("on") or (name in ("href", "src", "action") and (value or "").startswith("javascript:")):
                self.acting.append((name, value or ""))


def pages_that_tell(text: str) -> dict[str, tuple[str, str]]:
    """A page -> how it is asked for, with a text in everything that it might tell back."""
    value = quote(text, safe="")
    login = f"{AUTHORIZE}&state={value}&scope={value}&code_challenge={value}&username={value}"
    return {
        "the first page": ("GET", f"/?{value}"),
        "the manual": ("GET", f"/docs/?{value}"),
        "a page of the manual": ("GET", f"/docs/operations.md?{value}"),
        "no page of the manual": ("GET", f"/docs/{value}"),
        "no description": ("GET", f"/openapi/{value}.json"),
        "nothing": ("GET", f"/{value}"),
        "another method": ("PUT", f"/?{value}"),
        "the service": ("GET", f"/srv.asmx?{value}"),
        "a method of the service": ("GET", f"/srv.asmx?op=AuthenticateUser&{value}"),
        "no method of the service": ("GET", f"/srv.asmx?op={value}"),
        "no service": ("GET", f"/{value}.asmx"),
        "behind the service": ("HEAD", f"/srv.asmx/{value}"),
        "another method of the service": ("PUT", f"/srv.asmx/{value}"),
        "the login": ("GET", login),
        "a wrong login": ("POST", f"{login}&password=wrong"),
        "a login with it as a password": ("POST", f"{AUTHORIZE}&username={value}&password={value}&state={value}"),
    }


@pytest.mark.parametrize("text", SCRIPTS)
async def test_what_is_told_back_is_text(world: World, text: str) -> None:
    """Sixteen pages, and the name of a client that somebody registered."""
    client = RegisterClient("f" * 32, digest("secret"), f"Client {text}", "http://localhost:9000/back")
    await world.engine.execute(client, world.system)
    plain = pages_that_tell("x")
    for what, (method, target) in pages_that_tell(text).items():
        answer = await world.call(method, target)
        page = Told(answer.text)
        assert not page.acting, (what, page.acting)
        if answer.headers.get("content-type", "").startswith("text/html"):
            harmless = Told((await world.call(*plain[what])).text)
            assert page.elements == harmless.elements, what
            assert "script" not in page.elements
    shown = (await world.call("GET", AUTHORIZE.replace(demo.CLIENT_ID, "f" * 32))).text
    assert f"Client {escape(text)}" in shown


# the gateway's own addresses

OWN = (("GET", "/history/1"), ("GET", "/maintenance"), ("PUT", "/maintenance"))


@pytest.mark.parametrize(("method", "target"), OWN)
async def test_what_is_for_administrators_is_for_nobody_else(world: World, method: str, target: str) -> None:
    """Neither a stranger nor a session, which a foreign page could make a browser send."""
    body = b'{"on": true}' if method == "PUT" else b""
    login = await world.call(
        "POST", "/login", {"content-type": "application/x-www-form-urlencoded"}, body="username=demo&password=demo"
    )
    cookie = {"cookie": login.headers["set-cookie"].partition(";")[0], "origin": "https://evil.example"}
    assert (await world.call(method, target, body=body)).status == 401
    assert (await world.call(method, target, cookie, body=body)).status == 401
    assert (await world.call(method, target, await world.token(), body=body)).status == 401
    assert (await world.call(method, target, body=body, user="jdoe")).status == 403
    assert not world.engine.maintenance
