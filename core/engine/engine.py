"""The one seam: commands and queries in, outcomes and rejections out."""

import asyncio
import logging
import threading
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from core.clock import SECOND, Clock, monotonic_clock, wall_clock
from core.commands import (
    ChangeSubscription,
    Command,
    CreateTenant,
    SetSetting,
    SetTenant,
    Subscribe,
    TryWriting,
)
from core.engine import directory_reads as directory_reads
from core.engine import execution_reads as execution_reads
from core.engine import holding_reads as holding_reads
from core.engine import library_reads as library_reads
from core.engine import process_reads as process_reads
from core.engine import relation_reads as relation_reads
from core.engine.cleaning import keep_clean
from core.engine.context import KnownDefinition, Numbers
from core.engine.firing import POLL_SECONDS, fire_due
from core.engine.furniture import furnish
from core.engine.health import Health, Proof
from core.engine.outbox import Watch
from core.engine.reads import READINGS, Reader, load_any
from core.engine.tenants import tenant_names
from core.engine.totals import Totals
from core.engine.turn import SET_HANDLERS, Asked, Result, TurnRunner
from core.identity.check import CHECKS
from core.identity.memory import CredentialMemory
from core.identity.passwords import Passwords
from core.identity.throttle import Limits, Throttle
from core.pool import Pool
from core.principal import Principal, system
from core.queries import Query, SettingValue
from core.rejections import Invalid, Unavailable
from core.storage.jsontext import strings
from core.storage.records import Setting
from core.storage.store import PATIENCE, BadValue, Busy, Connection, Retry, StorageError, Store, TooLong
from core.types import Channel

Out = TypeVar("Out")

log = logging.getLogger("dragoman.engine")

MAX_TURN = 64
MAX_WAITING = 20_000
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

#: with the time since when it waits
_Waiting = tuple[Command[Any], Principal, "asyncio.Future[Any]", int]


def _kind(query: Query[Any], principal: Principal) -> tuple[type[Any], int, str]:
    return type(query), principal.tenant_key, principal.username


@dataclass(slots=True)
class Known:
    """What readers remember of the database of an epoch; see `Store`."""

    epoch: int
    definitions: dict[int, KnownDefinition] = field(default_factory=dict)
    totals: Totals = field(default_factory=Totals)


@dataclass(slots=True)
class Stats:
    """Counted since the start of the process; deliveries by dialect and what came of an attempt."""

    turns: int = 0
    commands: int = 0
    rejected: int = 0
    turned_away: int = 0
    reads: int = 0
    deliveries: Counter[tuple[str, str]] = field(default_factory=Counter)


class Engine:
    """Owns a store: one thread writes in turns, reads have connections of their own.

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
        self.stats = Stats()
        self.health = Health(monotonic)
        self.memory = CredentialMemory(clock, monotonic)
        self.maintenance = False
        self.max_list_rows = max_list_rows
        self._queue: deque[_Waiting] = deque()
        self._scheduled = False
        self._turning = False
        self._drained = asyncio.Event()
        self._waiting = 0
        self._started = False
        self._stopping = False
        self._known = Known(store.epoch)
        self._tenants: dict[tuple[str, str], int] = {}
        self._within = int(within * SECOND)
        #: when the last turn of a command over a set ended; for such a one nobody is turned away
        self._set_until = 0
        self._is_over_a_set = False
        # a local database is read in threads only if that takes long; then most of it is Python's work, and more
        # threads would only take turns with the event loop
        within_reads = 0 if store.inline else self._within
        self.readers = Pool("read", readers or (2 if store.inline else 4), monotonic, within=within_reads)
        self.passwords = Passwords(limits.queue, monotonic, self._within)
        self.throttle = Throttle(monotonic, limits)
        self._slow = Pool("slow", SLOW_THREADS, monotonic, most=MAX_SLOW)
        self._telling: frozenset[str] = frozenset()
        #: what took too long lately, and for whom: it is not tried on the event loop for a while
        self._long_reads: set[tuple[type[Any], int, str]] = set()
        self._local = threading.local()
        self._refreshing = threading.Lock()
        self._connections: list[Connection] = []
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="dragoman-write")
        self._background: list[asyncio.Task[None]] = []
        self._proof = Proof(self.health, self._try_writing, monotonic)

    # life

    async def start(self) -> None:
        """Bring the schema up to date, start the writer, make sure that there is a tenant. Raises StorageError."""
        self._loop = asyncio.get_running_loop()
        self._loop_thread = threading.get_ident()
        await self._loop.run_in_executor(self.readers.executor, self.store.migrate)
        self._numbers = Numbers(self._reserve, self._advance)
        writing = self._connect(patience=0)
        self._runner = TurnRunner(writing, self._numbers, self.clock, self.health, self._refresh)
        self._inline = self._connect(budget=INLINE_BUDGET, patience=0)
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
        for task in self._background:
            task.cancel()
        if self._started:
            if self._turning or self._queue:
                await self._drained.wait()
            await self._loop.run_in_executor(self._writer, self._give_back)
        self._writer.shutdown()
        self.readers.close()
        self._slow.close()
        self.passwords.close()
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

    def _connect(self, *, budget: float = 0, patience: float = PATIENCE) -> Connection:
        connection = self.store.connect(budget=budget, patience=patience)
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
            except (StorageError, RuntimeError, Unavailable) as error:
                log.warning("could not refresh: %s", error)
            await asyncio.sleep(pause)

    async def look_again(self) -> None:
        """At what is remembered of the database."""
        await self._loop.run_in_executor(self.readers.executor, self._refresh)

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
        now = self.monotonic()
        if self._waiting >= MAX_WAITING or (self._queue and self._is_overdue(now, principal)):
            self.stats.turned_away += 1
            raise Unavailable("overload")
        future: asyncio.Future[Out] = self._loop.create_future()
        self._waiting += 1
        self._queue.append((command, principal, future, now))
        self._schedule()
        outcome = await future
        if type(command) in _NOTICED:
            await self.look_again()
        return outcome

    def _is_overdue(self, now: int, principal: Principal) -> bool:
        """Has the first command that waits done so for too long? What the gateway does by itself goes on."""
        if not self._within or self._is_over_a_set or principal.via == "system":
            return False
        return now - max(self._queue[0][3], self._set_until) > self._within

    async def ask(self, query: Query[Out], principal: Principal) -> Out:
        """Answer a query. Raises a Rejection if there is no answer."""
        check = CHECKS.get(type(query))
        if check is not None:
            return await check(self, query, principal)  # type: ignore[no-any-return]
        answer = READINGS[type(query)]
        self.stats.reads += 1
        if self.store.inline and not (self._long_reads and _kind(query, principal) in self._long_reads):
            try:
                return self._answer(answer, query, principal, self._inline)  # type: ignore[no-any-return]
            except (TooLong, Retry) as error:
                log.debug("%s is taken off the event loop", type(query).__name__)
                if isinstance(error, TooLong):
                    self._long_reads.add(_kind(query, principal))
        return await self.readers.run(self._answer, answer, query, principal, None)

    def recall(self, kind: str, text: str) -> Principal | None:
        """Who showed this credential lately; only in a process that owns its database, where the memory is exact."""
        entry = self.memory.get(kind, text) if self.store.inline else None
        return entry.principal if entry is not None else None

    async def set_maintenance(self, on: bool) -> None:
        await self.execute(SetSetting(MAINTENANCE, "on" if on else "off"), system(self.default_tenant))
        await self.look_again()

    async def in_thread(self, function: Callable[..., Out], *arguments: Any) -> Out:
        """Slow work of a caller, off the event loop. Raises Unavailable if too much of it waits."""
        return await self._slow.run(function, *arguments)

    async def check(self) -> None:
        """Raises Unavailable if a command or a query could not be answered now."""
        if self._stopping or not self._started:
            raise Unavailable("stopping")
        if not self.store.is_in_place:
            raise Unavailable("storage", "the database was moved or removed")
        await self.ask(SettingValue(MAINTENANCE), system(self.default_tenant))
        if self._waiting >= MAX_WAITING:
            raise Unavailable("overload")
        await self._proof.renew()
        if complaint := self.health.complaint:
            raise Unavailable("storage", complaint)

    async def _try_writing(self) -> None:
        await self.execute(TryWriting(), system(self.default_tenant))

    @property
    def default_tenant(self) -> int:
        return self._tenants["", ""]

    @property
    def tenant_number(self) -> int:
        """The number of the first tenant."""
        return self._tenant_number

    @property
    def has_tenants(self) -> bool:
        return bool(self._tenants)

    def tenant(self, dialect: str, name: str) -> int | None:
        """The key of the tenant that clients of a dialect know under a name."""
        return self._tenants.get((dialect, name))

    def tells(self, dialect: str) -> bool:
        """Does anybody outside get something from this dialect? Known within a second."""
        return dialect in self._telling

    @property
    def waiting(self) -> int:
        return self._waiting

    # reading

    def _reading(self) -> Connection:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
        return connection

    def _remembered(self) -> Known:
        known = self._known
        if known.epoch != self.store.epoch:
            known = self._known = Known(self.store.epoch)
            log.warning("the database %s became another one: what was remembered of it is forgotten", self.store.place)
            self._loop.call_soon_threadsafe(self.memory.clear)
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

    # writing

    def _take(self) -> list[_Waiting]:
        """The commands of the next turn: as many as wait, but a command over a set has its own."""
        batch: list[_Waiting] = []
        while self._queue and len(batch) < MAX_TURN:
            over_a_set = type(self._queue[0][0]) in SET_HANDLERS
            if over_a_set and batch:
                break
            batch.append(self._queue.popleft())
            if over_a_set:
                break
        return batch

    def _pump(self) -> None:
        """Start a turn, if none is under way and something waits.

        A local database does all but the commit here: threads that pass the interpreter's lock to and fro with every
        row take several times as long. The commit, which waits for the disk, and everything on a database across a
        network belong to the writer's thread.
        """
        self._scheduled = False
        if self._turning or not self._queue:
            return
        batch = self._take()
        asked: list[Asked] = [(command, principal) for command, principal, *_ in batch]
        self._turning = True
        if self.store.inline and type(asked[0][0]) not in SET_HANDLERS:
            begun = self._runner.begin(asked)
            if begun is not None and not begun.dirty:
                self._deliver(batch, begun)
                self._turned()
                return
            turn = self._loop.run_in_executor(self._writer, self._runner.finish, asked, begun)
        else:
            self._is_over_a_set = type(asked[0][0]) in SET_HANDLERS
            turn = self._loop.run_in_executor(self._writer, self._runner.run, asked)
        turn.add_done_callback(lambda done: self._done(batch, done))

    def _done(self, batch: list[_Waiting], turn: "asyncio.Future[Result]") -> None:
        self._deliver(batch, turn.result())
        self._turned()

    def _turned(self) -> None:
        self._turning = False
        if self._is_over_a_set:
            self._is_over_a_set, self._set_until = False, self.monotonic()
        if self._queue:
            self._schedule()
        elif self._stopping:
            self._drained.set()

    def _schedule(self) -> None:
        if not self._scheduled and not self._turning:
            self._scheduled = True
            self._loop.call_soon(self._pump)

    def _deliver(self, batch: list[_Waiting], result: Result) -> None:
        for user_key in result.touched_users:
            self.memory.forget(user_key)
        self.stats.turns += 1
        self.stats.commands += len(batch)
        self._waiting -= len(batch)
        for (_, _, future, _), outcome in zip(batch, result.outcomes, strict=True):
            if future.done():
                continue
            if isinstance(outcome, BaseException):
                self.stats.rejected += 1
                future.set_exception(outcome)
            else:
                future.set_result(outcome)
