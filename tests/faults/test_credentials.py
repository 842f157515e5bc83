"""Tickets, tokens and sessions that are guessed, forged, over or somebody else's: rows A3 and A4 of the matrix."""

import base64
import hashlib
import hmac
import json
import socket
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from adapters.facilioo.auth import SIGNING_KEY
from core.clock import HOUR
from core.identity.commands import CreateTenant, IssueCredential
from core.identity.digests import new_text
from core.identity.queries import CheckCredential, SettingValue
from core.people.commands import CreateUser
from core.principal import NOBODY, Principal, system
from core.rejections import Unauthenticated
from core.types import CredentialKind
from gateway import demo
from tests.support.asgi import Answer
from tests.support.provider import Provider, me, oidc
from tests.support.provider import provider as provider
from tests.support.world import World, open_world

JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


# A3


@pytest.mark.parametrize("kind", CredentialKind)
def test_credentials_cannot_be_guessed(kind: CredentialKind) -> None:
    """128 random bits at least: each of them is now on, now off, in a hundred that are made one after the other."""
    made = [int(new_text(kind).replace("-", ""), 16) for _ in range(100)]
    bits = 160 if len(new_text(kind)) == 40 else 128
    ever = always = made[0]
    for number in made:
        ever, always = ever | number, always & number
    assert ever == 2**bits - 1
    assert always == 0
    assert len(set(made)) == 100


async def ticket(world: World) -> str:
    text = (await world.call("GET", "/srv.asmx/AuthenticateUser?UID=jdoe&PWD=jdoe")).text
    return text.partition('ticket="')[2].partition('"')[0]


async def session(world: World) -> str:
    answer = await world.call("POST", "/login", FORM, body="username=jdoe&password=jdoe")
    return answer.headers["set-cookie"].partition("camunda-session=")[2].partition(";")[0]


async def access(world: World) -> str:
    return (await world.token("jdoe"))["authorization"].removeprefix("Bearer ")


async def show_ticket(world: World, text: str) -> bool:
    answer = await world.call("GET", f"/srv.asmx/GetCurrentUser?authenticationTicket={text}")
    return 'UserName="jdoe"' in answer.text


async def show_session(world: World, text: str) -> bool:
    answer = await world.call("GET", "/v2/authentication/me", {"cookie": f"camunda-session={text}"})
    assert answer.status in (200, 401)
    return answer.status == 200


async def show_access(world: World, text: str) -> bool:
    answer = await world.call("GET", "/api/1.0/workflow/cases", {"authorization": f"Bearer {text}"})
    assert answer.status in (200, 401)
    return answer.status == 200


async def show_jwt(world: World, text: str) -> bool:
    answer = await world.call("GET", "/api/processes", {"authorization": f"Bearer {text}"})
    assert answer.status in (200, 401)
    return answer.status == 200


async def show_inubit(world: World, text: str) -> bool:
    answer = await world.call("GET", "/ibis/rest/task/tasks", {"x-auth-token": f"Bearer {text}"})
    assert answer.status in (200, 401)
    return answer.status == 200


async def end_ticket(world: World, text: str) -> None:
    await world.call("GET", f"/srv.asmx/LogOut?authenticationTicket={text}")


async def end_session(world: World, text: str) -> None:
    await world.call("POST", "/logout", {"cookie": f"camunda-session={text}"})


async def end_access(world: World, text: str) -> None:
    await world.call("DELETE", f"/workflow/oauth2/{text}", {"authorization": f"Bearer {text}"})


Make = Callable[[World], Awaitable[str]]
Show = Callable[[World, str], Awaitable[bool]]
End = Callable[[World, str], Awaitable[None]]
KINDS: dict[str, tuple[Make, Show, End]] = {
    "ticket": (ticket, show_ticket, end_ticket),
    "session": (session, show_session, end_session),
    "token": (access, show_access, end_access),
}


@pytest.mark.parametrize("kind", KINDS)
async def test_nearly_right_is_wrong(world: World, kind: str) -> None:
    make, show, _ = KINDS[kind]
    text = await make(world)
    assert await show(world, text)
    for at, letter in enumerate(text):
        assert not await show(world, text[:at] + ("0" if letter != "0" else "1") + text[at + 1 :])
    for other in (text[:-1], text + "0", "", text[::-1], hashlib.sha256(text.encode()).hexdigest()):
        assert not await show(world, other), "the digest in the database opens nothing"
    assert await show(world, text)


@pytest.mark.parametrize("seen", [False, True])
@pytest.mark.parametrize("kind", KINDS)
async def test_what_was_ended_is_over_here_and_was_never_anything_there(world: World, kind: str, seen: bool) -> None:
    make, show, end = KINDS[kind]
    text = await make(world)
    assert not seen or await show(world, text)
    doors = (show_ticket, show_session, show_access, show_jwt, show_inubit)
    for door in doors:
        assert await door(world, text) == (door is show)
    for other, (_, _, end_other) in KINDS.items():
        if other != kind:
            await end_other(world, text)
    assert await show(world, text), "only where it was made it can be ended"
    await end(world, text)
    assert not await show(world, text)
    for door in doors:
        assert not await door(world, text)


@pytest.mark.parametrize("seen", [False, True])
async def test_a_credential_of_another_tenant_is_none(world: World, seen: bool) -> None:
    engine = world.engine
    other = (await engine.execute(CreateTenant("north", 7), world.system)).key
    eve = await engine.execute(CreateUser("eve"), system(other))
    theirs = Principal(other, eve.key, "eve", "processmaker")
    text = (await engine.execute(IssueCredential(CredentialKind.ACCESS, eve.key, HOUR), theirs)).text
    check = CheckCredential(text, CredentialKind.ACCESS)
    there = replace(NOBODY, tenant_key=other, dialect="processmaker")
    here = replace(there, tenant_key=engine.default_tenant)
    if seen:
        assert (await engine.ask(check, there)).principal.username == "eve"
    with pytest.raises(Unauthenticated):
        await engine.ask(check, here)
    assert not await show_access(world, text)
    assert (await engine.ask(check, there)).principal.username == "eve"


# A4


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def claims_of(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


def by_hand(header: dict[str, Any], claims: dict[str, Any], secret: bytes | None = None) -> str:
    signed = f"{part(header)}.{part(claims)}"
    if secret is None:
        return signed + "."
    digest = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    return signed + "." + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def forgeries(good: str, key: RSAKey, url: str) -> Iterator[tuple[str, str]]:
    """Whoever has seen a good token and the public key can make these."""
    claims, foreign = claims_of(good), RSAKey.generate_key(2048)
    head, body, signature = good.split(".")
    public = key.as_pem(private=False)
    kid = json.loads(base64.urlsafe_b64decode(head + "==")).get("kid")
    named = {"kid": kid} if kid else {}
    for word in ("none", "None", "NONE", "nOnE", ""):
        yield f"alg {word!r}", by_hand({"alg": word, "typ": "JWT", **named}, claims)
    yield "alg none with a signature", f"{part({'alg': 'none', **named})}.{body}.{signature}"
    yield "no alg", by_hand({"typ": "JWT", **named}, claims)
    for secret in (public, public.strip(), key.as_der(private=False), b"", b"secret"):
        yield "HS256 with the public key", by_hand({"alg": "HS256", "typ": "JWT", **named}, claims, secret)
    yield "a foreign key", jwt.encode({"alg": "RS256", **named}, claims, foreign)
    yield (
        "a foreign key under the name of a file",
        jwt.encode({"alg": "RS256", "kid": "../../dev/null"}, claims, foreign),
    )
    yield "a file that is empty", by_hand({"alg": "HS256", "kid": "../../../../dev/null"}, claims, b"")
    yield "a statement as a name", by_hand({"alg": "HS256", "kid": "x' UNION SELECT 'k' --"}, claims, b"k")
    for name, value in (("jwk", foreign.as_dict(private=False)), ("jku", url), ("x5u", url)):
        yield f"a key of its own as {name}", jwt.encode({"alg": "RS256", name: value, **named}, claims, foreign)
    yield "crit", f"{part({'alg': 'RS256', 'crit': ['x'], 'x': 1, **named})}.{body}.{signature}"
    yield "b64", f"{part({'alg': 'RS256', 'b64': False, 'crit': ['b64'], **named})}.{body}.{signature}"
    yield "other claims", f"{head}.{part({**claims, 'exp': claims['exp'] + 1})}.{signature}"
    yield "no signature", f"{head}.{body}."
    yield "two parts", f"{head}.{body}"
    yield "half a signature", f"{head}.{body}.{signature[: len(signature) // 2]}"
    yield "another letter", f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
    yield "encrypted, in words", f"{part({'alg': 'dir', 'enc': 'A128GCM'})}..{body}.{body}.{signature}"
    yield "JSON", json.dumps({"payload": body, "protected": head, "signature": signature})
    yield "nothing", ".."


async def no_forgery_is_good(good: str, key: RSAKey, ask: Callable[[str], Awaitable[Answer]]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/keys"
        assert (await ask(good)).status == 200
        for what, token in forgeries(good, key, url):
            answer = await ask(token)
            assert answer.status == 401, (what, answer)
        assert (await ask(good)).status == 200
        with pytest.raises(BlockingIOError):  # nobody came for keys
            listener.accept()


async def signing_key(world: World) -> RSAKey:
    asked = SettingValue(SIGNING_KEY)
    pem = await world.engine.ask(asked, system(world.engine.default_tenant, dialect="facilioo"))
    assert pem is not None
    return RSAKey.import_key(pem)


async def test_forged_tokens_of_facilioo(world: World) -> None:
    good = (await world.jwt())["authorization"].removeprefix("Bearer ")

    async def ask(token: str) -> Answer:
        return await world.call("GET", "/api/processes", {"authorization": f"Bearer {token}"})

    await no_forgery_is_good(good, await signing_key(world), ask)


async def test_forged_tokens_of_an_identity_provider(template: Path, tmp_path: Path, provider: Provider) -> None:
    async with open_world(template, tmp_path, dialects=oidc(provider)) as world:
        (key,) = provider.keys.values()
        await no_forgery_is_good(provider.token(preferred_username="demo"), key, lambda token: me(world, token))


async def test_tokens_of_facilioo_that_were_meant_for_something_else(world: World) -> None:
    """Signed with the right key, as another program with the same key would."""
    body = orjson.dumps({"email": "admin@example.com", "password": "admin"})
    both = (await world.call("POST", "/api/auth/login", JSON, body=body)).json()
    key, claims = await signing_key(world), claims_of(both["accessToken"])

    def signed(**changes: Any) -> str:
        kept = {name: value for name, value in {**claims, **changes}.items() if value is not None}
        return jwt.encode({"alg": "RS256"}, kept, key)

    assert await show_jwt(world, signed(jti="another"))
    now = claims["nbf"]
    for changes in (
        {"aud": "another"},
        {"aud": None},
        {"aud": ["facilioo"]},
        {"iss": "another"},
        {"iss": None},
        {"use": "refresh"},
        {"use": None},
        {"exp": now - 1},
        {"exp": None},
        {"nbf": now + 3600},
        {"sub": None},
        {"sub": "1"},
        {"sub": {"accountId": 999_999, "companyId": 2}},
    ):
        assert not await show_jwt(world, signed(jti=str(changes), **changes)), changes
    assert not await show_jwt(world, both["refreshToken"])
    for token in (both["accessToken"], signed(use="refresh", jti="never issued")):
        answer = await world.call("POST", "/api/auth/refresh", JSON, body=orjson.dumps({"refreshToken": token}))
        assert answer.status == 401


async def test_a_code_of_processmaker_is_for_its_client_and_once(world: World) -> None:
    for grant in ("authorization_code", "refresh_token"):
        for text in ("", "x", "0" * 40, demo.TICKET):
            name = "code" if grant == "authorization_code" else grant
            form = f"grant_type={grant}&client_id={demo.CLIENT_ID}&client_secret={demo.CLIENT_SECRET}&{name}={text}"
            assert (await world.call("POST", "/workflow/oauth2/token", FORM, body=form)).status == 400
