"""The line before the dialects, driven by hand: who stands in it, for how long, and what becomes of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from adapters.common.http import OVERDUE
from gateway.door import line as line_module
from gateway.door.line import Line
from tests.unit.gateway.test_door import GET, Client, Site


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def site(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    """Two requests are begun in a round, and nobody waits for longer than a second."""
    monkeypatch.setattr(line_module, "MOST", 2)
    monkeypatch.setattr(line_module, "LEAST", 1)
    monkeypatch.setattr(line_module, "SLOW", 10)
    async with Site() as opened:
        opened.keeper.line = Line(1.0, clock)
        yield opened


async def come(stack: AsyncExitStack, site: Site, count: int) -> list[Client]:
    return [await stack.enter_async_context(site.client()) for _ in range(count)]


def ask(clients: list[Client], path: bytes = b"") -> None:
    """All at once: in one round of the loop."""
    for number, client in enumerate(clients):
        client.door.data_received(GET % (path or b"%d" % number))


def overdue(clients: list[Client]) -> list[bool]:
    return [OVERDUE in client.door.cycle.scope for client in clients]


async def test_a_crowd_is_let_in_by_and_by_in_its_order(site: Site) -> None:
    async with AsyncExitStack() as stack:
        clients = await come(stack, site, 7)
        ask(clients)
        assert len(site.keeper.line) == 5
        assert [(await client.answer())[:6] for client in clients] == [b"200 /%d" % n for n in range(7)]
        assert site.asked == [f"/{n}" for n in range(7)]
        assert len(site.keeper.line) == 0
        assert not any(overdue(clients))


async def test_who_has_stood_too_long_is_refused(site: Site, clock: Clock) -> None:
    async with AsyncExitStack() as stack:
        clients = await come(stack, site, 5)
        ask(clients)
        clock.now += 1.1
        for client in clients:
            await client.answer()
        assert overdue(clients) == [False, False, True, True, True]


async def test_newcomers_are_refused_at_once_while_others_have_stood_too_long(site: Site, clock: Clock) -> None:
    async with AsyncExitStack() as stack:
        clients = await come(stack, site, 4)
        ask(clients[:3])
        clock.now += 1.1
        ask(clients[3:])
        assert overdue(clients) == [False, False, False, True]
        assert len(site.keeper.line) == 1


async def test_a_line_that_does_not_end_has_half_the_patience(site: Site, clock: Clock) -> None:
    async with AsyncExitStack() as stack:
        clients = await come(stack, site, 17)
        ask(clients[:7])
        for come_by_now in range(7, 17, 2):  # in each round two are begun, and two others come
            clock.now += 0.25
            ask(clients[come_by_now : come_by_now + 2])
            await asyncio.sleep(0)
        assert overdue(clients) == [False] * 15 + [True] * 2


async def test_the_line_forgets_an_overload_that_is_over(site: Site, clock: Clock) -> None:
    async with AsyncExitStack() as stack:
        clients = await come(stack, site, 5)
        ask(clients)
        clock.now += 1.1
        for client in clients:
            await client.answer()
        ask(clients, b"again")
        clock.now += 0.9
        for client in clients:
            await client.answer()
        assert not any(overdue(clients))


async def test_what_takes_long_is_not_refused_and_refuses_nobody(site: Site, clock: Clock) -> None:
    """A long poll, a list for a slow reader, an upload: begun is begun."""
    async with AsyncExitStack() as stack:
        clients = await come(stack, site, 6)
        site.gate.clear()
        ask(clients[:3], b"long")
        while site.asked != ["/long"] * 3:  # noqa: ASYNC110
            await asyncio.sleep(0)
        for _ in range(5):
            await asyncio.sleep(0)
        clock.now += 3600
        ask(clients[3:])
        while len(site.asked) < 6:  # noqa: ASYNC110
            await asyncio.sleep(0)
        site.gate.set()
        for client in clients:
            await client.answer()
        assert not any(overdue(clients))


async def test_probes_pass_all_others(site: Site, clock: Clock) -> None:
    async with AsyncExitStack() as stack:
        clients = await come(stack, site, 6)
        ask(clients[:4])
        clock.now += 1.1
        for client, path in zip(clients[4:], (b"health", b"metrics"), strict=True):
            client.door.data_received(GET % path)
        assert overdue(clients) == [False] * 6
        for client in clients:
            await client.answer()
        assert overdue(clients)[4:] == [False, False]
        assert site.asked[:4] == ["/0", "/1", "/health", "/metrics"]


async def test_who_goes_away_leaves_the_line(site: Site) -> None:
    async with AsyncExitStack() as stack:
        clients = await come(stack, site, 4)
        ask(clients)
        clients[2].door.connection_lost(None)
        for client in (clients[0], clients[1], clients[3]):
            await client.answer()
        assert site.asked == ["/0", "/1", "/3"]


async def test_slow_rounds_are_made_shorter(site: Site, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_module, "SLOW", 0.1)
    async with AsyncExitStack() as stack:
        clients = await come(stack, site, 6)
        ask(clients)
        assert len(site.keeper.line) == 4
        clock.now += 0.25
        await asyncio.sleep(0)  # one more is begun in this round, not two
        assert len(site.keeper.line) == 3
        for client in clients:
            await client.answer()


async def test_without_a_bound_there_is_no_line(clock: Clock) -> None:
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(Site(admit_within=0))
        clients = await come(stack, site, 200)
        ask(clients)
        assert len(site.keeper.line) == 0
        for client in clients:
            await client.answer()
