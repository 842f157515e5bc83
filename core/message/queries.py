"""Reading who waits for messages, and whom they met."""

from dataclasses import dataclass

from core.instance.queries import InstanceView
from core.message.fields import CorrelationSort, CorrelationWhere, SubscriptionSort, SubscriptionWhere
from core.search.query import FIRST_PAGE, Page, PageRequest, Query
from core.tables.message import Correlation, EventSubscription, Message
from core.turn.known import KnownDefinition


@dataclass(frozen=True, slots=True)
class Due:
    """Messages that may start something now; have some expired?"""

    offered: tuple[Message, ...]
    expired: bool


@dataclass(frozen=True)
class DueMessages(Query[Due]):
    """Of all tenants."""

    now: int
    limit: int = 100


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    """`instance` is the one that waits, None where an instance would be started."""

    subscription: EventSubscription
    known: KnownDefinition
    instance: InstanceView | None


@dataclass(frozen=True)
class SearchEventSubscriptions(Query[Page[SubscriptionView]]):
    """Of messages."""

    where: tuple[SubscriptionWhere, ...] = ()
    sort: tuple[SubscriptionSort, ...] = ()
    page: PageRequest = FIRST_PAGE


@dataclass(frozen=True, slots=True)
class CorrelationView:
    correlation: Correlation
    known: KnownDefinition
    instance: InstanceView | None


@dataclass(frozen=True)
class SearchCorrelations(Query[Page[CorrelationView]]):
    where: tuple[CorrelationWhere, ...] = ()
    sort: tuple[CorrelationSort, ...] = ()
    page: PageRequest = FIRST_PAGE
