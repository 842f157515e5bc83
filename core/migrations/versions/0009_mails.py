"""Mails wait in the outbox: what there is to send beside an event, until when, and a subscription for it"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("delivery", sa.Column("expires_at", big, nullable=False, server_default="0"))
    op.add_column("delivery", sa.Column("content", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("subscription", sa.Column("channel", sa.Text(), nullable=False, server_default="events"))
    mails = sa.text("channel = 'mails'")
    op.create_index(
        "ix_subscription_mails",
        "subscription",
        ["tenant_key", "dialect"],
        unique=True,
        sqlite_where=mails,
        postgresql_where=mails,
    )


def downgrade() -> None:
    raise NotImplementedError("go back with a backup: mails that wait have no place in the schema before")
