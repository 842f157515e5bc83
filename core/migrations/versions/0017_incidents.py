"""Elements that stand still; jobs are taken in the order in which they can be had"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "incident",
        sa.Column("key", BIG, primary_key=True, autoincrement=False),
        *(sa.Column(name, BIG, nullable=False) for name in ("tenant_key", "instance_key", "root_key")),
        *(sa.Column(name, BIG, nullable=False) for name in ("definition_key", "element_instance_key")),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("job_key", BIG, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("trouble", "message", "state", "path", "step")),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("ended_at", BIG, nullable=True),
    )
    op.create_index("ix_incident_instance", "incident", ["instance_key"])
    op.create_index("ix_incident_root", "incident", ["root_key", "state"])
    op.create_index("ix_incident_element", "incident", ["element_instance_key", "state"])
    op.create_index("ix_incident_state", "incident", ["tenant_key", "state", "key"])
    op.add_column("instance", sa.Column("incidents", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("job", sa.Column("state", sa.Text(), nullable=False, server_default="CREATED"))
    op.add_column("job", sa.Column("changed_at", BIG, nullable=False, server_default="0"))
    op.execute("UPDATE job SET changed_at = created_at")
    op.execute("UPDATE job SET available_at = created_at WHERE available_at < created_at")
    op.execute("UPDATE job SET state = 'FAILED' WHERE error <> '' OR retries < 1")
    op.drop_index("ix_job_type", "job")
    op.create_index("ix_job_type", "job", ["tenant_key", "type", "available_at", "key"])


def downgrade() -> None:
    raise NotImplementedError("go back with a backup: what stands still has no place in the schema before")
