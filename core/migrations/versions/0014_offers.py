"""Tasks that workers may do, too, as jobs; the indexes that searches count by tell them from the others"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_task_assignee": ["tenant_key", "assignee", "state", "key"],
    "ix_task_state": ["tenant_key", "state", "key"],
}


def upgrade() -> None:
    op.add_column("task", sa.Column("offered", sa.Integer(), nullable=False, server_default="0"))
    for name, columns in _INDEXES.items():
        op.drop_index(name, "task")
        op.create_index(name, "task", [*columns, "offered"])


def downgrade() -> None:
    for name, columns in _INDEXES.items():
        op.drop_index(name, "task")
        op.create_index(name, "task", columns)
    op.drop_column("task", "offered")
