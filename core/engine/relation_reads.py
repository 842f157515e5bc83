"""Answering queries about master data, stages, comments, who is involved, subscriptions and deliveries."""

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Text, bindparam, exists, literal, literal_column, select

from core.engine.outbox import ACTIVE
from core.engine.people_fields import USER
from core.engine.relation_fields import COMMENT, DELIVERY, REFERENCE, STAGE, SUBSCRIPTION
from core.queries.relations import (
    AccountsPage,
    DeliveryView,
    InvolvedIn,
    PendingDeliveries,
    PendingSubscriptions,
    ProcessesByKey,
    ReferenceByNumber,
    ReferencesByKey,
    SearchComments,
    SearchDeliveries,
    SearchReferences,
    SearchStages,
    SearchSubscriptions,
    SubscriptionByKey,
    SubscriptionByNumber,
)
from core.rejections import NotFound
from core.search.kind import Kind
from core.search.query import Page
from core.search.reader import Reader, answers
from core.search.search import search
from core.storage.cache import cached
from core.storage.record import load, load_all
from core.storage.rows import by_column, load_any
from core.storage.statements import Statement, table_of
from core.tables.event import Event
from core.tables.instance import Comment, Involvement
from core.tables.outbox import Delivery, Subscription
from core.tables.people import User
from core.tables.process import Activity, Process
from core.tables.registry import Reference

T = TypeVar("T")


def page_of(r: Reader, kind: Kind, cls: type[T], query: Any) -> Page[T]:
    found = search(r, kind, query)
    rows = tuple(load_all(cls, found.rows))  # type: ignore[type-var]
    return Page(rows, found.total, found.capped, found.start, found.end)


@answers(ReferenceByNumber)
def reference_by_number(query: ReferenceByNumber, r: Reader) -> Reference:
    rows = r.connection.fetch(
        by_column(Reference, "number", True), {"value": query.number, "tenant": r.principal.tenant_key}
    )
    for row in rows:
        reference = load(Reference, row)
        if reference.kind == query.kind:
            return reference
    raise NotFound(query.kind, query.number)


@answers(ReferencesByKey)
def references_by_key(query: ReferencesByKey, r: Reader) -> Mapping[int, Reference]:
    return {row.key: row for row in load_any(r.connection, Reference, "key", query.keys)}


@answers(ProcessesByKey)
def processes_by_key(query: ProcessesByKey, r: Reader) -> Mapping[int, Process]:
    return {row.key: row for row in load_any(r.connection, Process, "key", query.keys)}


@answers(SearchReferences)
def search_references(query: SearchReferences, r: Reader) -> Page[Reference]:
    return page_of(r, REFERENCE, Reference, query)


@answers(SearchStages)
def search_stages(query: SearchStages, r: Reader) -> Page[Activity]:
    return page_of(r, STAGE, Activity, query)


@answers(SearchComments)
def search_comments(query: SearchComments, r: Reader) -> Page[Comment]:
    return page_of(r, COMMENT, Comment, query)


@answers(AccountsPage)
def accounts_page(query: AccountsPage, r: Reader) -> Page[User]:
    return page_of(r, USER, User, query)


@answers(InvolvedIn)
def involved_in(query: InvolvedIn, r: Reader) -> tuple[Involvement, ...]:
    rows = load_any(r.connection, Involvement, "entity_key", [query.entity_key])
    return tuple(sorted((row for row in rows if row.role == query.role), key=lambda row: row.key))


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
    found = page_of(r, DELIVERY, Delivery, query)
    return Page(_with_events(r, found.items), found.total, found.capped, found.start, found.end)


#: said as the index over those says it
_PENDING: Any = literal_column("state IN ('WAITING', 'RETRYING')")


@cached(maxsize=1)
def _waiting() -> Statement:
    deliveries, subscriptions = table_of(Delivery), table_of(Subscription)
    waits = deliveries.c.subscription_key == subscriptions.c.key
    due = exists(select(literal(1)).select_from(deliveries).where(waits, _PENDING).correlate(subscriptions))
    mine = (subscriptions.c.deleted_at.is_(None), subscriptions.c.status == ACTIVE)
    of_dialect = subscriptions.c.dialect == bindparam("dialect", type_=Text)
    return Statement(select(subscriptions.c.key).where(*mine, of_dialect, due))


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
    found = r.connection.fetch(_first(query.due_by is not None), params)
    return _with_events(r, tuple(load_all(Delivery, found)))
