"""Libraries, their folders and documents, and who is in them."""

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field

from core.storage.columns import Ext, Table, big, integer, key_column, mapping, string
from core.storage.record import record


@record
class Library(Table, table=True):
    __tablename__ = "library"
    __table_args__ = (UniqueConstraint("tenant_key", "name_folded"), UniqueConstraint("tenant_key", "number"))

    key: int = key_column()
    number: int = integer()
    tenant_key: int = big()
    name: str = string()
    name_folded: str = string()
    ext: Ext = mapping()
    created_at: int = big()


@record
class LibraryMember(Table, table=True):
    """A user or group that belongs to a library; `manager` is 1 for a user who manages it."""

    __tablename__ = "library_member"
    __table_args__ = (
        UniqueConstraint("library_key", "kind", "member_key"),
        Index("ix_library_member", "member_key"),
    )

    key: int = key_column()
    library_key: int = big()
    kind: str = Field(default="user", sa_type=Text)
    member_key: int = big()
    manager: int = integer()


@record
class Folder(Table, table=True):
    """`path` is the way from the library, without slashes at its ends; the library's own folder has the empty path."""

    __tablename__ = "folder"
    __table_args__ = (UniqueConstraint("library_key", "path_folded"), UniqueConstraint("tenant_key", "number"))

    key: int = key_column()
    number: int = integer()
    tenant_key: int = big()
    library_key: int = big()
    path: str = string()
    path_folded: str = string()


@record
class Document(Table, table=True):
    """`instance_key` is the instance that works on it now, 0 if none does.
    `version` is major*1000000+minor*1000+revision."""

    __tablename__ = "document"
    __table_args__ = (UniqueConstraint("folder_key", "name_folded"), UniqueConstraint("tenant_key", "number"))

    key: int = key_column()
    number: int = integer()
    tenant_key: int = big()
    library_key: int = big()
    folder_key: int = big()
    name: str = string()
    name_folded: str = string()
    version: int = integer(1_000_000)
    type_number: int = integer()
    type_name: str = string()
    owner: str = string()
    checked_out_by: str = string()
    instance_key: int = big()
    ext: Ext = mapping()
    created_at: int = big()
    changed_at: int = big()
