"""The demo world: made once, copied for each test that wants it."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from core.clock import Clock, monotonic_clock
from core.engine import Engine
from core.principal import Principal, system
from core.storage import open_store
from gateway import demo
from gateway.app import Gateway
from gateway.server import engine_of
from gateway.settings import Settings
from tests.support.asgi import Answer, call

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
#: settings for those who try any password
UNTHROTTLED = {"login_failures": 0, "login_failures_per_address": 0, "login_failures_everywhere": 0}


@dataclass
class World:
    """A gateway with its engine, in this process."""

    gateway: Gateway
    engine: Engine
    path: Path

    @property
    def system(self) -> Principal:
        return system(self.engine.default_tenant)

    async def call(self, method: str, target: str, headers: dict[str, str] | None = None, **more: Any) -> Answer:
        return await call(self.gateway, method, target, headers, more.pop("body", b""), **more)

    async def token(self, user: str = "admin") -> dict[str, str]:
        """The header with a ProcessMaker access token."""
        grant = (
            f"grant_type=password&scope=*&client_id={demo.CLIENT_ID}&client_secret={demo.CLIENT_SECRET}"
            f"&username={user}&password={user}"
        )
        form = {"content-type": "application/x-www-form-urlencoded"}
        answer = await self.call("POST", "/workflow/oauth2/token", form, body=grant)
        return {"authorization": f"Bearer {answer.json()['access_token']}"}

    async def jwt(self, user: str = "admin") -> dict[str, str]:
        """The header with a facilioo access token."""
        body = f'{{"email":"{user}@example.com","password":"{user}"}}'
        answer = await self.call("POST", "/api/auth/login", {"content-type": "application/json"}, body=body)
        return {"authorization": f"Bearer {answer.json()['accessToken']}"}


async def make_empty(url: str) -> None:
    """A database as it is after the first start."""
    engine = Engine(open_store(url))
    await engine.start()
    await engine.stop()


async def make_demo(url: str) -> None:
    engine = Engine(open_store(url))
    await engine.start()
    await demo.load(engine)
    await engine.stop()


async def make_quick(url: str) -> None:
    """The demo world, with passwords that are looked at in no time: the hash says how much work that is."""
    await make_demo(url)
    quicken(url)


def quicken(url: str) -> None:
    store = open_store(url)
    connection = store.connect()
    connection.begin()
    for person in demo.PEOPLE:
        hashed = QUICK.hash(person.username)
        connection.execute(
            f"UPDATE user_account SET password_hash = '{hashed}' WHERE username = '{person.username}'",
            {},
        )
    connection.commit()
    connection.close()
    store.close()


@asynccontextmanager
async def open_world(
    template: Path, folder: Path, clock: Any = monotonic_clock, **settings: Any
) -> AsyncIterator[World]:
    """The demo world in a file of its own."""
    path = folder / "world.db"
    shutil.copy(template, path)
    async with open_world_at(f"sqlite:///{path}", path, clock, **settings) as world:
        yield world


@asynccontextmanager
async def open_world_at(
    url: str, path: Path = Path(), clock: Clock = monotonic_clock, **settings: Any
) -> AsyncIterator[World]:
    """The demo world in any database, loaded if that is empty."""
    wanted = demo.with_authorizations(Settings(log_requests=False, database_url=url, **settings))
    engine = engine_of(open_store(url), wanted, clock)
    gateway = Gateway(wanted, engine)
    await engine.start()
    try:
        await demo.load(engine)
        yield World(gateway, engine, path)
    finally:
        await engine.stop()
