"""Drafts and pauses of tasks, and their lists by case; where an authorization code may be shown"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _moment(name: str) -> sa.Column[object]:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, big, nullable=True)


def upgrade() -> None:
    op.add_column("task", sa.Column("draft", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("task", _moment("paused_at"))
    op.add_column("task", _moment("paused_until"))
    op.add_column("activity", sa.Column("distribution", sa.Text(), nullable=False, server_default="offer"))
    is_open = sa.text("ended_at IS NULL AND state <> 'PLANNED'")
    mine = ["tenant_key", "assignee"]
    by_case = ["draft", "instance_number", "paused_at", "paused_until"]
    op.create_index("ix_task_open", "task", [*mine, *by_case], sqlite_where=is_open, postgresql_where=is_open)
    op.create_index("ix_task_participant", "task", [*mine, "instance_number", "instance_key"])
    op.create_index("ix_assignment_assignee", "assignment", ["assignee_key"])
    op.add_column("credential", sa.Column("redirect_uri", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    raise NotImplementedError("go back with a backup: pauses have no place in the schema before")
