"""The tables.

Columns are integers and text only: times are milliseconds, lists and maps are JSON text. So a row means the same in
SQLite and PostgreSQL and costs no conversion on the way. Who reads a list or a map from a row has its value:
core.storage.record says how.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field

from core.columns import Ext, Table, big, integer, key_column, mapping, null_string, string, strings, where
from core.storage import jsontext

WITH_DOCUMENT = where("document_key <> 0")
CALLED = where("parent_key <> 0")
REFERRING = where("reference_key <> 0")
NAMED = where("business_id <> ''")
OPEN = where("ended_at IS NULL AND state <> 'PLANNED'")
OPEN_COLUMNS = ("draft", "instance_number", "paused_at", "paused_until")
ASSIGNED = where("assigned_by <> ''")
SUPERVISED = where("supervisor <> ''")
RENUMBERED = where("holding_number <> 0")


class Tenant(Table, table=True):
    __tablename__ = "tenant"
    __table_args__ = (UniqueConstraint("name"),)

    key: int = key_column()
    number: int = integer()
    name: str = string()
    ext: Ext = mapping()


class User(Table, table=True):
    """An address that several have is a login of that active one who has it the longest: `email_since`."""

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


class Group(Table, table=True):
    """A group of a library is called `Library/Group`, so that the name is unique wherever groups are named. `title` is
    what people read instead, if it is not empty."""

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


class Membership(Table, table=True):
    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("group_key", "user_key"), Index("ix_membership_user", "user_key"))

    key: int = key_column()
    group_key: int = big()
    user_key: int = big()


class Instance(Table, table=True):
    """`business_id` is what the instance is called outside. An instance that another one called
    has that one's key, the key of the element that waits for it, and that of the outermost one; else these are 0.
    `reference_key` is the master data that it is about, or the instance that it belongs to in another way. Behind an
    element of `end_after` it is terminated. `ordinals` and `threads` are how many holdings of its tasks,
    and threads of them, there were so far."""

    __tablename__ = "instance"
    __table_args__ = (
        UniqueConstraint("uid"),
        UniqueConstraint("tenant_key", "number"),
        Index("ix_instance_process", "process_key", "key"),
        Index("ix_instance_document", "document_key", "key", **WITH_DOCUMENT),
        Index("ix_instance_parent", "parent_key", **CALLED),
        Index("ix_instance_created", "tenant_key", "created_at"),
        Index("ix_instance_reference", "reference_key", "key", **REFERRING),
        Index("ix_instance_business", "tenant_key", "business_id", **NAMED),
        Index("ix_instance_creator", "creator", "tenant_key"),
    )

    key: int = key_column()
    uid: str = string()
    number: int = integer()
    tenant_key: int = big()
    process_key: int = big()
    definition_key: int = big()
    state: str = string("ACTIVE")
    title: str = string()
    description: str = string()
    stage_key: int = big()
    document_key: int = big()
    creator_key: int = big()
    creator: str = string()
    created_at: int = big()
    changed_at: int = big()
    ended_at: int | None = big(None, nullable=True)
    tags: tuple[str, ...] = strings()
    business_id: str = string()
    parent_key: int = big()
    parent_element_key: int = big()
    root_key: int = big()
    reference_key: int = big()
    end_after: tuple[str, ...] = strings()
    ordinals: int = integer()
    threads: int = integer()
    ext: Ext = mapping()


class ElementInstance(Table, table=True):
    """An element that was entered.

    A scope (process, sub-process) counts its `live` tokens; `arrived` holds, per parallel join, how many came through
    which flow. The row of the process itself has the key of the instance.
    """

    __tablename__ = "element_instance"
    __table_args__ = (Index("ix_element_instance", "instance_key", "key"),)

    key: int = key_column()
    instance_key: int = big()
    scope_key: int = big()
    element_id: str = string()
    kind: str = string()
    name: str = string()
    state: str = string("ACTIVE")
    live: int = integer()
    arrived: Mapping[str, Mapping[str, int]] = mapping("")
    pending: Mapping[str, Any] = mapping("")
    created_at: int = big()
    ended_at: int | None = big(None, nullable=True)


class Task(Table, table=True):
    """`assigned_by`, `supervisor` and `redirected_from` are user names or empty. `draft` is 1 for the first task of an
    instance whose starter has not sent it on yet; a task is paused from `paused_at` until it is resumed or
    `paused_until` has come. `tags`, `business_id` and `root_key` are those of its instance.

    `ordinal`, `thread`, `previous`, `held_since` and `holding_number` belong to its last holding, which ends with the
    task (those before are rows of `Holding`); a task that is planned has none, ordinal 0. `holding_number` is 0 as long
    as the holding goes by the number of the task. `removed` is 1 for a task that was deleted, which only those see
    whose tasks do not vanish."""

    __tablename__ = "task"
    __table_args__ = (
        UniqueConstraint("uid"),
        Index("ix_task_instance", "instance_key", "key"),
        Index("ix_task_assignee", "tenant_key", "assignee", "state", "key"),
        Index("ix_task_open", "tenant_key", "assignee", *OPEN_COLUMNS, **OPEN),
        Index("ix_task_participant", "tenant_key", "assignee", "instance_number", "instance_key"),
        Index("ix_task_created", "tenant_key", "created_at"),
        Index("ix_task_process", "process_key"),
        Index("ix_task_state", "tenant_key", "state", "key"),
        Index("ix_task_number", "tenant_key", "number"),
        Index("ix_task_holding_number", "tenant_key", "holding_number", **RENUMBERED),
        Index("ix_task_assigned_by", "tenant_key", "assigned_by", **ASSIGNED),
        Index("ix_task_supervisor", "tenant_key", "supervisor", **SUPERVISED),
    )

    key: int = key_column()
    uid: str = string()
    number: int = integer()
    tenant_key: int = big()
    instance_key: int = big()
    instance_uid: str = string()
    instance_number: int = integer()
    element_instance_key: int = big()
    process_key: int = big()
    definition_key: int = big()
    activity_key: int = big()
    element_id: str = string()
    name: str = string()
    description: str = string()
    state: str = string("CREATED")
    assignee: str | None = null_string()
    assigned_by: str = string()
    redirected_from: str = string()
    supervisor: str = string()
    priority: int = integer(50)
    due_at: int | None = big(None, nullable=True)
    follow_up_at: int | None = big(None, nullable=True)
    created_at: int = big()
    started_at: int | None = big(None, nullable=True)
    changed_at: int = big()
    ended_at: int | None = big(None, nullable=True)
    removed: int = integer()
    draft: int = integer()
    paused_at: int | None = big(None, nullable=True)
    paused_until: int | None = big(None, nullable=True)
    candidate_users: tuple[str, ...] = strings()
    candidate_groups: tuple[str, ...] = strings()
    form_id: str = string()
    form_reference: str = string()
    headers: Mapping[str, str] = mapping()
    pending: Mapping[str, Any] = mapping("")
    tags: tuple[str, ...] = strings()
    business_id: str = string()
    root_key: int = big()
    ordinal: int = integer()
    thread: int = integer()
    previous: int = integer()
    held_since: int = big()
    holding_number: int = integer()
    ext: Ext = mapping()


class Candidate(Table, table=True):
    """The candidates of a task once more, as an index."""

    __tablename__ = "task_candidate"
    __table_args__ = (Index("ix_candidate_name", "kind", "name", "task_key"),)

    task_key: int = key_column()
    kind: str = Field(sa_type=Text, primary_key=True)
    name: str = Field(sa_type=Text, primary_key=True)


class Variable(Table, table=True):
    """`scope_key` is the element instance that owns it or, for the process, its key. `value` is JSON, but stays text:
    searches compare it and a dialect hands it on, however large it is; `parsed` is what it stands for."""

    __tablename__ = "variable"
    __table_args__ = (UniqueConstraint("scope_key", "name"), Index("ix_variable_instance", "instance_key"))

    key: int = key_column()
    tenant_key: int = big()
    instance_key: int = big()
    scope_key: int = big()
    name: str = string()
    value: str = string("null")

    @property
    def parsed(self) -> Any:
        return jsontext.anything(self.value)


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


class OAuthClient(Table, table=True):
    __tablename__ = "oauth_client"

    client_id: str = Field(sa_type=Text, primary_key=True)
    tenant_key: int = big()
    name: str = string()
    secret_digest: str = string()
    redirect_uri: str = string()


class Counter(Table, table=True):
    __tablename__ = "counter"

    name: str = Field(sa_type=Text, primary_key=True)
    value: int = big()


class ExternalId(Table, table=True):
    """An id of the old system that lives on after an import."""

    __tablename__ = "external_id"
    __table_args__ = (Index("ix_external_id_key", "key"),)

    dialect: str = Field(sa_type=Text, primary_key=True)
    kind: str = Field(sa_type=Text, primary_key=True)
    text: str = Field(sa_type=Text, primary_key=True)
    key: int = big()


class Reference(Table, table=True):
    """Master data that other things only refer to by number. `parent_key` is what it is a part of, 0 if of nothing;
    what is deleted is only marked so."""

    __tablename__ = "reference"
    __table_args__ = (
        UniqueConstraint("tenant_key", "kind", "number"),
        Index("ix_reference_parent", "parent_key", **CALLED),
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


class Setting(Table, table=True):
    """What all processes on one database share: maintenance, signing keys."""

    __tablename__ = "setting"

    name: str = Field(sa_type=Text, primary_key=True)
    value: str = string()
