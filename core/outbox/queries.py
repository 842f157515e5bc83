"""Who is told of events, and what waits for them."""

from dataclasses import dataclass
from typing import NamedTuple

from core.outbox.fields import DeliverySort, DeliveryWhere, SubscriptionSort, SubscriptionWhere
from core.search.query import FIRST_PAGE, Page, PageRequest, Query
from core.tables.event import Event
from core.tables.outbox import Delivery, Subscription


@dataclass(frozen=True)
class SubscriptionByNumber(Query[Subscription]):
    """Deleted or not; of the dialect that asks."""

    number: int


@dataclass(frozen=True)
class SubscriptionByKey(Query[Subscription]):
    key: int


@dataclass(frozen=True)
class SearchSubscriptions(Query[Page[Subscription]]):
    where: tuple[SubscriptionWhere, ...] = ()
    sort: tuple[SubscriptionSort, ...] = ()
    page: PageRequest = FIRST_PAGE


class DeliveryView(NamedTuple):
    delivery: Delivery
    event: Event


@dataclass(frozen=True)
class SearchDeliveries(Query[Page[DeliveryView]]):
    where: tuple[DeliveryWhere, ...] = ()
    sort: tuple[DeliverySort, ...] = ()
    page: PageRequest = FIRST_PAGE


@dataclass(frozen=True)
class PendingSubscriptions(Query[tuple[int, ...]]):
    """The keys of those of a dialect for which something waits."""

    dialect: str


@dataclass(frozen=True)
class PendingDeliveries(Query[tuple[DeliveryView, ...]]):
    """What waits for a subscription, in the order of the events; with `due_by` only what is due then."""

    subscription_key: int
    limit: int = 100
    due_by: int | None = None
