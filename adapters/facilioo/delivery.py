"""Telling the targets of webhooks what happened. Source: dossier facilioo.md, section 3.8; how is our choice.

Events of a registration go out in their order, one request at a time, or many in one if they are grouped. What is not
taken (any status but 2xx, no answer in time) is tried again after a pause that doubles. A registration that continues
on failure gives up after some attempts and goes on with the next event; others wait until the target takes it.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from adapters.common.dialect import Mount
from adapters.facilioo.calls import time
from adapters.facilioo.webhooks import allowed, meaning
from core.commands import LeaseSubscription, NoteDelivery
from core.engine.outbox import ACTIVE
from core.principal import Principal, system
from core.queries import DeliveryView, PendingDeliveries, PendingSubscriptions, SubscriptionByKey
from core.rejections import NotFound, Unavailable
from core.storage.records import Subscription

if TYPE_CHECKING:
    import httpx2

log = logging.getLogger("dragoman.facilioo.webhooks")

LOOK_SECONDS = 0.5
TIMEOUT_SECONDS = 10
#: longer than a request takes
LEASE_MILLISECONDS = 3 * TIMEOUT_SECONDS * 1000
#: events in one request
GROUP = 100
LONGEST_PAUSE = 300
LONGEST_ERROR = 500


async def deliver(mount: Mount) -> None:
    """Until it is cancelled."""
    await Deliverer(mount).run()


class Deliverer:
    def __init__(self, mount: Mount) -> None:
        self._mount = mount
        self._engine = mount.engine
        self._first_pause = float(mount.options["webhook_pause"])
        self._attempts = int(mount.options["webhook_attempts"])
        self._running: dict[int, asyncio.Task[None]] = {}
        self._leases: dict[int, int] = {}

    @property
    def _who(self) -> Principal:
        return system(self._engine.default_tenant, dialect="facilioo")

    async def run(self) -> None:
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

    async def _look(self) -> None:
        if not self._engine.watched:
            return
        self._running = {key: task for key, task in self._running.items() if not task.done()}
        for key in await self._engine.ask(PendingSubscriptions("facilioo"), self._who):
            if key not in self._running:
                self._running[key] = asyncio.create_task(self._serve(key))

    async def _serve(self, key: int) -> None:
        """All that waits for one registration."""
        # imported when there is something to tell: the library takes a while
        import httpx2

        try:
            if await self._due(key) is None or not await self._lease(key, LEASE_MILLISECONDS):
                return
            async with httpx2.AsyncClient(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False) as client:
                while (due := await self._due(key)) is not None:
                    await self._tell(client, *due)
                    if not await self._lease(key, LEASE_MILLISECONDS):
                        return
            await self._lease(key, 0)
        except (NotFound, Unavailable) as error:
            log.debug("no more for %d: %s", key, error)
        except Exception:
            log.exception("delivering broke")

    async def _lease(self, key: int, lifetime: int) -> bool:
        """Hold it for so long, or (0) no longer. False if somebody else does."""
        row = await self._engine.ask(SubscriptionByKey(key), self._who)
        holder = self._leases.get(key, 0)
        if self._engine.store.inline:
            holder = row.leased_until  # nobody else is on this database
        if not await self._engine.execute(LeaseSubscription(key, lifetime, holder), self._who):
            return False
        self._leases[key] = (await self._engine.ask(SubscriptionByKey(key), self._who)).leased_until
        return True

    async def _due(self, key: int) -> tuple[Subscription, tuple[DeliveryView, ...]] | None:
        """What is first in line, if it can be sent now."""
        row = await self._engine.ask(SubscriptionByKey(key), self._who)
        if row.deleted_at is not None or row.status != ACTIVE:
            return None
        limit = GROUP if row.ext["isGrouped"] else 1
        waiting = await self._engine.ask(PendingDeliveries(key, limit), self._who)
        return (row, waiting) if waiting and waiting[0].delivery.due_at <= self._engine.clock() else None

    async def _tell(self, client: "httpx2.AsyncClient", row: Subscription, waiting: tuple[DeliveryView, ...]) -> None:
        ext = row.ext
        status, error = await self._send(client, row, ext, waiting)
        keys = tuple(view.delivery.key for view in waiting)
        if not error:
            await self._engine.execute(NoteDelivery(keys, delivered=True, status_code=status), self._who)
            return
        attempts = waiting[0].delivery.attempts + 1
        gives_up = ext["continueOnFailure"] and attempts >= self._attempts
        pause = min(self._first_pause * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)
        due = self._engine.clock() + int(pause * 1000)
        log.warning("webhook %d, attempt %d: %s", row.number, attempts, error)
        note = NoteDelivery(keys, given_up=gives_up, due_at=due, status_code=status, error=error[:LONGEST_ERROR])
        await self._engine.execute(note, self._who)

    async def _send(
        self, client: "httpx2.AsyncClient", row: Subscription, ext: Mapping[str, Any], views: Sequence[DeliveryView]
    ) -> tuple[int, str]:
        """(status or 0, what went wrong)."""
        import httpx2

        if not allowed(ext["url"], self._mount):
            return 0, "the settings do not allow this target any more"
        events = [_event(view, row.number) for view in views]
        headers = {"content-type": "application/json; charset=utf-8", "webhook-id": events[0]["id"]}
        given = ext["authorization"]
        auth = None
        if given["type"] == "Bearer":
            headers["authorization"] = f"Bearer {given['token']}"
        elif given["type"] == "Basic":
            auth = httpx2.BasicAuth(given["username"], given["password"])
        try:
            content = orjson.dumps(events if ext["isGrouped"] else events[0])
            async with asyncio.timeout(TIMEOUT_SECONDS):
                async with client.stream("POST", ext["url"], content=content, headers=headers, auth=auth) as answer:
                    status = answer.status_code
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, OSError, ValueError) as error:
            return 0, f"{type(error).__name__}: {error}"
        return status, "" if 200 <= status < 300 else f"the target answered {status}"


def _event(view: DeliveryView, number: int) -> dict[str, Any]:
    entity, type = meaning(view.event)
    return {
        "id": str(view.delivery.key),
        "webhookRegistrationId": number,
        "type": type,
        "entityName": entity,
        "entityId": view.delivery.entity_number,
        "date": time(view.delivery.event_at),
    }
