"""Who has to do with instances, master data with parents, numbered comments, stages; subscriptions and deliveries"""

import json
import time

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _big() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key() -> sa.Column[object]:
    return sa.Column("key", _big(), autoincrement=False, nullable=False)


def _number(name: str) -> sa.Column[object]:
    return sa.Column(name, _big(), nullable=False)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, _big(), nullable=True)


def _count(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _text(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _added_text(name: str, default: str = "") -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=default)


def _added_number(name: str) -> sa.Column[object]:
    return sa.Column(name, _big(), nullable=False, server_default="0")


def _added_count(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default="0")


def _index(name: str, table: str, columns: list[str], condition: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))


def upgrade() -> None:
    op.execute(
        "INSERT INTO counter (name, value) SELECT 'reference.' || kind || ':' || tenant_key, MAX(number) + 1"
        " FROM reference GROUP BY kind, tenant_key"
    )
    op.add_column("instance", _added_number("reference_key"))
    _index("ix_instance_reference", "instance", ["reference_key", "key"], "reference_key <> 0")
    _index("ix_instance_business", "instance", ["tenant_key", "business_id"], "business_id <> ''")
    for column in (_added_number("parent_key"), _added_text("external_id"), *_times()):
        op.add_column("reference", column)
    now = sa.text("UPDATE reference SET created_at = :now, changed_at = :now").bindparams(now=int(time.time() * 1000))
    op.execute(now)
    _index("ix_reference_parent", "reference", ["parent_key"], "parent_key <> 0")
    for column in (_added_count("position"), *_times()):
        op.add_column("activity", column)
    op.execute(
        "UPDATE activity SET (created_at, changed_at) ="
        " (SELECT created_at, created_at FROM process WHERE process.key = activity.process_key)"
        " WHERE EXISTS (SELECT 1 FROM process WHERE process.key = activity.process_key)"
    )
    op.execute(
        "UPDATE activity SET position = numbered.n FROM"
        " (SELECT key, ROW_NUMBER() OVER (PARTITION BY process_key ORDER BY key) AS n FROM activity)"
        " AS numbered WHERE numbered.key = activity.key"
    )
    for column in (_added_count("number"), _added_text("ext", "{}"), _moment("deleted_at")):
        op.add_column("comment", column)
    op.create_index("ix_comment_number", "comment", ["tenant_key", "number"])
    _number_comments()
    _connect_units()
    _tables()


def _times() -> tuple[sa.Column[object], ...]:
    return _added_number("created_at"), _added_number("changed_at"), _moment("deleted_at")


def _number_comments() -> None:
    """Those about instances, in the order in which they were made; the next number goes on behind them."""
    op.execute(
        "UPDATE comment SET number = numbered.n FROM"
        " (SELECT key, ROW_NUMBER() OVER (PARTITION BY tenant_key ORDER BY key) AS n FROM comment WHERE task_key = 0)"
        " AS numbered WHERE numbered.key = comment.key"
    )
    op.execute(
        "INSERT INTO counter (name, value) SELECT 'comment:' || tenant_key, MAX(number) + 1 FROM comment"
        " WHERE task_key = 0 GROUP BY tenant_key"
    )


def _connect_units() -> None:
    """Units and processes knew what they belong to by number, in their own words only."""
    run = op.get_bind()
    found = run.execute(sa.text("SELECT tenant_key, kind, number, key FROM reference")).all()
    keys = {(tenant, kind, number): key for tenant, kind, number, key in found}
    parent = sa.text("UPDATE reference SET parent_key = :parent WHERE key = :key")
    for tenant, key, ext in run.execute(
        sa.text("SELECT tenant_key, key, ext FROM reference WHERE kind = 'unit'")
    ).all():
        if (tenant, "property", json.loads(ext).get("propertyId")) in keys:
            run.execute(parent, {"parent": keys[tenant, "property", json.loads(ext)["propertyId"]], "key": key})
    about = sa.text("UPDATE instance SET reference_key = :unit, business_id = :external WHERE key = :key")
    like = "SELECT tenant_key, key, business_id, ext FROM instance WHERE ext LIKE '%\"unitId\"%'"
    for tenant, key, business_id, ext in run.execute(sa.text(like)).all():
        mine: dict[str, object] = next((words for words in json.loads(ext).values() if "unitId" in words), {})
        unit = keys.get((tenant, "unit", mine.get("unitId")), 0)
        external = business_id or mine.get("externalId") or ""
        run.execute(about, {"unit": unit, "external": external, "key": key})


def _tables() -> None:
    op.create_table(
        "involvement",
        _key(),
        *map(_number, ("tenant_key", "instance_key", "entity_key", "member_key", "created_at")),
        *map(_text, ("role", "member_kind")),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("entity_key", "role", "member_key"),
    )
    op.create_index("ix_involvement_member", "involvement", ["member_key", "entity_key"])
    op.create_index("ix_involvement_instance", "involvement", ["instance_key"])
    op.create_table(
        "subscription",
        _key(),
        _count("number"),
        *map(_number, ("tenant_key", "leased_until", "created_at", "changed_at")),
        *map(_text, ("dialect", "kinds", "status", "ext")),
        _moment("deleted_at"),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("tenant_key", "number"),
    )
    op.create_table(
        "delivery",
        _key(),
        *map(_number, ("tenant_key", "subscription_key", "event_key", "event_at", "due_at", "changed_at")),
        *map(_count, ("entity_number", "attempts", "status_code")),
        _text("state"),
        _text("error", nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_delivery_subscription", "delivery", ["subscription_key", "key"])
    pending = "state IN ('WAITING', 'RETRYING')"
    _index("ix_delivery_pending", "delivery", ["subscription_key", "event_at", "key"], pending)


def downgrade() -> None:
    raise NotImplementedError("go back with a backup: relations and deliveries have no place in the schema before")
