"""Tenants, settings, credentials and counters."""

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field

from core.storage.columns import Ext, Table, big, integer, key_column, mapping, null_string, string
from core.storage.record import record


@record
class Tenant(Table, table=True):
    """Whose data it is: everything has its key, and nobody sees or changes what has another one. It is no entry of the
    directory, in which there are things of that name, too (core.types.EntryKind)."""

    __tablename__ = "tenant"
    __table_args__ = (UniqueConstraint("name"),)

    key: int = key_column()
    number: int = integer()
    name: str = string()
    ext: Ext = mapping()


@record
class Setting(Table, table=True):
    """What all processes on one database share: maintenance, signing keys."""

    __tablename__ = "setting"

    name: str = Field(sa_type=Text, primary_key=True)
    value: str = string()


class Counter(Table, table=True):
    __tablename__ = "counter"

    name: str = Field(sa_type=Text, primary_key=True)
    value: int = big()


@record
class Credential(Table, table=True):
    """A ticket or token, known by the digest of its text only. `family` ties together what was issued for one code or
    refresh token; `challenge` is what the verifier has to meet of who shows a code (RFC 7636)."""

    __tablename__ = "credential"
    __table_args__ = (
        Index("ix_credential_user", "user_key"),
        Index("ix_credential_family", "family"),
        Index("ix_credential_end", "expires_at"),
    )

    digest: str = Field(sa_type=Text, primary_key=True)
    kind: str = string()
    dialect: str = string()
    tenant_key: int = big()
    user_key: int = big()
    client_id: str = string()
    scope: str | None = null_string()
    redirect_uri: str = string()
    challenge: str = string()
    family: int = big()
    created_at: int = big()
    expires_at: int = big()


@record
class OAuthClient(Table, table=True):
    __tablename__ = "oauth_client"

    client_id: str = Field(sa_type=Text, primary_key=True)
    tenant_key: int = big()
    name: str = string()
    secret_digest: str = string()
    redirect_uri: str = string()
