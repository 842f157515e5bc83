"""By what versions of processes and their activities are searched."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Text, exists, func, literal, not_, select

from core.search.field import Field, plain
from core.search.kind import Kind
from core.tables.joined import activities, definitions, processes
from core.types import ProcessStatus

ACTIVITY_FIELDS: Mapping[str, Field] = {
    name: plain(activities.c[name])
    for name in ("key", "number", "name", "kind", "process_key", "position", "created_at", "changed_at")
}


ACTIVITY = Kind("activity", activities, ACTIVITY_FIELDS)


def _latest(op: str, name: str) -> ColumnElement[bool]:
    """It is the newest version of those that are not deleted; `missing`: it is not."""
    newer = definitions.alias("newer")
    found = exists(
        select(literal(1)).where(
            newer.c.process_key == definitions.c.process_key,
            newer.c.version > definitions.c.version,
            newer.c.status == ProcessStatus.ACTIVE.value,
        )
    )
    return found if op == "missing" else not_(found)


def _there(op: str, name: str) -> ColumnElement[bool]:
    """Its process is not deleted; `missing`: it is."""
    deleted = exists(
        select(literal(1)).where(
            processes.c.key == definitions.c.process_key, processes.c.status == ProcessStatus.DELETED.value
        )
    )
    return deleted if op == "missing" else not_(deleted)


def _filled(column: ColumnElement[str]) -> ColumnElement[str | None]:
    """Null in place of an empty text."""
    return func.nullif(column, literal("", Text))


DEFINITION_FIELDS: Mapping[str, Field] = {
    **{
        name: plain(definitions.c[name])
        for name in (
            *("key", "process_key", "process_id", "name", "version", "version_tag"),
            *("resource_name", "created_at", "status"),
        )
    },
    "start_form": plain(_filled(definitions.c.start_form), nullable=True),
    "latest": Field(_latest),
    "there": Field(_there),
}


DEFINITION = Kind("definition", definitions, DEFINITION_FIELDS, unordered=frozenset({"process_id"}))
