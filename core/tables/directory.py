"""Roles, tenants, mapping rules, who has them, and what they allow."""

from sqlalchemy import Index, UniqueConstraint

from core.storage.columns import Table, big, key_column, string, strings
from core.storage.record import record


@record
class Entry(Table, table=True):
    """A role, a tenant or a mapping rule of the directory (`kind`). A mapping rule stands for whoever has a token in
    which `claim_name` is `claim_value`."""

    __tablename__ = "directory_entry"
    __table_args__ = (UniqueConstraint("tenant_key", "kind", "entry_id"),)

    key: int = key_column()
    tenant_key: int = big()
    kind: str = string()
    entry_id: str = string()
    name: str = string()
    description: str = string()
    claim_name: str = string()
    claim_value: str = string()
    created_at: int = big()


@record
class Associate(Table, table=True):
    """A member of an entry or of a group (`owner_key`), by its id; users of a group are in `membership`."""

    __tablename__ = "associate"
    __table_args__ = (
        UniqueConstraint("owner_key", "kind", "member_id"),
        Index("ix_associate_member", "tenant_key", "kind", "member_id"),
    )

    key: int = key_column()
    tenant_key: int = big()
    owner_key: int = big()
    kind: str = string()
    member_id: str = string()


@record
class Grant(Table, table=True):
    """What an owner may do with things of a kind: with one of them, with all (`*`), or with those to which they have
    the relation `property_name`. Kinds and permissions are those of whoever granted them."""

    __tablename__ = "authorization_grant"
    __table_args__ = (Index("ix_grant_owner", "tenant_key", "owner_kind", "owner_id"),)

    key: int = key_column()
    tenant_key: int = big()
    owner_kind: str = string()
    owner_id: str = string()
    resource_kind: str = string()
    resource_id: str = string()
    property_name: str = string()
    permissions: tuple[str, ...] = strings()
