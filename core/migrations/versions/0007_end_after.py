"""Where an instance ends early is a column of its own: the extension map belongs to the dialects"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("instance", sa.Column("end_after", sa.Text(), nullable=False, server_default="[]"))
    run = op.get_bind()
    # a dialect's words may say the same: what was ours is a list, at the top
    like = "SELECT key, ext FROM instance WHERE ext LIKE '%\"end_after\"%'"
    move = sa.text("UPDATE instance SET end_after = :end_after, ext = :ext WHERE key = :key")
    for key, text in run.execute(sa.text(like)).all():
        ext = json.loads(text)
        if isinstance(ext.get("end_after"), list):
            ids = ext.pop("end_after")
            run.execute(move, {"end_after": _dump(ids), "ext": _dump(ext), "key": key})


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def downgrade() -> None:
    raise NotImplementedError("go back with a backup: `end_after` has no place in the schema before")
