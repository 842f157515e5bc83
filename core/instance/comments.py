"""What is said about tasks and instances, and the documents put to tasks."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.instance.commands import AddComment, ReviseComment
from core.instance.decisions import find_instance, with_instance
from core.principal import Principal
from core.rejections import NotFound
from core.tables.instance import Comment, Instance
from core.tables.task import Task
from core.turn.command import Created, Done
from core.turn.context import Context, Plan, handles
from core.turn.known import KnownDefinition
from core.turn.reaching import reaching
from core.turn.workingset import Load, Read, WorkingSet
from core.types import Action


def put_comment(ctx: Context, task: Task, text: str) -> None:
    """Replace the comment of a task; an empty text removes it. Its row has to be loaded by `task_key`."""
    rows = list(ctx.ws.find(Comment, "task_key", task.key))
    before = {"comment": rows[0].text} if rows else {}
    if not text:
        for row in rows:
            ctx.ws.remove(row)
        if not rows:
            return
    elif rows:
        ctx.ws.change(rows[0], text=text, author_key=ctx.principal.user_key, author=ctx.principal.username)
        ctx.ws.change(rows[0], changed_at=ctx.now)
    else:
        ctx.ws.add(_comment(ctx, task.instance_key, task.key, text))
    after = {"comment": text} if text else {}
    ctx.emit("task.commented", "task", task.key, instance_key=task.instance_key, before=before, after=after)


def _plan_said(cmd: AddComment, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Instance, "key", (cmd.instance_key,))]


@handles(AddComment, with_instance(_plan_said))
def add_comment(cmd: AddComment, ctx: Context) -> Created:
    instance = find_instance(ctx, cmd.instance_key)
    row = _comment(ctx, instance.key, 0, cmd.text)
    row.number = ctx.number("comment")
    row.ext = cmd.ext
    ctx.ws.add(row)
    after = {"comment": cmd.text, "number": row.number}
    ctx.emit("instance.commented", "instance", instance.key, instance_key=instance.key, after=after)
    return Created(row.key, "", row.number)


def _plan_revised(cmd: ReviseComment, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    keys = (cmd.comment_key,)
    yield [Read(Comment, "key", keys)]
    instances = tuple(row.instance_key for row in ws.find(Comment, "key", cmd.comment_key))
    yield [Load(Instance, "key", instances), Load(Comment, "key", keys)]


def _revising(cmd: ReviseComment, ws: WorkingSet) -> Iterator[tuple[Action, Instance | None]]:
    for row in ws.find(Comment, "key", cmd.comment_key):
        yield Action.UPDATE_INSTANCE, ws.get(Instance, row.instance_key)


@handles(ReviseComment, reaching(_plan_revised, _revising))
def revise_comment(cmd: ReviseComment, ctx: Context) -> Done:
    row = ctx.ws.get(Comment, cmd.comment_key)
    if row is None or row.task_key or row.deleted_at is not None or row.tenant_key != ctx.principal.tenant_key:
        raise NotFound("comment", cmd.comment_key)
    instance = find_instance(ctx, row.instance_key)
    before: dict[str, Any] = {"comment": row.text, "number": row.number}
    ctx.ws.change(row, ext={**row.ext, **cmd.ext}, changed_at=ctx.now)
    if isinstance(cmd.text, str):
        ctx.ws.change(row, text=cmd.text)
    if cmd.deleted:
        ctx.ws.change(row, deleted_at=ctx.now)
    kind = "instance.uncommented" if cmd.deleted else "instance.recommented"
    after = {"comment": None if cmd.deleted else row.text, "number": row.number}
    ctx.emit(kind, "instance", instance.key, instance_key=instance.key, before=before, after=after)
    return Done()


def _comment(ctx: Context, instance_key: int, task_key: int, text: str) -> Comment:
    return Comment(
        key=ctx.key(),
        tenant_key=ctx.principal.tenant_key,
        instance_key=instance_key,
        task_key=task_key,
        author_key=ctx.principal.user_key,
        author=ctx.principal.username,
        text=text,
        created_at=ctx.now,
        changed_at=ctx.now,
    )
