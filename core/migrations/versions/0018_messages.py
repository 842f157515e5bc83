"""Messages and signals, who waits for them, and timers that start instances"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key(name: str = "key") -> sa.Column[int]:
    return sa.Column(name, BIG, primary_key=True, autoincrement=False)


def _bigs(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, BIG, nullable=False) for name in names]


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "event_subscription",
        _key(),
        *_bigs("tenant_key"),
        *_texts("kind", "name"),
        sa.Column("correlation_key", sa.Text()),
        *_texts("address", "state"),
        *_bigs("process_key", "definition_key", "instance_key", "element_instance_key"),
        *_texts("element_id"),
        *_bigs("changed_at"),
    )
    op.create_index("ix_event_subscription_address", "event_subscription", ["address"])
    op.create_index("ix_event_subscription_instance", "event_subscription", ["instance_key"])
    op.create_index("ix_event_subscription_definition", "event_subscription", ["definition_key"])
    op.create_index("ix_event_subscription_tenant", "event_subscription", ["tenant_key", "key"])
    op.create_table(
        "message",
        _key(),
        *_bigs("tenant_key"),
        *_texts("name", "correlation_key", "address", "message_id", "variables", "processes"),
        *_bigs("published_at", "expires_at", "offered_at"),
    )
    op.create_index("ix_message_address", "message", ["address"])
    op.create_index("ix_message_expiry", "message", ["expires_at"])
    op.create_index("ix_message_offer", "message", ["offered_at"])
    op.create_table(
        "correlation",
        _key(),
        *_bigs("tenant_key", "message_key"),
        *_texts("name", "correlation_key"),
        *_bigs("subscription_key", "definition_key", "instance_key", "element_instance_key"),
        *_texts("element_id"),
        *_bigs("correlated_at"),
    )
    op.create_index("ix_correlation_tenant", "correlation", ["tenant_key", "key"])
    op.create_index("ix_correlation_instance", "correlation", ["instance_key"])
    op.create_table(
        "message_start",
        _key("instance_key"),
        *_bigs("tenant_key", "process_key"),
        *_texts("correlation_key", "lock"),
        sa.UniqueConstraint("lock"),
    )
    op.add_column("timer", sa.Column("definition_key", BIG, nullable=False, server_default="0"))
    op.create_index("ix_timer_definition", "timer", ["definition_key"])


def downgrade() -> None:
    raise NotImplementedError("go back with a backup: what waits for messages has no place in the schema before")
