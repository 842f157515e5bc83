"""Who a Camunda client is: the first user, sessions, tokens of an identity provider; and no authorizations at all."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from adapters.camunda.default_roles import put_default_roles
from adapters.common.dialect import Mount
from core.engine import Engine
from core.storage import open_store
from gateway.app import Gateway
from gateway.settings import Settings, SettingsError
from tests.support.asgi import Answer, basic, call
from tests.support.provider import Provider, me, oidc
from tests.support.provider import provider as provider
from tests.support.world import World, open_world

JSON = {"content-type": "application/json"}


@asynccontextmanager
async def empty(folder: Path, **camunda: str) -> AsyncIterator[Gateway]:
    engine = Engine(open_store(f"sqlite:///{folder / 'empty.db'}"))
    gateway = Gateway(Settings(log_requests=False, dialects={"camunda": camunda}), engine)
    await engine.start()
    try:
        yield gateway
    finally:
        await engine.stop()


# The first user


def setup(gateway: Gateway, username: str) -> Any:
    body = f'{{"username":"{username}","password":"{username}","name":"The First","email":"{username}@example.com"}}'
    return call(gateway, "POST", "/v2/setup/user", JSON, body)


async def test_the_first_user_needs_no_credentials_and_administers(tmp_path: Path) -> None:
    async with empty(tmp_path, authorizations="on") as gateway:
        refused = await call(gateway, "POST", "/v2/setup/user", JSON, "{}")
        assert (refused.status, refused.json()["detail"]) == (400, "No username provided. No password provided.")
        made = await setup(gateway, "first")
        assert (made.status, made.text) == (
            201,
            '{"username":"first","name":"The First","email":"first@example.com"}',
        )
        role = await call(
            gateway, "POST", "/v2/roles", {**JSON, "authorization": basic("first")}, '{"roleId":"a","name":"A"}'
        )
        assert role.status == 201
        second = await setup(gateway, "second")
        assert (second.status, second.json()["title"]) == (403, "FORBIDDEN")


async def test_of_several_first_users_at_once_there_is_one(tmp_path: Path) -> None:
    async with empty(tmp_path) as gateway:
        answers = await asyncio.gather(*(setup(gateway, f"user{n}") for n in range(6)))
        assert sorted(answer.status for answer in answers) == [201, 403, 403, 403, 403, 403]
        first = next(n for n, answer in enumerate(answers) if answer.status == 201)
        headers = {**JSON, "authorization": basic(f"user{first}")}
        users = await call(gateway, "POST", "/v2/users/search", headers, "")
        assert [user["username"] for user in users.json()["items"]] == [f"user{first}"]


# Sessions


async def login(world: World, body: str, query: str = "") -> Answer:
    form = {"content-type": "application/x-www-form-urlencoded"}
    return await world.call("POST", f"/login{query}", form, body=body)


async def test_a_session_lives_from_login_to_logout(template: Path, tmp_path: Path) -> None:
    async with open_world(template, tmp_path) as world:
        for sent in (
            await login(world, "username=demo&password=demo"),
            await login(world, "", "?username=demo&password=demo"),
        ):
            assert (sent.status, sent.text) == (204, "")
            assert sent.headers["x-csrf-token"]
            cookie, *attributes = sent.headers["set-cookie"].split("; ")
            assert cookie.startswith("camunda-session=")
            assert {"HttpOnly", "SameSite=Lax"} <= set(attributes)
            me = await world.call("GET", "/v2/authentication/me", {"cookie": f"other=1; {cookie}"})
            assert (me.status, me.json()["username"]) == (200, "demo")
        out = await world.call("POST", "/logout", {"cookie": cookie})
        assert out.status == 204
        assert "Max-Age=0" in out.headers["set-cookie"]
        assert (await world.call("GET", "/v2/authentication/me", {"cookie": cookie})).status == 401
        assert (await world.call("POST", "/logout")).status == 204


async def test_who_cannot_log_in(template: Path, tmp_path: Path) -> None:
    async with open_world(template, tmp_path) as world:
        for body in (
            "",
            "username=demo",
            "username=demo&password=wrong",
            "username=%00&password=x",
            "username=%ff&password=%ff",
        ):
            answer = await login(world, body)
            assert (answer.status, answer.json()["title"]) == (401, "Unauthorized")
        for cookie in (
            "camunda-session=",
            "camunda-session=guess",
            'camunda-session="',
            "camunda-session=a; camunda-session",
        ):
            assert (await world.call("GET", "/v2/topology", {"cookie": cookie})).status == 401
        assert (await world.call("GET", "/login", {"authorization": basic("demo")})).status == 405


# An identity provider


async def test_a_token_names_a_user_his_groups_and_a_client(template: Path, tmp_path: Path, provider: Provider) -> None:
    async with open_world(template, tmp_path, dialects=oidc(provider)) as world:
        known = (await me(world, provider.token(preferred_username="jdoe", realm={"groups": ["Desk"]}))).json()
        assert (known["username"], known["displayName"], known["groups"]) == ("jdoe", "John Doe", ["Desk"])
        stranger = (await me(world, provider.token(preferred_username="eve"))).json()
        assert (stranger["username"], stranger["groups"], stranger["roles"]) == ("eve", [], [])
        client = (await me(world, provider.token(client_id="robot"))).json()
        assert (client["username"], client["displayName"]) == (None, None)
        administrator = (await me(world, provider.token(preferred_username="demo"))).json()
        assert administrator["roles"] == ["admin"]


async def test_what_is_no_good_token(template: Path, tmp_path: Path, provider: Provider) -> None:
    async with open_world(template, tmp_path, dialects=oidc(provider)) as world:
        who = {"preferred_username": "demo"}
        secret = OctKey.import_key("a secret that both sides would have to know")
        foreign = RSAKey.generate_key(2048)
        claims = {"iss": provider.url, "aud": "dragoman", "exp": int(time.time()) + 60, **who}
        bad = [
            "",
            "x",
            "a.b.c",
            provider.token(**who, iss="https://elsewhere.example.com"),
            provider.token(**who, aud="nobody"),
            provider.token(**who, exp=int(time.time()) - 120),
            provider.token(**who, nbf=int(time.time()) + 600),
            provider.token(**who, exp=None),
            provider.token(kid="unknown", **who),
            provider.token(),
            jwt.encode({"alg": "RS256", "kid": "one"}, claims, foreign),
            jwt.encode({"alg": "HS256", "kid": "one"}, claims, secret, algorithms=["HS256"]),
        ]
        for token in bad:
            answer = await me(world, token)
            challenge = "Bearer" if token else None
            assert (answer.status, answer.headers.get("www-authenticate")) == (401, challenge), token
        assert (await world.call("GET", "/v2/topology", {"authorization": basic("demo")})).status == 401
        assert (await login(world, "username=demo&password=demo")).status == 404
        assert (await world.call("GET", "/v2/topology")).json()["title"] == "Unauthorized"


async def test_new_keys_are_fetched_and_no_keys_are_no_refusal(
    template: Path, tmp_path: Path, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.camunda.bearer.REFETCH", 0)
    async with open_world(template, tmp_path, dialects=oidc(provider)) as world:
        provider.down = True
        answer = await me(world, provider.token(preferred_username="jdoe"))
        assert (answer.status, answer.json()["title"]) == (503, "UNAVAILABLE")
        provider.down = False
        assert (await me(world, provider.token(preferred_username="jdoe"))).status == 200
        provider.new_key("two")
        assert (await me(world, provider.token(preferred_username="jdoe"))).status == 200
        provider.down = True
        assert (await me(world, provider.token(preferred_username="jdoe"))).status == 200
        assert (await me(world, provider.token(kid="three", preferred_username="jdoe"))).status == 401


async def test_a_guessed_key_id_is_not_asked_for_each_time(template: Path, tmp_path: Path, provider: Provider) -> None:
    async with open_world(template, tmp_path, dialects=oidc(provider)) as world:
        for n in range(5):
            assert (await me(world, provider.token(kid=f"guess{n}", preferred_username="jdoe"))).status == 401
        assert provider.fetched == 2  # the metadata and the keys


async def test_a_mapping_rule_gives_what_its_role_may(template: Path, tmp_path: Path, provider: Provider) -> None:
    async with open_world(template, tmp_path, dialects=oidc(provider)) as world:
        admin = {**JSON, "authorization": f"Bearer {provider.token(preferred_username='demo')}"}
        rule = '{"mappingRuleId":"staff","claimName":"$.realm.department","claimValue":"sales","name":"Staff"}'
        assert (await world.call("POST", "/v2/mapping-rules", admin, body=rule)).status == 201
        assert (await world.call("PUT", "/v2/roles/worker/mapping-rules/staff", admin)).status == 204
        for department, found in (("sales", True), (["buying", "sales"], True), ("buying", False)):
            token = provider.token(client_id="robot", realm={"department": department})
            headers = {**JSON, "authorization": f"Bearer {token}"}
            tasks = (await world.call("POST", "/v2/user-tasks/search", headers)).json()["items"]
            assert bool(tasks) is found
            roles = (await me(world, token)).json()["roles"]
            assert roles == (["worker"] if found else [])


# Without authorizations


async def test_without_authorizations_everybody_works_but_nobody_touches_accounts(
    template: Path, tmp_path: Path
) -> None:
    async with open_world(template, tmp_path, dialects={"camunda": {"authorizations": "off"}}) as world:
        mark = {**JSON, "authorization": basic("mark")}
        started = await world.call("POST", "/v2/process-instances", mark, body='{"processDefinitionId":"approve"}')
        assert started.status == 200
        instance = started.json()["processInstanceKey"]
        assert (await world.call("POST", f"/v2/process-instances/{instance}/cancellation", mark)).status == 204
        assert (await world.call("POST", "/v2/users/search", mark)).status == 200
        for method, path, body in (
            ("POST", "/v2/users", '{"username":"u","password":"u"}'),
            ("PUT", "/v2/users/robert", '{"name":"R","email":"r@example.com","password":"mine"}'),
            ("DELETE", "/v2/users/robert", ""),
            ("PUT", "/v2/users/demo", '{"password":"mine"}'),
            ("DELETE", "/v2/users/demo", ""),
            ("POST", "/v2/groups", '{"groupId":"g","name":"G"}'),
            ("PUT", "/v2/groups/Managers/users/robert", ""),
            ("POST", "/v2/roles", '{"roleId":"r","name":"R"}'),
            ("PUT", "/v2/roles/admin/users/mark", ""),
            ("PUT", "/v2/roles/admin/groups/Managers", ""),
            ("PUT", "/v2/roles/admin/clients/mark", ""),
        ):
            assert (await world.call(method, path, mark, body=body)).status == 403
        assert (await world.call("GET", "/v2/topology", {"authorization": basic("demo")})).status == 200


@pytest.mark.parametrize(
    ("option", "value"), [("authentication", "ldap"), ("authorizations", "maybe"), ("authentication", "oidc")]
)
def test_options_that_cannot_be_used_are_named(tmp_path: Path, option: str, value: str) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(SettingsError, match=rf"^dialects.camunda.({option}|oidc_issuer) "):
        Gateway(Settings(dialects={"camunda": {option: value}}), Engine(store))
    store.close()


async def test_a_session_changes_nothing_without_its_token(world: World) -> None:
    """What a browser adds by itself is not enough: another site could have made it ask."""
    sent = await login(world, "username=demo&password=demo")
    cookie, token = sent.headers["set-cookie"].partition(";")[0], sent.headers["x-csrf-token"]
    search = {**JSON, "cookie": cookie}
    for headers in (search, {**search, "x-csrf-token": ""}, {**search, "x-csrf-token": token[:-1]}):
        refused = await world.call("POST", "/v2/user-tasks/search", headers, body="{}")
        assert (refused.status, refused.json()["title"]) == (403, "Forbidden")
        assert "Invalid CSRF Token" in refused.json()["detail"]
    good = await world.call("POST", "/v2/user-tasks/search", {**search, "x-csrf-token": token}, body="{}")
    assert good.status == 200
    other = await login(world, "username=demo&password=demo")
    foreign = {**search, "x-csrf-token": other.headers["x-csrf-token"]}
    assert (await world.call("POST", "/v2/user-tasks/search", foreign, body="{}")).status == 403
    assert (await world.call("GET", "/v2/topology", {"cookie": cookie})).status == 200


async def test_clients_that_send_no_token_can_be_let_in(template: Path, tmp_path: Path) -> None:
    async with open_world(template, tmp_path, dialects={"camunda": {"csrf": "off"}}) as world:
        cookie = (await login(world, "username=demo&password=demo")).headers["set-cookie"].partition(";")[0]
        found = await world.call("POST", "/v2/user-tasks/search", {**JSON, "cookie": cookie}, body="{}")
        assert found.status == 200


async def test_a_cookie_is_for_tls_where_that_is_spoken_in_front_of_us(template: Path, tmp_path: Path) -> None:
    async with open_world(template, tmp_path, public_url="https://tasks.example.com") as world:
        sent = await login(world, "username=demo&password=demo")
        assert "Secure" in sent.headers["set-cookie"].split("; ")


# The roles that a store begins with


async def test_default_roles_are_there_if_that_is_wished(template: Path, tmp_path: Path) -> None:
    async with open_world(template, tmp_path) as world:
        headers = {**JSON, "authorization": basic("demo")}

        async def found(path: str, **filter: str) -> list[dict[str, Any]]:
            body = json.dumps({"filter": filter})
            answer = await world.call("POST", f"/v2/{path}/search", headers, body=body)
            items: list[dict[str, Any]] = answer.json()["items"]
            return items

        await put_default_roles(Mount(world.engine, "8.9"))
        before = {role["roleId"] for role in await found("roles")}
        assert before == {"admin", "worker"}
        for _ in range(2):
            await put_default_roles(Mount(world.engine, "8.9", options={"default_roles": "on"}))
            roles = {role["roleId"]: role["name"] for role in await found("roles")}
            assert set(roles) == {*before, "readonly-admin", "rpa", "connectors", "app-integrations"}
            assert roles["app-integrations"] == "App Integrations"
            rpa = {g["resourceType"]: g["permissionTypes"] for g in await found("authorizations", ownerId="rpa")}
            assert rpa == {"RESOURCE": ["READ"], "PROCESS_DEFINITION": ["UPDATE_PROCESS_INSTANCE"]}
            members = {role["roleId"] for role in await found("tenants/%3Cdefault%3E/roles")}
            assert members == {"admin", "rpa", "connectors", "app-integrations"}
        reads = {
            g["resourceType"]: g["permissionTypes"] for g in await found("authorizations", ownerId="readonly-admin")
        }
        assert (reads["USER_TASK"], reads["COMPONENT"], "EXPRESSION" in reads) == (["READ"], ["ACCESS"], False)
