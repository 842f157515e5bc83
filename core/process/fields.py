"""By what versions of processes and their activities are searched."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from sqlalchemy import ColumnElement, Text, exists, func, literal, not_, select

from core.search.field import Field, by_nothing, columns, filled, plain
from core.search.kind import Kind
from core.search.query import Either, Is, Isnt, Sort, Where
from core.tables.joined import activities, definitions, processes
from core.types import ProcessStatus

ActivityField = Literal["key", "number", "name", "kind", "process_key", "position", "created_at", "changed_at"]
ActivityWhere: TypeAlias = Where[ActivityField] | Either["ActivityWhere"]
ActivitySort: TypeAlias = Sort[ActivityField]

ACTIVITY_FIELDS: Mapping[str, Field] = columns(activities, ActivityField)


ACTIVITY = Kind("activity", activities, ACTIVITY_FIELDS)


def _latest(op: str, name: str) -> ColumnElement[bool]:
    """It is the newest version of those that are not deleted; `isnt`: it is not."""
    newer = definitions.alias("newer")
    has_newer = exists(
        select(literal(1)).where(
            newer.c.process_key == definitions.c.process_key,
            newer.c.version > definitions.c.version,
            newer.c.status == ProcessStatus.ACTIVE.value,
        )
    )
    return has_newer if op == "isnt" else not_(has_newer)


def _there(op: str, name: str) -> ColumnElement[bool]:
    """Its process is not deleted; `isnt`: it is."""
    deleted = exists(
        select(literal(1)).where(
            processes.c.key == definitions.c.process_key, processes.c.status == ProcessStatus.DELETED.value
        )
    )
    return deleted if op == "isnt" else not_(deleted)


def _filled(column: ColumnElement[str]) -> ColumnElement[str | None]:
    """Null in place of an empty text."""
    return func.nullif(column, literal("", Text), type_=Text)


_DefinitionColumn = Literal[
    "key", "process_key", "process_id", "name", "version", "version_tag", "resource_name", "created_at", "status"
]
DefinitionField = _DefinitionColumn | Literal["start_form"]
DefinitionFact = Literal["latest", "there"]
DefinitionWhere: TypeAlias = (
    Where[DefinitionField] | Is[DefinitionFact] | Isnt[DefinitionFact] | Either["DefinitionWhere"]
)
DefinitionSort: TypeAlias = Sort[DefinitionField]

DEFINITION_FIELDS: Mapping[str, Field] = {
    **columns(definitions, _DefinitionColumn),
    **{name: filled(definitions.c[name]) for name in ("name", "version_tag", "resource_name")},
    "start_form": plain(_filled(definitions.c.start_form), nullable=True),
    "latest": Field(_latest, bind=by_nothing),
    "there": Field(_there, bind=by_nothing),
}


DEFINITION = Kind("definition", definitions, DEFINITION_FIELDS, unordered=frozenset({"process_id"}))
