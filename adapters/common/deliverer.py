"""Sends what waits in the outbox of a dialect, whatever the way: HTTP, SMTP.

One process at a time does so for each subscription, by a lease. What is not taken is tried again after a pause that
doubles, until it is taken or given up. An attempt is noted when it is over: a process that is killed in between makes
another, so that what arrives twice has to be recognised by its number.
"""

import asyncio
import logging
import math
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from typing import ClassVar, NamedTuple

from core.gate import Gate
from core.outbox.commands import ACTIVE, LeaseSubscription, NoteDelivery
from core.outbox.queries import DeliveryView, PendingDeliveries, PendingSubscriptions, SubscriptionByKey
from core.principal import Principal, system
from core.rejections import NotFound, Rejection, Unavailable
from core.tables.outbox import Subscription

log = logging.getLogger("dragoman.outbox")

LOOK_SECONDS = 0.5
#: a lease lasts so many times as long as an attempt may take
LEASE = 3
LONGEST_PAUSE = 300
LONGEST_ERROR = 500


class Outcome(NamedTuple):
    """What came of an attempt: no error is success. `final` says that another one would end the same way."""

    status: int = 0
    error: str = ""
    final: bool = False


Send = Callable[[Subscription, Sequence[DeliveryView]], Awaitable[Outcome]]


class Sender(ABC):
    """How a dialect sends."""

    #: what an attempt may take
    seconds: ClassVar[float]
    #: does what happened later wait for what happened earlier?
    in_order: ClassVar[bool]

    @abstractmethod
    def session(self) -> AbstractAsyncContextManager[Send]:
        """Connections, as far as they are kept from one attempt to the next."""

    def at_once(self, row: Subscription) -> int:
        """How many deliveries go in one attempt."""
        return 1

    def gives_up(self, row: Subscription, attempts: int) -> bool:
        """Is it over after so many attempts? It is in any case once a delivery has expired."""
        return False


class Deliverer:
    def __init__(self, engine: Gate, dialect: str, sender: Sender, first_pause: float) -> None:
        self._engine = engine
        self._dialect = dialect
        self._sender = sender
        self._first_pause = first_pause
        self._running: dict[int, asyncio.Task[None]] = {}
        self._leases: dict[int, int] = {}

    @property
    def _who(self) -> Principal:
        return system(self._engine.default_tenant, dialect=self._dialect)

    async def run(self) -> None:
        """Until it is cancelled."""
        try:
            while True:
                try:
                    await self._look()
                except Unavailable:
                    log.debug("the storage is not there; looking again")
                except Exception:
                    log.exception("looking for deliveries broke")
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)
            for key in tuple(self._leases):
                with suppress(Rejection):
                    await self._lease(key, 0)

    async def _look(self) -> None:
        if not self._engine.tells(self._dialect):
            return
        self._running = {key: task for key, task in self._running.items() if not task.done()}
        for key in await self._engine.ask(PendingSubscriptions(self._dialect), self._who):
            if key not in self._running:
                self._running[key] = asyncio.create_task(self._serve(key))

    async def _serve(self, key: int) -> None:
        """All that waits for one subscription."""
        lifetime = int(LEASE * self._sender.seconds * 1000)
        try:
            if await self._due(key) is None or not await self._lease(key, lifetime):
                return
            async with self._sender.session() as send:
                while (due := await self._due(key)) is not None:
                    await self._tell(send, *due)
                    if not await self._lease(key, lifetime):
                        return
            await self._lease(key, 0)
        except (NotFound, Unavailable) as error:
            log.debug("no more for %d: %s", key, error)
        except Exception:
            log.exception("delivering broke")

    async def _lease(self, key: int, lifetime: int) -> bool:
        """Hold it for so long, or (0) no longer. False if somebody else does."""
        row = await self._engine.ask(SubscriptionByKey(key), self._who)
        holder = self._leases.pop(key, 0)
        if self._engine.owns_database:
            holder = row.leased_until  # nobody else is on this database
        if not await self._engine.execute(LeaseSubscription(key, lifetime, holder), self._who):
            return False
        if lifetime:
            self._leases[key] = (await self._engine.ask(SubscriptionByKey(key), self._who)).leased_until
        return True

    async def _due(self, key: int) -> tuple[Subscription, tuple[DeliveryView, ...]] | None:
        """What is first in line, if it can be sent now."""
        row = await self._engine.ask(SubscriptionByKey(key), self._who)
        if row.deleted_at is not None or row.status != ACTIVE:
            return None
        now = self._engine.clock()
        due_by = None if self._sender.in_order else now
        waiting = await self._engine.ask(PendingDeliveries(key, self._sender.at_once(row), due_by), self._who)
        return (row, waiting) if waiting and waiting[0].delivery.due_at <= now else None

    async def _tell(self, send: Send, row: Subscription, waiting: Sequence[DeliveryView]) -> None:
        first = waiting[0].delivery
        if _expired(first.expires_at, self._engine.clock()):
            outcome = Outcome(error=f"it is too late; before: {first.error or 'no attempt'}", final=True)
        else:
            outcome = await self._attempt(send, row, waiting)
        await self._note(row, waiting, outcome)

    async def _attempt(self, send: Send, row: Subscription, waiting: Sequence[DeliveryView]) -> Outcome:
        try:
            async with asyncio.timeout(self._sender.seconds):
                return await send(row, waiting)
        except TimeoutError:
            return Outcome(error=f"no answer within {self._sender.seconds:g} seconds")
        except Exception as error:
            log.exception("sending broke")
            return Outcome(error=type(error).__name__)

    async def _note(self, row: Subscription, waiting: Sequence[DeliveryView], outcome: Outcome) -> None:
        keys = tuple(view.delivery.key for view in waiting)
        if not outcome.error:
            await self._engine.execute(NoteDelivery(keys, delivered=True, status_code=outcome.status), self._who)
            self._count("delivered", len(keys))
            return
        attempts = waiting[0].delivery.attempts + 1
        pause = min(self._first_pause * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)
        due = self._engine.clock() + int(pause * 1000)
        given_up = outcome.final or self._sender.gives_up(row, attempts)
        given_up = given_up or _expired(waiting[0].delivery.expires_at, due)
        log.log(
            logging.ERROR if given_up else logging.WARNING,
            "%s, subscription %d, delivery %d, attempt %d%s: %s",
            *(self._dialect, row.number, keys[0], attempts, ", the last" if given_up else "", outcome.error),
        )
        error = outcome.error[:LONGEST_ERROR]
        note = NoteDelivery(keys, given_up=given_up, due_at=due, status_code=outcome.status, error=error)
        await self._engine.execute(note, self._who)
        self._count("given up" if given_up else "retried", len(keys))

    def _count(self, what: str, deliveries: int) -> None:
        self._engine.count_deliveries(self._dialect, what, deliveries)


def check_pause(name: str, options: Mapping[str, str]) -> None:
    """The pause before the second attempt, in seconds. Raises ValueError with the name of the option."""
    try:
        good = 0 < float(options[name]) < math.inf
    except ValueError:
        good = False
    if not good:
        raise ValueError(f"{name} has to be a number above zero, not {options[name]}")


def _expired(expires_at: int, at: int) -> bool:
    return 0 < expires_at <= at
