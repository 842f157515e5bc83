"""Processes: drafts, versions, resources, and the activities of which they consist."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Index, UniqueConstraint

from core.storage.columns import Ext, Table, big, integer, key_column, mapping, string
from core.storage.record import record


@record
class Process(Table, table=True):
    """A process in all its versions, perhaps none yet; `process_id` is the BPMN id. Only active ones are started.
    `supervisors` are the numbers of `users` and `groups` who are above it and all that runs of it."""

    __tablename__ = "process"
    __table_args__ = (
        UniqueConstraint("tenant_key", "process_id"),
        UniqueConstraint("uid"),
        UniqueConstraint("tenant_key", "number"),
    )

    key: int = key_column()
    uid: str = string()
    number: int = integer()
    tenant_key: int = big()
    process_id: str = string()
    name: str = string()
    library_key: int = big()
    status: str = string("ACTIVE")
    supervisors: Mapping[str, Sequence[int]] = mapping()
    ext: Ext = mapping()
    created_at: int = big()


@record
class Draft(Table, table=True):
    """What the next version of a process is made from, for dialects that build it step by step: JSON of their own."""

    __tablename__ = "draft"

    process_key: int = key_column()
    tenant_key: int = big()
    revision: int = integer()
    content: Mapping[str, Any] = mapping()
    changed_at: int = big()


@record
class Definition(Table, table=True):
    """One version of a process, immutable: `graph` is a core.graph.graph.Graph as JSON, `resource` its source.
    `version_tag` is a name that its maker gave to the version, `start_form` the id of the form that an instance starts
    with. A version that is deleted is not started any more."""

    __tablename__ = "definition"
    __table_args__ = (UniqueConstraint("process_key", "version"),)

    key: int = key_column()
    process_key: int = big()
    tenant_key: int = big()
    process_id: str = string()
    version: int = integer(1)
    name: str = string()
    graph: str = string()
    resource_name: str = string()
    resource: str = string()
    version_tag: str = string()
    start_form: str = string()
    status: str = string("ACTIVE")
    created_at: int = big()


@record
class Resource(Table, table=True):
    """One version of something that was deployed beside processes, immutable: a form, or a file that is only kept.
    `resource_id` is the id inside it, `content` its text."""

    __tablename__ = "resource"
    __table_args__ = (UniqueConstraint("tenant_key", "kind", "resource_id", "version"),)

    key: int = key_column()
    tenant_key: int = big()
    kind: str = string()
    resource_id: str = string()
    version: int = integer(1)
    name: str = string()
    content: str = string()
    created_at: int = big()


@record
class Activity(Table, table=True):
    """Where an instance can stand, the same through all versions: a user task or sub-process, or (kind STAGE) a place
    that is drawn nowhere, where instances are put by hand, of one process or (`process_key` 0) of all. There is no
    element behind such a place: its `element_id` is made up from its number. `position` orders them."""

    __tablename__ = "activity"
    __table_args__ = (
        UniqueConstraint("process_key", "element_id"),
        UniqueConstraint("uid"),
        UniqueConstraint("tenant_key", "number"),
    )

    key: int = key_column()
    uid: str = string()
    number: int = integer()
    tenant_key: int = big()
    process_key: int = big()
    element_id: str = string()
    name: str = string()
    kind: str = string("USER_TASK")
    distribution: str = string("offer")
    ext: Ext = mapping()
    position: int = integer()
    created_at: int = big()
    changed_at: int = big()
    deleted_at: int | None = big(None, nullable=True)


@record
class Assignment(Table, table=True):
    __tablename__ = "assignment"
    __table_args__ = (
        UniqueConstraint("activity_key", "kind", "assignee_key"),
        Index("ix_assignment_assignee", "assignee_key"),
    )

    key: int = key_column()
    activity_key: int = big()
    kind: str = string()
    assignee_kind: str = string()
    assignee_key: int = big()
    created_at: int = big()


@record
class Starter(Table, table=True):
    """Where an instance may be started from outside, by members of the group `role`."""

    __tablename__ = "starter"
    __table_args__ = (
        UniqueConstraint("uid"),
        UniqueConstraint("tenant_key", "number"),
        Index("ix_starter_role", "tenant_key", "role"),
    )

    key: int = key_column()
    uid: str = string()
    number: int = integer()
    tenant_key: int = big()
    process_key: int = big()
    process_name: str = string()
    element_id: str = string()
    name: str = string()
    label: str = string()
    role: str = string()
