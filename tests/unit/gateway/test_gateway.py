"""Mounts, the command line, the golden exchanges' own reader."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.dialects import names
from tests.support.asgi import Answer
from tests.support.exchange import Case, _check, read, run
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


def dragoman(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "gateway", *arguments], capture_output=True, text=True, env={**os.environ, **environment}
    )


def test_the_golden_reader_notices(tmp_path: Path) -> None:
    file = tmp_path / "x.http"
    file.write_text(
        "@profile camunda 8.8\n\n### Title\n@maintenance on\nPOST /x\nA: b\n\nbody\n=> 201\nC: d\n!E: \n\nanswer␍\n"
    )
    (case,) = read(file).cases
    assert (case.title, case.method, case.target, case.headers) == ("Title", "POST", "/x", {"A": "b"})
    assert (case.body, case.status, case.expected) == ("body", 201, [("c", "d"), ("!e", "")])
    assert (case.answer, case.before) == ("answer\r", ["maintenance on"])
    bound = {"known": "1"}
    _check("x", "a {{n:int}} {{known}}", "a 42 1", bound)
    assert bound["n"] == "42"
    for expected, found in (("a", "b"), ("{{int}}", "x"), ("{{n}}", "43"), ("a", "ab")):
        with pytest.raises(AssertionError):
            _check("x", expected, found, bound)


async def test_the_golden_runner_notices(world: World) -> None:
    good = Case("ready", "GET", "/ready", status=200, answer='{"status":"ready"}')
    await run(world, [good])
    for change in (
        {"status": 201},
        {"answer": "{}"},
        {"expected": [("content-type", "x")]},
        {"expected": [("!content-type", "")]},
    ):
        with pytest.raises(AssertionError):
            await run(world, [Case(**{**vars(good), **change})])


def test_answers_are_what_they_are() -> None:
    assert Answer(200, {}, b'{"a":1}').json() == {"a": 1}
