"""User tasks, who may work on them, who had them, and what was put to them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field

from core.storage.columns import Ext, Table, big, integer, key_column, mapping, null_string, string, strings, where
from core.storage.record import record

OPEN = where("ended_at IS NULL AND state <> 'PLANNED'")
#: with what tells a count all that it asks
STATE_COLUMNS = ("state", "key", "offered")
OPEN_COLUMNS = ("draft", "instance_number", "paused_at", "paused_until")
ASSIGNED = where("assigned_by <> ''")
SUPERVISED = where("supervisor <> ''")
RENUMBERED = where("holding_number <> 0")
PASSED_UNDER_NUMBER = where("how = 'RENUMBERED'")


@record
class Task(Table, table=True):
    """`assigned_by`, `supervisor` and `redirected_from` are user names or empty. `draft` is 1 for the first task of an
    instance whose starter has not sent it on yet; a task is paused from `paused_at` until it is resumed or
    `paused_until` has come. `tags`, `business_id` and `root_key` are those of its instance.

    `ordinal`, `thread`, `previous`, `held_since` and `holding_number` belong to its last holding, which ends with the
    task (those before are rows of `Holding`); a task that is planned has none, ordinal 0. `holding_number` is 0 as long
    as the holding goes by the number of the task. `removed` is 1 for a task that was deleted, which only those see
    whose tasks do not vanish. `offered` is 1 for a task that workers may do, too, as the job with its key."""

    __tablename__ = "task"
    __table_args__ = (
        UniqueConstraint("uid"),
        Index("ix_task_instance", "instance_key", "key"),
        Index("ix_task_assignee", "tenant_key", "assignee", *STATE_COLUMNS),
        Index("ix_task_open", "tenant_key", "assignee", *OPEN_COLUMNS, **OPEN),
        Index("ix_task_participant", "tenant_key", "assignee", "instance_number", "instance_key"),
        Index("ix_task_created", "tenant_key", "created_at"),
        Index("ix_task_process", "process_key"),
        Index("ix_task_state", "tenant_key", *STATE_COLUMNS),
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
    offered: int = integer()
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


@record
class Candidate(Table, table=True):
    """The candidates of a task once more, as an index."""

    __tablename__ = "task_candidate"
    __table_args__ = (Index("ix_candidate_name", "kind", "name", "task_key"),)

    task_key: int = key_column()
    kind: str = Field(sa_type=Text, primary_key=True)
    name: str = Field(sa_type=Text, primary_key=True)


@record
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


@record
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


def is_paused(task: Task, now: int) -> bool:
    return task.paused_at is not None and (task.paused_until is None or now < task.paused_until)
