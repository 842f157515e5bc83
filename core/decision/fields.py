"""By what decisions, their requirements and what they came to are searched."""

from typing import Literal, TypeAlias

from sqlalchemy import ColumnElement, exists, literal, not_, select

from core.search.field import Field, by_nothing, columns, plain
from core.search.kind import Kind
from core.search.query import Either, Is, Isnt, Sort, Where
from core.tables.joined import decision_instances, decisions, requirements

_DecisionColumn = Literal["key", "decision_id", "name", "version", "requirements_key", "requirements_id"]
DecisionField = _DecisionColumn | Literal["requirements_name", "requirements_version"]
DecisionFact = Literal["latest"]
DecisionWhere: TypeAlias = Where[DecisionField] | Is[DecisionFact] | Isnt[DecisionFact] | Either["DecisionWhere"]
DecisionSort: TypeAlias = Sort[DecisionField]

RequirementsField = Literal["key", "requirements_id", "name", "version", "resource_name"]
RequirementsWhere: TypeAlias = Where[RequirementsField] | Either["RequirementsWhere"]
RequirementsSort: TypeAlias = Sort[RequirementsField]

InstanceField = Literal[
    "key",
    "evaluation_id",
    "evaluation_key",
    "decision_key",
    "decision_id",
    "decision_name",
    "decision_version",
    "kind",
    "root_key",
    "requirements_key",
    "state",
    "failure",
    "definition_key",
    "instance_key",
    "element_instance_key",
    "evaluated_at",
]
InstanceWhere: TypeAlias = Where[InstanceField] | Either["InstanceWhere"]
InstanceSort: TypeAlias = Sort[InstanceField]


def _latest(op: str, name: str) -> ColumnElement[bool]:
    """It is the newest version; `isnt`: it is not."""
    newer = decisions.alias("newer")
    has_newer = exists(
        select(literal(1)).where(
            newer.c.tenant_key == decisions.c.tenant_key,
            newer.c.decision_id == decisions.c.decision_id,
            newer.c.version > decisions.c.version,
        )
    )
    return has_newer if op == "isnt" else not_(has_newer)


def _of_requirements(name: str) -> Field:
    """What the requirements say that a decision is a part of."""
    column = select(requirements.c[name]).where(requirements.c.key == decisions.c.requirements_key).scalar_subquery()
    return plain(column)


DECISION = Kind(
    "decision",
    decisions,
    {
        **columns(decisions, _DecisionColumn),
        "requirements_name": _of_requirements("name"),
        "requirements_version": _of_requirements("version"),
        "latest": Field(_latest, bind=by_nothing),
    },
    unordered=frozenset({"decision_id"}),
)
REQUIREMENTS = Kind("requirements", requirements, columns(requirements, RequirementsField))
INSTANCE = Kind(
    "decision instance",
    decision_instances,
    {
        **columns(decision_instances, InstanceField),
        "failure": plain(decision_instances.c.failure, nullable=True),
    },
)
