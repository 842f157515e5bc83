"""Drafts and pauses of tasks; where an authorization code may be shown"""

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
    op.create_index("ix_assignment_assignee", "assignment", ["assignee_key"])
    op.add_column("credential", sa.Column("redirect_uri", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    raise NotImplementedError("go back with a backup: pauses have no place in the schema before")
