"""What instances wait for besides people: jobs and timers."""

from collections.abc import Mapping

from sqlalchemy import Index

from core.storage.columns import Table, big, integer, key_column, mapping, string
from core.storage.record import record


@record
class Job(Table, table=True):
    """Work for whoever asks for its `type`: a listener of a user task or of an element, or a task that workers may do,
    too, whose key it has (`kind`, a JobKind). `position` is its place among the listeners of its `event`; nobody else
    gets it before `available_at`, and nobody at all without `retries`. Its `state` is a JobState: it goes when it is
    done."""

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_type", "tenant_key", "type", "available_at", "key"),
        Index("ix_job_instance", "instance_key"),
    )

    key: int = key_column()
    tenant_key: int = big()
    instance_key: int = big()
    element_instance_key: int = big()
    task_key: int = big()
    definition_key: int = big()
    type: str = string()
    kind: str = string()
    event: str = string()
    element_id: str = string()
    headers: Mapping[str, str] = mapping()
    worker: str = string()
    error: str = string()
    position: int = integer()
    retries: int = integer(3)
    available_at: int = big()
    created_at: int = big()
    state: str = string("CREATED")
    changed_at: int = big()


@record
class Timer(Table, table=True):
    """When it is due, the event `element_id` happens: at the element instance that waits there, or at the activity to
    whose boundary it is attached; where there is no instance, one of the version `definition_key` begins there. A
    `cycle` (an ISO 8601 duration, or a cron expression) repeats `remaining` times, endlessly below 0."""

    __tablename__ = "timer"
    __table_args__ = (
        Index("ix_timer_due", "due_at"),
        Index("ix_timer_instance", "instance_key"),
        Index("ix_timer_definition", "definition_key"),
    )

    key: int = key_column()
    tenant_key: int = big()
    instance_key: int = big()
    element_instance_key: int = big()
    due_at: int = big()
    element_id: str = string()
    cycle: str = string()
    remaining: int = integer()
    definition_key: int = big()
