"""Messages and signals, and who waits for them. Source: the public contract of each version."""

from typing import Any, Never

from starlette.responses import Response

from adapters.camunda import errors
from adapters.camunda.access import ALL, PROCESS, READ_INSTANCE
from adapters.camunda.calls import DEFAULT_TENANT, SEARCH, Call, Endpoints, check_tenant, reply
from adapters.camunda.process_instances import root_key
from adapters.camunda.profile import Profile
from adapters.camunda.searching import TENANT, Always, Filter, Means, Plain, Searchable, found, page_of
from core.message.commands import BroadcastSignal, CorrelateMessage, PublishMessage
from core.message.fields import (
    INSIDE,
    STARTING,
    CorrelationField,
    CorrelationWhere,
    SubscriptionField,
    SubscriptionWhere,
)
from core.message.queries import CorrelationView, SearchCorrelations, SearchEventSubscriptions, SubscriptionView
from core.rejections import Conflict, Forbidden, NotFound
from core.search.query import Where
from core.times import iso_utc
from core.types import Permission, SubscriptionState
from schemas.camunda.message import parse_broadcast, parse_correlation, parse_publication
from schemas.camunda.search import ENUM, KEY, ORDERED, STRING, Member

endpoints = Endpoints()

PUBLISHED = (200, 400, 401, 403, 405, 406, 409, 413, 415, 500, 503)
CORRELATED = (200, 400, 401, 403, 404, 405, 406, 413, 415, 500, 503)
BROADCAST = (200, 400, 401, 403, 405, 406, 413, 415, 500, 503)

_TEXT, _KEYS, _DATE = Member("text", STRING), Member("key", KEY), Member("date", ORDERED)
_NUMBER = Member("integer", ORDERED)
_STATES = {
    "CORRELATED": (SubscriptionState.CORRELATED.value,),
    "CREATED": (SubscriptionState.OPEN.value,),
    "DELETED": (SubscriptionState.CLOSED.value,),
    "MIGRATED": (),
}
_SHOWN = {SubscriptionState.OPEN: "CREATED", SubscriptionState.CORRELATED: "CORRELATED"}
_START, _WITHIN = "START_EVENT", "PROCESS_EVENT"
_TYPES = {_START: (STARTING,), _WITHIN: (INSIDE,)}
_ONE_PARTITION = 1

_MEMBERS: Filter[SubscriptionField, Never] = {
    "messageSubscriptionKey": (_KEYS, "key"),
    "processDefinitionKey": (_KEYS, "definition_key"),
    "processDefinitionId": (_TEXT, "process_id"),
    "processInstanceKey": (_KEYS, "instance_key"),
    "elementId": (_TEXT, "element_id"),
    "elementInstanceKey": (_KEYS, "element_instance_key"),
    "messageSubscriptionState": (Member("enum", ENUM, tuple(_STATES)), Means("state", _STATES)),
    "lastUpdatedDate": (_DATE, "changed_at"),
    "messageName": (_TEXT, "name"),
    "correlationKey": (_TEXT, "correlation_key"),
    "tenantId": TENANT,
}
_SORT: dict[str, SubscriptionField | None] = {
    "messageSubscriptionKey": "key",
    "processDefinitionId": "process_id",
    "processInstanceKey": "instance_key",
    "elementId": "element_id",
    "elementInstanceKey": "element_instance_key",
    "messageSubscriptionState": "state",
    "lastUpdatedDate": "changed_at",
    "messageName": "name",
    "correlationKey": "correlation_key",
    "tenantId": None,
}
_NEWER: Filter[SubscriptionField, Never] = {
    "messageSubscriptionType": (Member("enum", ENUM, tuple(_TYPES)), Means("waiting", _TYPES)),
    "processDefinitionName": (_TEXT, "process_name"),
    "processDefinitionVersion": (_NUMBER, "version"),
    "toolName": (_TEXT, Always(None)),
    "inboundConnectorType": (_TEXT, Always(None)),
}
_NEWER_SORT: dict[str, SubscriptionField | None] = {
    "processDefinitionName": "process_name",
    "processDefinitionVersion": "version",
    "messageSubscriptionType": "waiting",
    "toolName": None,
    "inboundConnectorType": None,
}
_OLD: Plain[SubscriptionField] = Searchable(
    {name: member for name, member in _MEMBERS.items() if name != "processDefinitionKey"}, _SORT
)
_NOW: Plain[SubscriptionField] = Searchable(_MEMBERS, _SORT)
_NEW: Plain[SubscriptionField] = Searchable({**_MEMBERS, **_NEWER}, {**_SORT, **_NEWER_SORT})

CORRELATIONS: Plain[CorrelationField] = Searchable(
    {
        "correlationKey": (_TEXT, "correlation_key"),
        "correlationTime": (_DATE, "correlated_at"),
        "elementId": (_TEXT, "element_id"),
        "elementInstanceKey": (_KEYS, "element_instance_key"),
        "messageKey": (_KEYS, "message_key"),
        "messageName": (_TEXT, "name"),
        "partitionId": (_NUMBER, Always(_ONE_PARTITION)),
        "processDefinitionId": (_TEXT, "process_id"),
        "processDefinitionKey": (_KEYS, "definition_key"),
        "processInstanceKey": (_KEYS, "instance_key"),
        "subscriptionKey": (_KEYS, "subscription_key"),
        "tenantId": TENANT,
    },
    {
        "correlationKey": "correlation_key",
        "correlationTime": "correlated_at",
        "elementId": "element_id",
        "elementInstanceKey": "element_instance_key",
        "messageKey": "message_key",
        "messageName": "name",
        "partitionId": None,
        "processDefinitionId": "process_id",
        "processDefinitionKey": "definition_key",
        "processInstanceKey": "instance_key",
        "subscriptionKey": "subscription_key",
        "tenantId": None,
    },
)


def searchable(profile: Profile) -> Plain[SubscriptionField]:
    if profile.has_business_id:
        return _NEW
    return _NOW if profile.has_root else _OLD


def _startable(call: Call) -> tuple[str, ...] | None:
    """The ids of processes that the caller may start, None if that is all of them."""
    ids = call.access.of(("CREATE_PROCESS_INSTANCE", PROCESS))
    return None if call.access.everything or ALL in ids else tuple(sorted(ids))


@endpoints("publishMessage", "POST", "/messages/publication", PUBLISHED, source="documented")
async def publish(call: Call) -> Response:
    call.means(errors.PUBLISH)
    wanted = parse_publication(await call.body(), has_business_id=call.profile.has_business_id)
    check_tenant(wanted.tenant, "Publish Message")
    command = PublishMessage(
        wanted.name,
        wanted.correlation_key,
        wanted.variables,
        time_to_live=wanted.time_to_live,
        message_id=wanted.message_id,
    )
    try:
        published = await call.do(command)
    except Conflict as error:
        raise errors.already(
            "PUBLISH",
            f"Expected to publish a new message with id '{error.id}', but a message with that id was already published",
        ) from None
    return reply({"messageKey": str(published.key), "tenantId": DEFAULT_TENANT})


@endpoints("correlateMessage", "POST", "/messages/correlation", CORRELATED, source="documented")
async def correlate(call: Call) -> Response:
    """At once, or not at all."""
    call.means(errors.CORRELATE)
    wanted = parse_correlation(await call.body(), has_business_id=call.profile.has_business_id)
    check_tenant(wanted.tenant, "Correlate Message")
    command = CorrelateMessage(wanted.name, wanted.correlation_key, wanted.variables, _startable(call))
    try:
        met = await call.do(command)
    except Forbidden as error:
        if error.permission is Permission.START:
            call.means(errors.CORRELATE_START)
        raise
    except NotFound:
        raise errors.unknown(
            "CORRELATE",
            f"Expected to find subscription for message with name '{wanted.name}' and correlation key "
            f"'{wanted.correlation_key}', but none was found.",
        ) from None
    keys = {"messageKey": str(met.key), "processInstanceKey": str(met.instance_key)}
    return reply({**keys, "tenantId": DEFAULT_TENANT})


@endpoints("broadcastSignal", "POST", "/signals/broadcast", BROADCAST, source="documented")
async def broadcast(call: Call) -> Response:
    call.means(errors.BROADCAST)
    wanted = parse_broadcast(await call.body())
    check_tenant(wanted.tenant, "Broadcast Signal")
    try:
        sent = await call.do(BroadcastSignal(wanted.name, wanted.variables, _startable(call)))
    except Forbidden as error:
        if error.permission is Permission.START:
            call.means(errors.BROADCAST_START)
        raise
    return reply({"signalKey": str(sent.key), "tenantId": DEFAULT_TENANT})


def subscription_record(view: SubscriptionView, call: Call) -> dict[str, Any]:
    row, definition = view.subscription, view.known.definition
    members: dict[str, Any] = {
        "messageSubscriptionKey": str(row.key),
        "processDefinitionId": definition.process_id,
        "processDefinitionKey": str(definition.key),
        "processInstanceKey": str(row.instance_key) if row.instance_key else None,
        "elementId": row.element_id,
        "elementInstanceKey": str(row.element_instance_key) if row.element_instance_key else None,
        "messageSubscriptionState": _SHOWN.get(SubscriptionState(row.state), "DELETED"),
        "lastUpdatedDate": iso_utc(row.changed_at),
        "messageName": row.name,
        "correlationKey": row.correlation_key,
        "tenantId": DEFAULT_TENANT,
    }
    if call.profile.has_root:
        members["rootProcessInstanceKey"] = root_key(view.instance.instance) if view.instance is not None else None
    if call.profile.has_business_id:
        members |= {
            "messageSubscriptionType": _WITHIN if row.instance_key else _START,
            "processDefinitionName": definition.name or None,
            "processDefinitionVersion": definition.version,
            "toolName": None,
            "toolProperties": {},
            "inboundConnectorType": None,
        }
    return members


@endpoints("searchMessageSubscriptions", "POST", "/message-subscriptions/search", SEARCH, source="documented")
async def search_subscriptions(call: Call) -> Response:
    """Those of start events are shown since 8.10."""
    subscriptions = searchable(call.profile)
    wanted = await subscriptions.read(call)
    readable: tuple[SubscriptionWhere, ...] = call.access.where(READ_INSTANCE, "process_id")
    if not call.profile.has_business_id:
        readable = (*readable, Where("instance_key", "exists", True))
    where = (*readable, *subscriptions.where(wanted))
    page = await call.ask(SearchEventSubscriptions(where, subscriptions.order(wanted), page_of(wanted.page)))
    return await found(page, lambda view: subscription_record(view, call))


def correlation_record(view: CorrelationView, call: Call) -> dict[str, Any]:
    row, definition = view.correlation, view.known.definition
    members: dict[str, Any] = {
        "correlationKey": row.correlation_key or None,
        "correlationTime": iso_utc(row.correlated_at),
        "elementId": row.element_id,
        "elementInstanceKey": str(row.element_instance_key) if row.element_instance_key else None,
        "messageKey": str(row.message_key),
        "messageName": row.name,
        "partitionId": _ONE_PARTITION,
        "processDefinitionId": definition.process_id,
        "processDefinitionKey": str(definition.key),
        "processInstanceKey": str(row.instance_key),
        "subscriptionKey": str(row.subscription_key),
        "tenantId": DEFAULT_TENANT,
    }
    if call.profile.has_root:
        members["rootProcessInstanceKey"] = root_key(view.instance.instance) if view.instance is not None else None
    return members


@endpoints(
    "searchCorrelatedMessageSubscriptions",
    "POST",
    "/correlated-message-subscriptions/search",
    SEARCH,
    source="documented",
)
async def search_correlations(call: Call) -> Response:
    wanted = await CORRELATIONS.read(call)
    readable: tuple[CorrelationWhere, ...] = call.access.where(READ_INSTANCE, "process_id")
    where = (*readable, *CORRELATIONS.where(wanted))
    page = await call.ask(SearchCorrelations(where, CORRELATIONS.order(wanted), page_of(wanted.page)))
    return await found(page, lambda view: correlation_record(view, call))
