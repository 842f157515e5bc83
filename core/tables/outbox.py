"""Who is told of events, and what is on its way to them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Index, UniqueConstraint

from core.storage.columns import Table, big, integer, key_column, mapping, null_string, string, strings, where
from core.storage.record import record

PENDING = where("state IN ('WAITING', 'RETRYING')")
MAILS = where("channel = 'mails'")


@record
class Subscription(Table, table=True):
    """Somebody outside is told of events of these `kinds`; `ext` says how, in the words of its dialect. One process at
    a time delivers, until `leased_until`. The mails of a dialect have a subscription of their own, made with the first
    one, which its `channel` tells apart."""

    __tablename__ = "subscription"
    __table_args__ = (
        UniqueConstraint("tenant_key", "number"),
        Index("ix_subscription_mails", "tenant_key", "dialect", unique=True, **MAILS),
    )

    key: int = key_column()
    number: int = integer()
    tenant_key: int = big()
    dialect: str = string()
    kinds: tuple[str, ...] = strings()
    status: str = string("ACTIVE")
    ext: Mapping[str, Any] = mapping()
    channel: str = string("events")
    leased_until: int = big()
    created_at: int = big()
    changed_at: int = big()
    deleted_at: int | None = big(None, nullable=True)


@record
class Delivery(Table, table=True):
    """An event on its way to a subscription, written together with the event itself. `entity_number` is the number of
    what the event is about, which may be gone when it is told. `content` is what is sent beside the event, and
    forgotten when it is delivered or given up; at `expires_at` (0: never) it is of no use any more."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index("ix_delivery_pending", "subscription_key", "event_at", "key", **PENDING),
        Index("ix_delivery_subscription", "subscription_key", "key"),
    )

    key: int = key_column()
    tenant_key: int = big()
    subscription_key: int = big()
    event_key: int = big()
    event_at: int = big()
    entity_number: int = integer()
    state: str = string("WAITING")
    attempts: int = integer()
    due_at: int = big()
    expires_at: int = big()
    content: Mapping[str, Any] = mapping()
    status_code: int = integer()
    error: str | None = null_string()
    changed_at: int = big()
