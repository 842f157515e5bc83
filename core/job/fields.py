"""By what jobs are searched."""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from sqlalchemy import BigInteger, ColumnElement, Integer, and_, case, literal, select

from core.search.conditions import test_of
from core.search.field import Field, columns, filled, plain
from core.search.kind import Kind
from core.search.query import Either, Sort, Where
from core.storage.statements import table_of
from core.tables.job import Job
from core.tables.joined import definitions
from core.types import NEVER, JobState

jobs = table_of(Job)

_Column = Literal[
    "key", "instance_key", "element_instance_key", "definition_key", "type", "kind", "event", "state", "retries",
    "created_at", "changed_at",
]  # fmt: skip
JobField = _Column | Literal["element_id", "worker", "error", "deadline", "process_id", "tried"]
JobWhere: TypeAlias = Where[JobField] | Either["JobWhere"]
JobSort: TypeAlias = Sort[JobField]


def _is_taken() -> ColumnElement[bool]:
    return and_(jobs.c.worker != literal(""), jobs.c.available_at != literal(NEVER, BigInteger))


def _deadline() -> ColumnElement[Any]:
    """Until when a worker has it, or had it; null if nobody took it."""
    return case((_is_taken(), jobs.c.available_at), else_=None)


def _tried() -> ColumnElement[Any]:
    """1: it failed and is tried again, else 0."""
    failed = jobs.c.state == literal(JobState.FAILED.value)
    return case((and_(failed, jobs.c.retries > literal(0, Integer)), literal(1, Integer)), else_=literal(0, Integer))


JOB_FIELDS: Mapping[str, Field] = {
    **columns(jobs, _Column),
    "element_id": filled(jobs.c.element_id),
    "worker": filled(jobs.c.worker),
    "error": filled(jobs.c.error),
    "deadline": plain(_deadline(), nullable=True),
    "tried": plain(_tried()),
    "process_id": Field(
        lambda op, name: jobs.c.definition_key.in_(
            select(definitions.c.key).where(test_of(definitions.c.process_id, op, name))
        ),
        select(definitions.c.process_id).where(definitions.c.key == jobs.c.definition_key).scalar_subquery(),
    ),
}

JOB = Kind(
    "job",
    jobs,
    JOB_FIELDS,
    few=frozenset({"key", "instance_key"}),
    unordered=frozenset({"process_id"}),
    in_order=frozenset({"key"}),
)
