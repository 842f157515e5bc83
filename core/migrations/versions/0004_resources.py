"""Forms and other files beside processes; version tags; what instances, elements and groups are called"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _big() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, default: str = "") -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=default)


def upgrade() -> None:
    op.add_column("definition", _text("version_tag"))
    op.add_column("instance", _text("tags", "[]"))
    op.add_column("instance", _text("business_id"))
    op.add_column("element_instance", _text("name"))
    op.add_column("user_group", _text("title"))
    op.add_column("user_group", _text("description"))
    op.create_index("ix_task_created", "task", ["tenant_key", "created_at"])
    op.create_table(
        "resource",
        sa.Column("key", _big(), autoincrement=False, nullable=False),
        sa.Column("tenant_key", _big(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("resource_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", _big(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("tenant_key", "kind", "resource_id", "version"),
    )


def downgrade() -> None:
    raise NotImplementedError("go back with a backup: forms have no place in the schema before")
