"""Roles, tenants, mapping rules and what is granted; jobs and timers; instances called by others"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _big() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key() -> sa.Column[object]:
    return sa.Column("key", _big(), autoincrement=False, nullable=False)


def _number(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, _big(), nullable=nullable)


def _count(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _text(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=False)


def _added_text(name: str, default: str = "") -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=default)


def _added_number(name: str) -> sa.Column[object]:
    return sa.Column(name, _big(), nullable=False, server_default="0")


def upgrade() -> None:
    _identity()
    _waiting()
    op.add_column("task", _added_text("tags", "[]"))
    op.add_column("task", _added_text("business_id"))
    op.add_column("task", _added_number("root_key"))
    op.execute(
        "UPDATE task SET tags = (SELECT tags FROM instance WHERE instance.key = task.instance_key),"
        " business_id = (SELECT business_id FROM instance WHERE instance.key = task.instance_key)"
        " WHERE EXISTS (SELECT 1 FROM instance WHERE instance.key = task.instance_key"
        " AND (instance.tags <> '[]' OR instance.business_id <> ''))"
    )
    op.create_index("ix_task_process", "task", ["process_key"])
    op.create_index("ix_instance_created", "instance", ["tenant_key", "created_at"])
    for name in ("parent_key", "parent_element_key", "root_key"):
        op.add_column("instance", _added_number(name))
    op.create_index(
        "ix_instance_parent",
        "instance",
        ["parent_key"],
        sqlite_where=sa.text("parent_key <> 0"),
        postgresql_where=sa.text("parent_key <> 0"),
    )
    op.add_column("element_instance", _added_text("pending"))
    op.add_column("definition", _added_text("status", "ACTIVE"))
    op.add_column("definition", _added_text("start_form"))
    _read_start_forms()


def _read_start_forms() -> None:
    connection = op.get_bind()
    with_forms = sa.text("SELECT key, graph FROM definition WHERE graph LIKE '%form_id%'")
    for key, graph in connection.execute(with_forms).all():
        for element in json.loads(graph)["elements"]:
            if element["kind"] == "START_EVENT" and not element["parent"] and element.get("form_id"):
                update = sa.text("UPDATE definition SET start_form = :form WHERE key = :key")
                connection.execute(update, {"form": element["form_id"], "key": key})


def _identity() -> None:
    op.create_table(
        "directory_entry",
        _key(),
        _number("tenant_key"),
        *map(_text, ("kind", "entry_id", "name", "description", "claim_name", "claim_value")),
        _number("created_at"),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("tenant_key", "kind", "entry_id"),
    )
    op.create_table(
        "associate",
        _key(),
        _number("tenant_key"),
        _number("owner_key"),
        _text("kind"),
        _text("member_id"),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("owner_key", "kind", "member_id"),
    )
    op.create_index("ix_associate_member", "associate", ["tenant_key", "kind", "member_id"])
    op.create_table(
        "authorization_grant",
        _key(),
        _number("tenant_key"),
        *map(_text, ("owner_kind", "owner_id", "resource_kind", "resource_id", "property_name", "permissions")),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_grant_owner", "authorization_grant", ["tenant_key", "owner_kind", "owner_id"])


def _waiting() -> None:
    op.create_table(
        "job",
        _key(),
        *map(_number, ("tenant_key", "instance_key", "element_instance_key", "task_key", "definition_key")),
        *map(_text, ("type", "kind", "event", "element_id", "headers", "worker", "error")),
        _count("position"),
        _count("retries"),
        _number("available_at"),
        _number("created_at"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_job_type", "job", ["tenant_key", "type", "available_at"])
    op.create_index("ix_job_instance", "job", ["instance_key"])
    op.create_table(
        "timer",
        _key(),
        *map(_number, ("tenant_key", "instance_key", "element_instance_key", "due_at")),
        _text("element_id"),
        _text("cycle"),
        _count("remaining"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_timer_due", "timer", ["due_at"])
    op.create_index("ix_timer_instance", "timer", ["instance_key"])


def downgrade() -> None:
    raise NotImplementedError(
        "go back with a backup: roles, grants, jobs and timers have no place in the schema before"
    )
