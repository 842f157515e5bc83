"""Messages and signals: who waits for them, and messages that wait for somebody."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Index, UniqueConstraint

from core.storage.columns import Table, big, key_column, mapping, null_string, string, strings
from core.storage.record import record


@record
class EventSubscription(Table, table=True):
    """That a message or a signal (`kind`, an EventKind) is waited for: at the element instance, or at the activity to
    whose boundary the event `element_id` is attached; or, where there is no instance, that it starts one of this
    version.

    `address` is what it is found by, and all that is looked at when something comes; who waits no more has their own
    key there, which nobody looks for. Of messages the row stays (`state`, a SubscriptionState).
    """

    __tablename__ = "event_subscription"
    __table_args__ = (
        Index("ix_event_subscription_address", "address"),
        Index("ix_event_subscription_instance", "instance_key"),
        Index("ix_event_subscription_definition", "definition_key"),
        Index("ix_event_subscription_tenant", "tenant_key", "key"),
    )

    key: int = key_column()
    tenant_key: int = big()
    kind: str = string()
    name: str = string()
    correlation_key: str | None = null_string()
    address: str = string()
    state: str = string("OPEN")
    process_key: int = big()
    definition_key: int = big()
    instance_key: int = big()
    element_instance_key: int = big()
    element_id: str = string()
    changed_at: int = big()


@record
class Message(Table, table=True):
    """One that is kept until it expires, for whoever waits for it meanwhile: once for each process (`processes`, keys
    as texts). At `offered_at`, if that is not 0, it is tried once more whether it starts an instance."""

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_address", "address"),
        Index("ix_message_expiry", "expires_at"),
        Index("ix_message_offer", "offered_at"),
    )

    key: int = key_column()
    tenant_key: int = big()
    name: str = string()
    correlation_key: str = string()
    address: str = string()
    message_id: str = string()
    variables: Mapping[str, Any] = mapping()
    processes: tuple[str, ...] = strings()
    published_at: int = big()
    expires_at: int = big()
    offered_at: int = big()


@record
class Correlation(Table, table=True):
    """That a message met somebody who waited for it. An instance that it started has no `element_instance_key`."""

    __tablename__ = "correlation"
    __table_args__ = (
        Index("ix_correlation_tenant", "tenant_key", "key"),
        Index("ix_correlation_instance", "instance_key"),
    )

    key: int = key_column()
    tenant_key: int = big()
    message_key: int = big()
    name: str = string()
    correlation_key: str = string()
    subscription_key: int = big()
    definition_key: int = big()
    instance_key: int = big()
    element_instance_key: int = big()
    element_id: str = string()
    correlated_at: int = big()


@record
class MessageStart(Table, table=True):
    """An instance that a message with a correlation key started: as long as it runs no other one of the process is
    started by a message with this key (`lock`)."""

    __tablename__ = "message_start"
    __table_args__ = (UniqueConstraint("lock"),)

    instance_key: int = key_column()
    tenant_key: int = big()
    process_key: int = big()
    correlation_key: str = string()
    lock: str = string()
