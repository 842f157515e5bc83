"""Passwords: how they are kept, and that nobody learns from a refusal who there is: rows A1 and A2 of the fault matrix.

That an unknown user costs what a wrong password does is told by what is computed, not by a watch.
"""

import re
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

import argon2
import orjson
import pytest
from argon2 import extract_parameters

from core.identity import passwords
from core.people.commands import CreateUser
from core.types import UserStatus
from gateway import demo
from tests.support.asgi import Answer, basic
from tests.support.world import UNTHROTTLED, World, open_world

JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
S11 = "http://schemas.xmlsoap.org/soap/envelope/"


async def inubit(world: World, user: str, password: str) -> Answer:
    return await world.call("GET", "/ibis/rest/task/tasks", {"authorization": basic(user, password)})


async def inubit_task(world: World, user: str, password: str) -> Answer:
    return await world.call("PUT", "/ibis/rest/task/tasks/x?path=Name", {"authorization": basic(user, password)})


async def camunda(world: World, user: str, password: str) -> Answer:
    return await world.call("GET", "/v2/topology", {"authorization": basic(user, password)})


async def camunda_old(world: World, user: str, password: str) -> Answer:
    return await world.call("POST", "/v1/tasks/search", {"authorization": basic(user, password)})


async def camunda_login(world: World, user: str, password: str) -> Answer:
    return await world.call("POST", "/login", FORM, body=urlencode({"username": user, "password": password}))


def grant(user: str, password: str) -> dict[str, str]:
    client = {"client_id": demo.CLIENT_ID, "client_secret": demo.CLIENT_SECRET}
    return {"grant_type": "password", "scope": "*", **client, "username": user, "password": password}


async def processmaker_json(world: World, user: str, password: str) -> Answer:
    return await world.call("POST", "/workflow/oauth2/token", JSON, body=orjson.dumps(grant(user, password)))


async def processmaker_form(world: World, user: str, password: str) -> Answer:
    return await world.call("POST", "/workflow/oauth2/token", FORM, body=urlencode(grant(user, password)))


async def processmaker_page(world: World, user: str, password: str) -> Answer:
    query = urlencode({"response_type": "code", "client_id": demo.CLIENT_ID})
    body = urlencode({"username": user, "password": password})
    return await world.call("POST", f"/workflow/oauth2/authorize?{query}", FORM, body=body)


async def inforouter_get(world: World, user: str, password: str) -> Answer:
    return await world.call("GET", f"/srv.asmx/AuthenticateUser?{urlencode({'UID': user, 'PWD': password})}")


async def inforouter_form(world: World, user: str, password: str) -> Answer:
    return await world.call("POST", "/srv.asmx/AuthenticateUser", FORM, body=urlencode({"UID": user, "PWD": password}))


async def inforouter_soap(world: World, user: str, password: str) -> Answer:
    call = f'<AuthenticateUser xmlns="http://tempuri.org/"><UID>{user}</UID><PWD>{password}</PWD></AuthenticateUser>'
    body = f'<s:Envelope xmlns:s="{S11}"><s:Body>{call}</s:Body></s:Envelope>'
    return await world.call("POST", "/srv.asmx", {"content-type": "text/xml"}, body=body)


async def facilioo(world: World, user: str, password: str) -> Answer:
    body = orjson.dumps({"email": f"{user}@example.com", "password": password, "skipMultiFactorAuthentication": True})
    return await world.call("POST", "/api/auth/login", JSON, body=body)


async def own_pages(world: World, user: str, password: str) -> Answer:
    return await world.call("GET", "/maintenance", {"authorization": basic(user, password)})


WAYS = {way.__name__: way for way in (
    inubit, inubit_task, camunda, camunda_old, camunda_login, processmaker_json, processmaker_form, processmaker_page,
    inforouter_get, inforouter_form, inforouter_soap, facilioo, own_pages,
)}  # fmt: skip


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[argon2.Parameters]:
    """What argon2 has been asked for, with which parameters."""
    asked: list[argon2.Parameters] = []
    real = argon2.PasswordHasher.verify

    def verify(self: argon2.PasswordHasher, hash: str, password: str) -> bool:
        asked.append(extract_parameters(hash))
        return bool(real(self, hash, password))

    monkeypatch.setattr(argon2.PasswordHasher, "verify", verify)
    return asked


_VARYING = re.compile(r'"traceId":"[^"]+"|<timestamp>[^<]+|"instance":"[0-9a-f-]{36}"')


def told(answer: Answer, name: str) -> tuple[int, dict[str, str], str]:
    """All that an answer says, whoever it was that it was said to."""
    headers = {key: value for key, value in answer.headers.items() if key not in ("x-request-id", "content-length")}
    return answer.status, headers, _VARYING.sub("", answer.text).replace(name, "NAME")


async def people(world: World) -> dict[str, str]:
    """Name -> why the password is not good."""
    await world.engine.execute(CreateUser("nohash", "", "No Hash", email="nohash@example.com"), world.system)
    hashed = await world.engine.hash_password("gone")
    gone = CreateUser("gone", hashed, "Gone", email="gone@example.com", status=UserStatus.INACTIVE)
    await world.engine.execute(gone, world.system)
    return {
        "jdoe": "wrong",
        "nobody": "wrong",
        "nohash": "of somebody who has none",
        "gone": "gone",  # right, but they are not to come any more
    }


async def test_who_there_is_cannot_be_told_from_a_refusal(
    slow_template: Path, tmp_path: Path, computed: list[argon2.Parameters]
) -> None:
    """A2: whoever it is, the same is computed, once, and the same is answered, whatever the way to log in."""
    async with open_world(slow_template, tmp_path, **UNTHROTTLED) as world:
        known = await people(world)
        for name, way in WAYS.items():
            answers = {}
            for user, password in known.items():
                computed.clear()
                answers[user] = told(await way(world, user, password), user)
                assert computed == [own_parameters()], (name, user)
            assert len({repr(answer) for answer in answers.values()}) == 1, (name, answers)
            world.engine._memory.clear()
            computed.clear()
            assert told(await way(world, "demo", "demo"), "demo") != answers["nobody"], "and a right one is good"
            assert computed == [own_parameters()], name


@cache
def own_parameters() -> argon2.Parameters:
    return extract_parameters(passwords.hash_password("x"))


def test_passwords_are_kept_as_owasp_recommends() -> None:
    """A1: argon2id with 19 MiB and two passes at least, and a salt of its own for each."""
    parameters = own_parameters()
    assert parameters.type is argon2.Type.ID
    assert parameters.memory_cost >= 19 * 1024
    assert parameters.time_cost >= 2
    assert (parameters.salt_len, parameters.hash_len) == (16, 32)
    assert extract_parameters(passwords._NOBODY) == parameters, "who does not exist costs the same"
    hashes = {passwords.hash_password("the same") for _ in range(3)}
    assert len({text.split("$")[4] for text in hashes}) == 3


async def test_nobody_logs_in_as_who_does_not_exist(world: World) -> None:
    """Not even with what the hash of nobody was made of, if somebody knew it; nor with an empty password."""
    await people(world)
    for user in ("nobody", "nohash", ""):
        for password in ("", " ", passwords._NOBODY, "None", "null"):
            assert (await camunda(world, user, password)).status == 401
