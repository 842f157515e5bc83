"""Telling the targets of webhooks what happened. Source: dossier facilioo.md, section 3.8; how is our choice.

Events of a registration go out in their order, one request at a time, or many in one if they are grouped. What is not
taken (any status but 2xx, no answer in time) is tried again after a pause that doubles. A registration that continues
on failure gives up after some attempts and goes on with the next event; others wait until the target takes it.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from adapters.common.deliverer import Deliverer, Outcome, Send, Sender
from adapters.common.dialect import Mount
from adapters.common.outgoing import http_client
from adapters.facilioo.calls import time
from adapters.facilioo.webhooks import allowed, meaning
from core.outbox.queries import DeliveryView
from core.tables.outbox import Subscription

if TYPE_CHECKING:
    import httpx2

#: events in one request
GROUP = 100


async def deliver(mount: Mount) -> None:
    """Until it is cancelled."""
    await Deliverer(mount.engine, "facilioo", Requests(mount), float(mount.options["webhook_pause"])).run()


class Requests(Sender):
    seconds = 10
    in_order = True

    def __init__(self, mount: Mount) -> None:
        self._mount = mount
        self._attempts = int(mount.options["webhook_attempts"])

    def at_once(self, row: Subscription) -> int:
        return GROUP if row.ext["isGrouped"] else 1

    def gives_up(self, row: Subscription, attempts: int) -> bool:
        return bool(row.ext["continueOnFailure"]) and attempts >= self._attempts

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Send]:
        async with await http_client(self._mount.engine, self.seconds) as client:
            yield partial(self._send, client)

    async def _send(self, client: "httpx2.AsyncClient", row: Subscription, views: Sequence[DeliveryView]) -> Outcome:
        import httpx2

        ext = row.ext
        if not allowed(ext["url"], self._mount):
            return Outcome(error="the settings do not allow this target any more")
        events = [_event(view, row.number) for view in views]
        headers = {"content-type": "application/json; charset=utf-8", "webhook-id": events[0]["id"]}
        authorization = ext["authorization"]
        auth = None
        if authorization["type"] == "Bearer":
            headers["authorization"] = f"Bearer {authorization['token']}"
        elif authorization["type"] == "Basic":
            auth = httpx2.BasicAuth(authorization["username"], authorization["password"])
        try:
            content = orjson.dumps(events if ext["isGrouped"] else events[0])
            async with client.stream("POST", ext["url"], content=content, headers=headers, auth=auth) as answer:
                status = answer.status_code
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
            return Outcome(error=f"{type(error).__name__}: {error}")
        return Outcome(status, "" if 200 <= status < 300 else f"the target answered {status}")


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
