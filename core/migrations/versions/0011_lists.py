"""What somebody started, and what they passed on: indexes for lists of those who have little among much"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    assigned = sa.text("assigned_by <> ''")
    op.create_index("ix_instance_creator", "instance", ["creator", "tenant_key"])
    op.create_index(
        "ix_holding_assigned_by",
        "holding",
        ["tenant_key", "assigned_by"],
        sqlite_where=assigned,
        postgresql_where=assigned,
    )


def downgrade() -> None:
    op.drop_index("ix_holding_assigned_by", "holding")
    op.drop_index("ix_instance_creator", "instance")
