"""By what master data are searched."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from sqlalchemy import ColumnElement, select

from core.search.field import Field, columns
from core.search.kind import Kind
from core.search.query import Either, Sort, Where
from core.storage.statements import any_of
from core.tables.joined import instances, references


def within(op: str, name: str) -> ColumnElement[bool]:
    """It is about one of the references whose keys are the value, or about a part of one."""
    parts = select(references.c.key).where(any_of(references.c.parent_key, name))
    return instances.c.reference_key.in_(parts) | any_of(instances.c.reference_key, name)


ReferenceField = Literal["key", "kind", "number", "name", "parent_key", "external_id", "created_at", "changed_at"]
ReferenceWhere: TypeAlias = Where[ReferenceField] | Either["ReferenceWhere"]
ReferenceSort: TypeAlias = Sort[ReferenceField]

REFERENCE_FIELDS: Mapping[str, Field] = columns(references, ReferenceField)


REFERENCE = Kind("reference", references, REFERENCE_FIELDS)
