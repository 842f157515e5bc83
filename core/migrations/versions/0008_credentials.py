"""Since when somebody has an e-mail address: it is a login of who had it first; the challenge of a code (RFC 7636)"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("user_account", sa.Column("email_since", big, nullable=False, server_default="0"))
    # nobody knows since when they had it; who is here longer keeps it
    op.execute("UPDATE user_account SET email_since = created_at")
    op.add_column("credential", sa.Column("challenge", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    raise NotImplementedError("go back with a backup: what tells the owner of an address would be lost")
