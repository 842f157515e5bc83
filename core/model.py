"""The tables.

Columns are integers and text only: times are milliseconds, lists and maps are JSON text. So a row means the same in
SQLite and PostgreSQL and costs no conversion on the way.
"""

from typing import Any

from sqlalchemy import BigInteger, Index, Integer, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

# SQLite makes a key the row id only if its type is spelled INTEGER.
BIG = BigInteger().with_variant(Integer(), "sqlite")


def _key() -> Any:
    return Field(sa_type=BIG, primary_key=True, sa_column_kwargs={"autoincrement": False})


def _big(default: int | None = 0, *, nullable: bool = False) -> Any:
    return Field(default=default, sa_type=BIG, nullable=nullable)


def _int(default: int = 0) -> Any:
    return Field(default=default, sa_type=Integer)


def _text(default: str = "") -> Any:
    return Field(default=default, sa_type=Text)


def _null_text() -> Any:
    return Field(default=None, sa_type=Text, nullable=True)


class Table(SQLModel):
    """Rows are written and read as records, hardly ever as models: their validators can wait."""

    model_config = {"defer_build": True}


class Tenant(Table, table=True):
    __tablename__ = "tenant"
    __table_args__ = (UniqueConstraint("name"),)

    key: int = _key()
    number: int = _int()
    name: str = _text()
    ext: str = _text("{}")


class User(Table, table=True):
    __tablename__ = "user_account"
    __table_args__ = (
        UniqueConstraint("tenant_key", "username_folded"),
        UniqueConstraint("uid"),
        UniqueConstraint("tenant_key", "number"),
        Index("ix_user_email", "email"),
    )

    key: int = _key()
    uid: str = _text()
    number: int = _int()
    tenant_key: int = _big()
    username: str = _text()
    username_folded: str = _text()
    first_name: str = _text()
    last_name: str = _text()
    email: str = _text()
    password_hash: str = _text()
    status: str = _text("ACTIVE")
    permissions: str = _text()
    revision: int = _int()
    ext: str = _text("{}")
    created_at: int = _big()
    changed_at: int = _big()


class Group(Table, table=True):
    __tablename__ = "user_group"
    __table_args__ = (UniqueConstraint("tenant_key", "name"), UniqueConstraint("uid"))

    key: int = _key()
    uid: str = _text()
    number: int = _int()
    tenant_key: int = _big()
    name: str = _text()
    status: str = _text("ACTIVE")
    permissions: str = _text()
    ext: str = _text("{}")
    created_at: int = _big()


class Membership(Table, table=True):
    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("group_key", "user_key"), Index("ix_membership_user", "user_key"))

    key: int = _key()
    group_key: int = _big()
    user_key: int = _big()


class Process(Table, table=True):
    """A process in all its versions; `process_id` is the BPMN id."""

    __tablename__ = "process"
    __table_args__ = (
        UniqueConstraint("tenant_key", "process_id"),
        UniqueConstraint("uid"),
        UniqueConstraint("tenant_key", "number"),
    )

    key: int = _key()
    uid: str = _text()
    number: int = _int()
    tenant_key: int = _big()
    process_id: str = _text()
    name: str = _text()
    ext: str = _text("{}")
    created_at: int = _big()


class Definition(Table, table=True):
    """One version of a process, immutable: `graph` is a core.flow.graph.Graph as JSON, `resource` its source."""

    __tablename__ = "definition"
    __table_args__ = (UniqueConstraint("process_key", "version"),)

    key: int = _key()
    process_key: int = _big()
    tenant_key: int = _big()
    process_id: str = _text()
    version: int = _int(1)
    name: str = _text()
    graph: str = _text()
    resource_name: str = _text()
    resource: str = _text()
    created_at: int = _big()


class Activity(Table, table=True):
    """A user task or sub-process of a process, the same through all versions."""

    __tablename__ = "activity"
    __table_args__ = (
        UniqueConstraint("process_key", "element_id"),
        UniqueConstraint("uid"),
        UniqueConstraint("tenant_key", "number"),
    )

    key: int = _key()
    uid: str = _text()
    number: int = _int()
    tenant_key: int = _big()
    process_key: int = _big()
    element_id: str = _text()
    name: str = _text()
    kind: str = _text("USER_TASK")
    ext: str = _text("{}")


class Assignment(Table, table=True):
    __tablename__ = "assignment"
    __table_args__ = (UniqueConstraint("activity_key", "kind", "assignee_key"),)

    key: int = _key()
    activity_key: int = _big()
    kind: str = _text()
    assignee_kind: str = _text()
    assignee_key: int = _big()
    created_at: int = _big()


class Starter(Table, table=True):
    """Where an instance may be started from outside, by members of the group `role`."""

    __tablename__ = "starter"
    __table_args__ = (
        UniqueConstraint("uid"),
        UniqueConstraint("tenant_key", "number"),
        Index("ix_starter_role", "tenant_key", "role"),
    )

    key: int = _key()
    uid: str = _text()
    number: int = _int()
    tenant_key: int = _big()
    process_key: int = _big()
    process_name: str = _text()
    element_id: str = _text()
    name: str = _text()
    label: str = _text()
    role: str = _text()


class Instance(Table, table=True):
    __tablename__ = "instance"
    __table_args__ = (
        UniqueConstraint("uid"),
        UniqueConstraint("tenant_key", "number"),
        Index("ix_instance_process", "process_key", "key"),
    )

    key: int = _key()
    uid: str = _text()
    number: int = _int()
    tenant_key: int = _big()
    process_key: int = _big()
    definition_key: int = _big()
    state: str = _text("ACTIVE")
    title: str = _text()
    description: str = _text()
    stage_key: int = _big()
    creator_key: int = _big()
    creator: str = _text()
    created_at: int = _big()
    changed_at: int = _big()
    ended_at: int | None = _big(None, nullable=True)
    ext: str = _text("{}")


class ElementInstance(Table, table=True):
    """An element that was entered.

    A scope (process, sub-process) counts its `live` tokens; `arrived` holds, per parallel join, how many came through
    which flow. The row of the process itself has the key of the instance.
    """

    __tablename__ = "element_instance"
    __table_args__ = (Index("ix_element_instance", "instance_key", "key"),)

    key: int = _key()
    instance_key: int = _big()
    scope_key: int = _big()
    element_id: str = _text()
    kind: str = _text()
    state: str = _text("ACTIVE")
    live: int = _int()
    arrived: str = _text()
    created_at: int = _big()
    ended_at: int | None = _big(None, nullable=True)


class Task(Table, table=True):
    __tablename__ = "task"
    __table_args__ = (
        UniqueConstraint("uid"),
        Index("ix_task_instance", "instance_key", "key"),
        Index("ix_task_assignee", "tenant_key", "assignee", "state", "key"),
        Index("ix_task_state", "tenant_key", "state", "key"),
    )

    key: int = _key()
    uid: str = _text()
    number: int = _int()
    tenant_key: int = _big()
    instance_key: int = _big()
    instance_uid: str = _text()
    instance_number: int = _int()
    element_instance_key: int = _big()
    process_key: int = _big()
    definition_key: int = _big()
    activity_key: int = _big()
    element_id: str = _text()
    name: str = _text()
    description: str = _text()
    state: str = _text("CREATED")
    assignee: str | None = _null_text()
    priority: int = _int(50)
    due_at: int | None = _big(None, nullable=True)
    follow_up_at: int | None = _big(None, nullable=True)
    created_at: int = _big()
    changed_at: int = _big()
    ended_at: int | None = _big(None, nullable=True)
    candidate_users: str = _text("[]")
    candidate_groups: str = _text("[]")
    form_id: str = _text()
    form_reference: str = _text()
    headers: str = _text("{}")
    pending: str = _text()
    ext: str = _text("{}")


class Candidate(Table, table=True):
    """The candidates of a task once more, as an index."""

    __tablename__ = "task_candidate"
    __table_args__ = (Index("ix_candidate_name", "kind", "name", "task_key"),)

    task_key: int = _key()
    kind: str = Field(sa_type=Text, primary_key=True)
    name: str = Field(sa_type=Text, primary_key=True)


class Variable(Table, table=True):
    """`value` is JSON text, `scope_key` the element instance that owns it or, for the process, its key."""

    __tablename__ = "variable"
    __table_args__ = (UniqueConstraint("scope_key", "name"), Index("ix_variable_instance", "instance_key"))

    key: int = _key()
    tenant_key: int = _big()
    instance_key: int = _big()
    scope_key: int = _big()
    name: str = _text()
    value: str = _text("null")


class Event(Table, table=True):
    """Append-only: one row for each change of an entity; its key is also its place in the order of things."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_entity", "entity_key", "key"), Index("ix_event_instance", "instance_key", "key"))

    key: int = _key()
    at: int = _big()
    tenant_key: int = _big()
    kind: str = _text()
    entity: str = _text()
    entity_key: int = _big()
    instance_key: int = _big()
    actor_key: int = _big()
    actor: str = _text()
    dialect: str = _text()
    before: str = _text("{}")
    after: str = _text("{}")


class Credential(Table, table=True):
    """A ticket or token, known by the digest of its text only. `family` ties an access token to its refresh token."""

    __tablename__ = "credential"
    __table_args__ = (Index("ix_credential_user", "user_key"), Index("ix_credential_family", "family"))

    digest: str = Field(sa_type=Text, primary_key=True)
    kind: str = _text()
    dialect: str = _text()
    tenant_key: int = _big()
    user_key: int = _big()
    client_id: str = _text()
    scope: str | None = _null_text()
    family: int = _big()
    created_at: int = _big()
    expires_at: int = _big()


class OAuthClient(Table, table=True):
    __tablename__ = "oauth_client"

    client_id: str = Field(sa_type=Text, primary_key=True)
    tenant_key: int = _big()
    name: str = _text()
    secret_digest: str = _text()
    redirect_uri: str = _text()


class Counter(Table, table=True):
    __tablename__ = "counter"

    name: str = Field(sa_type=Text, primary_key=True)
    value: int = _big()


class ExternalId(Table, table=True):
    """An id of the old system that lives on after an import."""

    __tablename__ = "external_id"
    __table_args__ = (Index("ix_external_id_key", "key"),)

    dialect: str = Field(sa_type=Text, primary_key=True)
    kind: str = Field(sa_type=Text, primary_key=True)
    text: str = Field(sa_type=Text, primary_key=True)
    key: int = _big()


class Reference(Table, table=True):
    """Master data that other things only refer to by number."""

    __tablename__ = "reference"
    __table_args__ = (UniqueConstraint("tenant_key", "kind", "number"),)

    key: int = _key()
    tenant_key: int = _big()
    kind: str = _text()
    number: int = _int()
    name: str = _text()
    ext: str = _text("{}")


class Setting(Table, table=True):
    """What all processes on one database share: maintenance, signing keys."""

    __tablename__ = "setting"

    name: str = Field(sa_type=Text, primary_key=True)
    value: str = _text()
