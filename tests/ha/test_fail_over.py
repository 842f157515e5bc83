"""Gateways whose database fails, is frozen, or is cut off at a commit, while clients work.

Two servers of PostgreSQL, the one a synchronous standby of the other; two gateways, one that names both servers, one
that goes by PgBouncer and HAProxy; HAProxy in front of both: set up as the documentation says, with its files.
Afterwards what clients were told is compared with what the database has that took over.
"""

import asyncio
import threading
import tomllib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.support.cluster import PASSWORD, Node, Pair, example, pair
from tests.support.cutter import Cut, Cutter, wire
from tests.support.history import Clients, History, ask
from tests.support.rounds import rounds
from tests.support.served import serving
from tests.support.server import Server, launch, own_port, until

pytestmark = [
    pytest.mark.crash,
    pytest.mark.rounds,
    pytest.mark.postgresql,
    pytest.mark.needs("pgbouncer", "haproxy"),
]

ROUNDS = rounds(1)
CLIENTS = 4


@dataclass
class Site:
    """Everything of the documentation's picture, and what clients were told at its front."""

    pair: Pair
    gateways: list[Server]
    wires: dict[str, Cutter]
    front: int
    history: History

    def check(self) -> None:
        self.history.check(lambda text: self.pair.primary.ask(text, "dragoman"))

    def cancel_commit(self) -> bool:
        """One that waits for the standby."""
        canceled = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        return bool(self.pair.primary.ask(canceled))

    def hanging_commits(self) -> int:
        return len(self.pair.primary.ask("SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep'"))

    @asynccontextmanager
    async def clients(self) -> AsyncIterator["Work"]:
        """They work before, while, and after; then what they were told is compared."""
        clients = Clients(self.front, self.history)
        work = Work(asyncio.create_task(clients.run(CLIENTS)), self.history)
        await work.goes_on()
        yield work
        for gateway in self.gateways:
            await self.serves(gateway)
        await work.goes_on()
        clients.stopping = True
        await work.task
        self.check()

    async def serves(self, gateway: Server) -> None:
        """It takes writes again, by itself."""
        body = '{"processDefinitionId":"approve"}'
        while (await ask(gateway.port, "POST", "/v2/process-instances", body)).status != 200:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@dataclass
class Work:
    """What clients do meanwhile."""

    task: "asyncio.Task[None]"
    history: History

    async def until(self, test: Callable[[], bool]) -> None:
        """However long it takes, as long as they work."""
        while not test():
            if self.task.done():
                self.task.result()
            await asyncio.sleep(0.02)

    async def goes_on(self) -> None:
        enough = self.history.done + 30
        await self.until(lambda: self.history.done >= enough)

    async def is_refused(self) -> None:
        enough = self.history.refused + CLIENTS
        await self.until(lambda: self.history.refused >= enough)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    with ExitStack() as stack:
        both = stack.enter_context(pair())
        nodes = [both.primary, both.standby]
        cutters = [stack.enter_context(wire(own_port(), node.port)) for node in nodes]
        front, database, pooler, *ports = (own_port() for _ in range(5))
        place = nodes[0].folder, nodes[0].owner
        stack.enter_context(serving(*place, "pgbouncer", _pgbouncer(nodes[0], database, pooler)))
        stack.enter_context(serving(*place, "haproxy", "-db", "-f", _haproxy(nodes, front, database, ports)))
        until(lambda: _leads_to_the_primary(pooler))  # HAProxy thinks well of all until it has asked
        gateways = []
        for n, (port, url) in enumerate(zip(ports, _addresses(folder, cutters, pooler), strict=True)):
            home = folder / f"gateway{n}"
            home.mkdir()
            server = launch(home, url, "--demo", "--port", str(port), DRAGOMAN_LOG_REQUESTS="false")
            stack.callback(server.terminate)
            gateways.append(server)
        names = {node.name: cutter for node, cutter in zip(nodes, cutters, strict=True)}
        yield Site(both, gateways, names, front, History())
    for server in gateways:
        assert "Traceback" not in server.log.read_text()


def _leads_to_the_primary(pooler: int) -> bool:
    try:
        with psycopg.connect(f"postgresql://dragoman:{PASSWORD}@127.0.0.1:{pooler}/dragoman") as connection:
            return connection.execute("SELECT pg_is_in_recovery()").fetchall() == [(False,)]
    except psycopg.OperationalError:
        return False


def _addresses(folder: Path, cutters: list[Cutter], pooler: int) -> list[str]:
    """Those of the documentation: the one that is set, and the one that could be."""
    passwords = folder / "pgpass"
    passwords.write_text(f"*:*:*:*:{PASSWORD}\n")
    passwords.chmod(0o600)
    places = {
        "10.0.0.31:5432": f"127.0.0.1:{cutters[0].port}",
        "10.0.0.32:5432": f"127.0.0.1:{cutters[1].port}",
        "10.0.0.10:6432": f"127.0.0.1:{pooler}",
        "/etc/dragoman/pgpass": f"{passwords}&connect_timeout=2",
    }
    settings = tomllib.loads(example("dragoman.toml", places).replace("#database_url", "other_url"))
    return [settings["database_url"], settings["other_url"]]


def _pgbouncer(node: Node, database: int, port: int) -> Path:
    users = node.folder / "userlist.txt"
    users.write_text(f'"dragoman" "{PASSWORD}"\n')
    places = {
        "host=10.0.0.10 port=5000": f"host=127.0.0.1 port={database}",
        "listen_addr = 10.0.0.10": "listen_addr = 127.0.0.1",
        "listen_port = 6432": f"listen_port = {port}",
        "/etc/pgbouncer/userlist.txt": str(users),
    }
    file = node.folder / "pgbouncer.ini"
    file.write_text(example("pgbouncer.ini", places))
    return file


def _haproxy(nodes: list[Node], front: int, database: int, gateways: list[int]) -> Path:
    places = {
        "10.0.0.10:5000": f"127.0.0.1:{database}",
        "10.0.0.10:80": f"127.0.0.1:{front}",
        "10.0.0.21:8080": f"127.0.0.1:{gateways[0]}",
        "10.0.0.22:8080": f"127.0.0.1:{gateways[1]}",
        "10.0.0.31:5432": nodes[0].place,
        "10.0.0.32:5432": nodes[1].place,
    }
    file = nodes[0].folder / "haproxy.cfg"
    file.write_text(example("haproxy.cfg", places))
    return file


async def test_the_primary_stops_and_the_standby_takes_over(site: Site) -> None:
    for _ in range(ROUNDS):
        async with site.clients():
            await asyncio.to_thread(site.pair.primary.stop_immediately)
            await asyncio.to_thread(site.pair.promote)
        await asyncio.to_thread(site.pair.rejoin)


async def test_a_frozen_primary_is_noticed_and_never_believed_again(site: Site) -> None:
    for _ in range(ROUNDS):
        async with site.clients() as work:
            frozen = site.pair.primary
            await asyncio.to_thread(frozen.freeze)
            await work.is_refused()
            await asyncio.to_thread(site.pair.promote)
            for gateway in site.gateways:
                await site.serves(gateway)
            await asyncio.to_thread(_takes_no_writes, frozen)
            # whoever has to look for the primary anew finds two that say they are
            site.pair.primary.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'dragoman'")
        await asyncio.to_thread(site.pair.rejoin)


def _takes_no_writes(frozen: Node) -> None:
    """It wakes up and does not know better; but its standby is gone, and without one it acknowledges nothing."""
    frozen.thaw()
    acknowledged = []

    def write() -> None:
        with suppress(psycopg.OperationalError), frozen.connect("dragoman") as connection:
            connection.execute("UPDATE counter SET value = value")
            acknowledged.append(True)

    writing = threading.Thread(target=write)
    writing.start()
    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND usename = 'postgres'"
    until(lambda: acknowledged or frozen.ask(waiting))
    frozen.kill()
    writing.join()
    assert not acknowledged


@pytest.mark.parametrize("cut", list(Cut))
async def test_a_connection_is_cut_at_a_commit(site: Site, cut: Cut) -> None:
    for _ in range(ROUNDS):
        async with site.clients() as work:
            cutter = site.wires[site.pair.primary.name]
            for _ in range(6):
                cutter.arm(cut)
                await work.until(cutter.happened.is_set)
            await asyncio.to_thread(site.pair.primary.stop_immediately)
            await asyncio.to_thread(site.pair.promote)
        await asyncio.to_thread(site.pair.rejoin)


async def test_without_a_standby_nothing_is_acknowledged(site: Site) -> None:
    """Also where somebody keeps the primary from waiting: what it then says is done, the standby does not have."""
    for _ in range(ROUNDS):
        async with site.clients() as work:
            await asyncio.to_thread(site.pair.standby.kill)
            for _ in range(3):
                await work.until(site.cancel_commit)
            for _ in range(10):
                await work.is_refused()
            assert site.hanging_commits() <= 2 * len(site.gateways), "who waits for nothing takes all connections"
            await asyncio.to_thread(site.pair.primary.kill)
            await asyncio.to_thread(site.pair.standby.start)
            await asyncio.to_thread(site.pair.promote)
        await asyncio.to_thread(site.pair.rejoin)


async def test_a_standby_that_comes_back_is_enough(site: Site) -> None:
    for _ in range(ROUNDS):
        async with site.clients() as work:
            await asyncio.to_thread(site.pair.standby.kill)
            await work.is_refused()
            await asyncio.to_thread(site.pair.standby.start)
