"""Who had a task."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Index

from core.columns import Table, big, integer, key_column, mapping, null_string, string, where

PASSED_UNDER_NUMBER = where("how = 'RENUMBERED'")
ASSIGNED = where("assigned_by <> ''")


class Holding(Table, table=True):
    """That somebody (or nobody) had a task, until it passed to somebody else.

    Append-only, and without the last holding of a task: that one is on the task itself, so that to end a task writes
    nothing here. `ordinal` is its place among the holdings of the instance, never used twice, and 0 for what an older
    database knew only from its events; it goes on with the `thread` of the holding with the ordinal `previous`.
    `number` is what it went by; `before` has what else of the task changed when it ended, as it was.
    """

    __tablename__ = "holding"
    __table_args__ = (
        Index("ix_holding_instance", "instance_key", "ordinal"),
        Index("ix_holding_holder", "tenant_key", "holder", "instance_number", "instance_key"),
        Index("ix_holding_number", "tenant_key", "number", **PASSED_UNDER_NUMBER),
        Index("ix_holding_assigned_by", "tenant_key", "assigned_by", **ASSIGNED),
    )

    key: int = key_column()
    tenant_key: int = big()
    instance_key: int = big()
    instance_number: int = integer()
    task_key: int = big()
    ordinal: int = integer()
    thread: int = integer()
    previous: int = integer()
    holder: str | None = null_string()
    number: int = integer()
    began_at: int = big()
    ended_at: int = big()
    how: str = string()
    assigned_by: str = string()
    redirected_from: str = string()
    due_at: int | None = big(None, nullable=True)
    started_at: int | None = big(None, nullable=True)
    before: Mapping[str, Any] = mapping()
