"""The tables of libraries: who belongs to them, their documents, and what is said about tasks and documents.

Documents are a registry only: what a task refers to, never its content.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field

from core.columns import Ext, Table, big, integer, key_column, mapping, string


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


class Attachment(Table, table=True):
    """A document, in a version, that somebody put to a task."""

    __tablename__ = "attachment"
    __table_args__ = (Index("ix_attachment_task", "task_key"), Index("ix_attachment_instance", "instance_key"))

    key: int = key_column()
    instance_key: int = big()
    task_key: int = big()
    document_key: int = big()
    version: int = integer()
    username: str = string()
    created_at: int = big()


class Comment(Table, table=True):
    """What somebody said about a task, or (`task_key` 0) about an instance as a whole; only the latter has a number."""

    __tablename__ = "comment"
    __table_args__ = (
        Index("ix_comment_task", "task_key"),
        Index("ix_comment_instance", "instance_key", "key"),
        Index("ix_comment_number", "tenant_key", "number"),
    )

    key: int = key_column()
    tenant_key: int = big()
    instance_key: int = big()
    task_key: int = big()
    author_key: int = big()
    author: str = string()
    text: str = string()
    created_at: int = big()
    changed_at: int = big()
    number: int = integer()
    ext: Mapping[str, Any] = mapping()
    deleted_at: int | None = big(None, nullable=True)


class Redirection(Table, table=True):
    """While it lasts, tasks for one user go to another. `ends_at` None: until further notice."""

    __tablename__ = "redirection"
    __table_args__ = (Index("ix_redirection_target", "target_key"),)

    user_key: int = key_column()
    tenant_key: int = big()
    target_key: int = big()
    starts_at: int = big()
    ends_at: int | None = big(None, nullable=True)
