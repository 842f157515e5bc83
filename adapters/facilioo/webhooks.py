"""Webhook registrations, and what was delivered to them. Source: dossier facilioo.md, section 3.8; what is not there is
our choice. Only administrators see them, and only the targets that the settings name are called."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from starlette.responses import Response

from adapters.common.dialect import Mount, Operation
from adapters.common.rights import OWN
from adapters.facilioo import calls
from adapters.facilioo.calls import Call, Endpoint, time, times
from adapters.facilioo.entity import Entity, Rights
from adapters.facilioo.parties import ADMIN, right_of
from core.outbox.commands import ACTIVE, ChangeSubscription, Subscribe
from core.outbox.fields import DeliveryWhere, SubscriptionField, SubscriptionSort, SubscriptionWhere
from core.outbox.queries import DeliveryView, SearchDeliveries, SearchSubscriptions, SubscriptionByNumber
from core.search.query import Page, PageRequest, Sort, Where
from core.tables.event import Event
from core.tables.outbox import Subscription
from core.turn.command import KEEP, Command
from core.types import DeliveryState, Permission
from schemas.facilioo.wire import Invalid, required

CREATED, UPDATED, DELETED, REPLACE_RELATION, ADD_TO_RELATION, REMOVE_FROM_RELATION = range(1, 7)
TYPES = (CREATED, UPDATED, DELETED, REPLACE_RELATION, ADD_TO_RELATION, REMOVE_FROM_RELATION)
STATES: Mapping[str, int] = {
    DeliveryState.WAITING: 1,
    DeliveryState.RETRYING: 2,
    DeliveryState.DELIVERED: 3,
    DeliveryState.FAILED: 4,
}
LONGEST_URL = 2048
AUTHORIZATIONS = ("None", "Bearer", "Basic")


def _kept(entity: str, kind: str) -> Mapping[int, tuple[str, ...]]:
    """Of an entity that is made, changed and deleted in one way each."""
    return {
        CREATED: (f"{kind}.created{entity}",),
        UPDATED: (f"{kind}.updated{entity}",),
        DELETED: (f"{kind}.deleted{entity}",),
    }


#: entity -> type of event -> kinds of events of the engine
EVENTS: Mapping[str, Mapping[int, tuple[str, ...]]] = {
    "Process": {
        CREATED: ("instance.started",),
        UPDATED: ("instance.updated", "instance.completed", "instance.reopened"),
        DELETED: ("instance.terminated", "instance.removed", "instance.deleted"),
        ADD_TO_RELATION: ("instance.involved",),
        REMOVE_FROM_RELATION: ("instance.dismissed",),
    },
    "ProcessFeed": {
        CREATED: ("instance.commented",),
        UPDATED: ("instance.recommented",),
        DELETED: ("instance.uncommented",),
        ADD_TO_RELATION: ("comment.involved",),
        REMOVE_FROM_RELATION: ("comment.dismissed",),
    },
    "UserTask": {
        CREATED: ("task.created",),
        UPDATED: (
            *("task.updated", "task.assigned", "task.unassigned", "task.claimed", "task.completed", "task.commented"),
            *("task.paused", "task.resumed", "task.transferred", "task.reassigned"),
        ),
        # the last one is on its way in databases that were older
        DELETED: ("task.canceled", "task.deleted", "task.shelved", "task.replaced"),
    },
    "ProcessStage": _kept("", "stage"),
    "Account": _kept("", "user"),
    **{
        name: _kept(f":{kind}", "reference")
        for name, kind in (
            *(("Party", "party"), ("Property", "property"), ("Unit", "unit"), ("Contract", "contract")),
            ("ProcessFeedType", "feed-type"),
        )
    },
}


_MEANINGS = {
    kind: (entity, type) for entity, types in EVENTS.items() for type, kinds in types.items() for kind in kinds
}


def meaning(event: Event) -> tuple[str, int]:
    """(entity, type) that an event of the engine is here."""
    return _MEANINGS.get(event.kind) or _MEANINGS.get(f"{event.kind}:{event.entity}", ("", 0))


def allowed(url: str, mount: Mount) -> bool:
    """Is it below one of the addresses that the option `webhook_targets` names?"""
    wanted = urlsplit(url)
    for target in mount.options.get("webhook_targets", "").split(","):
        base = urlsplit(target.strip())
        same_host = (base.scheme, base.netloc.lower()) == (wanted.scheme, wanted.netloc.lower())
        path = base.path.rstrip("/")
        if base.netloc and same_host and (not path or wanted.path == path or wanted.path.startswith(f"{path}/")):
            return True
    return False


def _check_url(url: str, mount: Mount) -> None:
    if len(url) > LONGEST_URL:
        raise Invalid({"Url": [f"The field Url must be a string with a maximum length of {LONGEST_URL}."]})
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
        valid = valid and url.isascii() and not any(c.isspace() or c == "\\" for c in url) and (parts.port or 1) > 0
    except ValueError:
        valid = False
    if not valid:
        raise Invalid({"Url": ["The Url field is not a valid fully-qualified http or https URL."]})
    segments = unquote(parts.path).replace("\\", "/").split("/")
    if ".." in segments or "." in segments or not allowed(url, mount):
        raise Invalid({"Url": ["The Url is none of the targets that this gateway may call."]})


def _kinds(events: list[dict[str, Any]]) -> tuple[str, ...]:
    """Raises Invalid with what there is not."""
    names = {name.casefold(): name for name in EVENTS}
    errors: dict[str, list[str]] = {}
    kinds: list[str] = []
    for n, event in enumerate(events):
        entity = names.get(event["entityName"].casefold())
        if event["type"] not in TYPES:
            errors[f"EnabledEvents[{n}].Type"] = [f"The value '{event['type']}' is not valid for Type."]
        elif entity is None:
            errors[f"EnabledEvents[{n}].EntityName"] = [
                f"The value '{event['entityName']}' is not valid for EntityName."
            ]
        else:
            event["entityName"] = entity
            kinds += EVENTS[entity].get(event["type"], ())
    if errors:
        raise Invalid(errors)
    return tuple(dict.fromkeys(kinds))


def _check_authorization(given: Mapping[str, Any]) -> dict[str, str]:
    """What is kept of it. Raises Invalid."""
    kind = next((name for name in AUTHORIZATIONS if name.casefold() == given["type"].casefold()), None)
    if kind is None:
        raise Invalid({"Authorization.Type": [f"The value '{given['type']}' is not valid for Type."]})
    needed = {"None": (), "Bearer": ("token",), "Basic": ("username", "password")}[kind]
    missing = [name.capitalize() for name in needed if not given[name]]
    if missing:
        raise Invalid({f"Authorization.{name}": [required(name)] for name in missing})
    texts = {name: given[name] for name in needed}
    for name, text in texts.items():
        if not text.isprintable():
            pascal = f"Authorization.{name.capitalize()}"
            raise Invalid({pascal: [f"The {name.capitalize()} field holds characters that no header can."]})
    return {"type": kind, **texts}


class Webhooks(Entity[Subscription, SubscriptionField, SubscriptionWhere]):
    name = "WebhookRegistration"
    path = "webhook-registrations"
    rights = Rights((ADMIN,), (ADMIN,), (ADMIN,), (ADMIN,))
    sources: Mapping[str, str] = {"create": "documented"}
    filters: Mapping[str, tuple[SubscriptionField, str]] = {"ids": ("number", "int")}
    orders: Mapping[str, SubscriptionField] = {"id": "number", "created": "created_at", "lastModified": "changed_at"}

    async def one(self, call: Call, number: int) -> Subscription:
        return await call.ask(SubscriptionByNumber(number))

    async def find(
        self, call: Call, where: tuple[SubscriptionWhere, ...], sort: tuple[SubscriptionSort, ...], window: PageRequest
    ) -> Page[Subscription]:
        of_dialect: SubscriptionWhere = Where("dialect", "eq", call.principal.dialect)
        return await call.ask(SearchSubscriptions((of_dialect, *where), sort, window))

    async def reads(self, call: Call, views: tuple[Subscription, ...]) -> list[dict[str, Any]]:
        registrations = []
        for row in views:
            ext = row.ext
            registrations.append(
                {
                    "id": row.number,
                    **{name: ext[name] for name in ("partyId", "url", "enabledEvents", "isGrouped")},
                    "continueOnFailure": ext["continueOnFailure"],
                    "isPaused": row.status != ACTIVE,
                    "authorizationType": ext["authorization"]["type"],
                    **times(row),
                }
            )
        return registrations

    async def create(self, call: Call, values: Mapping[str, Any]) -> int:
        await call.refer(values, self.name)
        _check_url(values["url"], call.mount)
        kinds = _kinds(values["enabledEvents"])
        auth = values["authorization"]
        ext = {
            **{name: values[name] for name in ("partyId", "url", "enabledEvents")},
            **{name: bool(values[name]) for name in ("isGrouped", "continueOnFailure")},
            "authorization": _check_authorization(auth) if auth is not None else {"type": "None"},
        }
        created = await call.do(Subscribe(kinds, ext))
        if values["isPaused"]:
            await call.do(ChangeSubscription(created.key, stopped=True))
        return created.number

    async def change(self, call: Call, view: Subscription, values: Mapping[str, Any]) -> tuple[Command[Any], ...]:
        await call.refer(values, self.name)
        if "url" in values:
            _check_url(values["url"], call.mount)
        kinds = _kinds(values["enabledEvents"]) if "enabledEvents" in values else KEEP
        ext = dict(view.ext)
        ext |= {name: values[name] for name in ("partyId", "url", "enabledEvents") if name in values}
        ext |= {name: bool(values[name]) for name in ("isGrouped", "continueOnFailure") if name in values}
        if "authorization" in values:
            auth = values["authorization"]
            ext["authorization"] = _check_authorization(auth) if auth is not None else {"type": "None"}
        stopped = bool(values["isPaused"]) if "isPaused" in values else KEEP
        return (ChangeSubscription(view.key, kinds, ext, stopped),)

    async def remove(self, call: Call, view: Subscription) -> tuple[Command[Any], ...]:
        return (ChangeSubscription(view.key, deleted=True),)

    async def _deliveries(self, call: Call) -> Response:
        call.require(Permission.READ, self.rights.read)
        row = await self.one(call, call.number())
        where: tuple[DeliveryWhere, ...] = (Where("subscription_key", "eq", row.key),)

        async def window(wanted: PageRequest) -> tuple[list[Any], int]:
            page = await call.ask(SearchDeliveries(where, (Sort("event_at"), Sort("key")), wanted))
            return [_read(view, row.number) for view in page.items], page.total

        return await call.page(window)

    def endpoints(self) -> list[Endpoint]:
        path = "/api/webhook-registrations/{id}/webhook-deliveries"
        right = right_of(self.rights.read, OWN)
        operation = Operation("listWebhookDeliveries", "GET", path, right, calls.READ, source="our choice")
        return [*super().endpoints(), Endpoint(operation, self._deliveries, answer="WebhookDelivery[]")]


def _read(view: DeliveryView, number: int) -> dict[str, Any]:
    row, event = view
    entity, type = meaning(event)
    return {
        "id": str(row.key),
        "eventId": str(row.event_key),
        "webhookRegistrationId": number,
        "type": type,
        "entityName": entity,
        "entityId": row.entity_number,
        "state": STATES[row.state],
        "attempts": row.attempts,
        "statusCode": row.status_code or None,
        "error": row.error,
        "eventDate": time(row.event_at),
        "lastModified": time(row.changed_at),
    }
