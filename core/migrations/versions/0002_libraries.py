"""Libraries with their groups, folders and documents; comments, redirections; what tasks and users say more"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _big() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _add(table: str, *columns: sa.Column[object]) -> None:
    for column in columns:
        op.add_column(table, column)


def _text(name: str, default: str = "") -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=default)


def _number(name: str, default: int = 0) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default=str(default))


def _long(name: str) -> sa.Column[object]:
    return sa.Column(name, _big(), nullable=False, server_default="0")


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, _big(), nullable=True)


def _key(name: str = "key") -> sa.Column[object]:
    return sa.Column(name, _big(), autoincrement=False, nullable=False)


def upgrade() -> None:
    _add("user_account", _text("authority"), _text("mobile"), _number("read_only"), _long("library_key"))
    _add("user_account", _moment("logged_in_at"), _moment("password_changed_at"))
    _add("user_group", _text("name_folded"), _long("library_key"))
    _add("process", _long("library_key"), _text("status", "ACTIVE"))
    _add("instance", _long("document_key"))
    _add("task", _text("assigned_by"), _text("redirected_from"), _text("supervisor"))
    _add("task", _moment("started_at"), _long("successor_key"))
    op.execute("UPDATE task SET started_at = created_at")
    _fold_groups()
    op.create_index("ix_group_folded", "user_group", ["name_folded"])
    _partial("ix_instance_document", "instance", ["document_key", "key"], "document_key <> 0")
    op.create_index("ix_task_number", "task", ["tenant_key", "number"])
    _partial("ix_task_assigned_by", "task", ["tenant_key", "assigned_by"], "assigned_by <> ''")
    _partial("ix_task_supervisor", "task", ["tenant_key", "supervisor"], "supervisor <> ''")
    _create_tables()


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _fold_groups() -> None:
    """As Python folds: a database's own `lower` may know fewer letters."""
    connection = op.get_bind()
    for key, name in connection.execute(sa.text("SELECT key, name FROM user_group")).all():
        statement = sa.text("UPDATE user_group SET name_folded = :folded WHERE key = :key")
        connection.execute(statement, {"folded": name.casefold(), "key": key})


def _create_tables() -> None:
    op.create_table(
        "draft",
        _key("process_key"),
        _long("tenant_key"),
        _number("revision"),
        _text("content", "{}"),
        _long("changed_at"),
        sa.PrimaryKeyConstraint("process_key"),
    )
    op.create_table(
        "library",
        _key(),
        _number("number"),
        _long("tenant_key"),
        _text("name"),
        _text("name_folded"),
        _text("ext", "{}"),
        _long("created_at"),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("tenant_key", "name_folded"),
        sa.UniqueConstraint("tenant_key", "number"),
    )
    op.create_table(
        "library_member",
        _key(),
        _long("library_key"),
        _text("kind", "user"),
        _long("member_key"),
        _number("manager"),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("library_key", "kind", "member_key"),
    )
    op.create_index("ix_library_member", "library_member", ["member_key"])
    op.create_table(
        "folder",
        _key(),
        _number("number"),
        _long("tenant_key"),
        _long("library_key"),
        _text("path"),
        _text("path_folded"),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("library_key", "path_folded"),
        sa.UniqueConstraint("tenant_key", "number"),
    )
    op.create_table(
        "document",
        _key(),
        _number("number"),
        _long("tenant_key"),
        _long("library_key"),
        _long("folder_key"),
        _text("name"),
        _text("name_folded"),
        _number("version", 1_000_000),
        _number("type_number"),
        _text("type_name"),
        _text("owner"),
        _text("checked_out_by"),
        _long("instance_key"),
        _text("ext", "{}"),
        _long("created_at"),
        _long("changed_at"),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("folder_key", "name_folded"),
        sa.UniqueConstraint("tenant_key", "number"),
    )
    op.create_table(
        "attachment",
        _key(),
        _long("instance_key"),
        _long("task_key"),
        _long("document_key"),
        _number("version"),
        _text("username"),
        _long("created_at"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_attachment_task", "attachment", ["task_key"])
    op.create_index("ix_attachment_instance", "attachment", ["instance_key"])
    op.create_table(
        "comment",
        _key(),
        _long("tenant_key"),
        _long("instance_key"),
        _long("task_key"),
        _long("author_key"),
        _text("author"),
        _text("text"),
        _long("created_at"),
        _long("changed_at"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_comment_task", "comment", ["task_key"])
    op.create_index("ix_comment_instance", "comment", ["instance_key", "key"])
    op.create_table(
        "redirection",
        _key("user_key"),
        _long("tenant_key"),
        _long("target_key"),
        _long("starts_at"),
        _moment("ends_at"),
        sa.PrimaryKeyConstraint("user_key"),
    )
    op.create_index("ix_redirection_target", "redirection", ["target_key"])


def downgrade() -> None:
    raise NotImplementedError("go back with a backup: documents and comments have no place in the schema before")
