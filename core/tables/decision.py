"""Decisions that were deployed, and what they came to."""

from sqlalchemy import Index, UniqueConstraint

from core.storage.columns import Table, big, integer, key_column, null_string, string
from core.storage.record import record


@record
class Requirements(Table, table=True):
    """One version of a requirements graph, immutable: `graph` is a core.graph.dmn.model.Requirements as JSON, empty for
    one that was only kept; `resource` its source."""

    __tablename__ = "decision_requirements"
    __table_args__ = (UniqueConstraint("tenant_key", "requirements_id", "version"),)

    key: int = key_column()
    tenant_key: int = big()
    requirements_id: str = string()
    name: str = string()
    version: int = integer(1)
    graph: str = string()
    resource_name: str = string()
    resource: str = string()
    created_at: int = big()


@record
class Decision(Table, table=True):
    """One version of a decision, immutable, which is a part of a version of requirements."""

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("tenant_key", "decision_id", "version"),
        Index("ix_decision_requirements", "requirements_key"),
    )

    key: int = key_column()
    tenant_key: int = big()
    decision_id: str = string()
    name: str = string()
    version: int = integer(1)
    version_tag: str = string()
    requirements_key: int = big()
    requirements_id: str = string()
    created_at: int = big()


@record
class DecisionInstance(Table, table=True):
    """What a decision or knowledge came to when a decision was evaluated. It was the `position`-th of the evaluation;
    `root_*` is the decision that was asked for. Knowledge has the decision key and version -1. `result`, and the values
    in `inputs` and `matched`, are JSON in JSON; `failure` is null where there is none. The definition, instance
    and element are those that asked, -1 if none did; the outermost instance is 0 then."""

    __tablename__ = "decision_instance"
    __table_args__ = (
        UniqueConstraint("evaluation_key", "position"),
        Index("ix_decision_instance_tenant", "tenant_key", "key"),
        Index("ix_decision_instance_instance", "instance_key"),
    )

    key: int = key_column()
    tenant_key: int = big()
    evaluation_key: int = big()
    evaluation_id: str = string()
    position: int = integer(1)
    decision_key: int = big()
    decision_id: str = string()
    decision_name: str = string()
    decision_version: int = integer(1)
    kind: str = string()
    root_key: int = big()
    root_id: str = string()
    requirements_key: int = big()
    requirements_id: str = string()
    state: str = string("EVALUATED")
    result: str = string()
    failure: str | None = null_string()
    inputs: str = string("[]")
    matched: str = string("[]")
    definition_key: int = big(-1)
    instance_key: int = big(-1)
    root_instance_key: int = big()
    element_instance_key: int = big(-1)
    evaluated_at: int = big()
