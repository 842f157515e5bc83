"""Bad input of every kind, to every dialect: its own error, never a traceback, never a 500 that is our fault."""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import demo
from gateway.settings import Settings
from tests.support.asgi import Answer
from tests.support.rounds import rounds
from tests.support.world import UNTHROTTLED, World, open_world

ASSIGNEES = f"/api/1.0/workflow/project/{demo.PROJECT}/activity/{demo.ACTIVITY}/adhoc-assignee"
STARTER = "/ibis/rest/task/adhoc/testuser/74933f6c-72c6-44c5-9e90-91070f98c7dd"
MAX_PATH: int = Settings.model_fields["max_path"].default
TASK = "/v2/user-tasks/2251799813685999"


def api_error(answer: Answer) -> bool:
    return (
        re.match(r'<\?xml version="1.0" encoding="UTF-8"\?>\n<ApiError>\n    <statusCode>\d{3}', answer.text)
        is not None
    )


def restler(answer: Answer) -> bool:
    return set(answer.json()) in ({"error"}, {"error", "error_description"})


def problem(answer: Answer) -> bool:
    return set(answer.json()) == {"type", "title", "status", "detail", "instance"}


def aspnet(answer: Answer) -> bool:
    return answer.body == b"" or {"type", "title", "status", "traceId"} <= set(answer.json())


def asmx(answer: Answer) -> bool:
    return (
        (answer.status in (400, 413, 415) and answer.body == b"")
        or answer.headers["content-type"].startswith(("text/plain", "text/html"))
        or "success=" in answer.text
        or "<soap:Fault>" in answer.text
    )


SHAPES: dict[str, Callable[[Answer], bool]] = {
    "inubit": api_error,
    "processmaker": restler,
    "camunda": problem,
    "facilioo": aspnet,
    "inforouter": asmx,
}

TARGETS: dict[str, list[tuple[str, str]]] = {
    "inubit": [("POST", STARTER), ("GET", "/ibis/rest/task/tasks"), ("GET", "/ibis/rest/task/adhoc/testuser")],
    "processmaker": [("POST", ASSIGNEES), ("GET", f"{ASSIGNEES}/all"), ("POST", "/workflow/oauth2/token")],
    "camunda": [
        ("POST", f"{TASK}/completion"),
        ("POST", f"{TASK}/assignment"),
        ("PATCH", TASK),
        ("POST", "/v2/user-tasks/search"),
    ],
    "facilioo": [("POST", "/api/processes"), ("POST", "/api/auth/login"), ("GET", "/api/processes")],
    "inforouter": [
        ("POST", "/srv.asmx"),
        ("POST", "/srv.asmx/TransferUserTasks"),
        ("GET", "/srv.asmx/AuthenticateUser"),
    ],
}
BODIES: dict[str, tuple[str, bytes]] = {
    "nothing": ("application/json", b""),
    "null": ("application/json", b"null"),
    "a number": ("application/json", b"1e999"),
    "an array": ("application/json", b"[[[[]]]]"),
    "deep": ("application/json", b"[" * 100_000),
    "cut off": ("application/json", b'{"variables":{"a":'),
    "not UTF-8": ("application/json; charset=utf-8", b'{"a":"\xff\xfe"}'),
    "UTF-16": ("application/json", '{"a":1}'.encode("utf-16")),
    "a lone surrogate": (
        "application/json",
        b'{"assignee":"\\ud800","ada_uid":"\\ud800","email":"\\ud800","password":"x"}',
    ),
    "NUL": ("application/json", b'{"assignee":"a\\u0000b","email":"a\\u0000","password":"x","report":"\\u0000"}'),
    "wrong types": (
        "application/json",
        b'{"variables":1,"assignee":{},"ada_uid":[],"report":7,"email":[],"filter":[]}',
    ),
    "big numbers": (
        "application/json",
        b'{"filter":{"priority":1' + b"0" * 400 + b'},"contactId":99999999999999999999}',
    ),
    "text": ("text/plain", b"hello"),
    "XML": ("text/xml", b"<a/>"),
    "broken XML": ("text/xml", b"<a><b></a>"),
    "a DTD": ("text/xml", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'),
    "a form": ("application/x-www-form-urlencoded", b"a=b&%ff=%zz&=&&&;"),
    "multipart without parts": ("multipart/form-data; boundary=x", b"--nope"),
    "multipart without boundary": ("multipart/form-data", b"--x\r\n\r\n"),
    "no type at all": ("", b"{}"),
    "an unknown charset": ("application/x-www-form-urlencoded; charset=klingon", b"a=b"),
    "too long": ("application/json", b'"' + b"a" * (3 * 1024 * 1024) + b'"'),
}


async def headers_for(world: World, dialect: str) -> dict[str, str]:
    if dialect == "processmaker":
        return await world.token()
    if dialect == "facilioo":
        return await world.jwt()
    if dialect == "inforouter":
        return {}
    from tests.support.asgi import basic

    return {"authorization": basic("admin")}


def fair(answer: Answer, dialect: str) -> bool:
    """Did well, or says in its own shape that it is the caller's mistake."""
    if b"Traceback" in answer.body or b'File "' in answer.body or b"SystemError:Internal error" in answer.body:
        return False
    if answer.status < 400:
        return True
    if answer.status >= 500 and dialect != "inforouter":
        return False
    if dialect == "camunda" and b'"message"' in answer.body:  # the old Tasklist API
        return set(answer.json()) == {"status", "message", "instance"}
    return SHAPES[dialect](answer)


def too_long(target: str) -> bool:
    """Whether the gateway itself refuses a path with its query, before a dialect sees it."""
    return len(target.replace("?", "", 1)) > MAX_PATH


@pytest.mark.parametrize("dialect", list(TARGETS))
async def test_every_bad_body(world: World, dialect: str) -> None:
    headers = await headers_for(world, dialect)
    for method, target in TARGETS[dialect]:
        for name, (content_type, body) in BODIES.items():
            sent = {**headers, **({"content-type": content_type} if content_type else {})}
            answer = await world.call(method, target, sent, body=body)
            assert fair(answer, dialect), f"{method} {target} with {name}: {answer.status} {answer.text[:300]}"


@pytest.mark.parametrize("dialect", list(TARGETS))
async def test_every_wrong_credential(world: World, dialect: str) -> None:
    wrong = [
        "",
        "Basic",
        "Basic !!!",
        "Basic bm9jb2xvbg==",
        "Basic //8=",
        "Bearer",
        "Bearer x",
        "Digest a=b",
        "Bearer a.b.c",
        "\xff",
    ]
    wrong += ["Bearer " + "a" * 10_000, "Basic " + "QQ" * 5_000]
    if dialect == "inforouter":
        for ticket in ("", "x", "%00", "0" * 36, "a" * 10_000):
            query = f"authenticationTicket={ticket}&fromUserName=a&toUserName=b"
            answer = await world.call("GET", f"/srv.asmx/TransferUserTasks?{query}")
            assert answer.status == 200
            assert 'success="false" error="[900] Authentication failed"' in answer.text
        return
    method, target = TARGETS[dialect][0]
    for value in wrong:
        answer = await world.call(method, target, {"authorization": value})
        assert answer.status == 401, f"{value[:40]!r}: {answer.status} {answer.text}"
        assert SHAPES[dialect](answer)


HARD_NUMBERS = ("9" * 5000, "-" + "9" * 30, "²", "٣", "1e3", "0x10", " 7 ", "+-1", "NaN", "inf", "")


@pytest.mark.parametrize(
    ("dialect", "target"),
    [
        ("inubit", "/ibis/rest/task/tasks?start={}"),
        ("inubit", "/ibis/rest/task/tasks?creationFilter={}"),
        ("inubit", "/ibis/rest/task/tasks?processFilter={}&processFilterComparison=%3D"),
        ("inubit", "/ibis/rest/task/tasks/{}"),
        ("processmaker", ASSIGNEES + "?start={}"),
        ("processmaker", ASSIGNEES + "/all?limit={}"),
        ("camunda", "/v2/user-tasks/{}"),
        ("facilioo", "/api/processes?pageSize={}"),
        ("facilioo", "/api/processes?pageNumber={}"),
        ("facilioo", "/api/processes/{}"),
    ],
)
async def test_every_hard_number(world: World, dialect: str, target: str) -> None:
    headers = await headers_for(world, dialect)
    for number in HARD_NUMBERS:
        answer = await world.call("GET", target.format(quote(number, safe="")), headers)
        assert fair(answer, dialect), f"{target} with {number[:10]}: {answer.status} {answer.text[:300]}"


@pytest.mark.parametrize("dialect", list(TARGETS))
async def test_wrong_methods_and_unknown_paths(world: World, dialect: str) -> None:
    headers = await headers_for(world, dialect)
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"):
        for _, target in TARGETS[dialect]:
            for tail in ("", "/", "/nope", "/%2e%2e/%00", "/" + "x" * 2000):
                answer = await world.call(method, target + tail, headers)
                assert fair(answer, dialect), f"{method} {target}{tail[:20]}: {answer.status} {answer.text[:300]}"


QUERY = ("start", "limit", "count", "filter", "nameFilter", "pageSize", "lang", "client", "type")
MEMBER = rb'\{"[a-z]{1,8}":("[^"\\]{0,8}"|[0-9]{1,25}|null|\[\]|\{\})\}'
TYPES = ("application/json", "text/xml", "application/x-www-form-urlencoded", "application/soap+xml", "")


@settings(max_examples=rounds(50))
@given(
    dialect=st.sampled_from(list(TARGETS)),
    index=st.integers(0, 10),
    tail=st.text(max_size=20),
    query=st.dictionaries(st.sampled_from(QUERY), st.text(max_size=10), max_size=3),
    body=st.one_of(st.binary(max_size=60), st.from_regex(MEMBER, fullmatch=True)),
    content_type=st.sampled_from(TYPES),
)
def test_anything(
    server_world: "Caller", dialect: str, index: int, tail: str, query: dict[str, str], body: bytes, content_type: str
) -> None:
    method, target = TARGETS[dialect][index % len(TARGETS[dialect])]
    path = target + ("/" + quote(tail, safe="") if tail else "")
    path += "?" + "&".join(f"{k}={quote(v, safe='')}" for k, v in query.items()) if query else ""
    answer = server_world.call(dialect, method, path, body, content_type)
    assert fair(answer, dialect), f"{method} {path} {body!r}: {answer.status} {answer.text[:300]}"


class Caller:
    """One world through all examples."""

    def __init__(self, run: Callable[..., object], world: World, headers: dict[str, dict[str, str]]) -> None:
        self._run = run
        self._world = world
        self._headers = headers

    def call(self, dialect: str, method: str, path: str, body: bytes, content_type: str) -> Answer:
        headers = {**self._headers[dialect], **({"content-type": content_type} if content_type else {})}
        answer = self._run(self._world.call(method, path, headers, body=body))
        assert isinstance(answer, Answer)
        return answer


@contextmanager
def calling(template: Path, folder: Path, **settings: Any) -> Iterator[Caller]:
    """Of all dialects, by who may everything; no password is one too many."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        world = runner.run(stack.enter_async_context(open_world(template, folder, **settings, **UNTHROTTLED)))
        headers = {dialect: runner.run(headers_for(world, dialect)) for dialect in TARGETS}
        yield Caller(runner.run, world, headers)
        runner.run(stack.aclose())


@pytest.fixture(scope="module")
def server_world(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    with calling(template, tmp_path_factory.mktemp("anything")) as caller:
        yield caller
