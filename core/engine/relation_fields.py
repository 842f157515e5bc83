"""The fields by which master data, stages, comments, subscriptions and deliveries are searched, and who is involved."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, exists, literal, not_, select

from core.registry.fields import _within
from core.search.field import Field, plain
from core.search.kind import Kind
from core.storage.statements import any_of
from core.tables.joined import comments, instances, involvements
from core.types import Involved


def involved(entity_key: ColumnElement[Any]) -> Field:
    """One of those whose keys are the value has any role in it; `missing`: nobody is an accessor."""
    its = select(literal(1)).select_from(involvements).where(involvements.c.entity_key == entity_key)

    def test(op: str, name: str) -> ColumnElement[bool]:
        if op == "missing":
            return not_(exists(its.where(involvements.c.role == Involved.ACCESSOR.value)))
        return entity_key.in_(select(involvements.c.entity_key).where(any_of(involvements.c.member_key, name)))

    return Field(test)


INSTANCE_RELATIONS: Mapping[str, Field] = {
    "stage_key": plain(instances.c.stage_key),
    "reference_key": plain(instances.c.reference_key),
    "involved": involved(instances.c.key),
    "within": Field(_within),
}


COMMENT_FIELDS: Mapping[str, Field] = {
    **{
        name: plain(comments.c[name])
        for name in ("key", "number", "instance_key", "task_key", "author_key", "created_at", "changed_at")
    },
    "involved": involved(comments.c.key),
}


COMMENT = Kind("comment", comments, COMMENT_FIELDS, few=frozenset({"key", "instance_key"}))
