"""The one seam: commands and queries in, outcomes and rejections out."""

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from core import (
    decision,
    directory,
    file,
    identity,
    incident,
    instance,
    job,
    library,
    message,
    outbox,
    people,
    process,
    registry,
    task,
)
from core.clock import SECOND, Clock, monotonic_clock, wall_clock
from core.furniture import furnish
from core.identity.check import CHECKS, Means
from core.identity.cleaning import keep_clean
from core.identity.commands import CreateTenant, SetSetting, SetTenant, TryWriting
from core.identity.memory import CredentialMemory
from core.identity.passwords import Passwords
from core.identity.queries import SettingValue
from core.identity.tenants import tenant_names
from core.identity.throttle import Limits, Throttle
from core.job.firing import POLL_SECONDS, fire_due
from core.message.expiry import tend
from core.outbox.commands import ChangeSubscription, Subscribe
from core.pool import Pool
from core.principal import Principal, system
from core.rejections import Invalid, Unavailable
from core.search.query import Query
from core.search.reader import READINGS, Reader
from core.search.totals import Totals
from core.storage.jsontext import strings
from core.storage.rows import load_any
from core.storage.store import PATIENCE, BadValue, Busy, Connection, Retry, StorageError, Store, TooLong
from core.storage.traced import traced
from core.tables import schema
from core.tables.identity import Setting
from core.turn import several as several  # which registers what it decides
from core.turn.command import Command
from core.turn.context import Numbers
from core.turn.health import Health, Proof
from core.turn.known import KnownDefinition
from core.turn.queue import Queue
from core.turn.runner import TurnRunner
from core.turn.stats import Stats
from core.turn.watch import Watch
from core.types import Channel

#: what the engine is about, each with its commands and queries; the later ones build on the earlier
NOUNS = (
    *(people, registry, outbox, library, decision, process, instance, message, task, job),
    *(incident, directory, file, identity),
)

Out = TypeVar("Out")

log = logging.getLogger("dragoman.engine")

#: threads for slow work of callers, and how much of it may be under way or wait
SLOW_THREADS = 2
MAX_SLOW = 64
#: a connection may be lost, and the next one lead to another server
READ_ATTEMPTS = 3
#: seconds that a read may take on the event loop
INLINE_BUDGET = 0.01
MAINTENANCE = "maintenance"

#: commands after which the engine looks again at what it remembers of the database
_NOTICED = (CreateTenant, SetTenant, Subscribe, ChangeSubscription)


def _kind(query: Query[Any], principal: Principal) -> tuple[type[Any], int, str]:
    return type(query), principal.tenant_key, principal.username


@dataclass(slots=True)
class Known:
    """What readers remember of the database of an epoch; see `Store`."""

    epoch: int
    definitions: dict[int, KnownDefinition] = field(default_factory=dict)
    totals: Totals = field(default_factory=Totals)


class Engine:
    """Owns a store: one thread writes in turns, reads have connections of their own. What it does for others is told in
    core.gate.

    engine = Engine(open_store("sqlite:///data/dragoman.db"))
    await engine.start()
    outcome = await engine.execute(CompleteTask(key), principal)
    answer = await engine.ask(TaskByKey(key), principal)
    await engine.stop()
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock = wall_clock,
        monotonic: Clock = monotonic_clock,
        readers: int = 0,
        limits: Limits = Limits(),
        within: float = 0,
        max_list_rows: int = 0,
    ) -> None:
        """`within` seconds a command, a read or a password may wait until it is begun; 0: however long.
        `max_list_rows` is for callers with lists that have no pages; 0: any number. `readers` 0: as many threads as are
        good for the database."""
        self.store = store
        self.clock = clock
        self.monotonic = monotonic
        self._stats = Stats()
        self.health = Health(monotonic)
        self._memory = CredentialMemory(clock, monotonic)
        self.maintenance = False
        self.max_list_rows = max_list_rows
        self._started = False
        self._stopping = False
        self._known = Known(store.epoch)
        self._tenants: dict[tuple[str, str], int] = {}
        within_ms = int(within * SECOND)
        self._queue = Queue(monotonic, self._stats, within_ms, self._memory.forget)
        # a local database is read in threads only if that takes long; then most of it is Python's work, and more
        # threads would only take turns with the event loop
        within_reads = 0 if store.inline else within_ms
        self._readers = Pool("read", readers or (2 if store.inline else 4), monotonic, within=within_reads)
        self._passwords = Passwords(limits.queue, monotonic, within_ms)
        self._throttle = Throttle(monotonic, limits)
        self._means = Means(self, self._memory, self._throttle, self._passwords, monotonic)
        self._slow = Pool("slow", SLOW_THREADS, monotonic, most=MAX_SLOW)
        self._telling: frozenset[str] = frozenset()
        #: what took too long lately, and for whom: it is not tried on the event loop for a while
        self._long_reads: set[tuple[type[Any], int, str]] = set()
        self._local = threading.local()
        self._refreshing = threading.Lock()
        self._connections: list[Connection] = []
        self._background: list[asyncio.Task[None]] = []
        self._proof = Proof(self.health, self._try_writing, monotonic)

    # life

    async def start(self) -> None:
        """Bring the schema up to date, start the writer, make sure that there is a tenant. Raises StorageError."""
        self._loop = asyncio.get_running_loop()
        self._loop_thread = threading.get_ident()
        await self._loop.run_in_executor(self._readers.executor, schema.upgrade, self.store)
        self._numbers = Numbers(self._reserve, self._advance)
        writing = self._connect("turn", patience=0)
        self._runner = TurnRunner(writing, self._numbers, self.clock, self.health, self._refresh)
        self._queue.start(self._runner, inline=self.store.inline)
        self._inline = self._connect("read", budget=INLINE_BUDGET, patience=0)
        await self.look_again()
        try:
            await furnish(self)
        except Unavailable as error:
            raise StorageError(error.detail or error.reason) from error
        self._started = True
        self.health.is_quiet = False
        self._background = [asyncio.create_task(self._keep_fresh()), asyncio.create_task(keep_clean(self))]

    def _reserve(self, name: str, count: int, first: int) -> int:
        self._require_thread()
        return self.store.reserve(name, count, first)

    def _advance(self, name: str, minimum: int) -> None:
        self._require_thread()
        self.store.advance(name, minimum)

    def _require_thread(self) -> None:
        """A counter is written to the disk at once, on a connection that waits for locks: then a turn that was begun on
        the event loop has to be run in the thread."""
        if threading.get_ident() == self._loop_thread:
            raise TooLong("counters are not for the event loop")

    async def stop(self) -> None:
        """Finish what waits, then close. Commands that come later are refused."""
        self._stopping = True
        for running in self._background:
            running.cancel()
        if self._started:
            await self._queue.stop()
            await self._loop.run_in_executor(self._queue.writer, self._give_back)
        self._queue.writer.shutdown()
        self._readers.close()
        self._slow.close()
        self._passwords.close()
        for connection in self._connections:
            connection.close()
        self.store.close()

    def _give_back(self) -> None:
        if self._runner.is_behind:
            return
        for sequence in self._numbers.all():
            start, end = sequence.unused
            if start < end:
                try:
                    self.store.give_back(sequence.name, start, end)
                except Retry as error:
                    log.warning("unused numbers are lost: %s", error)
                    return
                except StorageError as error:
                    log.warning("%d unused numbers of %s are lost: %s", end - start, sequence.name, error)

    def _connect(self, purpose: str, *, budget: float = 0, patience: float = PATIENCE) -> Connection:
        connection = traced(self.store.connect(budget=budget, patience=patience), purpose)
        self._connections.append(connection)
        return connection

    async def _keep_fresh(self) -> None:
        """Notice what other processes on this database changed, and which timers are due."""
        while True:
            pause = POLL_SECONDS
            self._long_reads.clear()
            try:
                await self.look_again()
                pause = await fire_due(self)
                await tend(self)
            except (StorageError, RuntimeError, Unavailable) as error:
                log.warning("could not refresh: %s", error)
            await asyncio.sleep(pause)

    async def look_again(self) -> None:
        """At what is remembered of the database."""
        await self._loop.run_in_executor(self._readers.executor, self._refresh)

    def _refresh(self) -> None:
        """One after the other, so that who looked earlier never has the last word."""
        with self._refreshing:
            self._look()

    def _look(self) -> None:
        connection = self._reading()
        settings = {s.name: s.value for s in load_any(connection, Setting, "name", [MAINTENANCE])}
        self.maintenance = settings.get(MAINTENANCE) == "on"
        rows, _ = connection.execute("SELECT key, name, ext, number FROM tenant ORDER BY key", {})
        self._tenants = tenant_names(rows)
        self._tenant_number = int(rows[0][3]) if rows else 0
        subscribed = "SELECT key, tenant_key, kinds, channel, dialect FROM subscription WHERE deleted_at IS NULL"
        rows, _ = connection.execute(subscribed, {})
        self._telling = frozenset(dialect for *_, dialect in rows)
        self._runner.watches = tuple(
            Watch(key, tenant, frozenset(strings(kinds)))
            for key, tenant, kinds, channel, _ in rows
            if channel == Channel.EVENTS
        )
        connection.confirm()

    # the seam

    async def execute(self, command: Command[Out], principal: Principal) -> Out:
        """Carry out a command; returns when it is durable. Raises a Rejection if it is refused."""
        if self._stopping:
            raise Unavailable("stopping")
        outcome = await self._queue.put(command, principal)
        if type(command) in _NOTICED:
            await self.look_again()
        return outcome

    async def ask(self, query: Query[Out], principal: Principal) -> Out:
        """Answer a query. Raises a Rejection if there is no answer."""
        check = CHECKS.get(type(query))
        if check is not None:
            return await check(self._means, query, principal)  # type: ignore[no-any-return]
        answer = READINGS[type(query)]
        self._stats.reads += 1
        if self.store.inline and not (self._long_reads and _kind(query, principal) in self._long_reads):
            try:
                return self._answer(answer, query, principal, self._inline)  # type: ignore[no-any-return]
            except (TooLong, Retry) as error:
                log.debug("%s is taken off the event loop", type(query).__name__)
                if isinstance(error, TooLong):
                    self._long_reads.add(_kind(query, principal))
        return await self._readers.run(self._answer, answer, query, principal, None)

    def recall(self, kind: str, text: str) -> Principal | None:
        entry = self._memory.get(kind, text) if self.store.inline else None
        return entry.principal if entry is not None else None

    def remember(self, kind: str, text: str, principal: Principal) -> None:
        self._memory.put(kind, text, principal)

    def has_expired(self, id: str, expires_at: int) -> bool:
        return self._memory.has_expired(id, expires_at)

    async def hash_password(self, password: str) -> str:
        return await self._passwords.hash(password)

    async def verify_password(self, password: str, password_hash: str | None) -> bool:
        return await self._passwords.verify(password, password_hash)

    async def set_maintenance(self, on: bool) -> None:
        await self.execute(SetSetting(MAINTENANCE, "on" if on else "off"), system(self.default_tenant))
        await self.look_again()

    async def in_thread(self, function: Callable[..., Out], *arguments: Any) -> Out:
        return await self._slow.run(function, *arguments)

    async def check(self) -> None:
        """Raises Unavailable if a command or a query could not be answered now."""
        if self._stopping or not self._started:
            raise Unavailable("stopping")
        if not self.store.is_in_place:
            raise Unavailable("storage", "the database was moved or removed")
        await self.ask(SettingValue(MAINTENANCE), system(self.default_tenant))
        if self._queue.is_full:
            raise Unavailable("overload")
        await self._proof.renew()
        if complaint := self.health.complaint:
            raise Unavailable("storage", complaint)

    async def _try_writing(self) -> None:
        await self.execute(TryWriting(), system(self.default_tenant))

    @property
    def database(self) -> str:
        return self.store.flavour.value

    @property
    def owns_database(self) -> bool:
        return self.store.inline

    @property
    def default_tenant(self) -> int:
        return self._tenants["", ""]

    @property
    def tenant_number(self) -> int:
        return self._tenant_number

    @property
    def has_tenants(self) -> bool:
        return bool(self._tenants)

    def tenant(self, dialect: str, name: str) -> int | None:
        return self._tenants.get((dialect, name))

    def tells(self, dialect: str) -> bool:
        return dialect in self._telling

    def count_deliveries(self, dialect: str, outcome: str, count: int) -> None:
        self._stats.deliveries[dialect, outcome] += count

    @property
    def stats(self) -> Stats:
        """As they are now."""
        return replace(
            self._stats,
            deliveries=self._stats.deliveries.copy(),
            throttled=self._throttle.refused,
            waiting=self._queue.waiting,
            checking=self._passwords.waiting,
            passwords_refused=self._passwords.refused,
            reads_refused=self._readers.refused,
        )

    # reading

    def _reading(self) -> Connection:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect("read")
        return connection

    def _remembered(self) -> Known:
        known = self._known
        if known.epoch != self.store.epoch:
            known = self._known = Known(self.store.epoch)
            log.warning("the database %s became another one: what was remembered of it is forgotten", self.store.place)
            self._loop.call_soon_threadsafe(self._memory.clear)
        return known

    def _read(self, answer: Callable[[Any, Reader], Any], query: Any, principal: Principal, used: Connection) -> Any:
        known = self._remembered()
        made = answer(query, Reader(used, principal, known.definitions, known.totals))
        used.confirm()
        if known.epoch != self.store.epoch:
            raise Retry("the database became another one meanwhile")
        return made

    def _answer(
        self, answer: Callable[[Any, Reader], Any], query: Any, principal: Principal, connection: Connection | None
    ) -> Any:
        try:
            used = connection or self._reading()
            for _ in range(READ_ATTEMPTS - 1):
                try:
                    return self._read(answer, query, principal, used)
                except Retry as error:
                    if connection is not None or isinstance(error, Busy):
                        raise
            return self._read(answer, query, principal, used)
        except TooLong:
            raise
        except BadValue as error:
            raise Invalid("text", "unstorable") from error
        except StorageError as error:
            if connection is not None and isinstance(error, Retry):
                raise
            self.health.could_not_read(error)
            raise Unavailable("storage", str(error)) from error
