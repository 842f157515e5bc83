"""What waits in the outbox is sent, tried again, or given up; whatever happens on the way."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from adapters.common.deliverer import Deliverer, Outcome, Send, Sender
from adapters.common.smtp import Mails, MailServer, mail_server
from core.clock import HOUR
from core.engine import Engine
from core.outbox.commands import SendMail
from core.outbox.queries import DeliveryView, SearchDeliveries
from core.principal import Principal, system
from core.search.query import Sort
from core.storage import open_store
from core.tables.outbox import Subscription
from gateway.app import Gateway
from gateway.settings import Settings, SettingsError
from tests.support.postbox import dead_server

DIALECT = "test"


@dataclass
class Scripted(Sender):
    """Each mail is sent with what its subject says: a list of outcomes, of which the last one lasts."""

    script: dict[str, list[Outcome]]
    tried: list[str] = field(default_factory=list)
    seconds = 5
    in_order = False

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Send]:
        yield self._send

    async def _send(self, row: Subscription, views: Sequence[DeliveryView]) -> Outcome:
        (view,) = views
        name = view.delivery.content["subject"]
        self.tried.append(name)
        outcomes = self.script[name]
        outcome = outcomes.pop(0) if len(outcomes) > 1 else outcomes[0]
        if outcome.error == "broken":
            raise RuntimeError
        return outcome


def who(engine: Engine) -> Principal:
    return system(engine.default_tenant, dialect=DIALECT)


async def send(engine: Engine, subject: str, lifetime: int = HOUR) -> None:
    await engine.execute(SendMail(1, "ann@example.com", subject, "text", lifetime), who(engine))


async def deliveries(engine: Engine) -> list[tuple[str, int, str | None]]:
    """(state, attempts, error)"""
    found = await engine.ask(SearchDeliveries(sort=(Sort("key"),)), who(engine))
    return [(row.state, row.attempts, row.error) for row, _ in found.items]


@asynccontextmanager
async def delivering(engine: Engine, sender: Sender, pause: float = 0.01) -> AsyncIterator[None]:
    task = asyncio.create_task(Deliverer(engine, DIALECT, sender, pause).run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(engine: Engine, test: Callable[[list[tuple[str, int, str | None]]], bool]) -> None:
    """However long it takes."""
    while not test(await deliveries(engine)):  # noqa: ASYNC110
        await asyncio.sleep(0.02)


def done(rows: list[tuple[str, int, str | None]]) -> bool:
    return all(state in ("DELIVERED", "FAILED") for state, _, _ in rows)


async def test_one_that_fails_is_tried_again_while_the_others_go(engine: Engine) -> None:
    later, good = Outcome(451, "later"), Outcome(250)
    sender = Scripted({"slow": [later, later, good], "quick": [good], "never": [Outcome(550, "no", final=True)]})
    for name in ("slow", "quick", "never"):
        await send(engine, name)
    async with delivering(engine, sender, pause=0.2):
        await until(engine, done)
        while sum(engine.stats.deliveries.values()) < 5:  # noqa: ASYNC110  counted after it is durable
            await asyncio.sleep(0.02)
    assert await deliveries(engine) == [("DELIVERED", 3, None), ("DELIVERED", 1, None), ("FAILED", 1, "no")]
    assert list(dict.fromkeys(sender.tried)) == ["slow", "quick", "never"]
    assert Counter(sender.tried) == {"slow": 3, "quick": 1, "never": 1}
    outcomes = {what: n for (_, what), n in engine.stats.deliveries.items()}
    assert outcomes == {"delivered": 2, "retried": 2, "given up": 1}


async def test_a_sender_that_breaks_is_a_failure_like_any_other(engine: Engine) -> None:
    sender = Scripted({"odd": [Outcome(error="broken"), Outcome(250)], "good": [Outcome(250)]})
    await send(engine, "odd")
    await send(engine, "good")
    async with delivering(engine, sender):
        await until(engine, done)
    assert await deliveries(engine) == [("DELIVERED", 2, None), ("DELIVERED", 1, None)]


async def test_what_has_expired_is_not_sent_any_more(engine: Engine) -> None:
    sender = Scripted({"late": [Outcome(250)]})
    await send(engine, "late", lifetime=0)
    async with delivering(engine, sender):
        await until(engine, done)
    assert await deliveries(engine) == [("FAILED", 1, "it is too late; before: no attempt")]
    assert sender.tried == []


async def test_without_a_mail_server_a_mail_waits_until_it_expires(engine: Engine) -> None:
    await send(engine, "x", lifetime=HOUR)
    async with delivering(engine, Mails("", "me@example.com")):
        await until(engine, lambda rows: rows[0][1] > 1)
        assert [state for state, _, _ in await deliveries(engine)] == ["RETRYING"]
        now = engine.clock
        engine.clock = lambda: now() + HOUR
        await until(engine, done)
    ((state, _, error),) = await deliveries(engine)
    assert (state, error) == ("FAILED", "it is too late; before: no mail server is configured")


async def test_who_stops_gives_the_lease_back(engine: Engine) -> None:
    """The next one need not wait for its end."""
    with dead_server() as dead:
        await send(engine, "x")
        async with delivering(engine, Mails(dead.address, "me@example.com")):
            await asyncio.to_thread(dead.accept)
        sender = Scripted({"x": [Outcome(250)]})
        async with delivering(engine, sender):
            await until(engine, done)
    assert await deliveries(engine) == [("DELIVERED", 1, None)]


@pytest.mark.parametrize(
    ("address", "server"),
    [
        ("smtp://mail.example.com", MailServer("mail.example.com", None, False, None, None)),
        ("smtps://me%40example.com:p%2Fw@[::1]:4650/", MailServer("::1", 4650, True, "me@example.com", "p/w")),
    ],
)
def test_addresses_of_mail_servers(address: str, server: MailServer) -> None:
    assert mail_server(address) == server


@pytest.mark.parametrize("address", ["mail.example.com:25", "smtp://", "http://x", "smtp://x:99999", "smtp://x/y"])
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        mail_server(address)


@pytest.mark.parametrize(
    ("option", "value"), [("mail_server", "mail.example.com"), ("mail_pause", "0"), ("mail_pause", "soon")]
)
def test_options_that_cannot_be_used_are_named(tmp_path: Path, option: str, value: str) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(SettingsError, match=rf"^dialects.inforouter.{option}:? has to be "):
        Gateway(Settings(dialects={"inforouter": {option: value}}), Engine(store))
    store.close()
