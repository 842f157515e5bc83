"""Users, groups and who is in them, who stands in for whom."""

from sqlalchemy import Index, UniqueConstraint

from core.storage.columns import Ext, Table, big, integer, key_column, mapping, string
from core.storage.record import record


@record
class User(Table, table=True):
    """An address that several have is a login of that active one who has it the longest: `email_since`.

    `authority` is who keeps the password, empty for the gateway. `read_only` marks people who only look at things;
    what they may do is in `permissions` all the same. `library_key` is the library that they were made in, or 0. Lists
    are searched by these, so they are columns; what no list asks for is in `ext`."""

    __tablename__ = "user_account"
    __table_args__ = (
        UniqueConstraint("tenant_key", "username_folded"),
        UniqueConstraint("uid"),
        UniqueConstraint("tenant_key", "number"),
        Index("ix_user_email", "email"),
    )

    key: int = key_column()
    uid: str = string()
    number: int = integer()
    tenant_key: int = big()
    username: str = string()
    username_folded: str = string()
    first_name: str = string()
    last_name: str = string()
    email: str = string()
    email_since: int = big()
    password_hash: str = string()
    status: str = string("ACTIVE")
    permissions: str = string()
    authority: str = string()
    mobile: str = string()
    read_only: int = integer()
    library_key: int = big()
    revision: int = integer()
    ext: Ext = mapping()
    created_at: int = big()
    changed_at: int = big()
    logged_in_at: int | None = big(None, nullable=True)
    password_changed_at: int | None = big(None, nullable=True)


@record
class Group(Table, table=True):
    """The name is unique in the tenant, for tasks, roles, grants and starters name groups by it in all dialects: it is
    a full one. Whoever makes groups inside of libraries puts the library in front (`Library/Group`), and takes it off
    again where it is shown; nothing in core does. `title` is what people read instead, if it is not empty."""

    __tablename__ = "user_group"
    __table_args__ = (
        UniqueConstraint("tenant_key", "name"),
        UniqueConstraint("uid"),
        Index("ix_group_folded", "name_folded"),
    )

    key: int = key_column()
    uid: str = string()
    number: int = integer()
    tenant_key: int = big()
    name: str = string()
    name_folded: str = string()
    title: str = string()
    description: str = string()
    library_key: int = big()
    status: str = string("ACTIVE")
    permissions: str = string()
    ext: Ext = mapping()
    created_at: int = big()


@record
class Membership(Table, table=True):
    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("group_key", "user_key"), Index("ix_membership_user", "user_key"))

    key: int = key_column()
    group_key: int = big()
    user_key: int = big()


@record
class Redirection(Table, table=True):
    """While it lasts, tasks for one user go to another. `ends_at` None: until further notice."""

    __tablename__ = "redirection"
    __table_args__ = (Index("ix_redirection_target", "target_key"),)

    user_key: int = key_column()
    tenant_key: int = big()
    target_key: int = big()
    starts_at: int = big()
    ends_at: int | None = big(None, nullable=True)
