"""Reading subscriptions and deliveries."""

from typing import Any

from sqlalchemy import BigInteger, Text, bindparam, exists, literal, literal_column, select

from core.outbox.commands import ACTIVE
from core.outbox.fields import DELIVERY, SUBSCRIPTION
from core.outbox.queries import (
    DeliveryView,
    PendingDeliveries,
    PendingSubscriptions,
    SearchDeliveries,
    SearchSubscriptions,
    SubscriptionByKey,
    SubscriptionByNumber,
)
from core.rejections import NotFound
from core.search.query import Page
from core.search.reader import Reader, answers
from core.search.search import page_of
from core.storage.cache import cached
from core.storage.record import load_all
from core.storage.rows import load_any
from core.storage.statements import Statement, table_of
from core.tables.event import Event
from core.tables.outbox import Delivery, Subscription


@answers(SubscriptionByNumber)
def subscription_by_number(query: SubscriptionByNumber, r: Reader) -> Subscription:
    row = r.one(Subscription, "number", query.number, "subscription")
    if row.dialect != r.principal.dialect:
        raise NotFound("subscription", query.number)
    return row


@answers(SubscriptionByKey)
def subscription_by_key(query: SubscriptionByKey, r: Reader) -> Subscription:
    return r.one(Subscription, "key", query.key, "subscription")


@answers(SearchSubscriptions)
def search_subscriptions(query: SearchSubscriptions, r: Reader) -> Page[Subscription]:
    return page_of(r, SUBSCRIPTION, Subscription, query)


def _with_events(r: Reader, rows: tuple[Delivery, ...]) -> tuple[DeliveryView, ...]:
    events = {event.key: event for event in load_any(r.connection, Event, "key", {row.event_key for row in rows})}
    return tuple(DeliveryView(row, events[row.event_key]) for row in rows if row.event_key in events)


@answers(SearchDeliveries)
def search_deliveries(query: SearchDeliveries, r: Reader) -> Page[DeliveryView]:
    page = page_of(r, DELIVERY, Delivery, query)
    return Page(_with_events(r, page.items), page.total, page.capped, page.start, page.end)


#: said as the index over those says it
_PENDING: Any = literal_column("state IN ('WAITING', 'RETRYING')")


@cached(maxsize=1)
def _waiting() -> Statement:
    deliveries, subscriptions = table_of(Delivery), table_of(Subscription)
    waits = deliveries.c.subscription_key == subscriptions.c.key
    due = exists(select(literal(1)).select_from(deliveries).where(waits, _PENDING).correlate(subscriptions))
    active = (subscriptions.c.deleted_at.is_(None), subscriptions.c.status == ACTIVE)
    of_dialect = subscriptions.c.dialect == bindparam("dialect", type_=Text)
    return Statement(select(subscriptions.c.key).where(*active, of_dialect, due))


@answers(PendingSubscriptions)
def pending_subscriptions(query: PendingSubscriptions, r: Reader) -> tuple[int, ...]:
    return tuple(key for (key,) in r.connection.fetch(_waiting(), {"dialect": query.dialect}))


@cached(maxsize=2)
def _first(due_only: bool) -> Statement:
    deliveries = table_of(Delivery)
    where = [deliveries.c.subscription_key == bindparam("subscription", type_=BigInteger), _PENDING]
    if due_only:
        where.append(deliveries.c.due_at <= bindparam("due", type_=BigInteger))
    return Statement(
        select(*deliveries.columns)
        .where(*where)
        .order_by(deliveries.c.event_at, deliveries.c.key)
        .limit(bindparam("limit"))
    )


@answers(PendingDeliveries)
def pending_deliveries(query: PendingDeliveries, r: Reader) -> tuple[DeliveryView, ...]:
    params = {"subscription": query.subscription_key, "limit": query.limit}
    if query.due_by is not None:
        params["due"] = query.due_by
    rows = r.connection.fetch(_first(query.due_by is not None), params)
    return _with_events(r, tuple(load_all(Delivery, rows)))
