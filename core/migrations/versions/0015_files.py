"""Files of instances, pictures of users"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def _big() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key() -> sa.Column[object]:
    return sa.Column("key", _big(), autoincrement=False, nullable=False)


def _number(name: str) -> sa.Column[object]:
    return sa.Column(name, _big(), nullable=False)


def _count(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _text(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "file",
        _key(),
        _text("uid"),
        _number("tenant_key"),
        _number("instance_key"),
        _number("user_key"),
        _count("number"),
        _text("name"),
        _count("size"),
        _number("author_key"),
        _text("author"),
        _number("created_at"),
        _text("ext"),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("uid"),
    )
    op.create_index("ix_file_instance", "file", ["instance_key", "key"])
    condition = sa.text("user_key <> 0")
    op.create_index("ix_file_user", "file", ["user_key"], sqlite_where=condition, postgresql_where=condition)
    op.create_table(
        "file_content",
        _key(),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )


def downgrade() -> None:
    raise NotImplementedError("go back with a backup: files have no place in the schema before")
