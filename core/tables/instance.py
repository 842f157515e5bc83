"""Running processes: their elements, variables, comments, and who is involved."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Index, UniqueConstraint

from core.storage import jsontext
from core.storage.columns import Ext, Table, big, integer, key_column, mapping, string, strings, where
from core.storage.record import record

WITH_DOCUMENT = where("document_key <> 0")
CALLED = where("parent_key <> 0")
REFERRING = where("reference_key <> 0")
NAMED = where("business_id <> ''")


@record
class Instance(Table, table=True):
    """`business_id` is what the instance is called outside. An instance that another one called
    has that one's key, the key of the element that waits for it, and that of the outermost one; else these are 0.
    `reference_key` is the master data that it is about, or the instance that it belongs to in another way. Behind an
    element of `end_after` it is terminated. `ordinals` and `threads` are how many holdings of its tasks,
    and threads of them, there were so far. `incidents` are those that are open in it, but not
    in what it called."""

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
    incidents: int = integer()
    ext: Ext = mapping()


@record
class ElementInstance(Table, table=True):
    """An element that was entered.

    A scope (process, sub-process) counts its `live` tokens; `arrived` holds, per parallel join, how many came through
    which flow. The row of the process itself has the key of the instance. `place` is which time it is
    in a loop, from 1.
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
    place: int = integer()
    arrived: Mapping[str, Mapping[str, int]] = mapping("")
    pending: Mapping[str, Any] = mapping("")
    created_at: int = big()
    ended_at: int | None = big(None, nullable=True)


@record
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


@record
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


@record
class Involvement(Table, table=True):
    """Somebody, a user or a reference (by key), has a role in an instance or in a comment (`entity_key`)."""

    __tablename__ = "involvement"
    __table_args__ = (
        UniqueConstraint("entity_key", "role", "member_key"),
        Index("ix_involvement_member", "member_key", "entity_key"),
        Index("ix_involvement_instance", "instance_key"),
    )

    key: int = key_column()
    tenant_key: int = big()
    instance_key: int = big()
    entity_key: int = big()
    role: str = string()
    member_kind: str = string()
    member_key: int = big()
    created_at: int = big()
