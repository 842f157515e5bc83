"""Master data that processes are about."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field

from core.storage.columns import Table, big, integer, key_column, mapping, string, where
from core.storage.record import record

INNER = where("parent_key <> 0")


@record
class Reference(Table, table=True):
    """Master data that other things only refer to by number. `parent_key` is what it is a part of, 0 if of nothing;
    what is deleted is only marked so."""

    __tablename__ = "reference"
    __table_args__ = (
        UniqueConstraint("tenant_key", "kind", "number"),
        Index("ix_reference_parent", "parent_key", **INNER),
    )

    key: int = key_column()
    tenant_key: int = big()
    kind: str = string()
    number: int = integer()
    name: str = string()
    parent_key: int = big()
    external_id: str = string()
    ext: Mapping[str, Any] = mapping()
    created_at: int = big()
    changed_at: int = big()
    deleted_at: int | None = big(None, nullable=True)


class ExternalId(Table, table=True):
    """An id of the old system that lives on after an import."""

    __tablename__ = "external_id"
    __table_args__ = (Index("ix_external_id_key", "key"),)

    dialect: str = Field(sa_type=Text, primary_key=True)
    kind: str = Field(sa_type=Text, primary_key=True)
    text: str = Field(sa_type=Text, primary_key=True)
    key: int = big()
