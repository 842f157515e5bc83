"""What happened."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Index

from core.storage.columns import Table, big, key_column, mapping, string
from core.storage.record import record


@record
class Event(Table, table=True):
    """Append-only: one row for each change of an entity; its key is also its place in the order of things."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_entity", "entity_key", "key"), Index("ix_event_instance", "instance_key", "key"))

    key: int = key_column()
    at: int = big()
    tenant_key: int = big()
    kind: str = string()
    entity: str = string()
    entity_key: int = big()
    instance_key: int = big()
    actor_key: int = big()
    actor: str = string()
    dialect: str = string()
    before: Mapping[str, Any] = mapping()
    after: Mapping[str, Any] = mapping()
