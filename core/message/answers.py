"""Reading who waits for messages, whom they met, and what is due."""

from sqlalchemy import BigInteger, Integer, bindparam, literal, select

from core.instance.queries import InstancesByKey, InstanceView
from core.message.fields import CORRELATION, SUBSCRIPTION
from core.message.queries import (
    CorrelationView,
    Due,
    DueMessages,
    SearchCorrelations,
    SearchEventSubscriptions,
    SubscriptionView,
)
from core.search.query import Page
from core.search.reader import READINGS, Reader, answers
from core.search.search import search
from core.storage.cache import cached
from core.storage.record import load
from core.storage.statements import Statement, table_of
from core.tables.message import Correlation, EventSubscription, Message

messages = table_of(Message)


@cached(maxsize=1)
def _offered() -> Statement:
    """The index has those first that are not offered at all."""
    now = bindparam("now", type_=BigInteger)
    due = (messages.c.offered_at > literal(0, BigInteger), messages.c.offered_at <= now)
    statement = select(*messages.columns).where(*due).order_by(messages.c.offered_at, messages.c.key)
    return Statement(statement.limit(bindparam("limit", type_=Integer)))


@cached(maxsize=1)
def _expired() -> Statement:
    now = bindparam("now", type_=BigInteger)
    return Statement(select(messages.c.key).where(messages.c.expires_at <= now).limit(1))


@answers(DueMessages)
def due_messages(query: DueMessages, r: Reader) -> Due:
    offered = r.connection.fetch(_offered(), {"now": query.now, "limit": query.limit})
    expired = r.connection.fetch(_expired(), {"now": query.now})
    return Due(tuple(load(Message, row) for row in offered), bool(expired))


def _instances(r: Reader, keys: set[int]) -> dict[int, InstanceView]:
    found = READINGS[InstancesByKey](InstancesByKey(tuple(sorted(keys - {0}))), r)
    return dict(found)


@answers(SearchEventSubscriptions)
def search_subscriptions(query: SearchEventSubscriptions, r: Reader) -> Page[SubscriptionView]:
    page = search(r, SUBSCRIPTION, query)
    rows = [load(EventSubscription, row) for row in page.rows]
    instances = _instances(r, {row.instance_key for row in rows})
    views = tuple(SubscriptionView(row, r.known(row.definition_key), instances.get(row.instance_key)) for row in rows)
    return Page(views, page.total, page.capped, page.start, page.end)


@answers(SearchCorrelations)
def search_correlations(query: SearchCorrelations, r: Reader) -> Page[CorrelationView]:
    page = search(r, CORRELATION, query)
    rows = [load(Correlation, row) for row in page.rows]
    instances = _instances(r, {row.instance_key for row in rows})
    views = tuple(CorrelationView(row, r.known(row.definition_key), instances.get(row.instance_key)) for row in rows)
    return Page(views, page.total, page.capped, page.start, page.end)
