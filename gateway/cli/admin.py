"""What the command line does to a store or to a running gateway."""

import asyncio
import base64
import json
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from core.commands import CreateUser, SetPassword
from core.engine.engine import Engine
from core.principal import Principal, system
from core.queries import ListUsers
from core.storage.store import open_store
from core.types import ALL_PERMISSIONS, WORKER_PERMISSIONS
from gateway.settings import Settings

T = TypeVar("T")


class Failed(Exception):
    """The gateway did not do it; the text says why."""


def with_engine(settings: Settings, work: Callable[[Engine, Principal], Awaitable[T]]) -> T:
    async def run() -> T:
        engine = Engine(open_store(settings.database_url))
        await engine.start()
        try:
            return await work(engine, system(engine.default_tenant))
        finally:
            await engine.stop()

    return asyncio.run(run())


def add_user(
    settings: Settings, username: str, password: str, first_name: str, last_name: str, email: str, *, admin: bool
) -> None:
    async def work(engine: Engine, who: Principal) -> None:
        permissions = ALL_PERMISSIONS if admin else WORKER_PERMISSIONS
        hashed = await engine.passwords.hash(password)
        await engine.execute(CreateUser(username, hashed, first_name, last_name, email, permissions), who)

    with_engine(settings, work)


def set_password(settings: Settings, username: str, password: str) -> None:
    async def work(engine: Engine, who: Principal) -> None:
        await engine.execute(SetPassword(username, await engine.passwords.hash(password)), who)

    with_engine(settings, work)


def list_users(settings: Settings) -> tuple[Any, ...]:
    async def work(engine: Engine, who: Principal) -> tuple[Any, ...]:
        return await engine.ask(ListUsers(), who)

    return with_engine(settings, work)


def set_maintenance(url: str, user: str, password: str, *, on: bool) -> None:
    credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
    request = urllib.request.Request(  # noqa: S310  the caller names his own gateway
        f"{url.rstrip('/')}/maintenance",
        data=json.dumps({"on": on}).encode(),
        method="PUT",
        headers={"authorization": f"Basic {credentials}", "content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            answer.read()
    except urllib.error.HTTPError as error:
        raise Failed(f"{url}: {error.code} {error.read().decode(errors='replace')}") from None
    except urllib.error.URLError as error:
        raise Failed(f"{url}: {error.reason}") from None
