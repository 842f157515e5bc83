"""Credentials that have expired are removed in the background, in small turns; nothing else is."""

import asyncio
from pathlib import Path

import pytest

from core.clock import DAY, HOUR, MINUTE
from core.engine import Engine
from core.identity import cleaning
from core.identity.commands import IssueCredential, RemoveExpired, TryWriting
from core.identity.queries import CheckCredential
from core.people.commands import CreateUser
from core.principal import Principal, system
from core.rejections import Expired, Forbidden, Unauthenticated
from core.storage import open_store
from core.tables.schema import upgrade
from core.task.commands import CreateTask
from core.types import CredentialKind, Permission


def who(engine: Engine) -> Principal:
    return system(engine.default_tenant, dialect="test")


async def issue(engine: Engine, *lifetimes: int) -> list[str]:
    made = await engine.execute(CreateUser("ann"), who(engine))
    wanted = [IssueCredential(CredentialKind.TICKET, made.key, lifetime) for lifetime in lifetimes]
    return [issued.text for issued in await asyncio.gather(*(engine.execute(w, who(engine)) for w in wanted))]


def count(engine: Engine) -> int:
    connection = engine.store.connect()
    ((number,),), _ = connection.execute("SELECT count(*) FROM credential", {})
    connection.close()
    return int(number)


async def show(engine: Engine, text: str) -> None:
    await engine.ask(CheckCredential(text, CredentialKind.TICKET), who(engine))


async def test_what_expired_long_ago_is_removed(engine: Engine) -> None:
    long_ago, lately, alive = await issue(engine, -DAY - MINUTE, -HOUR, HOUR)
    assert await cleaning.clean(engine) == 1
    with pytest.raises(Unauthenticated) as refused:
        await show(engine, long_ago)
    assert refused.value.reason == "unknown"
    with pytest.raises(Expired):  # for a day one hears what is the matter
        await show(engine, lately)
    await show(engine, alive)
    assert await cleaning.clean(engine) == 0


async def test_turns_of_others_come_in_between(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning, "BATCH", 10)
    await issue(engine, *[-2 * DAY] * 35, HOUR)
    happened: list[str] = []

    async def clean() -> None:
        assert await cleaning.clean(engine) == 35
        happened.append("cleaned")

    async def work() -> None:
        await engine.execute(CreateTask("x"), who(engine))
        happened.append("worked")

    await asyncio.gather(clean(), work())
    assert happened == ["worked", "cleaned"]
    assert count(engine) == 1


async def nothing_left(engine: Engine) -> None:
    while True:
        if not count(engine):
            return
        await asyncio.sleep(0.01)


async def test_an_engine_does_it_by_itself(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(cleaning, "PAUSE", 0.01)
    await issue(engine, -2 * DAY)
    task = asyncio.create_task(cleaning.keep_clean(engine))
    await nothing_left(engine)
    await engine.execute(IssueCredential(CredentialKind.ACCESS, 0, -2 * DAY), who(engine))
    await nothing_left(engine)
    task.cancel()
    assert not any(task.done() for task in engine._background)


async def test_nobody_else_may(engine: Engine) -> None:
    worker = Principal(engine.default_tenant, 1, "ann", "test", permissions=frozenset({Permission.WORK}))
    for command in (RemoveExpired(), TryWriting()):
        with pytest.raises(Forbidden):
            await engine.execute(command, worker)


async def test_no_table_is_searched_for_what_has_expired(tmp_path: Path) -> None:
    """There is an index, so that millions of tokens that are alive do not matter."""
    store = open_store(f"sqlite:///{tmp_path}/index.db")
    upgrade(store)
    connection = store.connect()
    statement = cleaning._delete()
    text = statement.text(connection.flavour)
    values = {**statement.bound(connection.flavour), "before": 0, "count": 10}
    rows, _ = connection.execute(f"EXPLAIN QUERY PLAN {text}", values)
    connection.close()
    store.close()
    assert any("ix_credential_end" in row[3] for row in rows), rows
    assert not any(row[3].startswith("SCAN credential") for row in rows), rows
