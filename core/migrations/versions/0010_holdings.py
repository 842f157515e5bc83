"""Who had a task, from when till when: hand-overs are no tasks of their own any more"""

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

HOW = {"task.unassigned": "RELEASED", "task.transferred": "TRANSFERRED"}
AT_ONCE = 5_000


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


def _added_number(name: str) -> sa.Column[object]:
    return sa.Column(name, _big(), nullable=False, server_default="0")


def _added_count(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default="0")


def _index(name: str, table: str, columns: list[str], condition: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))


def upgrade() -> None:
    for name in ("ordinals", "threads"):
        op.add_column("instance", _added_count(name))
    for name in ("ordinal", "thread", "previous", "holding_number", "removed"):
        op.add_column("task", _added_count(name))
    op.add_column("task", _added_number("held_since"))
    op.execute("UPDATE task SET held_since = created_at")
    op.create_table(
        "holding",
        _key(),
        *map(_number, ("tenant_key", "instance_key", "task_key", "began_at", "ended_at")),
        *map(_count, ("instance_number", "ordinal", "thread", "previous", "number")),
        *map(_text, ("how", "assigned_by", "redirected_from", "before")),
        _text("holder", nullable=True),
        *map(_moment, ("due_at", "started_at")),
        sa.PrimaryKeyConstraint("key"),
    )
    _number_tasks()
    _remember_passed()
    _keep_replaced()
    op.drop_column("task", "successor_key")
    op.create_index("ix_holding_instance", "holding", ["instance_key", "ordinal"])
    op.create_index("ix_holding_holder", "holding", ["tenant_key", "holder", "instance_number", "instance_key"])
    _index("ix_holding_number", "holding", ["tenant_key", "number"], "how = 'RENUMBERED'")
    _index("ix_task_holding_number", "task", ["tenant_key", "holding_number"], "holding_number <> 0")


# The tasks that there are: each is a holding, where clients know it


def _number_tasks() -> None:
    """By their place among the tasks of the instance. Most instances have one."""
    run = op.get_bind()
    run.execute(
        sa.text(
            "UPDATE task SET ordinal = 1, thread = 1 WHERE state <> 'PLANNED' AND instance_key IN"
            " (SELECT instance_key FROM task WHERE state <> 'PLANNED' GROUP BY instance_key HAVING COUNT(*) = 1)"
        )
    )
    rows = run.execute(
        sa.text(
            "SELECT instance_key, key, created_at, ended_at FROM task WHERE state <> 'PLANNED' AND ordinal = 0"
            " ORDER BY instance_key, key"
        )
    ).all()
    numbering = sa.text("UPDATE task SET ordinal = :ordinal, thread = :thread, previous = :previous WHERE key = :key")
    for several in _slices(_numbered(rows)):
        run.execute(numbering, several)
    run.execute(
        sa.text(
            "UPDATE instance SET ordinals = counted.ordinals, threads = counted.threads FROM"
            " (SELECT instance_key, MAX(ordinal) AS ordinals, MAX(thread) AS threads FROM task GROUP BY instance_key)"
            " AS counted WHERE counted.instance_key = instance.key"
        )
    )


def _numbered(rows: Iterable[Any]) -> Iterator[dict[str, int]]:
    """A thread goes on with the task behind; where several come behind one, each begins a thread."""
    for _, group in groupby(rows, key=lambda row: row[0]):
        tasks = [(key, created, ended) for _, key, created, ended in group]
        behind: list[int] = []  # the place of the one before, 0 for none
        for n, (_, created, _) in enumerate(tasks):
            ended = [(e, m) for m, (_, _, e) in enumerate(tasks[:n], 1) if e is not None and e <= created]
            behind.append(max(ended)[1] if ended else 0)
        threads: list[int] = []
        for n, previous in enumerate(behind):
            alone = previous and behind.count(previous) == 1
            threads.append(threads[previous - 1] if alone else max(threads, default=0) + 1)
            yield {"key": tasks[n][0], "ordinal": n + 1, "thread": threads[n], "previous": previous}


def _slices(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    several: list[dict[str, Any]] = []
    for row in rows:
        several.append(row)
        if len(several) == AT_ONCE:
            yield several
            several = []
    if several:
        yield several


def _keep_replaced() -> None:
    """Tasks that were replaced by another stay, each with its one holding, which was passed on."""
    op.execute(
        "INSERT INTO holding (key, tenant_key, instance_key, instance_number, task_key, ordinal, thread, previous,"
        " holder, number, began_at, ended_at, how, assigned_by, redirected_from, due_at, started_at, before)"
        " SELECT key, tenant_key, instance_key, instance_number, key, ordinal, thread, previous, assignee, number,"
        " created_at, COALESCE(ended_at, changed_at), 'RENUMBERED', assigned_by, redirected_from, due_at, started_at,"
        " '{}' FROM task WHERE successor_key <> 0"
    )
    run = op.get_bind()
    said = "SELECT comment.task_key, comment.text FROM comment JOIN task ON task.key = comment.task_key"
    for key, text in run.execute(sa.text(f"{said} WHERE task.successor_key <> 0")).all():
        keeping = sa.text("UPDATE holding SET before = :before WHERE key = :key")
        run.execute(keeping, {"before": json.dumps({"comment": text}), "key": key})
    op.execute("UPDATE task SET ordinal = 0, thread = 0, previous = 0, removed = 1 WHERE successor_key <> 0")


# Who had them before: known from the events only, so without a place among the holdings


def _remember_passed() -> None:
    run = op.get_bind()
    rows = run.execute(
        sa.text(
            "SELECT event.key, event.at, event.kind, event.before, event.after, task.key, task.tenant_key,"
            " task.instance_key, task.instance_number, task.number, task.created_at, task.due_at, task.started_at"
            " FROM event JOIN task ON task.key = event.entity_key WHERE event.kind IN"
            " ('task.assigned', 'task.claimed', 'task.unassigned', 'task.transferred')"
            ' AND event.before LIKE \'%"assignee":"%\' ORDER BY task.key, event.key'
        )
    )
    insert = sa.text(
        "INSERT INTO holding (key, tenant_key, instance_key, instance_number, task_key, ordinal, thread, previous,"
        " holder, number, began_at, ended_at, how, assigned_by, redirected_from, due_at, started_at, before)"
        " VALUES (:key, :tenant_key, :instance_key, :instance_number, :task_key, 0, 0, 0,"
        " :holder, :number, :began_at, :ended_at, :how, '', '', :due_at, :started_at, '{}')"
    )
    for several in _slices(_passed(rows, _Names(run))):
        run.execute(insert, several)


def _passed(rows: Iterable[Any], names: "_Names") -> Iterator[dict[str, Any]]:
    task_key, began = 0, 0
    for key, at, kind, before, after, task, tenant, instance, instance_number, number, created, due, started in rows:
        if task != task_key:
            task_key, began = task, created
        holder = json.loads(before)["assignee"]
        if json.loads(after).get("assignee") == holder:
            continue
        yield {
            "key": key,  # a key belongs to one thing of a kind
            "tenant_key": tenant,
            "instance_key": instance,
            "instance_number": instance_number,
            "task_key": task,
            "holder": names.now(tenant, holder, key),
            "number": number,
            "began_at": began,
            "ended_at": at,
            "how": HOW.get(kind, "ASSIGNED"),
            "due_at": due,
            "started_at": started,
        }
        began = at


class _Names:
    """What users are called now; events call them as they were called then."""

    def __init__(self, run: sa.Connection) -> None:
        rows = run.execute(
            sa.text(
                "SELECT event.tenant_key, event.key, event.before, user_account.uid, event.after FROM event"
                " JOIN user_account ON user_account.key = event.entity_key"
                " WHERE event.kind IN ('user.renamed', 'user.closed') ORDER BY event.key"
            )
        )
        self._renames = [
            (tenant, key, json.loads(before).get("username"), json.loads(after).get("username", uid))
            for tenant, key, before, uid, after in rows
        ]

    def now(self, tenant: int, name: str, event_key: int) -> str:
        for of, key, old, new in self._renames:
            if of == tenant and key > event_key and old == name:
                name = new
        return name


def downgrade() -> None:
    raise NotImplementedError("go back with a backup: holdings have no place in the schema before")
