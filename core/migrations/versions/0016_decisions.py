"""Decisions and what they came to; what was kept of them among other files has a place of its own"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def _big(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def _key() -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("key", kind, autoincrement=False, nullable=False)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "decision_requirements",
        *(_key(), _big("tenant_key"), _text("requirements_id"), _text("name"), _number("version")),
        *(_text("graph"), _text("resource_name"), _text("resource"), _big("created_at")),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("tenant_key", "requirements_id", "version"),
    )
    op.create_table(
        "decision",
        *(_key(), _big("tenant_key"), _text("decision_id"), _text("name"), _number("version"), _text("version_tag")),
        *(_big("requirements_key"), _text("requirements_id"), _big("created_at")),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("tenant_key", "decision_id", "version"),
    )
    op.create_index("ix_decision_requirements", "decision", ["requirements_key"])
    op.create_table(
        "decision_instance",
        *(_key(), _big("tenant_key"), _big("evaluation_key"), _text("evaluation_id"), _number("position")),
        *(_big("decision_key"), _text("decision_id"), _text("decision_name"), _number("decision_version")),
        *(_text("kind"), _big("root_key"), _text("root_id"), _big("requirements_key"), _text("requirements_id")),
        *(_text("state"), _text("result"), _text("failure", nullable=True), _text("inputs"), _text("matched")),
        *(_big("definition_key"), _big("instance_key"), _big("root_instance_key"), _big("element_instance_key")),
        _big("evaluated_at"),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("evaluation_key", "position"),
    )
    op.create_index("ix_decision_instance_tenant", "decision_instance", ["tenant_key", "key"])
    op.create_index("ix_decision_instance_instance", "decision_instance", ["instance_key"])
    op.execute(
        "INSERT INTO decision_requirements (key, tenant_key, requirements_id, name, version, graph, resource_name, "
        "resource, created_at) SELECT key, tenant_key, resource_id, resource_id, version, '', name, content, "
        "created_at FROM resource WHERE kind = 'requirements'"
    )
    # the first file with the same text is the one that it came with
    op.execute(
        "INSERT INTO decision (key, tenant_key, decision_id, name, version, version_tag, requirements_key, "
        "requirements_id, created_at) SELECT d.key, d.tenant_key, d.resource_id, d.name, d.version, '', r.key, "
        "r.resource_id, d.created_at FROM resource d JOIN resource r ON r.key = (SELECT min(s.key) FROM resource s "
        "WHERE s.kind = 'requirements' AND s.tenant_key = d.tenant_key AND s.content = d.content) "
        "WHERE d.kind = 'decision'"
    )
    op.execute("DELETE FROM resource WHERE kind IN ('decision', 'requirements')")


def downgrade() -> None:
    raise NotImplementedError("go back with a backup: decisions have no place in the schema before")
