"""By what incidents are searched."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from sqlalchemy import BigInteger, func, literal, select

from core.search.conditions import test_of
from core.search.field import Field, columns, plain
from core.search.kind import Kind
from core.search.query import Either, Sort, Where
from core.tables.joined import definitions, incidents

_Column = Literal[
    "key", "instance_key", "root_key", "definition_key", "element_instance_key", "element_id", "trouble", "message",
    "state", "path", "created_at",
]  # fmt: skip
IncidentField = _Column | Literal["job_key", "process_id"]
IncidentWhere: TypeAlias = Where[IncidentField] | Either["IncidentWhere"]
IncidentSort: TypeAlias = Sort[IncidentField]

_OF_DEFINITION = select(definitions.c.process_id).where(definitions.c.key == incidents.c.definition_key)
INCIDENT_FIELDS: Mapping[str, Field] = {
    **columns(incidents, _Column),
    "job_key": plain(func.nullif(incidents.c.job_key, literal(0, BigInteger), type_=BigInteger), nullable=True),
    "process_id": Field(
        lambda op, name: incidents.c.definition_key.in_(
            select(definitions.c.key).where(test_of(definitions.c.process_id, op, name))
        ),
        _OF_DEFINITION.scalar_subquery(),
    ),
}

INCIDENT = Kind(
    "incident",
    incidents,
    INCIDENT_FIELDS,
    few=frozenset({"key", "instance_key", "root_key", "element_instance_key"}),
    unordered=frozenset({"process_id"}),
    in_order=frozenset({"key"}),
)
