"""Elements that stand still."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Index

from core.storage.columns import Table, big, key_column, mapping, string
from core.storage.record import record


@record
class Incident(Table, table=True):
    """An element that cannot go on, and why: `trouble` is a Trouble. `path` has the keys of all that stands still with
    it, each between slashes, from the outermost instance to the element itself. `step` is what is done again when it
    is resolved (core.flow.steps); if a job failed, that has `job_key`."""

    __tablename__ = "incident"
    __table_args__ = (
        Index("ix_incident_instance", "instance_key"),
        Index("ix_incident_root", "root_key", "state"),
        Index("ix_incident_element", "element_instance_key", "state"),
        Index("ix_incident_state", "tenant_key", "state", "key"),
    )

    key: int = key_column()
    tenant_key: int = big()
    instance_key: int = big()
    root_key: int = big()
    definition_key: int = big()
    element_instance_key: int = big()
    element_id: str = string()
    job_key: int = big()
    trouble: str = string()
    message: str = string()
    state: str = string("ACTIVE")
    path: str = string()
    step: Mapping[str, Any] = mapping()
    created_at: int = big()
    ended_at: int | None = big(None, nullable=True)
