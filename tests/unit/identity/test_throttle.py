"""How often a password may be tried, and what a queue of passwords does to others."""

import asyncio

import pytest

from core.clock import MINUTE
from core.engine import Engine
from core.identity.queries import CheckPassword
from core.identity.throttle import Limits, Throttle, peer
from core.principal import Principal
from core.rejections import Unauthenticated, Unavailable
from core.storage import open_store
from tests.support.asgi import basic
from tests.support.world import World


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000_000_000

    def __call__(self) -> int:
        return self.now


def tries(throttle: Throttle, account: str, address: str, count: int) -> int:
    """How many of so many wrong passwords are looked at."""
    peer.set(address)
    looked_at = 0
    for _ in range(count):
        try:
            throttle.admit(account)
        except Unavailable:
            continue
        looked_at += 1
    return looked_at


def test_an_account_from_one_address() -> None:
    clock = Clock()
    throttle = Throttle(clock, Limits(account=10, address=0, everywhere=0))
    assert tries(throttle, "ann", "10.0.0.1", 30) == 10
    assert throttle.refused == 20
    assert tries(throttle, "ann", "10.0.0.2", 1) == 1
    assert tries(throttle, "bob", "10.0.0.1", 1) == 1
    clock.now += MINUTE // 10
    assert tries(throttle, "ann", "10.0.0.1", 30) == 1
    clock.now += 10 * MINUTE
    assert tries(throttle, "ann", "10.0.0.1", 30) == 10


def test_a_clock_that_is_set_back_forgives_nothing() -> None:
    clock = Clock()
    throttle = Throttle(clock, Limits(account=10, address=0, everywhere=0))
    assert tries(throttle, "ann", "10.0.0.1", 10) == 10
    clock.now -= 60 * MINUTE
    assert tries(throttle, "ann", "10.0.0.1", 10) == 0


def test_a_right_password_is_no_failure() -> None:
    throttle = Throttle(Clock(), Limits(account=3, address=5, everywhere=5))
    peer.set("10.0.0.1")
    for _ in range(100):
        throttle.admit("ann")
        throttle.succeeded("ann")
    assert tries(throttle, "ann", "10.0.0.1", 10) == 3


def test_an_address_whatever_the_account() -> None:
    throttle = Throttle(Clock(), Limits(account=10, address=20, everywhere=0))
    assert sum(tries(throttle, f"user{n}", "10.0.0.1", 1) for n in range(50)) == 20
    assert tries(throttle, "user1", "10.0.0.2", 1) == 1


def test_who_has_an_ipv6_address_has_many() -> None:
    throttle = Throttle(Clock(), Limits(account=10, address=20, everywhere=0))
    assert sum(tries(throttle, f"user{n}", f"2001:db8::{n:x}", 1) for n in range(50)) == 20
    assert tries(throttle, "ann", "2001:db8:0:1::1", 1) == 1
    assert tries(throttle, "ann", "::ffff:10.0.0.1", 20) == tries(throttle, "bob", "10.0.0.1", 20) == 10


def test_who_hammers_from_everywhere_does_not_lock_the_owner_out() -> None:
    throttle = Throttle(Clock(), Limits(account=10, address=0, everywhere=50))
    peer.set("192.0.2.1")
    throttle.admit("ann")
    throttle.succeeded("ann")
    assert sum(tries(throttle, "ann", f"10.0.0.{n}", 10) for n in range(20)) == 50
    assert tries(throttle, "ann", "192.0.2.1", 1) == 1


async def test_many_at_once_are_counted_before_they_fail(engine: Engine) -> None:
    peer.set("10.0.0.1")
    check = CheckPassword("nobody", "x")
    answers = await asyncio.gather(*(engine.ask(check, _nobody(engine)) for _ in range(40)), return_exceptions=True)
    kinds = [type(answer) for answer in answers]
    assert (kinds.count(Unauthenticated), kinds.count(Unavailable)) == (10, 30)


def _nobody(engine: Engine) -> Principal:
    return Principal(engine.default_tenant, 0, "", "test")


async def test_a_queue_of_passwords_has_an_end(tmp_path: object) -> None:
    engine = Engine(open_store(f"sqlite:///{tmp_path}/queue.db"), limits=Limits(0, 0, 0, queue=5))
    await engine.start()
    checks = (engine.ask(CheckPassword(f"user{n}", "x"), _nobody(engine)) for n in range(20))
    kinds = [type(answer) for answer in await asyncio.gather(*checks, return_exceptions=True)]
    assert kinds.count(Unauthenticated) == 5
    assert kinds.count(Unavailable) == 15
    assert engine._passwords.waiting == 0
    await engine.stop()


def _refused(text: str) -> str:
    return f'<?xml version="1.0" encoding="utf-8"?>\r\n<root success="false" error="{text}" />'


FORM = {"content-type": "application/x-www-form-urlencoded"}
CLIENT = "client_id=10000000000000000000000000000001&client_secret=20000000000000000000000000000002"


@pytest.mark.parametrize(
    ("method", "path", "headers", "body"),
    [
        ("GET", "/ibis/rest/task/tasks", {"authorization": basic("jdoe", "wrong")}, ""),
        ("POST", "/workflow/oauth2/token", FORM, f"grant_type=password&username=jdoe&password=wrong&{CLIENT}"),
        ("GET", "/v2/topology", {"authorization": basic("jdoe", "wrong")}, ""),
        ("GET", "/srv.asmx/AuthenticateUser?UID=jdoe&PWD=wrong", {}, ""),
        (
            "POST",
            "/api/auth/login",
            {"content-type": "application/json"},
            '{"email":"jdoe@example.com","password":"wrong"}',
        ),
    ],
    ids=["inubit", "processmaker", "camunda", "inforouter", "facilioo"],
)
async def test_every_dialect_says_that_it_is_too_much(
    world: World, method: str, path: str, headers: dict[str, str], body: str
) -> None:
    """Whoever is known already is not asked again, and so goes on."""
    known = {"authorization": basic("jdoe")}
    assert (await world.call("GET", "/ibis/rest/task/tasks", known)).status == 200
    before = [(await world.call(method, path, headers, body=body)) for _ in range(10)]
    after = await world.call(method, path, headers, body=body)
    if path.startswith("/srv.asmx"):
        assert {answer.status for answer in (*before, after)} == {200}
        assert {answer.text for answer in before} == {_refused("[900] Authentication failed")}
        assert after.text == _refused("SystemError:The service is unavailable")
    else:
        assert {answer.status for answer in before} <= {400, 401}
        assert after.status == 503
    assert (await world.call("GET", "/ibis/rest/task/tasks", known)).status == 200
