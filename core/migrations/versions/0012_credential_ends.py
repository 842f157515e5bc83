"""Credentials by when they end, for whoever removes those that have."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_credential_end", "credential", ["expires_at"])


def downgrade() -> None:
    op.drop_index("ix_credential_end", "credential")
